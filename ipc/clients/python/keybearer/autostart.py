"""Starting a broker where none listens."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import Optional

# The command itself gives up after 25 seconds.
_START_SECONDS = 30


def start_broker(socket: Optional[str]) -> None:
    """Runs ``keybearer daemon start`` when PATH has it; whether it helped is seen by who connects next.

    ``socket`` is the path that the caller insists on, or None for the usual place.
    """
    # Not what lies in the folder where somebody happens to work.
    folders = [one for one in os.environ.get("PATH", os.defpath).split(os.pathsep) if os.path.isabs(one)]
    program = shutil.which("keybearer", path=os.pathsep.join(folders)) if folders else None
    if program is None:
        return
    environment = dict(os.environ)
    if socket is not None:
        environment["KEYBEARER_SOCKET"] = socket
    try:
        subprocess.run(
            [program, "daemon", "start"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
            timeout=_START_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return
