"""The shells load their completion scripts and complete with them."""
import subprocess

from kbtest import BROKER, KeybearerTest


class CompletionTest(KeybearerTest):
    provider_options = None

    def run_shell(self, *command):
        result = subprocess.run(command, env=self.env(TERM="dumb"), capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((result.returncode, result.stderr), (0, ""), result.stdout)
        return result.stdout

    def script(self, shell):
        path = self.home.path / {"bash": "completion.bash", "zsh": "_keybearer", "fish": "keybearer.fish"}[shell]
        path.write_text(self.ok("completion", shell).out, encoding="utf-8")
        return path

    def bash(self, *words):
        """What bash offers for the last word."""
        quoted = " ".join(f"'{word}'" for word in words)
        return self.run_shell("bash", "--norc", "-c",
                              f"source '{self.script('bash')}'\n"
                              f"COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}\n"
                              f"COMP_LINE='{' '.join(words)}'; COMP_POINT=${{#COMP_LINE}}\n"
                              "function_name=$(complete -p keybearer | sed 's/.*-F \\([^ ]*\\).*/\\1/')\n"
                              f"\"$function_name\" keybearer '{words[-1]}' '{words[-2]}'; printf '%s\\n' \"${{COMPREPLY[@]}}\"").split()

    def test_bash_completes_verbs_and_options(self):
        self.assertLessEqual({"login", "logout"}, set(self.bash("keybearer", "log")))
        self.assertIn("--min-valid", self.bash("keybearer", "token", "--min"))
        self.assertIn("rename", self.bash("keybearer", "account", "re"))

    def test_bash_completes_names_from_a_running_broker_and_starts_none(self):
        self.home.write_provider("example", "https://id.example.com")
        self.assertNotIn("example", self.bash("keybearer", "login", "exa"))
        self.assertEqual(self.broker_pids(), [])
        self.start_broker()
        self.assertIn("example", self.bash("keybearer", "login", "exa"))
        self.assertEqual(len(self.broker_pids()), 1, BROKER.name)

    def test_zsh_loads_the_script(self):
        folder = self.script("zsh").parent
        out = self.run_shell("zsh", "-f", "-c", f"fpath=('{folder}' $fpath); autoload -Uz compinit; compinit -u -D; "
                             "autoload +X _keybearer && print -r -- $_comps[keybearer]")
        self.assertEqual(out.strip(), "_keybearer")

    def test_fish_completes_verbs(self):
        out = self.run_shell("fish", "--no-config", "-c", f"source '{self.script('fish')}'; complete -C 'keybearer log'")
        self.assertLessEqual({"login", "logout"}, {line.split("\t")[0] for line in out.splitlines()})

    def test_an_unknown_shell_is_refused(self):
        self.fails(2, "completion", "tcsh")
