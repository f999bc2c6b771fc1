"""An installation in a folder, made from the build that is tested."""
import fcntl
import os
import pathlib
import shutil
import subprocess
import tempfile

from kbtest.home import BIN_DIR, ROOT

BUILD = BIN_DIR.parent
HERE = pathlib.Path(__file__).resolve().parent


def run(*command, **options):
    """Its output, both streams; fails with it."""
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=120, check=False, **options)
    if done.returncode != 0:
        raise AssertionError(f"{command}: exit {done.returncode}\n{done.stdout}")
    return done.stdout


class Staged:
    """`prefix` lies below the folder; `path` is what it becomes. With `root` the folder stands for / (DESTDIR), and the
    files are told that they lie in /`prefix`. `manifest`: the files, as CMake lists them."""

    def __init__(self, prefix="", root=False):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="kb-staged.", dir="/tmp"))
        self.path = self.folder / prefix
        with open(BUILD / "CMakeCache.txt", "rb") as one_at_a_time:  # the list lies in the build
            fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
            self.said = run("cmake", "--install", BUILD, "--prefix", f"/{prefix}" if root else self.path,
                            env={**os.environ, "DESTDIR": str(self.folder) if root else ""})
            self.manifest = (BUILD / "install_manifest.txt").read_text(encoding="utf-8").splitlines()

    def find(self, name):
        """The one file of that name."""
        (found,) = self.path.rglob(name)
        return found

    def pkg_config(self):
        """An environment in which pkg-config finds it."""
        return dict(os.environ, PKG_CONFIG_PATH=str(self.find("keybearer-client.pc").parent))

    def remove(self):
        shutil.rmtree(self.folder)


__all__ = ["BUILD", "HERE", "ROOT", "Staged", "run"]
