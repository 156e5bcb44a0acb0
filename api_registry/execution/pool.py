"""The asyncio side of execution: many callers at once, one supervisor process behind them."""

import asyncio
import logging
import sys
from collections.abc import Callable, Collection, Sequence
from contextlib import AsyncExitStack
from itertools import chain
from operator import itemgetter
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from api_registry.errors import ExecutionError
from api_registry.execution.answers import read_answer
from api_registry.execution.link import Link
from api_registry.execution.routing import Routing
from api_registry.execution.sandbox import LAYERS, NAMESPACES, WEAKEST
from api_registry.execution.sandbox.kernel import Missing
from api_registry.execution.sandbox.namespaces import command
from api_registry.execution.sandbox.proof import Proof, accept, described, judge
from api_registry.execution.sandbox.traps import Traps
from api_registry.execution.session import Ask, PooledSession, opening
from api_registry.execution.settings import ExecutionConfig
from api_registry.types import Api, ApiCall, CallResult

logger = logging.getLogger("callforge")

TRIED = (NAMESPACES, *LAYERS)
"""Layers that are tried, the strongest first."""
_START_S = 120
_OPEN_SESSIONS = 32
"""Processes of sessions at a time; whoever opens one more waits until one is closed."""


class RunnerPool:
    """Runs calls in warm, isolated processes: `async with RunnerPool(apis, config) as pool`.

    Calls bind by name. One that hangs, crashes or eats memory costs its own result and nothing
    else. What runners are kept from says `docs/execution.md`, tier by tier.
    """

    tier = ""
    """Isolation that has proved itself, e.g. `landlock+seccomp`; known once the pool is started."""

    def __init__(
        self, apis: Sequence[Api], config: ExecutionConfig, effects: Collection[str] = ()
    ) -> None:
        """`effects`: what all calls of this pool may do; `run` finds the pool for each call."""
        self.apis = {api.name: api for api in apis}
        self.config = config
        self.effects = frozenset(effects)
        self._routing = Routing(apis, config, lifting=not effects)
        self._relaxed = {
            lifted: RunnerPool(members, config, lifted)
            for lifted, members in self._routing.groups().items()
        }
        self._sessions = iter(range(1, 1 << 31))
        self._places = asyncio.Semaphore(_OPEN_SESSIONS)
        self._link = Link()

    async def __aenter__(self) -> Self:
        """Start the supervisor and wait until it has imported the APIs and tried its sandbox.

        Raises `ExecutionError` when it cannot be started, an API cannot be loaded there, or the
        sandbox is weaker than asked for.
        """
        async with AsyncExitStack() as started:
            for pool in self._relaxed.values():
                await started.enter_async_context(pool)
            await self._start()
            self._others = started.pop_all()
        self.tier = described(self.tier, {",".join(e): p.tier for e, p in self._relaxed.items()})
        return self

    async def _start(self) -> None:
        """Start the supervisor in namespaces if they prove themselves, else without them."""
        proof = None
        if self.config.sandbox != WEAKEST and NAMESPACES in TRIED:
            try:
                proof = await self._attempt(command(self.effects))
                if NAMESPACES not in proof.tier:
                    logger.debug("no namespaces: %s", "; ".join(proof.weak))
                    await self._link.close()
                    proof = None
            except (Missing, ExecutionError) as reason:
                logger.debug("no namespaces: %s", reason)
        if proof is None:
            proof = await self._attempt()
        try:
            self.tier = accept(proof, self.config.sandbox, self.effects)
        except BaseException:
            await self._link.close()
            raise

    async def _attempt(self, within: Sequence[str] = ()) -> Proof:
        """Start the supervisor, within a command if one is given, and see what stops its canaries.

        Raises `ExecutionError`.
        """
        self._link = Link()
        await self._link.start(within)
        try:
            with Traps(self._link.scratch) as traps, Traps(self._link.scratch) as bare:
                async with asyncio.timeout(_START_S):
                    trial = await self._link.set_up(self._setup(traps, bare if within else None))
                return judge(trial, traps.sprung(), self.effects, bare.sprung())
        except TimeoutError:
            await self._link.close()
            raise ExecutionError(
                f"importing the APIs took more than {_START_S} s: an API module does too "
                "much when it is imported"
            ) from None
        except BaseException:
            await self._link.close()
            raise

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the supervisor, its runners and the scratch folder."""
        try:
            await self._link.close()
        finally:
            await self._others.aclose()

    async def run(self, calls: list[ApiCall]) -> list[CallResult]:
        """Run calls, each on a state of its own; results come in the order of `calls`.

        Raises `ExecutionError` when the supervisor is gone; never for what a call does.
        """
        if not self._relaxed:
            return await self._run(calls)
        parts: dict[RunnerPool, list[int]] = {}
        for index, call in enumerate(calls):
            parts.setdefault(self._pool_of(call.api), []).append(index)
        done = await asyncio.gather(
            *(pool._run([calls[i] for i in part]) for pool, part in parts.items())
        )
        results = zip(chain(*parts.values()), chain(*done), strict=True)
        return [result for _, result in sorted(results, key=itemgetter(0))]

    async def open(self, environment: str | None = None, state: Any = None) -> PooledSession:
        """Begin a session in a process of its own; `environment` is an `Api.environment`.

        Waits while too many are open. Raises `ExecutionError` when the supervisor is gone; never
        for a bad state, of which each call of the session then tells.
        """
        members = [api for api in self.apis.values() if api.environment == environment]
        pool = self._pool_of(members[0].name) if environment and members else self
        await pool._places.acquire()
        session = PooledSession(
            pool._begin,
            lambda call: self._routing.frame_within(call, environment),
            pool._places.release,
            opening(environment, state) if members or not environment else _unknown(environment),
        )
        try:
            await session.open()
        except BaseException:
            await session.close()
            raise
        return session

    async def _run(self, calls: list[ApiCall]) -> list[CallResult]:
        payloads = [self._routing.frame(call) for call in calls]
        frames = [payload for payload in payloads if isinstance(payload, bytes)]
        answers = iter(await self._link.ask(frames) if frames else ())
        return [
            payload if isinstance(payload, CallResult) else read_answer(call.id, next(answers))[0]
            for call, payload in zip(calls, payloads, strict=True)
        ]

    def _begin(self) -> tuple[Ask, Callable[[], None]]:
        session, link = next(self._sessions), self._link
        return lambda frames: link.ask(frames, session), lambda: link.close_session(session)

    def _pool_of(self, api: str) -> "RunnerPool":
        return self._relaxed.get(self._routing.lifted(api), self)

    def _setup(self, traps: Traps, bare: Traps | None) -> dict[str, object]:
        return {
            "path": [entry or str(Path.cwd()) for entry in sys.path],
            "apis": [[api.name, api.ref, api.environment] for api in self.apis.values()],
            "sandbox": {
                "wanted": ()
                if self.config.sandbox == WEAKEST
                else [name for name in LAYERS if name in TRIED],
                "effects": sorted(self.effects),
                "traps": traps.described(),
                "bare_traps": bare.described() if bare else None,
            },
            "workers": self.config.workers,
            "limits": self.config.model_dump(
                include={"timeout_s", "memory_mb", "max_output_bytes", "fresh"}
            ),
        }


def _unknown(environment: str) -> CallResult:
    error = f"no environment `{environment}` is registered"
    return CallResult(call="", outcome="unregistered", error=error)
