#!/usr/bin/env python3
"""Who may use whom: the includes of every file and the links of every target, against one table."""
import re

import tree

# folder: folders that it may include and link, itself aside
LAYERS = {
    "ipc/base": set(),
    "ipc/protocol": {"ipc/base"},
    "ipc/client": {"ipc/base", "ipc/protocol"},
    "ipc/server": {"ipc/base", "ipc/protocol"},
    "daemon/platform": {"ipc/base"},
    "daemon/spawner": {"ipc/base"},
    "daemon/crypto": {"ipc/base"},
    "daemon/desktop": {"ipc/base"},
    "daemon/identity": {"ipc/base", "daemon/crypto", "daemon/platform"},
    "daemon/providers": {"ipc/base", "ipc/protocol"},
    "daemon/keychain": {"ipc/base", "daemon/crypto"},
    "daemon/audit": {"ipc/base", "daemon/crypto", "daemon/keychain"},
    "daemon/vault": {"ipc/base", "daemon/crypto", "daemon/keychain"},
    "daemon/clientkeys": {"ipc/base", "ipc/protocol", "daemon/crypto", "daemon/keychain", "daemon/access"},
    "daemon/resolution": {"ipc/base", "daemon/providers"},
    "daemon/locations": {"ipc/base", "ipc/protocol", "daemon/providers", "daemon/accounts", "daemon/spawner"},
    "daemon/access": {"ipc/base", "ipc/protocol", "daemon/crypto"},
    "daemon/oauth": {"ipc/base", "daemon/crypto", "daemon/providers", "daemon/keychain"},
    "daemon/accounts": {"ipc/base", "ipc/protocol", "daemon/crypto", "daemon/providers", "daemon/keychain", "daemon/oauth"},
    "app/common": {"ipc/base"},
    "app/cli": {"ipc/base", "ipc/protocol", "ipc/client", "app/common"},
    "app/model": {"ipc/base", "ipc/protocol", "ipc/client", "app/common"},
    "app/mcp": {"ipc/base", "ipc/client", "app/common", "app/model"},
    "app/tray": {"ipc/base", "ipc/client", "app/common", "app/model"},
}
_DAEMON = {folder for folder in LAYERS if folder.startswith("daemon/")}
LAYERS["daemon/rpc"] = {"ipc/base", "ipc/protocol", "ipc/server"} | _DAEMON
LAYERS["daemon/broker"] = LAYERS["daemon/rpc"] | {"daemon/rpc"}

WITHOUT_QT = {"ipc/base", "ipc/protocol", "ipc/client", "app/common", "app/cli"}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)
QT_INCLUDE = re.compile(r"^(?:Q[A-Z]|Qt|qt|qcoro|QCoro)")
LINK = re.compile(r"\bkeybearer_(\w+)\b")
QT_LINK = re.compile(r"\b(?:Qt6::|QCoro::|qt6keychain)\w*")


def folder_of(path):
    return "/".join(tree.name(path).split("/")[:2])


def includes():
    for path in tree.sources(top=("app", "daemon", "ipc")):
        folder = folder_of(path)
        if folder not in LAYERS:
            yield f"{tree.name(path)}: the folder {folder} is not in the table of layers"
            continue
        text = path.read_text(encoding="utf-8")
        for match in INCLUDE.finditer(text):
            where = f"{tree.name(path)}:{text.count(chr(10), 0, match.start(1)) + 1}"
            kind, target = match.groups()
            if kind == "<":
                if folder in WITHOUT_QT and QT_INCLUDE.match(target):
                    yield f"{where}: {folder} is free of Qt, and includes <{target}>"
                continue
            used = "/".join(target.split("/")[:2])
            if used != folder and used not in LAYERS[folder]:
                yield f'{where}: {folder} may not include "{target}"'


def links():
    owner = {folder.split("/")[1]: folder for folder in LAYERS}
    for folder, allowed in LAYERS.items():
        script = tree.ROOT / folder / "CMakeLists.txt"
        if not script.exists():
            continue
        text = re.sub(r"#[^\n]*", "", script.read_text(encoding="utf-8"))
        if folder in WITHOUT_QT and (found := QT_LINK.search(text)):
            yield f"{tree.name(script)}: {folder} is free of Qt, and links {found.group(0)}"
        for target in LINK.findall(text):
            used = owner.get(target)
            if used and used != folder and used not in allowed:
                yield f"{tree.name(script)}: {folder} may not link keybearer_{target}"


tree.finish([*includes(), *links()])
