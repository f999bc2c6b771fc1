"""B11: what a grant to a program is worth when the program becomes another, or is somewhere else."""
import os
import shutil
import subprocess
import sys
import unittest

from kbtest import CLI
from kbtest.askers import PEER, UNSHARE, AskerTest
from kbtest.shell import Shell

ASKS = "say(ask(connect()))"
# Says that it is there, and asks when it is told to.
WAITS = 'say("ready"); sys.stdin.readline(); say(ask(connect()))'
FLATPAK = "org.example.Granted"

# Asks for the key before the program that it is loaded into has begun.
PRELOADED = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

__attribute__((constructor)) static void ask(void) {
    static const char request[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":%s}\n";
    static char line[65536];
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, getenv("ASKED_SOCKET"), sizeof address.sun_path - 1);
    const int one = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(one, (struct sockaddr*)&address, sizeof address) != 0) {
        return;
    }
    snprintf(line, sizeof line, request, getenv("ASKED_METHOD"), getenv("ASKED_PARAMS"));
    write(one, line, strlen(line));
    memset(line, 0, sizeof line);
    read(one, line, sizeof line - 1);
    const char* kind = strstr(line, "\"kind\":\"");
    printf("%.*s\n", kind ? (int)strcspn(kind + 8, "\"") : 5, kind ? kind + 8 : "given");
    fflush(stdout);
    _exit(0);
}
"""


class ProgramTest(AskerTest):
    def waiting(self, command):
        """A program that is about to ask."""
        program = subprocess.Popen([str(one) for one in command], env=self.asking_env(), text=True,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(program.__exit__, None, None, None)
        self.assertEqual(program.stdout.readline(), "ready\n")
        return program

    def go_on(self, program):
        """What it is answered now."""
        return program.communicate("\n", timeout=60)[0].strip()

    def replace(self, path, more=b"\0"):
        """Another content by the same name, in another file."""
        fresh = path.with_name("fresh")
        fresh.write_bytes(path.read_bytes() + more)
        fresh.chmod(0o755)
        fresh.rename(path)

    # --- executables ------------------------------------------------------------------------------------------------

    def test_B11_another_content_at_the_same_path(self):
        self.begin(self.grant(self.asker))
        self.assertEqual(self.answered(self.asker), "given")
        original = self.asker.read_bytes()
        self.replace(self.asker)
        self.assertEqual(self.answered(self.asker), "consent_required")
        self.asker.write_bytes(original)
        self.assertEqual(self.answered(self.asker), "given")  # it is the content that counts

    def test_B11_replaced_or_deleted_while_it_runs(self):
        self.begin(self.grant(self.asker))
        for name, change in (("replaced", self.replace), ("deleted", os.unlink),
                             ("moved", lambda path: path.rename(self.bin / "moved"))):
            with self.subTest(name):
                shutil.copy(self.other, self.asker)
                program = self.waiting(self.command(self.asker, WAITS))
                change(self.asker)
                self.assertEqual(self.go_on(program), "consent_required")
        shutil.copy(self.other, self.asker)
        self.assertEqual(self.answered(self.asker), "given")

    def test_B11_a_link_leads_to_what_it_leads_to(self):
        link = self.bin / "link"
        link.symlink_to(self.asker)
        self.begin(self.grant(self.asker), self.grant(link))
        self.assertEqual(self.answered(link), "given")
        link.unlink()
        link.symlink_to(self.other)  # of the same content, even
        self.assertEqual(self.answered(link), "consent_required")
        self.asker.unlink()
        self.asker.symlink_to(self.other)
        self.assertEqual(self.answered(self.asker), "consent_required")

    def test_B11_a_copy_elsewhere_is_another_program(self):
        self.begin(self.grant(self.asker))
        elsewhere = self.home.user / "asker"
        shutil.copy(self.asker, elsewhere)
        self.assertEqual(self.answered(elsewhere), "consent_required")

    # --- interpreters -----------------------------------------------------------------------------------------------

    def test_B11_an_interpreter_is_not_what_it_runs(self):
        python = os.path.realpath(sys.executable)
        named = self.program("python3")
        script = self.script("job.py", PEER + ASKS)
        self.begin(self.grant(named), self.grant(self.bin / "job.py", kind="script"))
        self.assertEqual(self.answered(named), "consent_required")  # python3 -c
        self.assertEqual(self.runs([named, "-B", "-"], input=PEER + ASKS), ["consent_required"])
        self.assertEqual(self.runs([python, "-B", script]), ["given"])
        copy = self.script("copy.py", PEER + ASKS)
        self.assertEqual(self.runs([python, "-B", copy]), ["consent_required"])

    def test_B11_a_script_that_is_replaced_while_it_runs(self):
        script = self.script("job.py", PEER + WAITS)
        self.begin(self.grant(script, kind="script"))
        command = [os.path.realpath(sys.executable), "-B", script]
        self.assertEqual(self.go_on(self.waiting(command)), "given")
        for name, change in (("written to", lambda: script.write_text(PEER + WAITS + "\n# more\n", encoding="utf-8")),
                             # What ran is another, and the one with the grant is put in its place afterwards.
                             ("put back", lambda: script.write_text(PEER + WAITS, encoding="utf-8")),
                             ("deleted", script.unlink)):
            with self.subTest(name):
                program = self.waiting(command)
                change()
                self.assertEqual(self.go_on(program), "consent_required")

    # --- code that comes along --------------------------------------------------------------------------------------

    def preload(self):
        source = self.bin / "preloaded.c"
        source.write_text(PRELOADED, encoding="utf-8")
        library = source.with_suffix(".so")
        subprocess.run(["cc", "-w", "-shared", "-fPIC", "-o", library, source], check=True, timeout=60)
        return library

    def preloaded(self, program, method="credential.resolve", params='{"provider":"openai"}'):
        (word,) = self.runs([program, "5"], env={"LD_PRELOAD": self.preload(), "ASKED_METHOD": method, "ASKED_PARAMS": params})
        return word

    def test_B11_preloaded_code_has_what_the_program_has(self):
        """SECURITY.md says that this is not stopped."""
        sleep = self.bin / "sleeper"
        shutil.copy(os.path.realpath(shutil.which("sleep")), sleep)
        self.begin(self.grant(sleep))
        self.assertEqual(self.preloaded(sleep), "given")

    def test_B11_code_in_our_own_command_line_has_what_its_starter_has(self):
        self.begin(self.grant(self.asker))
        self.assertEqual(self.preloaded(CLI), "consent_required")
        for method, params in (("approval.attach", "{}"), ("approval.list", "{}"),
                               ("approval.decide", '{"question_id":"q","answer":"always"}')):
            with self.subTest(method):
                self.assertEqual(self.preloaded(CLI, method, params), "denied")
        self.assertEqual(self.preloaded(CLI, "policy.set", '{"policy":"allow"}'), "consent_required")

    def test_B11_code_in_our_own_command_line_at_a_terminal_is_the_person(self):
        """As whatever types there is: SECURITY.md says so."""
        library = self.preload()
        self.begin()
        shell = Shell(self.asking_env(ASKED_METHOD="approval.list", ASKED_PARAMS="{}"), self.home.user)
        self.addCleanup(shell.stop)
        self.assertIn("\ndenied\n", shell.run(f"LD_PRELOAD={library} sleep 5"))
        self.assertIn("\ngiven\n", shell.run(f"LD_PRELOAD={library} keybearer status"))

    # --- other views of files and processes -------------------------------------------------------------------------

    def test_B11_another_program_over_the_path_of_one_with_a_grant(self):
        usual = os.path.realpath(shutil.which("env"))
        self.begin(self.grant(self.asker), *([] if os.stat(usual).st_uid else [self.grant(usual, digest=False)]))
        for place in (self.asker, usual):
            with self.subTest(str(place)):
                over = [*UNSHARE, "--mount", "sh", "-c", 'mount --bind "$0" "$1" && shift && exec "$@"', self.other, place]
                self.assertEqual(self.answered(place, before=over), "consent_required")

    def test_B11_a_container_has_no_grants(self):
        self.begin(self.grant(self.asker))
        for name, spaces in (("files", ["--mount"]), ("processes", ["--pid", "--fork", "--mount-proc"]),
                             ("all", ["--mount", "--net", "--uts", "--ipc", "--pid", "--fork", "--mount-proc"])):
            with self.subTest(name):
                self.assertEqual(self.answered(self.asker, before=[*UNSHARE, *spaces]), "consent_required")

    @unittest.skipUnless(os.geteuid() == 0, "another root folder needs root; the same with a mount namespace is above")
    def test_B11_another_root_folder_has_no_grants(self):
        self.begin(self.grant(self.asker))
        inside = "one = connect(); os.chroot(sys.argv[1]); say(ask(one))"
        self.assertEqual(self.does(self.asker, inside, "/"), ["given"])
        self.assertEqual(self.does(self.asker, inside, self.home.user), ["consent_required"])

    def test_B11_a_name_of_flatpak_is_anybodys_to_take(self):
        """A program of this user can build itself such a place: SECURITY.md says so. With no mounts of its own it cannot."""
        info = self.home.user / ".flatpak-info"
        info.write_text(f"[Application]\nname={FLATPAK}\n", encoding="utf-8")
        section = f'[[grant]]\nsandboxed = "{FLATPAK}"\ncredential = "key:default/openai/default"\n'
        self.begin(section)
        inside = "one = connect(); os.chroot(sys.argv[1]); say(ask(one))"
        alone = [*UNSHARE, "--mount"]
        self.assertEqual(self.does(self.other, inside, self.home.user, before=alone), ["given"])
        self.assertEqual(self.answered(self.other, before=alone), "consent_required")
        info.write_text("[Application]\nname=org.example.Another\n", encoding="utf-8")
        self.assertEqual(self.does(self.other, inside, self.home.user, before=alone), ["consent_required"])
