#!/usr/bin/env python3
"""What the packages hold, what is said of it, and the life of an .rpm as far as a Debian can tell it.

    tests/packages/contents.py [FOLDER [TEST...]]      build/packages; needs root

rpm installs into a folder that has a shell, systemctl, ldconfig and what those link. No .rpm system is there: what its own
dependencies are called is not tested.
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "packages"
CONF = "etc/xdg/autostart/keybearer-tray.desktop"
COMPLAINT = r"(?i)warning|error|failed"  # rpm prints what the packages' scripts say
WANTED = "etc/systemd/user/sockets.target.wants/keybearer.socket"


def run(*command, fails=False, **options):
    done = subprocess.run([*map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300,
                          check=False, **options)
    if (done.returncode != 0) != fails:
        raise AssertionError(f"{command}: exit {done.returncode}\n{done.stdout}")
    return done.stdout


def temporary_folder(test):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="kb-contents.", dir="/var/tmp"))
    test.addCleanup(shutil.rmtree, folder)
    return folder


class FilesTest(unittest.TestCase):
    @staticmethod
    def files(*command):
        return {re.sub(r"^\.?/?", "/", path) for path in run(*command).split() if not path.endswith("/")}

    def test_the_rpms_have_the_files_of_the_debs(self):
        multiarch = run("dpkg-architecture", "-qDEB_HOST_MULTIARCH").strip()
        own = re.compile(r"^/usr/share/(?:doc|lintian|licenses)/")  # each distribution's own
        debs, rpms = set(), set()
        for deb in FOLDER.glob("*.deb"):
            debs |= self.files("sh", "-ec", f"dpkg-deb --fsys-tarfile {deb} | tar t")
        for rpm in FOLDER.glob("*.rpm"):
            rpms |= self.files("rpm", "-qpl", rpm)
        folders = {str(parent) for path in debs for parent in pathlib.PurePosixPath(path).parents}
        rpms = {path.replace("/lib64/", f"/lib/{multiarch}/").replace("/zsh/site-functions/", "/zsh/vendor-completions/")
                for path in rpms}
        self.assertTrue(rpms)
        self.assertEqual({path for path in rpms - folders if not own.match(path)},
                         {path for path in debs if not own.match(path)})

    def test_what_the_pages_name_is_in_the_package(self):
        unpacked = temporary_folder(self)
        for package in FOLDER.glob("keybearer*.deb"):
            run("dpkg-deb", "-x", package, unpacked / "deb")
        (archive,) = FOLDER.glob("*.tar.gz")
        (unpacked / "tar").mkdir()
        run("tar", "xzf", archive, "-C", unpacked / "tar", "--strip-components=1")
        for page in ("man5/keybearer-provider.5", "man7/keybearer-protocol.7"):
            text = run("zcat", "-f", unpacked / "deb/usr/share/man" / f"{page}.gz")
            (named,) = re.findall(r"^\.Pa (/usr\S+)", text, re.M)
            self.assertTrue((unpacked / f"deb{named}").exists(), named)
            text = (unpacked / "tar/share/man" / page).read_text(encoding="utf-8")
            (named,) = re.findall(r"^\.Pa ~/.local/opt/keybearer/(\S+)", text, re.M)
            self.assertTrue((unpacked / "tar" / named).exists(), named)

    def test_each_package_has_the_licences_of_what_is_compiled_in(self):
        ours, notices = ((ROOT / name).read_text(encoding="utf-8") for name in ("LICENSE", "THIRD-PARTY"))
        for sentence in ("Henry Schreiner", "Neither the name of the copyright", "PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS",
                         "2013-2022 Niels Lohmann", "this permission notice shall be included", 'PROVIDED "AS IS", WITHOUT',
                         "2017 Simon Brand", "the author(s) have dedicated all copyright"):
            self.assertIn(sentence, notices)
        for deb in FOLDER.glob("*.deb"):
            name = deb.name.split("_")[0]
            said = run("sh", "-ec", f"dpkg-deb --fsys-tarfile {deb} | tar xO ./usr/share/doc/{name}/copyright")
            self.assertTrue(said.endswith(f"\n\n{notices}"), deb.name)
            named, told = ({*re.findall(rf"^License: (\S+){end}", said, re.M)} for end in ("$", "\n "))
            self.assertEqual(named, told, deb.name)
        for rpm in FOLDER.glob("*.rpm"):
            folder = f"/usr/share/licenses/{run('rpm', '-qp', '--queryformat', '%{name}', rpm)}"
            self.assertEqual(self.files("rpm", "-qp", "--licensefiles", rpm) - {folder},
                             {f"{folder}/LICENSE", f"{folder}/THIRD-PARTY"})
        (archive,) = FOLDER.glob("*.tar.gz")
        top = archive.name.removesuffix(".tar.gz")
        for name, text in (("LICENSE", ours), ("THIRD-PARTY", notices)):
            self.assertEqual(run("tar", "xzOf", archive, f"{top}/share/doc/keybearer/{name}"), text)

    def test_the_pages_and_the_readme_say_what_lies_in_the_state_folder(self):
        (archive,) = FOLDER.glob("*.tar.gz")
        top = archive.name.removesuffix(".tar.gz")
        broker, tray, readme = (run("tar", "xzOf", archive, f"{top}/share/{name}").replace("\\-", "-") for name in
                                ("man/man1/keybearer.1", "man/man1/keybearer-tray.1", "doc/keybearer/README.md"))
        self.assertIn("tray.ini", tray)
        for text in (broker, readme):
            for said in ("tray.ini", "broker.log", "journalctl --user -u keybearer"):
                self.assertIn(said, text)


class BuildTest(unittest.TestCase):
    """packaging/build where there is nothing to compile: it ends before it makes anything."""

    def setUp(self):
        tree = temporary_folder(self)
        (tree / "packaging").mkdir()
        self.build = shutil.copy(ROOT / "packaging/build", tree / "packaging")
        shutil.copy(ROOT / "CMakeLists.txt", tree)
        (tree / "packaging/install-deps").write_text("#!/bin/sh\n", encoding="utf-8")
        (tree / "packaging/install-deps").chmod(0o755)
        self.folder = tree / "downloads"
        self.folder.mkdir()

    def fill(self, names, sums):
        for name in names:
            (self.folder / name).touch()
        (self.folder / "SHA256SUMS").write_text("".join(f"{'0' * 64}  {name}\n" for name in sums), encoding="utf-8")

    def test_what_it_has_made_before_goes_and_nothing_else(self):
        made = {"keybearer_0.0.1-1_amd64.deb", "libkeybearer-client1_0.0.1-1_amd64.deb", "keybearer-tray-0.0.1-1.x86_64.rpm",
                "keybearer-0.0.1-linux-x86_64.tar.gz", "keybearer-0.0.1.spdx.json"}
        others = {"other_1.0_amd64.deb", "other.rpm", "backup.tar.gz", "other.spdx.json", "keybearer.txt", "my-keybearer.tar.gz"}
        self.fill(made | others, sorted(made))
        self.assertIn("== Compiling", run(self.build, self.folder, fails=True))
        self.assertEqual({path.name for path in self.folder.iterdir()}, others)

    def test_the_checksums_of_others_are_not_written_over(self):
        names = {"keybearer_0.0.1-1_amd64.deb", "other.iso"}
        self.fill(names, sorted(names))
        self.assertIn("choose another folder", run(self.build, self.folder, fails=True))
        self.assertEqual({path.name for path in self.folder.iterdir()}, {*names, "SHA256SUMS"})


class BillTest(unittest.TestCase):
    """The bill of materials beside Debian's own words: dpkg-shlibdeps has written what each .deb depends on."""

    def setUp(self):
        (path,) = FOLDER.glob("*.spdx.json")
        self.bill = json.loads(path.read_text(encoding="utf-8"))
        self.names = {package["SPDXID"]: package["name"] for package in self.bill["packages"]}

    def related(self, package, kind):
        return {self.names[relation["relatedSpdxElement"]] for relation in self.bill["relationships"]
                if self.names.get(relation["spdxElementId"]) == package and relation["relationshipType"] == kind}

    def test_each_package_names_what_its_own_files_link(self):
        not_linked = {"ca-certificates", "init-system-helpers", "keybearer", "qt6-qpa-plugins", "libkeybearer-client1"}
        everything = set()
        for deb in FOLDER.glob("*.deb"):
            depends = {re.split(r"[ (|]", word.strip())[0] for word in run("dpkg-deb", "-f", deb, "Depends").split(",")} - {""}
            with self.subTest(deb=deb.name):
                self.assertEqual(self.related(deb.name, "DYNAMIC_LINK"), depends - not_linked)
            everything |= depends - not_linked
        (archive,) = FOLDER.glob("*.tar.gz")
        self.assertEqual(self.related(archive.name, "DYNAMIC_LINK"), everything)

    def test_the_command_line_alone_reads_its_arguments_with_cli11(self):
        holders = {name for name in self.names.values() if "libcli11-dev" in self.related(name, "STATIC_LINK")}
        programs = {path.name for path in FOLDER.iterdir() if re.match(r"keybearer[_-]\d", path.name) and path.suffix != ".json"}
        self.assertEqual(holders, programs)
        for path in FOLDER.glob("*-dev*"):
            self.assertEqual(self.related(path.name, "STATIC_LINK") | self.related(path.name, "DYNAMIC_LINK"), set())

    def test_what_is_compiled_in_is_known_with_its_licence(self):
        standard = f"libstdc++-{run('g++', '-dumpversion').strip()}-dev"
        notices = (ROOT / "THIRD-PARTY").read_text(encoding="utf-8")
        for path in FOLDER.glob("*.deb"):
            compiled_in = self.related(path.name, "STATIC_LINK")
            self.assertEqual(standard in compiled_in, "-dev_" not in path.name, path.name)
            for name in compiled_in - {standard}:  # whose licence asks for nothing in what is compiled with it
                self.assertIn(f"({name})", notices)

    def test_everything_that_is_named_is_described(self):
        described = {*self.names, "SPDXRef-DOCUMENT"}
        self.assertEqual(len(self.names), len(self.bill["packages"]))
        for relation in self.bill["relationships"]:
            self.assertLessEqual({relation["spdxElementId"], relation["relatedSpdxElement"]}, described)
        packed = {path.name: run("sha256sum", path).split()[0] for path in FOLDER.iterdir() if path.suffix in (".deb", ".rpm", ".gz")}
        self.assertEqual({package["name"]: package["checksums"][0]["checksumValue"] for package in self.bill["packages"]
                          if "checksums" in package}, packed)


class System:
    """A folder that rpm takes for a whole system."""

    def __init__(self, path):
        self.path = path
        for folder in ("bin", "sbin", "lib", "lib64"):
            (path / "usr" / folder).mkdir(parents=True)
            (path / folder).symlink_to(f"usr/{folder}")
        for program in ("/bin/sh", "/bin/systemctl", "/sbin/ldconfig"):
            libraries = re.findall(r"(/\S+) \(0x", subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout)
            for file in (program, *libraries):
                (path / file[1:]).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, path / file[1:])
        self.rpm("--initdb")

    def rpm(self, *words, **how):
        return run("rpm", "--root", self.path, "--dbpath", "/var/lib/rpm", *words, **how)

    def ours(self):
        return {str(path.relative_to(self.path)) for path in self.path.rglob("*") if "keybearer" in path.name}


class RpmLifeTest(unittest.TestCase):
    def setUp(self):
        self.folder = temporary_folder(self)
        (self.folder / "system").mkdir()
        self.system = System(self.folder / "system")
        self.rpms = sorted(FOLDER.glob("*.rpm"))
        self.names = [run("rpm", "-qp", "--queryformat", "%{name}", path) for path in self.rpms]
        self.assertEqual(len(self.rpms), 4, f"packaging/build has made no packages in {FOLDER}")

    def next_release(self):
        """The same files, packed once more."""
        stage, topdir = self.folder / "stage", self.folder / "rpmbuild"
        stage.mkdir()
        for path in self.rpms:
            run("sh", "-ec", f"rpm2cpio {path} | cpio -idm --quiet", cwd=stage)
        run("find", stage / "usr/share/man", "-name", "*.gz", "-exec", "gunzip", "{}", "+")
        for name in ("LICENSE", "THIRD-PARTY"):
            (stage / "usr/share/licenses/keybearer" / name).rename(stage / "usr/share/doc/keybearer" / name)
        shutil.rmtree(stage / "usr/share/licenses")
        spec = self.folder / "keybearer.spec"
        text = (ROOT / "packaging/linux/rpm/keybearer.spec").read_text(encoding="utf-8")
        spec.write_text(re.sub(r"(?m)^(Release:\s+)1$", r"\g<1>2", text), encoding="utf-8")
        version = run("rpm", "-qp", "--queryformat", "%{version}", self.rpms[0])
        run("rpmbuild", "-bb", "--quiet", "--nodeps", "--define", f"_topdir {topdir}", "--define", f"keybearer_version {version}",
            "--define", f"keybearer_root {stage}", spec)
        return sorted(topdir.rglob("*.rpm"))

    def test_from_install_to_erase(self):
        system = self.system
        before = system.ours()
        self.assertEqual(before, set())
        self.assertNotRegex(system.rpm("-i", "--nodeps", *self.rpms), COMPLAINT)
        self.assertEqual(system.rpm("-V", "--nodeps", *self.names), "")
        self.assertTrue((system.path / WANTED).is_symlink())
        self.assertTrue((system.path / "etc/ld.so.cache").exists())
        self.assertRegex(run("chroot", system.path, "/usr/bin/keybearer", "--version"), r"^keybearer \d")
        for line in system.rpm("-q", "--queryformat", "[%{filenames} %{filemodes:octal} %{fileusername}:%{filegroupname}\n]",
                               *self.names).splitlines():
            name, mode, owner = line.split()
            path = system.path / name[1:]
            program = name.startswith("/usr/bin/") or re.search(r"\.so\.1\.", name)
            wanted = "120777" if path.is_symlink() else "40755" if path.is_dir() else "100755" if program else "100644"
            self.assertEqual((name, mode, owner), (name, wanted, "root:root"))

        (system.path / CONF).write_text("[Desktop Entry]\nHidden=true\n", encoding="utf-8")
        newer = self.next_release()
        self.assertNotRegex(system.rpm("-U", "--nodeps", *newer), COMPLAINT)
        self.assertEqual(system.rpm("-q", "--queryformat", "%{release}", *self.names), "2222")
        self.assertIn("Hidden", (system.path / CONF).read_text(encoding="utf-8"))
        self.assertTrue((system.path / WANTED).is_symlink())
        said = system.rpm("-U", "--nodeps", *self.rpms, fails=True)
        self.assertRegex(said, r"keybearer-\S+-2\S* \(which is newer than keybearer-\S+-1\S*\) is already installed")

        self.assertNotRegex(system.rpm("-e", *self.names).replace(f"warning: /{CONF} saved as", ""), COMPLAINT)
        self.assertEqual(system.ours(), {f"{CONF}.rpmsave"})


if __name__ == "__main__":
    if len(sys.argv) > 1:
        FOLDER = pathlib.Path(sys.argv[1]).resolve()
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]], verbosity=2)
