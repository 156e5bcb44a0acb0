"""Phrasings for an API that came without any, composed from its description and parameters."""

from functools import lru_cache

from api_registry.types import Api, JsonSchema
from generators.embedded.language import article, label_of, task_of
from generators.embedded.wording import humanise

_FRAMES: tuple[str, ...] = (
    "{task}{with}",
    "{task}[ for me|], [here is what i have|these are the details]{listed}",
    "[can|could] you {task}{with}?",
    "[is there a way|would it be possible] to {task}{with}?",
    "i [want|need|would like] to {task}{with}.",
    "i [want|need] to {task}. [the details are|this is what i know]{listed}.",
    "[please|kindly] {task}{said}.",
    "{task}[ for me|]{with}[ if you can|]",
)
_RESERVED = str.maketrans("{}[]<>|", "()()()/")
_DOES = frozenset(
    "include show use allow send sort reverse ignore keep add remove notify return round skip"
    " enable force expand strip merge overwrite wait".split()
)
_PREPOSITIONS = frozenset("to from at on by in for since until before after near".split())


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
    names = [*required, *optional]
    items = [_item(name, properties[name]) for name in names]
    said = [_sentence(api, name, properties[name]) for name in names]
    parts = {
        "task": task_of(api.description).translate(_RESERVED),
        "with": "".join(f"<{_joint(i, item)}{item}>" for i, item in enumerate(items)),
        "listed": "".join(
            f"<{': ' if i == 0 else ', '}{_listed(name, properties[name])}>"
            for i, name in enumerate(names)
        ),
        "said": "".join(f"<{'. ' if i == 0 else ', and '}{text}>" for i, text in enumerate(said)),
    }
    return tuple(_fill(frame, parts) for frame in _FRAMES if names or "{listed}" not in frame)


def _joint(index: int, item: str) -> str:
    """What stands before an item: nothing but a space before a preposition of its own."""
    if item.split()[0] in _PREPOSITIONS or item.startswith("{"):
        return " " if index == 0 else ", "
    return " with " if index == 0 else ", "


def _item(name: str, schema: JsonSchema) -> str:
    """An argument as it stands after `with`: `a limit of 5`, `the title "Team lunch"`."""
    words = _words(name)
    if schema.get("type") == "boolean":
        return _switch(name, words)
    if words in _PREPOSITIONS:
        return f"{words} {{{name}}}"
    if _is_number(schema):
        return f"{article(words)} {words} of {{{name}}}"
    if _is_enum(schema) or "format" in str(schema):
        return f"{words} {{{name}}}"
    return f"the {words} {{{name}:quoted}}"


def _listed(name: str, schema: JsonSchema) -> str:
    if schema.get("type") == "boolean":
        return _switch(name, _words(name))
    return f"{_words(name)} {{{name}}}"


def _sentence(api: Api, name: str, schema: JsonSchema) -> str:
    if schema.get("type") == "boolean":
        return _switch(name, _words(name))
    label = label_of(api, name).translate(_RESERVED)
    return f"{label} [is|should be] {{{name}}}"


def _switch(name: str, words: str) -> str:
    """Words for both values of a boolean."""
    if words.split()[0] in _DOES:
        return f"{{{name}=true:and {words}}}{{{name}=false:and do not {words}}}"
    plain = words.removeprefix("is ").removeprefix("has ").removeprefix("with ")
    return f"{{{name}=true:{plain}[ only|, yes]}}{{{name}=false:{plain} or not}}"


def _words(name: str) -> str:
    return humanise(name).translate(_RESERVED) or name


def _is_number(schema: JsonSchema) -> bool:
    kinds = [schema, *schema.get("anyOf", ())]
    return any(kind.get("type") in ("integer", "number") for kind in kinds)


def _is_enum(schema: JsonSchema) -> bool:
    return "enum" in str(schema) or "$ref" in str(schema) or "array" in str(schema)


def _fill(frame: str, parts: dict[str, str]) -> str:
    for name, text in parts.items():
        frame = frame.replace("{" + name + "}", text)
    return frame
