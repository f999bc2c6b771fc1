"""What an installation has, and what others say of its files."""
import json
import pathlib
import re
import subprocess
import tempfile
import unittest

from kbtest.home import Home
from staged import BUILD, ROOT, Staged, run

# What everybody relies on, below the prefix; "*": a folder that depends on the machine.
FILES = (
    "bin/keybearer", "bin/keybearerd", "bin/keybearer-mcp-bridge", "bin/keybearer-tray", "share/keybearerd/client-metadata.json",
    "share/keybearerd/providers/openai.toml",
    "share/systemd/user/keybearer.service", "share/systemd/user/keybearer.socket",
    "share/bash-completion/completions/keybearer", "share/zsh/site-functions/_keybearer",
    "share/fish/vendor_completions.d/keybearer.fish",
    "share/applications/keybearer-tray.desktop",
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
        tree = {}
        for path, option in re.findall(r"""^complete -c keybearer -n "__keybearer_at '(/\S+)'" -l ([a-z-]+)""",
                                       run(self.staged.path / "bin/keybearer", "completion", "fish"), re.M):
            tree.setdefault(path[1:].replace("/", " "), set()).add(option)
        told = {verb: set(re.findall(r'Fl "?-([a-z-]+)', words)) for verb, words in
                re.findall(r"^\.Ss keybearer (.+)\n((?:(?!\.S[sh]).*\n)*)", self.text("keybearer.1").replace("\\-", "-"), re.M)}
        self.assertTrue({"login", "account bind", "provider set", "audit", "audit verify"} <= set(told), told)
        for verb, options in tree.items():
            if options - {"help"} or verb in told:  # else it holds others together
                self.assertEqual(told.get(verb), options - {"help"}, verb)
        self.assertLessEqual(set(told), set(tree))
        methods = re.findall(r'"name": "([a-z_]+\.[a-z_]+)"', (ROOT / "ipc/openrpc.json").read_text(encoding="utf-8"))
        self.assertEqual(re.findall(r"^\.Ss (\S+\.\S+)$", self.text("keybearer-protocol.7"), re.M), methods)
        for name, page in (("config.cpp", "keybearer-config.5"), ("configured_grant.cpp", "keybearer-config.5"),
                           ("profile_file.cpp", "keybearer-provider.5"), ("profile_fields.cpp", "keybearer-provider.5")):
            source = (ROOT / "daemon/providers" / name).read_text(encoding="utf-8")
            for table in re.findall(r"filename,\s*\{((?:\s*\"[a-z_0-9]+\",?)+)\s*\}", source):
                for key in re.findall(r'"([a-z_0-9]+)"', table):
                    self.assertIn(key, self.text(page), f"{page} does not explain {key}")

    def test_the_files_that_the_pages_name_are_there(self):
        named = set()
        for page in (self.staged.path / "share/man").rglob("*.[1-9]"):
            named |= {path for path in re.findall(r"^\.Pa (/\S+)", page.read_text(encoding="utf-8"), re.M)
                      if path.startswith((f"{self.staged.path}/", "/usr/"))}
        self.assertEqual(named, {f"{self.staged.path}/share/{name}" for name in ("keybearerd/providers", "doc/keybearer/PROTOCOL.md")})
        for path in named:
            self.assertTrue(pathlib.Path(path).exists(), path)

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

    def test_the_pictures_are_the_drawing(self):
        """In the sizes of the Icon Theme Specification's hicolor theme that panels and lists use."""
        with tempfile.TemporaryDirectory(prefix="kb-icons.", dir="/tmp") as folder:
            run(ROOT / "resources/icons/render", folder)
            rendered = {path.stem.rsplit("-", 1)[1]: path for path in pathlib.Path(folder).iterdir()}
            self.assertLessEqual({"16", "22", "24", "32", "48", "64", "128", "256"}, set(rendered))
            for size, path in rendered.items():
                with self.subTest(size=size):
                    ours = self.staged.path / f"share/icons/hicolor/{size}x{size}/apps/keybearer-tray.png"
                    self.assertEqual(run("identify", "-format", "%wx%h", ours), f"{size}x{size}")
                    self.assertEqual(run("compare", "-metric", "AE", "-fuzz", "2%", ours, path, "null:"), "0")

    def test_the_units(self):
        service, socket = (self.staged.find(f"keybearer.{kind}") for kind in ("service", "socket"))
        said = run("systemd-analyze", "--user", "verify", "--man=no", service, socket,
                   env={"PATH": "/usr/bin:/bin", "XDG_RUNTIME_DIR": str(self.staged.path)})
        self.assertEqual(said, "")
        self.assertIn(f"\nExecStart={self.staged.path}/bin/keybearerd\n", self.text("keybearer.service"))

    def test_the_library_shows_its_header_and_nothing_else(self):
        declared = set(re.findall(r"\b(keybearer_[a-z_]+)\(", self.text("keybearer.h"))) - {"keybearer_connection"}
        library = self.staged.find("libkeybearer-client.so.1")
        shown = {line.split()[-1] for line in run("nm", "-D", "--defined-only", library).splitlines()}
        self.assertEqual(shown, {f"{name}@@KEYBEARER_1" for name in declared} | {"KEYBEARER_1"})
        self.assertIn("libkeybearer-client.so.1", run("readelf", "-d", library))


class PrefixTest(unittest.TestCase):
    """What depends on the folder that it is installed in, which is another one than the build was configured for."""

    def staged(self, *where, **how):
        staged = Staged(*where, **how)
        self.addCleanup(staged.remove)
        return staged

    def test_below_a_home(self):
        """~/.local/share/keybearer is the person's own; the broker refuses one that others may enter."""
        staged = self.staged("a home/.local")
        home = Home()
        self.addCleanup(home.remove)
        env = home.environment(HOME=staged.path.parent, KEYBEARER_HOME=None, XDG_RUNTIME_DIR=home.runtime,
                               PATH=f"{staged.path}/bin:/usr/bin:/bin")
        keybearer = staged.path / "bin/keybearer"
        self.addCleanup(run, keybearer, "daemon", "stop", env=env)
        run(keybearer, "daemon", "start", env=env)
        self.assertIn(f"keybearerd {VERSION}, pid ", run(keybearer, "status", env=env))
        self.assertEqual((staged.path / "share/keybearer").stat().st_mode & 0o777, 0o700)
        self.assertIn("openai", run(keybearer, "provider", "list", "--all", env=env))
        pid = json.loads(run(keybearer, "status", "--json", env=env))["pid"]
        (program, *_) = pathlib.Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").split("\0")
        self.assertEqual(program, f"{staged.path}/bin/keybearerd")
        # systemd finds the units, and can run what they name.
        units = staged.find("keybearer.service").parent
        self.assertIn(str(units), run("systemd-analyze", "--user", "unit-paths", env=env).splitlines())
        self.assertEqual(run("systemd-analyze", "--user", "verify", "--man=no", "keybearer.socket", "keybearer.service", env=env), "")

    def test_a_stage_takes_it_all(self):
        """No session reads PREFIX/etc, and what is installed elsewhere changes nothing in this system's /etc."""
        staged = self.staged("stage/usr")
        self.assertEqual([*staged.folder.rglob("etc")], [])
        self.assertIn("its settings make one", staged.said)
        self.assertEqual([path for path in staged.manifest if not path.startswith(f"{staged.path}/")], [])

    def test_a_package_starts_the_window_with_the_session(self):
        staged = self.staged("usr", root=True)
        found = {str(path.relative_to(staged.folder)) for path in staged.folder.rglob("*")
                 if path.match("autostart/*") or path.match("systemd/user/*")}
        self.assertEqual(found, {"etc/xdg/autostart/keybearer-tray.desktop", "usr/lib/systemd/user/keybearer.service",
                                 "usr/lib/systemd/user/keybearer.socket"})
        self.assertIn("\nExecStart=/usr/bin/keybearerd\n", staged.find("keybearer.service").read_text(encoding="utf-8"))

    def test_the_list_of_files_takes_it_away_again(self):
        staged = self.staged("prefix")
        for path in staged.manifest:
            pathlib.Path(path).unlink()
        self.assertEqual([path for path in staged.folder.rglob("*") if not path.is_dir()], [])
