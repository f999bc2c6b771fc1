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
        (stage / "usr/share/licenses/keybearer/LICENSE").rename(stage / "usr/share/doc/keybearer/LICENSE")
        (stage / "usr/share/licenses/keybearer").rmdir()
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
