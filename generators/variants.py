"""Tools as another house would name them, so that a model reads schemas instead of knowing names.

A variant changes what a model is shown and nothing of what is called: the renamed tool still names
its API, and says how its parameters map. All tools of a row change alike.

- `renamed`: another naming convention (camel case, Pascal case, hyphens, a prefix, short forms).
- `masked`: names that mean nothing, so that descriptions are all there is to go by (as Hammer's
  function masking; Lin et al. 2024, arXiv:2410.04587).
- `shuffled`: the same names, with the keys of every object in another order.
"""

import random
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, get_args

from api_registry.types import Api, JsonSchema, Tool

Variant = Literal["renamed", "masked", "shuffled"]
VARIANTS: tuple[Variant, ...] = get_args(Variant)

_LONGEST = 64
"""Characters of a tool's name that every chat API takes."""
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_PREFIXES = ("api_", "tool_", "do_", "svc_")
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"

Namer = Callable[[str], str]


def varied_tools(tools: Sequence[Tool], variant: Variant | None, seed: int) -> tuple[Tool, ...]:
    """Return the tools as the variant shows them; names stay different from each other.

    Equal seeds give a tool equal names beside whatever other tools, where none collide.
    """
    if variant is None:
        return tuple(tools)
    if variant == "shuffled":
        return tuple(
            tool.model_copy(update={"parameters": _shuffled(tool.parameters, _own(tool, seed))})
            for tool in tools
        )
    convention = random.Random(seed).choice(_CONVENTIONS)
    taken: set[str] = set()
    result = []
    for tool in tools:
        rng = _own(tool, seed)
        namers = (_masks(rng, "func_"), _masks(rng, "arg_")) if variant == "masked" else convention
        name = _free(namers[0](tool.name)[:_LONGEST], taken)
        result.append(_renamed(tool, name, namers[1]))
    return tuple(result)


def shown_name(api: Api, parameter: str, tools: Sequence[Tool]) -> str:
    """What an API's parameter is called in the tool that stands for it, if any is offered."""
    tool = next((tool for tool in tools if tool.api == api.name), None)
    names = {own: shown for shown, own in tool.argument_names.items()} if tool else {}
    return names.get(parameter, parameter)


def _own(tool: Tool, seed: int) -> random.Random:
    return random.Random(f"{seed}/{tool.api}")


def _renamed(tool: Tool, name: str, namer: Namer) -> Tool:
    taken: set[str] = set()
    properties = tool.parameters.get("properties", {})
    names = {own: _free(namer(own), taken) for own in properties}
    changed = {own: shown for own, shown in names.items() if own != shown}
    schema = _with_names(tool.parameters, names)
    texts = changed | ({tool.name: name} if name != tool.name else {})
    return tool.model_copy(
        update={
            "name": name,
            "description": _retold(tool.description, texts),
            "parameters": _described(schema, texts),
            "argument_names": {shown: own for own, shown in changed.items()},
        }
    )


def _with_names(schema: JsonSchema, names: Mapping[str, str]) -> JsonSchema:
    """The schema of an object with other names for its properties, wherever it names them."""
    result = dict(schema)
    if "properties" in schema:
        result["properties"] = {names[own]: inner for own, inner in schema["properties"].items()}
    if "required" in schema:
        result["required"] = [names.get(own, own) for own in schema["required"]]
    for key in ("dependentRequired", "dependentSchemas"):
        if key in schema:
            result[key] = {names.get(own, own): value for own, value in schema[key].items()}
    if "dependentRequired" in result:
        result["dependentRequired"] = {
            own: [names.get(other, other) for other in others]
            for own, others in result["dependentRequired"].items()
        }
    for key in ("allOf", "anyOf", "oneOf"):
        if key in schema:
            result[key] = [_with_names(inner, names) for inner in schema[key]]
    return result


def _described(schema: JsonSchema, texts: Mapping[str, str]) -> JsonSchema:
    """The schema with other names in the descriptions of its properties as well."""
    properties = {
        name: inner | {"description": _retold(inner["description"], texts)}
        if isinstance(inner, dict) and isinstance(inner.get("description"), str)
        else inner
        for name, inner in schema.get("properties", {}).items()
    }
    return {**schema, "properties": properties} if "properties" in schema else schema


def _retold(text: str, texts: Mapping[str, str]) -> str:
    """Replace names where they can be nothing else: in backticks, or with an underscore."""
    if not texts:
        return text
    # All at once: one name's new form may be another's old one.
    sure = [rf"(?<=`){re.escape(own)}(?=`)" for own in texts]
    sure += [rf"\b{re.escape(own)}\b" for own in texts if "_" in own]
    return re.sub("|".join(sure), lambda found: texts[found[0]], text)


def _shuffled(value: Any, rng: random.Random) -> Any:
    """The same JSON with the keys of its objects, and the order of `required`, changed."""
    if isinstance(value, list):
        return [_shuffled(item, rng) for item in value]
    if not isinstance(value, dict):
        return value
    keys = list(value)
    rng.shuffle(keys)
    result = {key: _shuffled(value[key], rng) for key in keys}
    if isinstance(result.get("required"), list):
        rng.shuffle(result["required"])
    return result


def _free(name: str, taken: set[str]) -> str:
    """A name that is not taken yet; takes it."""
    free, number = name, 2
    while free in taken:
        free = f"{name[: _LONGEST - 3]}_{number}"
        number += 1
    taken.add(free)
    return free


def _masks(rng: random.Random, prefix: str) -> Namer:
    return lambda name: prefix + "".join(rng.choices(_LETTERS, k=4))


def _parts(name: str) -> list[str]:
    return [part.lower() for part in _PART.findall(name)] or [name]


def _camel(name: str) -> str:
    first, *rest = _parts(name)
    return first + "".join(part.capitalize() for part in rest)


def _pascal(name: str) -> str:
    return "".join(part.capitalize() for part in _parts(name))


def _hyphened(name: str) -> str:
    return "-".join(_parts(name))


def _short(name: str) -> str:
    return "_".join(part if len(part) < 6 else part[:4] for part in _parts(name))


def _same(name: str) -> str:
    return name


_CONVENTIONS: tuple[tuple[Namer, Namer], ...] = (
    (_camel, _camel),
    (_pascal, _pascal),
    (_hyphened, _same),
    (_hyphened, _camel),
    (_short, _short),
    *((lambda name, prefix=prefix: prefix + name, _same) for prefix in _PREFIXES),
)
"""How tools and how parameters are named."""
