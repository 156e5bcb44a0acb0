"""Phrasings for an API that came without any, composed from its description and parameters."""

from functools import lru_cache

from api_registry.types import Api, JsonSchema
from generators.embedded.language import label_of, task_of

_FRAMES: tuple[str, ...] = (
    "{task}{required}{optional}",
    "{task}, [using|taking] {first}{rest}{optional}",
    "{task}[ for me|]{required}{optional}, please",
    "can you {task}{required}{optional}?",
    "what do i get [if you|when you] {task}{required}{optional}?",
    "i [want|need] to {task}{required}{optional}.",
    "[my task|the job] is to {task}{required}{optional}.",
    "is it possible to {task}{required}{optional}?",
)
_RESERVED = str.maketrans("{}[]<>|", "()()()/")


def compose_phrasings(api: Api) -> tuple[str, ...]:
    """Return templates in the grammar of `docs/phrasings.md`."""
    return _compose(_Key(api))


class _Key:
    """Hashes an API by what its phrasings are made of."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self._identity = (api.name, api.description, str(api.parameters))

    def __hash__(self) -> int:
        return hash(self._identity)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self._identity == other._identity


@lru_cache(maxsize=10_000)
def _compose(key: _Key) -> tuple[str, ...]:
    api = key.api
    properties = api.parameters.get("properties", {})
    required = [name for name in properties if name in api.parameters.get("required", ())]
    optional = [name for name in properties if name not in required]
    task = task_of(api.description).translate(_RESERVED)
    given = [_given(api, name, properties[name]) for name in required]
    parts = {
        "task": task,
        "required": "".join(
            f"<{' with ' if index == 0 else ', '}{text}>" for index, text in enumerate(given)
        ),
        "first": f"{given[0]}" if given else "the usual settings",
        "rest": "".join(f"<, {text}>" for text in given[1:]),
        "optional": "".join(f"<, {_given(api, name, properties[name])}>" for name in optional),
    }
    frames = _FRAMES if given else tuple(f for f in _FRAMES if "{first}" not in f)
    return tuple(_fill(frame, parts) for frame in frames)


def _given(api: Api, name: str, schema: JsonSchema) -> str:
    """Say what a parameter is and that its value follows."""
    label = label_of(api, name).translate(_RESERVED)
    if schema.get("type") == "boolean":
        plain = label.removeprefix("the ").removeprefix("whether to ").removeprefix("whether ")
        return f"{{{name}=true:with {plain} turned on}}{{{name}=false:with {plain} turned off}}"
    return f"{label} [being|set to|of] {{{name}}}"


def _fill(frame: str, parts: dict[str, str]) -> str:
    for name, text in parts.items():
        frame = frame.replace("{" + name + "}", text)
    return frame
