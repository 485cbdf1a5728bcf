#include "daemon/config/print_config.h"

#include <cstdio>

#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

constexpr size_t kColumns = 100;

// A basic string.
std::string Quoted(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted.push_back('\\');
      quoted.push_back(c);
    } else if (byte < 0x20 || byte == 0x7f) {
      char escape[8];
      (void)snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(byte));
      quoted.append(escape);
    } else {
      quoted.push_back(c);
    }
  }
  quoted.push_back('"');
  return quoted;
}

std::string ValueOf(const Option& option, const Config& config) {
  const std::vector<std::string> texts = option.Get(config);
  if (option.kind == OptionKind::kCount) return texts[0];
  if (option.kind != OptionKind::kList) return Quoted(texts[0]);
  std::string array = "[";
  for (const std::string& text : texts) {
    if (array.size() > 1) array.append(", ");
    array.append(Quoted(text));
  }
  return array + "]";
}

void AppendComment(std::string_view text, std::string* out) {
  for (size_t column = 0; !text.empty();) {
    const size_t space = std::min(text.find(' '), text.size());
    if (column == 0 || column + 1 + space > kColumns) {
      out->append(column == 0 ? "#" : "\n#");
      column = 1;
    }
    out->push_back(' ');
    out->append(text.substr(0, space));
    column += 1 + space;
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  out->push_back('\n');
}

}  // namespace

std::string PrintConfig(const std::vector<Option>& options, const Config& config,
                        const std::map<std::string, std::string>& origins) {
  std::string out = voxel::StrCat("# The settings of voxeld ", Version(),
                                  ": behind each, where it comes from.\n");
  std::string_view section;
  for (const Option& option : options) {
    if (option.section != section) {
      section = option.section;
      voxel::StrAppend(&out, "\n[", section, "]\n");
    } else {
      out.push_back('\n');
    }
    const std::string accepted = option.Accepted();
    AppendComment(voxel::StrCat(option.help, accepted.empty() ? "." : ": ", accepted,
                                accepted.empty() ? "" : "."),
                  &out);
    const auto origin = origins.find(option.name);
    voxel::StrAppend(&out, option.name, " = ", ValueOf(option, config), "  # ",
                     origin == origins.end() ? "default" : Quoted(origin->second), "\n");
  }
  return out;
}

}  // namespace voxeld
