"""bubblewrap: the supervisor and its runners in namespaces of their own, on a read-only tree.

The strongest layer where it works, and one that needs no trust in the others: processes outside
cannot be seen, addressed or traced, there is no network but an empty loopback, no IPC with anybody,
and nothing on disk can be written. What it does not stop is reading files, paths of unix sockets,
and new processes within: those are Landlock's and seccomp's part. It is entered by exec before the
APIs are imported, so an API that cannot be imported in it is run without it.
"""

import shutil
from collections.abc import Collection

from api_registry.execution.sandbox.kernel import LINUX, Missing

_PROGRAM = "bwrap"
_ALWAYS = (
    "--unshare-user --unshare-pid --unshare-ipc --unshare-uts --unshare-cgroup-try --cap-drop ALL"
).split()


SCRATCH = "/dev/shm/callforge-scratch"  # noqa: S108 - in a /dev of its own, in memory
"""The only folder that can be written within, until runners enter the other layers.

It goes with the namespaces: a parent that is killed leaves nothing on disk.
"""


def command(effects: Collection[str]) -> list[str]:
    """The command line within which the supervisor is started.

    Not `--die-with-parent`: the kernel means the thread that started it, which may end first.

    Args:
        effects: What calls may do all the same: `network`, `files`.

    Raises:
        Missing: There is no bubblewrap.
    """
    program = shutil.which(_PROGRAM) if LINUX else None
    if program is None:
        raise Missing("bubblewrap is missing (`apt-get install bubblewrap`)")
    tree = ["--bind" if "files" in effects else "--ro-bind", "/", "/"]
    return [
        program,
        *_ALWAYS,
        *([] if "network" in effects else ["--unshare-net"]),
        *tree,
        *("--dev", "/dev", "--proc", "/proc"),
        *("--dir", SCRATCH, "--chdir", SCRATCH, "--"),
    ]
