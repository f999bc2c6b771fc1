#!/usr/bin/env python3
"""An SPDX 2.3 document of the packages in a folder: their checksums, and what the programs and the library in each were built
from and need, with the versions that were there. usage: sbom.py VERSION BUILD_FOLDER PACKAGE_FOLDER"""
import datetime
import functools
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

# Where a program has one of their files compiled in, no package of a distribution brings it a newer one. THIRD-PARTY has
# their notices.
HEADERS_OF = ("nlohmann-json3-dev", "libexpected-dev", "libcli11-dev", "qcoro-qt6-dev", "libtomlplusplus-dev")
# The C++ library's package is such a one, too, and is called after the compiler's version: the files that it has read say which.
STANDARD_HEADER = re.compile(r"/usr/include/c\+\+/(\d+)/")


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


def contents(package):
    """The paths of its files."""
    command = {".deb": f"dpkg-deb --fsys-tarfile {package} | tar t", ".rpm": f"rpm -qpl {package}", ".gz": f"tar tzf {package}"}
    return run("sh", "-ec", command[package.suffix]).split()


class Build:
    """What each program, and the library, links and includes. Files are named as in the build folder."""

    def __init__(self, folder):
        self._folder = folder
        self._files = [*sorted(folder.glob("bin/keybearer*")), *folder.glob("lib/libkeybearer-client.so.1.*")]
        self._headers = {}  # of each object file
        for line in run("ninja", "-C", str(folder), "-t", "deps").splitlines():
            if line.startswith("    "):
                self._headers[name].add(line.strip())
            elif line:
                name = line.split(":")[0]
                self._headers[name] = set()
        versions = {found[1] for found in map(STANDARD_HEADER.match, set().union(*self._headers.values())) if found}
        self.headers_of = {name: set(run("dpkg-query", "--listfiles", name).splitlines())
                           for name in (*HEADERS_OF, *(f"libstdc++-{version}-dev" for version in versions))}

    def packed(self, package):
        """Those of its files that are in the package: a program in some bin, the library in whatever folder."""
        paths = contents(package)
        return [file for file in self._files
                if any(path.endswith("/bin/" + file.name if file.parent.name == "bin" else "/" + file.name) for path in paths)]

    @functools.cache
    def linked(self, file):
        """The packages of the libraries that it names itself."""
        found = dict(re.findall(r"(\S+) => (/\S+)", run("ldd", str(file))))
        named = re.findall(r"\(NEEDED\).*\[(.+)\]", run("readelf", "-d", str(file)))
        return owners({found[name] for name in named if name in found})

    @functools.cache
    def compiled_in(self, file):
        """Those of headers_of of which a header was read for an object that it is linked from."""
        objects = run("ninja", "-C", str(self._folder), "-t", "inputs", str(file.relative_to(self._folder))).split()
        read = set().union(*(self._headers.get(name, ()) for name in objects))
        return {name for name, installed in self.headers_of.items() if read & installed}


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


def document(version, build_folder, folder):
    packages = sorted(path for path in folder.iterdir() if path.name.endswith((".deb", ".rpm", ".tar.gz")))
    build = Build(build_folder)
    digest = hashlib.sha256("".join(ours(path, version)["checksums"][0]["checksumValue"] for path in packages).encode()).hexdigest()
    epoch = datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.timezone.utc)
    relations = [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": identifier(path.name)}
                 for path in packages]
    others = set()
    for path in packages:
        files = build.packed(path)
        for kind, of in (("DYNAMIC_LINK", build.linked), ("STATIC_LINK", build.compiled_in)):
            names = set().union(*map(of, files))
            others |= names
            relations += [{"spdxElementId": identifier(path.name), "relationshipType": kind, "relatedSpdxElement": identifier(name)}
                          for name in sorted(names)]
    return {"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": f"keybearer-{version}",
            "documentNamespace": f"https://keybearer.dev/spdx/keybearer-{version}-{digest}",
            "creationInfo": {"created": epoch.strftime("%Y-%m-%dT%H:%M:%SZ"), "creators": ["Tool: keybearer packaging/sbom.py"]},
            "packages": [*(ours(path, version) for path in packages),
                         *(other(name, "compiled in" if name in build.headers_of else "a library that is linked")
                           for name in sorted(others))],
            "relationships": relations}


if __name__ == "__main__":
    print(json.dumps(document(sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])), indent=1, sort_keys=True))
