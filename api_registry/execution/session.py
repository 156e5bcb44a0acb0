"""A session as its caller sees it: calls in order on one state, which survives a killed runner."""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable
from typing import Any, Self, cast

from api_registry.execution.answers import read_answer
from api_registry.execution.frames import MAX_PAYLOAD
from api_registry.types import ApiCall, CallResult, Outcome, Snapshot

Ask = Callable[[list[bytes]], Awaitable[list[bytes]]]
"""Sends frames to a session's process and waits for what it answers to each."""
Begin = Callable[[], tuple[Ask, Callable[[], None]]]
"""Makes a process of its own; returns how to ask it, and how to end it."""

_KILLED: tuple[Outcome, ...] = ("timeout", "crashed")
"""Outcomes after which the process is gone, and the state with it."""

canonical = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True
).encode


class PooledSession:
    """An open session; made by `RunnerPool.open`.

    A call that takes its process down changes nothing: the session is opened again, the calls
    before that one are run again, and where their results and the state are what they were, it goes
    on. Else its state is lost, and each further call has the outcome `state_lost`.
    """

    def __init__(
        self,
        begin: Begin,
        payload: Callable[[ApiCall], bytes | CallResult],
        ended: Callable[[], None],
        opening: bytes | CallResult,
    ) -> None:
        """Make a session that is not open yet.

        Args:
            begin: Makes its process.
            payload: Encodes a call, or refuses it.
            ended: Called once, when the session is closed.
            opening: The first frame, or why there is none.
        """
        self._begin, self._payload, self._ended = begin, payload, ended
        self._opening = opening
        self._log: list[tuple[bytes, CallResult, str | None]] = []
        """Calls that were answered: frame, result, and the digest of the state after it."""
        self._problem: tuple[Outcome, str | None, str | None] | None = None
        """Why the session takes no calls: outcome, error type and error of each."""
        self._end: Callable[[], None] | None = None
        self._closed = False
        self._turn = asyncio.Lock()

    @property
    def failure(self) -> str | None:
        """Why it takes no calls; None while it does."""
        return self._problem[2] if self._problem else None

    async def open(self) -> None:
        """Begin, and remember where that fails."""
        result = self._opening
        if isinstance(result, bytes):
            self._ask, self._end = self._begin()
            result, _ = read_answer("", (await self._asked([result]))[0])
        if result.outcome != "ok":
            self._problem = result.outcome, result.error_type, f"on opening: {result.error}"

    async def run(self, calls: list[ApiCall]) -> list[CallResult]:
        """Run calls one after the other; results come in their order."""
        results: list[CallResult] = []
        async with self._turn:
            while len(results) < len(calls):
                results += await self._run(calls[len(results) :])
        return results

    async def snapshot(self) -> Snapshot:
        """Return the state as it is now."""
        if self._problem:
            outcome, _, error = self._problem
            return Snapshot(outcome=outcome, error=error)
        async with self._turn:
            result, _ = read_answer("", (await self._asked([_SNAPSHOT]))[0])
            if result.outcome in _KILLED:
                await self._again()
        if result.outcome != "ok":
            return Snapshot(outcome=result.outcome, error=result.error)
        text = canonical(result.value)
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        return Snapshot(outcome="ok", state=result.value, digest=digest)

    async def close(self) -> None:
        """End the session; nothing if it has ended."""
        if self._end:
            self._end()
            self._end = None
        if not self._closed:
            self._closed = True
            self._ended()
        self._problem = self._problem or ("state_lost", None, "the session is closed")

    async def __aenter__(self) -> Self:
        """Return the session, which is open."""
        return self

    async def __aexit__(self, *raised: object) -> None:
        """Close the session."""
        await self.close()

    async def _run(self, calls: list[ApiCall]) -> list[CallResult]:
        """Run calls up to the first that takes its process down, that one included."""
        if self._problem:
            outcome, kind, error = self._problem
            return [
                CallResult(call=call.id, outcome=outcome, error_type=kind, error=error)
                for call in calls
            ]
        frames: list[bytes] = []
        for call in calls:
            payload = self._payload(call)
            if isinstance(payload, CallResult):
                if frames:
                    break  # those before it first: results come in order
                return [payload]
            frames.append(payload)
        results: list[CallResult] = []
        for call, frame, answer in zip(calls, frames, await self._asked(frames), strict=False):
            result, digest = read_answer(call.id, answer)
            results.append(result)
            if result.outcome in _KILLED:
                await self._again()
                break
            self._log.append((frame, result, digest))
        return results

    async def _again(self) -> None:
        """Open a new process and bring it to where the old one was, or say that this failed."""
        if self._end:
            self._end()
        self._ask, self._end = self._begin()
        frames = [frame for frame, _, _ in self._log]
        opened, *answers = await self._asked([cast("bytes", self._opening), *frames])
        replayed = [
            read_answer(result.call, answer)
            for (_, result, _), answer in zip(self._log, answers, strict=True)
        ]
        before = [(result, digest) for _, result, digest in self._log]
        if read_answer("", opened)[0].outcome != "ok" or any(mark is None for _, mark in before):
            self._lose("its process ended with a call, and its state cannot be compared")
        elif replayed != before:
            self._lose(
                "its process ended with a call, and the calls before that one gave other results "
                "or another state when they were repeated"
            )

    async def _asked(self, frames: list[bytes]) -> list[bytes]:
        try:
            return await self._ask(frames)
        except BaseException:
            self._lose("a call of it was given up")
            raise

    def _lose(self, why: str) -> None:
        self._problem = "state_lost", None, why


def opening(environment: str | None, state: Any) -> bytes | CallResult:
    """The first frame of a session, or why there is none."""
    try:
        frame = json.dumps({"open": [environment, state]}, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as problem:
        error = f"the state is not JSON: {problem}"
        return CallResult(call="", outcome="raised", error_type="TypeError", error=error)
    if len(frame) > MAX_PAYLOAD:
        error = f"the state is {len(frame)} bytes of JSON, at most {MAX_PAYLOAD} fit"
        return CallResult(call="", outcome="raised", error_type="TypeError", error=error)
    return frame


_SNAPSHOT = json.dumps({"snapshot": None}).encode()
