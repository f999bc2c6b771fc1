"""What an installation has, and what others say of its files."""
import re
import subprocess
import unittest

from staged import BUILD, ROOT, Staged, run

# What everybody relies on, below the prefix; "*": a folder that depends on the machine.
FILES = (
    "bin/keybearer", "bin/keybearerd", "bin/keybearer-mcp-bridge", "bin/keybearer-tray", "share/keybearer/client-metadata.json",
    "share/keybearer/providers/openai.toml",
    "lib/systemd/user/keybearer.service", "lib/systemd/user/keybearer.socket",
    "share/bash-completion/completions/keybearer", "share/zsh/site-functions/_keybearer",
    "share/fish/vendor_completions.d/keybearer.fish",
    "share/applications/keybearer-tray.desktop", "etc/xdg/autostart/keybearer-tray.desktop",
    "share/metainfo/dev.keybearer.keybearer.metainfo.xml", "share/icons/hicolor/scalable/apps/keybearer-tray.svg",
    "share/man/man5/keybearer-config.5", "share/man/man5/keybearer-provider.5", "share/man/man7/keybearer-protocol.7",
    "include/keybearer.h", "include/keybearer.hpp",
    "lib*/libkeybearer-client.so", "lib*/libkeybearer-client.so.1", "lib*/pkgconfig/keybearer-client.pc",
    "lib*/cmake/keybearer-client/keybearer-client-config.cmake",
)
VERSION = re.search(r"project\(keybearer VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")).group(1)


class InstallTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.staged = Staged()
        cls.addClassCleanup(cls.staged.remove)

    def text(self, name):
        return self.staged.find(name).read_text(encoding="utf-8")

    def test_the_files(self):
        for name in FILES:
            with self.subTest(name=name):
                self.assertTrue([*self.staged.path.glob(name), *self.staged.path.glob(name.replace("lib*", "lib/*"))])

    def test_each_program_has_a_page_and_nothing_of_the_build_is_named(self):
        for program in (self.staged.path / "bin").iterdir():
            with self.subTest(program=program.name):
                self.assertTrue((self.staged.path / "share/man/man1" / f"{program.name}.1").exists())
                self.assertNotIn("RUNPATH", run("readelf", "-d", program))
        for path in self.staged.path.rglob("*"):
            if path.is_file():
                self.assertNotIn(str(BUILD).encode(), path.read_bytes(), path.name)

    def test_the_pages_are_what_their_readers_expect(self):
        for page in (self.staged.path / "share/man").rglob("*.[1-9]"):
            with self.subTest(page=page.name):
                said = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", page], capture_output=True,
                                      text=True, check=True, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "MANWIDTH": "80"})
                self.assertEqual(said.stderr, "")
                self.assertEqual(subprocess.run(["mandoc", "-Tlint", "-Wwarning", page], capture_output=True, text=True,
                                                check=False).stdout, "")
                self.assertIn("Keybearer " + VERSION, said.stdout)

    def test_the_pages_know_every_verb_setting_and_method(self):
        page = self.text("keybearer.1")
        tree = run(self.staged.path / "bin/keybearer", "completion", "fish")
        verbs = re.findall(r"^\.Ss keybearer (.+)$", page, re.M)
        self.assertTrue({"login", "account bind", "provider set"} <= set(verbs), verbs)
        for verb in verbs:
            self.assertIn(verb.split()[-1], tree)
        methods = re.findall(r'"name": "([a-z_]+\.[a-z_]+)"', (ROOT / "ipc/openrpc.json").read_text(encoding="utf-8"))
        self.assertEqual(re.findall(r"^\.Ss (\S+\.\S+)$", self.text("keybearer-protocol.7"), re.M), methods)
        for name, page in (("config.cpp", "keybearer-config.5"), ("configured_grant.cpp", "keybearer-config.5"),
                           ("profile_file.cpp", "keybearer-provider.5"), ("profile_fields.cpp", "keybearer-provider.5")):
            source = (ROOT / "daemon/providers" / name).read_text(encoding="utf-8")
            for table in re.findall(r"filename,\s*\{((?:\s*\"[a-z_0-9]+\",?)+)\s*\}", source):
                for key in re.findall(r'"([a-z_0-9]+)"', table):
                    self.assertIn(key, self.text(page), f"{page} does not explain {key}")

    def test_one_version_everywhere(self):
        for program in (self.staged.path / "bin").iterdir():
            said = run(program, "--version", env={"QT_QPA_PLATFORM": "offscreen", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"})
            self.assertEqual(said.splitlines()[-1], f"{program.name} {VERSION}")
        self.assertEqual(run("pkg-config", "--modversion", "keybearer-client", env=self.staged.pkg_config()).strip(), VERSION)
        self.assertIn(f'<release version="{VERSION}"', self.text("dev.keybearer.keybearer.metainfo.xml"))
        for name in ("ipc/clients/rust/Cargo.toml", "ipc/clients/python/keybearer/__init__.py", "ipc/clients/node/package.json"):
            self.assertRegex((ROOT / name).read_text(encoding="utf-8"), rf'version(?:__|")?\s*[=:]\s*"{re.escape(VERSION)}"', name)

    def test_the_desktop_files(self):
        for path in self.staged.path.rglob("*.desktop"):
            run("desktop-file-validate", path)
        run("appstreamcli", "validate", "--no-net", "--pedantic", self.staged.find("*.metainfo.xml"))

    def test_the_units(self):
        """Those of the build name the prefix that it was configured for; here they name this installation."""
        folder = self.staged.path / "units"
        folder.mkdir()
        for name in ("keybearer.service", "keybearer.socket"):
            text = re.sub(r"ExecStart=\S+", f"ExecStart={self.staged.path}/bin/keybearerd", self.text(name))
            (folder / name).write_text(text, encoding="utf-8")
        said = run("systemd-analyze", "--user", "verify", "--man=no", *sorted(folder.iterdir()),
                   env={"PATH": "/usr/bin:/bin", "XDG_RUNTIME_DIR": str(folder)})
        self.assertEqual(said, "")

    def test_the_library_shows_its_header_and_nothing_else(self):
        declared = set(re.findall(r"\b(keybearer_[a-z_]+)\(", self.text("keybearer.h"))) - {"keybearer_connection"}
        library = self.staged.find("libkeybearer-client.so.1")
        shown = {line.split()[-1] for line in run("nm", "-D", "--defined-only", library).splitlines()}
        self.assertEqual(shown, {f"{name}@@KEYBEARER_1" for name in declared} | {"KEYBEARER_1"})
        self.assertIn("libkeybearer-client.so.1", run("readelf", "-d", library))
