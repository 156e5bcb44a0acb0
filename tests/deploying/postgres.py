"""A PostgreSQL server for one test: on a free port of this machine, in a folder of its own.

Needs Debian's package `postgresql`, which `.ci/run` installs; it refuses to run as root, so root
runs it as the package's user.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.deploying.running_up import wait_for

PASSWORD = "s3cret/of@nobody"
_USER = "postgres"


def _binaries() -> Path | None:
    # Debian keeps them out of the path, by version.
    if versions := sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=str):
        return versions[-1].parent
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


BINARIES = _binaries()
NEEDED = pytest.mark.skipif(BINARIES is None, reason="postgresql is not installed")


@contextmanager
def postgres() -> Iterator[str]:
    """Run PostgreSQL as long as the body does; gives its address, password included."""
    assert BINARIES is not None
    folder = Path(tempfile.mkdtemp(prefix="callforge-postgres-"))
    account = _USER if os.getuid() == 0 else None
    try:
        (folder / "password").write_text(PASSWORD)
        if account:
            who = pwd.getpwnam(account)
            for path in (folder, folder / "password"):
                os.chown(path, who.pw_uid, who.pw_gid)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        data = folder / "data"
        subprocess.run(
            [BINARIES / "initdb", "-D", data, "-U", "callforge", "--auth=scram-sha-256",
             f"--pwfile={folder / 'password'}", "--no-sync", "--encoding=UTF8", "--locale=C"],
            check=True, capture_output=True, user=account, cwd=folder,
        )  # fmt: skip
        server = subprocess.Popen(
            [BINARIES / "postgres", "-D", data, "-h", "127.0.0.1", "-p", str(port),
             "-k", folder, "-F"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=account, cwd=folder,
        )  # fmt: skip
        try:
            ready = [BINARIES / "pg_isready", "-h", "127.0.0.1", "-p", str(port), "-q"]
            wait_for(lambda: subprocess.run(ready).returncode == 0 or None, "PostgreSQL")
            yield f"postgresql://callforge:{quote(PASSWORD, safe='')}@127.0.0.1:{port}/postgres"
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(60)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
