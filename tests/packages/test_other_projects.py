"""Programs of other projects, built against an installation: with CMake, and with a C compiler and pkg-config."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from kbtest import KeybearerTest
from staged import HERE, ROOT, Staged, run

KEY = "sk-stored-0123456789"


class OtherProjectsTest(KeybearerTest):
    @classmethod
    def setUpClass(cls):
        cls.staged = Staged()
        cls.addClassCleanup(cls.staged.remove)
        work = tempfile.TemporaryDirectory(prefix="kb-other.", dir="/tmp")
        cls.addClassCleanup(work.cleanup)
        build = f"{work.name}/build"
        run("cmake", "-G", "Ninja", "-S", HERE / "cmake_client", "-B", build,
            f"-DCMAKE_PREFIX_PATH={cls.staged.path}", "-DCMAKE_CXX_STANDARD=17", "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Wpedantic -Werror")
        run("cmake", "--build", build)
        cls.cpp = f"{build}/fetch"
        flags = run("pkg-config", "--cflags", "--libs", "keybearer-client", env=cls.staged.pkg_config()).split()
        library = cls.staged.find("libkeybearer-client.so.1").parent
        cls.c = {}
        # With today's header, and with that of 0.1.0.
        for name, include in (("today", ()), ("frozen", ("-I", HERE / "frozen"))):
            cls.c[name] = f"{work.name}/{name}"
            run("cc", "-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", *include, HERE / "frozen/fetch.c", "-o",
                cls.c[name], *flags, f"-Wl,-rpath,{library}")

    def fetch(self, program, *args, **env):
        return subprocess.run([program, *args], env=self.env(**env), capture_output=True, text=True, timeout=60, check=False)

    def test_a_token_and_a_key_for_each(self):
        self.start_broker()
        self.ok("login", "lab")
        self.ok("provider", "set", "openai", "--file", "-", input=KEY)
        for program in (self.cpp, *self.c.values()):
            with self.subTest(program=program):
                done = self.fetch(program, "lab")
                self.assertEqual((done.returncode, done.stdout.strip()), (0, self.token()), done.stderr)
                done = self.fetch(program, "openai", "api_key")
                self.assertEqual((done.returncode, done.stdout), (0, KEY + "\n"), done.stderr)
                done = self.fetch(program, "nobody")
                self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
                self.assertIn("nobody", done.stderr)

    def test_a_client_that_was_written_for_the_first_version(self):
        self.start_broker()
        self.ok("login", "lab")
        self.ok("provider", "set", "openai", "--file", "-", input=KEY)
        done = subprocess.run(["python3", HERE / "frozen/client.py", "lab"], env=self.env(), capture_output=True, text=True,
                              timeout=60, check=False)
        self.assertEqual((done.returncode, done.stdout.splitlines()), (0, [KEY, self.token()]), done.stderr)

    def test_the_library_starts_the_broker_that_it_was_installed_with(self):
        done = self.fetch(self.cpp, "lab")
        self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
        self.assertIn("unknown_account: ", done.stderr)
        (broker,) = self.broker_pids()
        (program, *_) = pathlib.Path(f"/proc/{broker}/cmdline").read_text(encoding="utf-8").split("\0")
        self.assertEqual(program, f"{self.staged.path}/bin/keybearerd")

    def test_without_a_broker_it_says_so(self):
        """Nothing lies beside it or its library that it could start."""
        with tempfile.TemporaryDirectory(prefix="kb-alone.", dir="/tmp") as folder:
            shutil.copy(self.staged.find("libkeybearer-client.so.1"), folder)
            for program in (self.cpp, *self.c.values()):
                done = self.fetch(program, "lab", LD_LIBRARY_PATH=folder)
                self.assertEqual((done.returncode, done.stdout), (8, ""), done.stderr)
                self.assertIn("keybearerd was not found", done.stderr)

    def test_a_broker_where_anybody_may_put_one_is_not_started(self):
        with tempfile.TemporaryDirectory(prefix="kb-open.", dir="/tmp") as folder:
            for name in ("lib", "bin"):
                (pathlib.Path(folder) / name).mkdir()
            shutil.copy(self.staged.find("libkeybearer-client.so.1"), f"{folder}/lib")
            shutil.copy(self.staged.path / "bin/keybearerd", f"{folder}/bin")
            for open_to_all in (folder, f"{folder}/bin"):
                os.chmod(open_to_all, 0o1777)
                done = self.fetch(self.cpp, "lab", LD_LIBRARY_PATH=f"{folder}/lib")
                self.assertEqual((done.returncode, done.stdout), (8, ""), done.stderr)
                self.assertIn("keybearerd was not found", done.stderr)
                os.chmod(open_to_all, 0o755)

    def test_what_is_no_utf8_is_refused_and_ends_nobody(self):
        self.start_broker()
        bad = "\udcff" * 200  # a byte 0xFF each
        for program in (self.cpp, *self.c.values()):
            for args, env, code, word in (((bad,), {}, 2, "no account"), (("openai", bad), {}, 2, "no field"),
                                          (("lab",), {"KEYBEARER_SOCKET": f"/tmp/{bad}"}, 8, "/tmp/\N{REPLACEMENT CHARACTER}")):
                with self.subTest(program=program, word=word):
                    done = self.fetch(program, *args, **env)
                    self.assertEqual((done.returncode, done.stdout), (code, ""), done.stderr)
                    self.assertIn(word, done.stderr)

    def test_why_it_cannot_connect_is_told_by_the_exit_code(self):
        self.start_broker()
        done = self.fetch(self.cpp, "lab", KEYBEARER_CLIENT_KEY_FILE="/nonexistent")
        self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)


class ContractTest(unittest.TestCase):
    """Version 1 of the protocol only grows: what 0.1.0 said of it holds."""

    def documents(self):
        for path in (HERE / "frozen/openrpc.json", ROOT / "ipc/openrpc.json"):
            yield json.loads(path.read_text(encoding="utf-8"))

    def test_nothing_is_removed_or_newly_wanted(self):
        frozen, today = ({method["name"]: method for method in document["methods"]} for document in self.documents())
        for name, method in frozen.items():
            with self.subTest(method=name):
                now = today[name]
                self.assertLessEqual({p["name"] for p in method["params"]}, {p["name"] for p in now["params"]})
                self.assertLessEqual({p["name"] for p in now["params"] if p["required"]},
                                     {p["name"] for p in method["params"] if p["required"]})
                then, new = (m["result"]["schema"]["properties"] for m in (method, now))
                for member, schema in then.items():
                    self.assertEqual(new[member]["type"], schema["type"], member)

    def test_errors_keep_their_numbers(self):
        frozen, today = (document["components"]["errors"] for document in self.documents())
        for name, error in frozen.items():
            self.assertEqual(today[name]["code"], error["code"], name)
