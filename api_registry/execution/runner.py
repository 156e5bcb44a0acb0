"""Inside a runner process: take a call, bind its arguments by name, send back what came of it."""

import asyncio
import inspect
import itertools
import json
import random
import re
import socket
from collections.abc import Callable
from typing import Any

from pydantic import ValidationError
from pydantic_core import to_jsonable_python

from api_registry.execution.frames import Decoder, encode
from api_registry.signatures import Signature

Target = tuple[Callable[..., Any], Signature]

_MAX_ITEMS = 10_000
"""Items taken from a generator."""
_MAX_ERROR = 500
_PATH = re.compile(r"(?:/[\w.+~-]+)+/(?=[\w.+~-])")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]+")


def serve(connection: socket.socket, targets: dict[str, Target], max_output: int) -> None:
    """Answer calls until the connection closes, each with one frame as soon as it is known."""
    decoder = Decoder()
    while chunk := connection.recv(1 << 16):
        for number, payload in decoder.feed(chunk):
            connection.sendall(encode(number, answer(payload, targets, max_output)))


def answer(payload: bytes, targets: dict[str, Target], max_output: int) -> bytes:
    """Run one call and describe its outcome as JSON."""
    name, arguments = json.loads(payload)
    function, signature = targets[name]
    # A function that draws random numbers gives the same ones again when the call is repeated.
    random.seed(0)
    try:
        args, kwargs = signature.bind(arguments)
        value = _finished(function(*args, **kwargs))
    except MemoryError as error:
        return _outcome("out_of_memory", error)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        return _outcome("raised", error, f"{where}: {first['msg']}")
    except BaseException as error:  # also SystemExit: whatever user code raises is its outcome
        return _outcome("raised", error)
    try:
        text = json.dumps(
            value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=plain
        )
        encoded = text.encode()
    except MemoryError as error:
        return _outcome("out_of_memory", error)
    except Exception as error:
        return _outcome("not_serialisable", error)
    if len(encoded) > max_output:
        message = f"{len(encoded)} bytes of JSON, at most {max_output} are taken"
        return _outcome("output_too_large", None, message)
    return b'{"outcome":"ok","value":' + encoded + b"}"


def plain(value: Any) -> Any:
    """Turn a value that JSON has no form for into one that it has; sets come out sorted.

    Raises `TypeError` or pydantic's `PydanticSerializationError` for values without a JSON form.
    """
    if isinstance(value, set | frozenset):
        items = [to_jsonable_python(item) for item in value]
        return sorted(items, key=lambda item: json.dumps(item, sort_keys=True))
    return to_jsonable_python(value)


def scrub(text: str) -> str:
    """One line without folders and addresses, which differ from machine to machine."""
    line = " ".join(_ADDRESS.sub("0x…", _PATH.sub("", text)).split())
    return line if len(line) <= _MAX_ERROR else line[: _MAX_ERROR - 1] + "…"


def _finished(value: Any) -> Any:
    """Await what is awaitable, and collect what is generated."""
    if inspect.isawaitable(value):

        async def wait() -> Any:
            return await value

        value = asyncio.run(wait())
    if inspect.isgenerator(value):
        return list(itertools.islice(value, _MAX_ITEMS))
    return value


def _outcome(outcome: str, error: BaseException | None, message: str | None = None) -> bytes:
    text = message
    if text is None and error is not None:
        try:
            text = str(error)
        except Exception:  # a user's exception may not even print
            text = ""
    return json.dumps(
        {
            "outcome": outcome,
            "error_type": type(error).__name__ if error is not None else None,
            "error": scrub(text or "").encode("utf-8", "replace").decode(),
        }
    ).encode()
