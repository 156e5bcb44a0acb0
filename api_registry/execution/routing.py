"""Where a call runs: under which effects, and the frame that it is sent as, or why it is not."""

import json
from collections.abc import Sequence

from api_registry.execution.frames import MAX_PAYLOAD
from api_registry.execution.sandbox import WEAKEST, relaxing
from api_registry.execution.settings import ExecutionConfig
from api_registry.steadiness import needing
from api_registry.types import MARKS, Api, ApiCall, CallResult

Effects = tuple[str, ...]


class Routing:
    """The APIs of a pool, and what each of them may do."""

    def __init__(self, apis: Sequence[Api], config: ExecutionConfig, *, lifting: bool) -> None:
        """With `lifting`, APIs with allowed effects run elsewhere, in less strict runners."""
        self.apis = {api.name: api for api in apis}
        self.allowed = set(config.allow_effects)
        self._needed = {name: needing(api, self.allowed) for name, api in self.apis.items()}
        self._lifted = self._effects() if lifting and config.sandbox != WEAKEST else {}

    def lifted(self, api: str) -> Effects:
        """The allowed effects for which the runners of an API are less strict; mostly none."""
        return self._lifted.get(api, ())

    def groups(self) -> dict[Effects, list[Api]]:
        """The APIs of each set of allowed effects; everybody else's runners stay strict."""
        groups: dict[Effects, list[Api]] = {}
        for name, effects in self._lifted.items():
            if effects:
                groups.setdefault(effects, []).append(self.apis[name])
        return groups

    def frame(self, call: ApiCall) -> bytes | CallResult:
        """A call on a state of its own."""
        return self._checked(call) or _encoded(call, [call.api, call.arguments])

    def frame_within(self, call: ApiCall, environment: str | None) -> bytes | CallResult:
        """A call in a session on an environment, or on none."""
        refused = self._checked(call)
        if refused is None:
            api = self.apis[call.api]
            if api.environment not in (None, environment):
                refused = _denied(call, f"`{api.name}` needs a session on `{api.environment}`")
            elif api.environment is None and self.lifted(api.name):
                refused = _denied(call, f"`{api.name}` needs runners that sessions do not have")
        return refused or _encoded(call, {"call": [call.api, call.arguments]})

    def _checked(self, call: ApiCall) -> CallResult | None:
        """Why a call does not run; None where it does."""
        api = self.apis.get(call.api)
        if api is None:
            error = f"no API `{call.api}` is registered"
            return CallResult(call=call.id, outcome="unregistered", error=error)
        if needed := self._needed[call.api]:
            return _denied(call, f"`{api.name}` needs {', '.join(needed)}, which is not allowed")
        return None

    def _effects(self) -> dict[str, Effects]:
        """By name of an API; methods of an environment share a process, and so their effects."""
        own = {
            name: set(relaxing(api.effects)) if set(api.effects) <= self.allowed | MARKS else set()
            for name, api in self.apis.items()
        }
        shared: dict[str, set[str]] = {}
        for name, api in self.apis.items():
            if api.environment:
                shared.setdefault(api.environment, set()).update(own[name])
        return {
            name: tuple(sorted(shared.get(api.environment or "", own[name])))
            for name, api in self.apis.items()
        }


# Made once: `json.dumps` would make one for each call.
_encode = json.JSONEncoder(allow_nan=False).encode


def _denied(call: ApiCall, error: str) -> CallResult:
    return CallResult(call=call.id, outcome="denied", error=error)


def _encoded(call: ApiCall, frame: object) -> bytes | CallResult:
    try:
        payload = _encode(frame).encode()
    except (TypeError, ValueError, RecursionError) as problem:
        error = f"the arguments are not JSON: {problem}"
    else:
        if len(payload) <= MAX_PAYLOAD:
            return payload
        error = f"the arguments are {len(payload)} bytes of JSON, at most {MAX_PAYLOAD} fit"
    return CallResult(call=call.id, outcome="raised", error_type="TypeError", error=error)
