#include "clients/cli/completion_scripts.h"

#include <cstdio>
#include <memory>
#include <string>

namespace voxctl {
namespace {

// bash splits words at "=", so "--mode=" has an empty value there. A candidate replaces the word.
constexpr char kBash[] = R"(# Completion of voxctl. In ~/.bashrc:  source <(voxctl completion bash)
_voxctl() {
  local current=${COMP_WORDS[COMP_CWORD]} line
  [[ $current == "=" ]] && current=
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$current")
    else
      COMPREPLY+=("${line%%$'\t'*}")
    fi
  done < <("${COMP_WORDS[0]/#\~/$HOME}" __complete \
    "${COMP_WORDS[@]:1:COMP_CWORD-1}" "$current" 2>/dev/null)
}
complete -F _voxctl voxctl
)";

// Works sourced, and as a file _voxctl in $fpath.
constexpr char kZsh[] = R"(#compdef voxctl
# Completion of voxctl. In ~/.zshrc, behind compinit:  source <(voxctl completion zsh)
_voxctl() {
  local line program=${(Q)words[1]/#\~/$HOME}
  local -a found
  local -i files=0
  for line in "${(@f)$($program __complete "${(@Q)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null)}"; do
    case $line in
      '') ;;
      :files) files=1 ;;
      *) line=${line//:/\\:}; found+=("${line/$'\t'/:}") ;;
    esac
  done
  (( $#found )) && _describe voxctl found
  if (( files )); then
    [[ $PREFIX == --*=* ]] && compset -P '*='
    _files
  fi
}
if [[ $funcstack[1] == _voxctl ]]; then _voxctl "$@"; else compdef _voxctl voxctl; fi
)";

constexpr char kFish[] =
    R"(# Completion of voxctl. In ~/.config/fish/config.fish:  voxctl completion fish | source
function __voxctl_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program (string replace -r '^~' $HOME $words[1])
    set -e words[1]
    for line in ($program __complete $words "$current" 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path "$current"
        else
            printf '%s\n' $line
        end
    end
end
complete -c voxctl -f -a '(__voxctl_complete)'
)";

const char* ScriptOf(const std::string& shell) {
  if (shell == "bash") return kBash;
  return shell == "zsh" ? kZsh : kFish;
}

}  // namespace

void AddCompletionCommand(CLI::App* app, Run* chosen) {
  CLI::App* command =
      app->add_subcommand("completion", "Print completion for a shell: voxctl completion bash");
  command->footer(
      "To have it, add a line to what your shell reads when it starts:\n"
      "  bash  ~/.bashrc                   source <(voxctl completion bash)\n"
      "  zsh   ~/.zshrc, behind compinit   source <(voxctl completion zsh)\n"
      "  fish  ~/.config/fish/config.fish  voxctl completion fish | source");
  auto shell = std::make_shared<std::string>();
  command->add_option("shell", *shell, "The shell")
      ->type_name("bash|zsh|fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}).description(""));
  command->callback([shell, chosen] {
    *chosen = [shell](Session&) { return std::fputs(ScriptOf(*shell), stdout) < 0 ? 1 : 0; };
  });
}

}  // namespace voxctl
