"""What real endpoints do wrong, one function per kind: each answers a request badly."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from time import time
from typing import Any

from aiohttp import web

_DRIP_SECONDS = 0.2


async def send(
    request: web.Request,
    body: bytes,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    content_type: str = "application/json",
) -> web.StreamResponse:
    """Write a whole response and wait until it is on its way."""
    response = web.Response(status=status, body=body, content_type=content_type, headers=headers)
    await response.prepare(request)
    await response.write_eof()
    return response


def error_body(message: str, code: str | None = None) -> bytes:
    """An error in OpenAI's form."""
    return json.dumps({"error": {"message": message, "type": code, "code": code}}).encode()


def wait_headers(seconds: float, form: int) -> dict[str, str]:
    """Say how long to wait in one of the three forms in use: seconds, milliseconds, a date."""
    if form == 0:
        return {"retry-after-ms": str(round(seconds * 1000))}
    if form == 1:
        return {"retry-after": f"{seconds:g}"}
    # Dates have whole seconds; formatdate cuts the fraction off, so one more is added.
    return {"retry-after": formatdate(time() + seconds + 1, usegmt=True)}


Fault = Callable[[web.Request, bytes], Awaitable[web.StreamResponse]]
"""Gets the request and the good body that it spoils."""


def _status(status: int, message: str, code: str | None = None) -> Fault:
    async def answer(request: web.Request, body: bytes) -> web.StreamResponse:
        return await send(request, error_body(message, code), status=status)

    return answer


def _body(spoil: Callable[[bytes], bytes], content_type: str = "application/json") -> Fault:
    async def answer(request: web.Request, body: bytes) -> web.StreamResponse:
        return await send(request, spoil(body), content_type=content_type)

    return answer


def _changed(change: Callable[[dict[str, Any]], object]) -> Callable[[bytes], bytes]:
    def spoil(body: bytes) -> bytes:
        value = json.loads(body)
        change(value)
        return json.dumps(value).encode()

    return spoil


def _cut_short(value: dict[str, Any]) -> None:
    """As a token limit does: half of the text, `finish_reason` length."""
    choice = value["choices"][0]
    content = choice["message"].get("content") or ""
    choice["message"]["content"] = content[: len(content) // 2]
    choice["finish_reason"] = "length"


async def _reset(request: web.Request, body: bytes) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _truncated(request: web.Request, body: bytes) -> web.StreamResponse:
    response = web.StreamResponse(headers={"content-length": str(len(body))})
    response.content_type = "application/json"
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.abort()
    return response


async def _hang(request: web.Request, body: bytes) -> web.StreamResponse:
    while request.transport is not None and not request.transport.is_closing():
        await asyncio.sleep(_DRIP_SECONDS)
    return web.Response()


async def _drip(request: web.Request, body: bytes) -> web.StreamResponse:
    """One byte now and then: a timeout per read never ends it."""
    response = web.StreamResponse()
    response.content_type = "application/json"
    await response.prepare(request)
    for position in range(len(body)):
        if request.transport is None or request.transport.is_closing():
            break
        await response.write(body[position : position + 1])
        await asyncio.sleep(_DRIP_SECONDS)
    return response


FAULTS: dict[str, Fault] = {
    "400": _status(400, "invalid request"),
    "401": _status(401, "Incorrect API key provided", "invalid_api_key"),
    "404": _status(404, "The model does not exist", "model_not_found"),
    "408": _status(408, "request timeout"),
    "409": _status(409, "conflict"),
    "429": _status(429, "rate limit reached", "rate_limit_exceeded"),
    "500": _status(500, "internal error"),
    "502": _status(502, "bad gateway"),
    "503": _status(503, "overloaded"),
    "quota": _status(429, "You exceeded your current quota", "insufficient_quota"),
    "reset": _reset,
    "truncated": _truncated,
    "malformed": _body(lambda body: body[:-1]),
    "bad_utf8": _body(lambda body: body[:-2] + b'\xff\xfe"}'),
    "html": _body(lambda _: b"<html><body>Just a moment...</body></html>", "text/html"),
    "empty": _body(lambda _: b""),
    "empty_choices": _body(_changed(lambda value: value.update(choices=[]))),
    "null_choices": _body(_changed(lambda value: value.update(choices=None))),
    "error_200": _body(lambda _: error_body("upstream failed")),
    "length": _body(_changed(_cut_short)),
    "hang": _hang,
    "drip": _drip,
}
"""Kind → how it spoils an answer."""
