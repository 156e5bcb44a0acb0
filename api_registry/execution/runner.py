"""Inside a runner process: take a call, bind its arguments by name, send back what came of it."""

import os
import random
import re
import resource
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

# By their own names: what a call puts in their place in `json` and `os` does not count here.
from json import JSONDecoder, dumps
from os import _exit, getpid
from typing import Any

from pydantic import ValidationError

from api_registry.environments import NoState, canonical_state, make
from api_registry.execution.frames import LAST, Decoder, encode
from api_registry.execution.results import TooLarge, finished, to_json
from api_registry.execution.traces import Traces, alone
from api_registry.signatures import Signature


@dataclass(frozen=True)
class Target:
    """What a call runs."""

    function: Callable[..., Any]
    signature: Signature
    environment: type | None = None
    """Class whose instance the function takes first."""


READY = 0
"""Number of the frame by which a runner says that it takes calls; calls count from 1."""

_MAX_ERROR = 500
_SCRATCH = re.compile(r"[\w./+~-]*/callforge-\w+")
# A path begins where a word does not go on: `12/11/2026` and `https://…` are none.
_FOLDERS = re.compile(r"(?<![\w:/.])(?:/[\w.+~-]+)+/(?=[\w.+~-])")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{8,}")


@dataclass(frozen=True)
class Limits:
    """What one call may use."""

    timeout_s: float
    memory_mb: int
    max_output_bytes: int
    fresh: bool = False
    """Whether each call gets a process of its own."""


def serve(connection: socket.socket, targets: dict[str, Target], limits: Limits) -> None:
    """Answer calls, each with one frame as soon as it is known.

    Ends when the connection closes, and after a call that left the process other than it was.
    """
    decoder = Decoder()
    process = getpid()
    episode = Episode()
    cpu_s = (limits.timeout_s + 1) * (os.cpu_count() or 1)
    traces = Traces(limits.memory_mb)
    buffer = memoryview(bytearray(1 << 16))
    connection.sendall(encode(READY, b""))
    while size := connection.recv_into(buffer):
        for number, payload in decoder.feed(buffer[:size]):
            _limit_cpu(cpu_s)
            result = answer(payload, targets, limits.max_output_bytes, traces, episode)
            if getpid() != process:
                _exit(0)  # the call forked, and this is the copy: it answers for nobody
            if not episode.begun and traces.left():
                connection.sendall(encode(number | LAST, result))
                return
            connection.sendall(encode(number, result))


class Episode:
    """The session that this process serves, if it serves one: it then serves nothing else."""

    begun = False
    environment: type | None = None
    instance: Any = None

    def answer(self, frame: Any, targets: dict[str, Target], traces: Traces) -> Any:
        """Open the session, run a call, or return the state."""
        if "open" in frame:
            name, state = frame["open"]
            self.begun = True
            self.environment = next(
                (t.environment for t in targets.values() if name == _name(t.environment)), None
            )
            if self.environment:
                self.instance = make(self.environment, state)
            return None
        if "call" in frame:
            name, arguments = frame["call"]
            return _called(targets[name], arguments, traces, self.instance)
        return _decode(canonical_state(self.instance)) if self.environment else None

    def digest(self) -> str | None:
        """Of the state, to compare it with; the same for all sessions that have no state."""
        if not self.environment:
            return ""
        try:
            return sha256(canonical_state(self.instance).encode("utf-8", "replace")).hexdigest()
        except BaseException:  # user code, like all that is run here
            return None


def answer(
    payload: bytes,
    targets: dict[str, Target],
    max_output: int,
    traces: Traces,
    episode: Episode,
) -> bytes:
    """Take a frame, a call alone or a part of a session, and describe what came of it as JSON."""
    if payload.startswith(b"["):
        return outcome_of(lambda: _single(_loads(payload), targets, traces), max_output)
    told = outcome_of(lambda: episode.answer(_loads(payload), targets, traces), max_output)
    return told[:-1] + b',"digest":' + dumps(episode.digest()).encode() + b"}"


_decode = JSONDecoder().decode


def _loads(payload: bytes) -> Any:
    return _decode(payload.decode())  # half of what `json.loads` takes


def outcome_of(work: Callable[[], Any], max_output: int) -> bytes:
    """Do something that runs a user's code, and describe its outcome as JSON."""
    try:
        value = alone(work)
    except MemoryError as error:
        return _failure("out_of_memory", error)
    except TooLarge as error:
        return _failure("output_too_large", None, str(error))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        return _failure("raised", error, f"{where}: {first['msg']}")
    except NoState as error:
        return _failure("not_serialisable", error)
    except BaseException as error:  # also SystemExit: whatever user code raises is its outcome
        return _failure("raised", error)
    try:
        encoded = to_json(value)
    except MemoryError as error:
        return _failure("out_of_memory", error)
    except BaseException as error:  # converting runs user code as well: properties, validators
        return _failure("not_serialisable", error)
    if len(encoded) > max_output:
        message = f"{len(encoded)} bytes of JSON, at most {max_output} are taken"
        return _failure("output_too_large", None, message)
    return b'{"outcome":"ok","value":' + encoded + b"}"


def _single(frame: Any, targets: dict[str, Target], traces: Traces) -> Any:
    name, arguments = frame
    return _called(targets[name], arguments, traces)


def _called(target: Target, arguments: Any, traces: Traces, instance: Any = None) -> Any:
    # A function that draws random numbers gives the same ones again when the call is repeated.
    random.seed(0)
    if numpy_random := sys.modules.get("numpy.random"):
        numpy_random.seed(0)
    try:
        args, kwargs = target.signature.bind(arguments)
        if target.environment:
            # A call outside of a session is one of its own, on the initial state.
            args.insert(0, make(target.environment) if instance is None else instance)
        return finished(target.function(*args, **kwargs))
    finally:
        traces.put_back_builtins()


def _name(environment: type | None) -> str | None:
    return environment.__name__ if environment else None


def scrub(text: str) -> str:
    """One line without folders and addresses, which differ from machine to machine."""
    # Cut first: on a megabyte without a blank the patterns would take minutes.
    text = _FOLDERS.sub("", _SCRATCH.sub("~", text[: 4 * _MAX_ERROR]))
    line = " ".join(_ADDRESS.sub("0x…", text).split())
    return line if len(line) <= _MAX_ERROR else line[: _MAX_ERROR - 1] + "…"


def _limit_cpu(seconds: float) -> None:
    """End this process after so much more CPU time.

    Only a backstop: the supervisor's clock is stricter, but a supervisor can be killed.
    """
    end = int(time.process_time() + seconds) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    if hard == resource.RLIM_INFINITY or end < hard:
        resource.setrlimit(resource.RLIMIT_CPU, (end, hard))


def _failure(outcome: str, error: BaseException | None, message: str | None = None) -> bytes:
    text = message
    if text is None and error is not None:
        try:
            text = str(error)
        except BaseException:  # a user's exception may not even print
            text = ""
    return dumps(
        {
            "outcome": outcome,
            "error_type": _storable(type(error).__name__) if error is not None else None,
            "error": _storable(text or ""),
        }
    ).encode()


def _storable(text: str) -> str:
    """A scrubbed line that every file can hold: also lone surrogates may stand in an error."""
    return scrub(text).encode("utf-8", "replace").decode()
