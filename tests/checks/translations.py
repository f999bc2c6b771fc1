#!/usr/bin/env python3
"""Every text of the window is translated: German whole, English where it has plurals; and nothing that is gone is left."""
import pathlib
import re
import shutil
import subprocess
import tempfile
import xml.etree.ElementTree as xml

import tree

FOLDER = tree.ROOT / "resources" / "translations"
PLACES = re.compile(r"%(?:\d|n|L\d)")


def messages(path):
    """(context, source, comment): the texts of its translation, or None while it is unfinished."""
    found = {}
    for context in xml.parse(path).getroot().iter("context"):
        for message in context.iter("message"):
            translation = message.find("translation")
            forms = [form.text or "" for form in translation.iter("numerusform")] or [translation.text or ""]
            key = (context.findtext("name"), message.findtext("source"), message.findtext("comment") or "")
            found[key] = forms if translation.get("type") is None and all(forms) else None
    return found


def current():
    """What the files would hold after an update."""
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder) / "resources" / "translations"
        shutil.copytree(FOLDER, copy)
        (pathlib.Path(folder) / "app").symlink_to(tree.ROOT / "app")
        subprocess.run([copy / "update"], check=True, capture_output=True)
        return {path.name: messages(path) for path in copy.glob("*.ts")}


def wrong_places(source, forms):
    """Places for values that the translation has and the source has not, or the other way round."""
    wanted = set(PLACES.findall(source))
    for form in forms:
        found = set(PLACES.findall(form))
        if found - wanted or (wanted - found) - {"%n"}:  # a singular may say "one"
            yield form


def check():
    problems = []
    for name, wanted in current().items():
        have = messages(FOLDER / name)
        problems += [f"{name}: {key[0]}: {key[1]!r} is missing; run resources/translations/update" for key in wanted
                     if key not in have]
        problems += [f"{name}: {key[0]}: {key[1]!r} is in no source any more" for key in have if key not in wanted]
        for (context, source, _), forms in have.items():
            if forms is None:
                problems.append(f"{name}: {context}: {source!r} is not translated")
                continue
            problems += [f"{name}: {context}: {form!r} has other values than {source!r}"
                         for form in wrong_places(source, forms)]
            if ("&" in source.replace("&&", "")) != all("&" in form.replace("&&", "") for form in forms):
                problems.append(f"{name}: {context}: {source!r} and its translation differ in having a shortcut")
    return problems


tree.finish(check())
