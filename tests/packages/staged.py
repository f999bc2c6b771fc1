"""An installation in a folder, made from the build that is tested."""
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
    def __init__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="kb-staged.", dir="/tmp"))
        run("cmake", "--install", BUILD, "--prefix", self.path)

    def find(self, name):
        """The one file of that name."""
        (found,) = self.path.rglob(name)
        return found

    def pkg_config(self):
        """An environment in which pkg-config finds it."""
        return dict(os.environ, PKG_CONFIG_PATH=str(self.find("keybearer-client.pc").parent))

    def remove(self):
        shutil.rmtree(self.path)


__all__ = ["BUILD", "HERE", "ROOT", "Staged", "run"]
