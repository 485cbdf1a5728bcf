"""Completion of voxctl in the shells themselves: each sources its script and completes a line."""

import os
import pty
import subprocess
import threading
import unittest

from case import VOXCTL, DaemonCase

TAB, DONE = b"\t", b"\x18"  # ^X: a widget of the test that writes down the line

BASH = """
source <(voxctl completion bash)
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_voxctl
[ ${#COMPREPLY[@]} = 0 ] || printf '%s\\n' "${COMPREPLY[@]}"
"""

ZSHRC = """
PS1=
autoload -Uz compinit && compinit -u -D
source <(voxctl completion zsh)
bindkey '^I' expand-or-complete
write-down() { print -r -- "$BUFFER" >$ZDOTDIR/line; exit; }
zle -N write-down && bindkey '^X' write-down
zle-line-init() { print READY; }
zle -N zle-line-init
"""

RE_COMMANDS = {"recentre", "redo", "remap", "repaint", "replace", "restore"} | {
    "render",
    "render.pick",
    "render.view",
}


class CompletionTest(DaemonCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.environment = {
            **os.environ,
            "PATH": f"{VOXCTL.parent}:{os.environ['PATH']}",
            "VOXELD_SOCKET": str(cls.daemon.socket),
            "TERM": "dumb",
        }
        with cls.daemon.connect() as rpc:
            rpc.call("project.create", {"project": "chapel"})
            for layer in ("nave", "narthex"):
                rpc.call("layer.create", {"project": "chapel", "layer": {"layer": layer}})

    def run_in(self, *command, **environment):
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={**self.environment, "HOME": str(self.folder), **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""), command)
        return done.stdout.splitlines()

    def bash(self, *words, **environment):
        """What bash offers for the last word; it gives "--mode=su" as three words."""
        return set(self.run_in("bash", "-c", BASH, "bash", "voxctl", *words, **environment))

    def test_bash_completes_commands_and_methods(self):
        self.assertEqual(self.bash("re"), RE_COMMANDS)
        self.assertEqual(self.bash("voxel.r"), {"voxel.read_region", "voxel.raycast"})
        self.assertEqual(self.bash("__"), set())

    def test_bash_completes_flags_that_are_not_given_yet(self):
        self.assertEqual(self.bash("render", "chapel", "a.png", "--a"), {"--axes", "--actor"})
        self.assertEqual(self.bash("render", "--axes", "--a"), {"--actor"})
        self.assertIn("--xyz", self.bash("voxel.get", "--"))

    def test_bash_completes_fixed_choices(self):
        self.assertEqual(self.bash("-o", ""), {"table", "json"})
        self.assertEqual(self.bash("box", "--mode", "su"), {"sub", "sub_clamp"})
        self.assertEqual(self.bash("box", "--mode", "=", "su"), {"sub", "sub_clamp"})
        self.assertIn("over", self.bash("box", "--mode", "="))
        self.assertEqual(self.bash("completion", ""), {"bash", "zsh", "fish"})
        views = self.bash("render", "chapel", "a.png", "--views", "front,t")
        self.assertEqual(views, {"front,top"})

    def test_bash_completes_files(self):
        (self.folder / "house one.vox").touch()
        (self.folder / "other.vox").touch()
        self.assertEqual(self.bash("import", "new", "ho"), {"house one.vox"})
        self.assertEqual(self.bash("transfer.import", "--data-file", "ot"), {"other.vox"})

    def test_bash_completes_what_the_daemon_knows(self):
        self.assertEqual(self.bash("show", "ch"), {"chapel"})
        self.assertEqual(self.bash("voxel.get", "--project", ""), {"chapel"})
        self.assertEqual(self.bash("show", "chapel", "--layer", "na"), {"nave", "narthex"})
        # The command's third argument, behind one that is a negative number.
        box = ("box", "chapel", "-1,0,0", "1,1,1", "--layer", "nav")
        self.assertEqual(self.bash(*box), {"nave"})
        self.assertEqual(self.bash("export", "--format", ""), {"vox", "obj"})

    def test_a_daemon_that_is_not_there_is_no_nuisance(self):
        nobody = str(self.folder / "nobody")
        self.assertEqual(self.bash("show", "", VOXELD_SOCKET=nobody), set())
        self.assertEqual(self.bash("--socket", nobody, "show", ""), set())

    def test_fish_completes(self):
        def fish(line):
            """Without the descriptions."""
            script = "voxctl completion fish | source; complete -C $argv[1]"
            found = self.run_in("fish", "--no-config", "-c", script, line)
            return {one.split("\t")[0] for one in found}

        (self.folder / "house.vox").touch()
        self.assertEqual(fish("voxctl re"), RE_COMMANDS)
        self.assertEqual(fish("voxctl box --mode=su"), {"--mode=sub", "--mode=sub_clamp"})
        self.assertEqual(fish("voxctl show chapel --layer na"), {"nave", "narthex"})
        self.assertEqual(fish("voxctl import new ho"), {"house.vox"})

    def zsh(self, line):
        """The line after a tab, in an interactive zsh."""
        (self.folder / ".zshrc").write_text(ZSHRC)
        terminal, inside = pty.openpty()
        self.addCleanup(os.close, terminal)
        environment = {**self.environment, "ZDOTDIR": str(self.folder)}
        shell = subprocess.Popen(
            ["zsh", "-i"],
            cwd=self.folder,
            env=environment,
            stdin=inside,
            stdout=inside,
            stderr=inside,
            start_new_session=True,
        )
        os.close(inside)
        watchdog = threading.Timer(60, shell.kill)
        watchdog.start()
        shown = b""
        try:
            while b"READY" not in shown:
                shown += os.read(terminal, 4096)
            os.write(terminal, line.encode() + TAB + DONE)
            while True:
                shown += os.read(terminal, 4096)
        except OSError:
            pass  # EIO: the shell has ended
        finally:
            watchdog.cancel()
            shell.wait()
        written = self.folder / "line"
        self.assertTrue(written.exists(), shown)
        return written.read_text().rstrip()

    def test_zsh_completes(self):
        (self.folder / "house.vox").touch()
        self.assertEqual(self.zsh("voxctl repl"), "voxctl replace")
        self.assertEqual(self.zsh("voxctl box --mode=sub_"), "voxctl box --mode=sub_clamp")
        self.assertEqual(
            self.zsh("voxctl show chapel --layer nav"), "voxctl show chapel --layer nave"
        )
        self.assertEqual(self.zsh("voxctl import new ho"), "voxctl import new house.vox")


if __name__ == "__main__":
    unittest.main()
