#!/usr/bin/env python3
"""An SPDX 2.3 document of the packages in a folder: their checksums, and what they were built from and need, with the
versions that were there. usage: sbom.py VERSION BUILD_FOLDER PACKAGE_FOLDER"""
import datetime
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

# Compiled into our programs, so that no package of a distribution brings a newer one.
COMPILED_IN = ("nlohmann-json3-dev", "libexpected-dev", "libcli11-dev", "libstdc++-12-dev")


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def identifier(name):
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", name)


def owners(libraries):
    """The Debian packages of these files."""
    found = set()
    for path in libraries:
        real = os.path.realpath(path)
        for candidate in (path, real, real.removeprefix("/usr")):
            done = subprocess.run(["dpkg-query", "--search", candidate], capture_output=True, text=True, check=False)
            if done.returncode == 0:
                found.add(done.stdout.split(":")[0])
                break
    return found


def linked(build):
    for program in [*build.glob("bin/keybearer*"), *build.glob("lib/libkeybearer-client.so.1")]:
        yield from re.findall(r"=> (/\S+)", run("ldd", str(program)))


def other(name, kind):
    version, source = run("dpkg-query", "--show", "--showformat=${Version}\t${source:Package}", name).split("\t")
    return {"SPDXID": identifier(name), "name": name, "versionInfo": version, "supplier": "Organization: Debian",
            "downloadLocation": "NOASSERTION", "filesAnalyzed": False, "licenseConcluded": "NOASSERTION",
            "licenseDeclared": "NOASSERTION", "copyrightText": "NOASSERTION", "comment": kind,
            "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                              "referenceLocator": f"pkg:deb/debian/{name}@{version}?upstream={source}"}]}


def ours(path, version):
    return {"SPDXID": identifier(path.name), "name": path.name, "versionInfo": version, "packageFileName": path.name,
            "supplier": "Organization: The Keybearer developers", "downloadLocation": "NOASSERTION", "filesAnalyzed": False,
            "licenseConcluded": "Apache-2.0", "licenseDeclared": "Apache-2.0", "copyrightText": "NOASSERTION",
            "primaryPackagePurpose": "ARCHIVE" if path.suffix == ".gz" else "INSTALL",
            "checksums": [{"algorithm": "SHA256", "checksumValue": hashlib.sha256(path.read_bytes()).hexdigest()}]}


def document(version, build, folder):
    packages = sorted(path for path in folder.iterdir() if path.name.endswith((".deb", ".rpm", ".tar.gz")))
    needed = sorted(owners(set(linked(build))))
    present = [name for name in COMPILED_IN if subprocess.run(["dpkg-query", "--status", name], capture_output=True, check=False).returncode == 0]
    digest = hashlib.sha256("".join(ours(path, version)["checksums"][0]["checksumValue"] for path in packages).encode()).hexdigest()
    epoch = datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.timezone.utc)
    relations = [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": identifier(path.name)}
                 for path in packages]
    for path in packages:
        relations += [{"spdxElementId": identifier(path.name), "relationshipType": kind, "relatedSpdxElement": identifier(name)}
                      for kind, names in (("DYNAMIC_LINK", needed), ("STATIC_LINK", present)) for name in names]
    return {"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": f"keybearer-{version}",
            "documentNamespace": f"https://keybearer.dev/spdx/keybearer-{version}-{digest}",
            "creationInfo": {"created": epoch.strftime("%Y-%m-%dT%H:%M:%SZ"), "creators": ["Tool: keybearer packaging/sbom.py"]},
            "packages": [*(ours(path, version) for path in packages), *(other(name, "a library that is linked") for name in needed),
                         *(other(name, "compiled in") for name in present)],
            "relationships": relations}


if __name__ == "__main__":
    print(json.dumps(document(sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])), indent=1, sort_keys=True))
