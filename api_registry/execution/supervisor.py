"""The small single-threaded process that forks runners, feeds them calls and kills the stuck.

Started by exec (`python -m api_registry.execution.supervisor FD SCRATCH`), never forked from the
flow's process. It imports the APIs once; runners are forked from it, warm. When its connection to
the parent closes, also because the parent was killed, it ends its runners and itself.
"""

import gc
import json
import os
import shutil
import signal
import socket
import sys
from typing import Any, cast

from api_registry.environments import method_of
from api_registry.errors import CallforgeError
from api_registry.execution.dispatch import Dispatcher
from api_registry.execution.forking import fork_runner
from api_registry.execution.frames import Decoder, encode
from api_registry.execution.runner import Limits, Target
from api_registry.execution.sandbox.choice import choose
from api_registry.signatures import Unusable, read_signature
from api_registry.sources.python_source import resolve

_CHUNK = 1 << 16
_IMPORT_S = 150


def main() -> None:
    """Read what to load from the first frame, answer that it is ready, and serve."""
    parent = socket.socket(fileno=int(sys.argv[1]))
    setup = _first_frame(parent)
    if setup is None:
        return
    sys.path[:] = setup["path"]
    # The parent gives up before; if it is killed meanwhile, this is what ends an endless import.
    signal.alarm(_IMPORT_S)
    targets: dict[str, Target] = {}
    for name, ref, environment in setup["apis"]:
        try:
            targets[name] = _target(ref, stateful=environment is not None)
        except (CallforgeError, Unusable) as error:
            parent.sendall(encode(0, json.dumps({"failed": f"`{ref}`: {error}"}).encode()))
            return
    signal.alarm(0)
    gc.collect()
    gc.freeze()
    limits = Limits(**setup["limits"])
    trial = choose(**setup["sandbox"], limits=limits)
    dispatcher = Dispatcher(
        parent,
        lambda: fork_runner(targets, limits, trial.sandbox),
        setup["workers"],
        limits.timeout_s,
        max_output=limits.max_output_bytes,
        fresh=limits.fresh,
    )
    parent.sendall(encode(0, json.dumps(trial.described()).encode()))
    dispatcher.run()


def _target(ref: str, *, stateful: bool) -> Target:
    function = resolve(ref)
    if not stateful:
        return Target(function, read_signature(function))
    environment = resolve(ref.rpartition(".")[0])
    return Target(function, read_signature(method_of(function)), cast("type", environment))


def _first_frame(connection: socket.socket) -> Any:
    decoder = Decoder()
    while chunk := connection.recv(_CHUNK):
        for _, payload in decoder.feed(chunk):
            return json.loads(payload)
    return None


if __name__ == "__main__":
    scratch = sys.argv[2]
    try:
        main()
    finally:
        # The parent removes the scratch folder too, but may not be there any more.
        shutil.rmtree(scratch, ignore_errors=True)
    # Taking an interpreter full of modules down in order is most of what the end takes.
    os._exit(0)
