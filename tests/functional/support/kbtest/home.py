"""A folder that stands for a person's whole machine account."""
import json
import os
import pathlib
import shutil
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[4]
BIN_DIR = pathlib.Path(os.environ.get("KEYBEARER_BIN_DIR", ROOT / "build" / "release" / "bin")).resolve()
CLI = BIN_DIR / "keybearer"
BROKER = BIN_DIR / "keybearerd"
HEADLESS_BROWSER = ROOT / "packaging" / "demo-browser"

# The sanitizers are told how to report through the environment.
_PASSED_ON = ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS")


def _toml(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    if isinstance(value, int):
        return str(value)
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


class Home:
    """KEYBEARER_HOME and an empty home folder. The path is short: a socket's path holds 107 bytes."""

    def __init__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="kb.", dir="/tmp"))
        self.user = self._make("user")
        self.runtime = self._make("xdg")
        self.config = self._make("config")
        self._make("config/providers.d")
        self._make("data")
        self.set_policy("allow")  # what is tested is hardly ever the decision; tests of the decision say "ask"
        self.socket = self.path / "run" / "broker.sock"

    def _make(self, name):
        folder = self.path / name
        folder.mkdir(mode=0o700)
        return folder

    def set_policy(self, policy):
        """As `keybearer policy` leaves it. None: nobody has ever said anything."""
        path = self.path / "data" / "policy.json"
        if policy is None:
            path.unlink()
            return
        path.write_text(json.dumps({"policy": policy}) + "\n", encoding="utf-8")
        path.chmod(0o600)

    def environment(self, **extra):
        """What a program of this person sees. A value of None leaves the variable out."""
        env = {
            "PATH": f"{BIN_DIR}:/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "HOME": str(self.user),
            "XDG_RUNTIME_DIR": str(self.runtime),
            "KEYBEARER_HOME": str(self.path),
            "BROWSER": str(HEADLESS_BROWSER),
        }
        env.update({name: os.environ[name] for name in _PASSED_ON if name in os.environ})
        env.update({name: str(value) for name, value in extra.items() if value is not None})
        return {name: value for name, value in env.items() if name not in extra or extra[name] is not None}

    def write_provider(self, name, issuer, client_id="native-anypath", **more):
        """A profile in providers.d."""
        profile = {"id": name, "display_name": name.title(), "issuer": issuer, "client_id": client_id,
                   "scopes": ["openid", "profile", "email", "offline_access"], **more}
        text = "".join(f"{key} = {_toml(value)}\n" for key, value in profile.items() if value is not None)
        return self.write_config(f"providers.d/{name}.toml", text)

    def write_config(self, name, text):
        path = self.config / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        return path

    def files(self):
        """Every regular file below this home but the keyring's own, which is encrypted, and a browser's, which keeps
        the addresses it has been sent to."""
        for path in self.path.rglob("*"):
            if path.is_file() and not path.is_symlink() and not {"keyrings", "chromium"} & set(path.parts):
                yield path

    def remove(self):
        shutil.rmtree(self.path)
