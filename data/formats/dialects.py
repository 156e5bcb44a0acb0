"""Other people's words for types, as JSON Schema.

Data sets write types as Python hints (`List[int]`, `Optional[str]`, `"int, optional"`), in BFCL's
words (`dict`, `float`, `tuple`), or misspelt. What is understood becomes a schema; what is not
becomes no constraint: a check must not reject a value because a type could not be read.
"""

import ast
import re
from functools import lru_cache
from typing import Any

from api_registry.types import JsonSchema

_JSON_TYPES = frozenset({"string", "number", "integer", "boolean", "object", "array", "null"})
_SIMPLE: dict[str, JsonSchema] = {
    **{name: {"type": name} for name in _JSON_TYPES},
    "str": {"type": "string"},
    "text": {"type": "string"},
    "char": {"type": "string"},
    "int": {"type": "integer"},
    "long": {"type": "integer"},
    "float": {"type": "number"},
    "double": {"type": "number"},
    "decimal": {"type": "number"},
    "complex": {},
    "bool": {"type": "boolean"},
    "none": {"type": "null"},
    "nonetype": {"type": "null"},
    "list": {"type": "array"},
    "sequence": {"type": "array"},
    "iterable": {"type": "array"},
    "tuple": {"type": "array"},
    "set": {"type": "array"},
    "frozenset": {"type": "array"},
    "arraylist": {"type": "array"},
    "dict": {"type": "object"},
    "mapping": {"type": "object"},
    "dictionary": {"type": "object"},
    "hashmap": {"type": "object"},
    "map": {"type": "object"},
    "date": {"type": "string"},
    "datetime": {"type": "string"},
    "any": {},
}
_LISTS = frozenset({"list", "sequence", "iterable", "set", "frozenset", "array", "collection"})
_MAPS = frozenset({"dict", "mapping", "defaultdict", "ordereddict"})
_NULL: JsonSchema = {"type": "null"}
_OPTIONAL = re.compile(r",\s*(?:optional|default\b.*|required)\s*", re.IGNORECASE)
_SAYS_OPTIONAL = re.compile(r",\s*optional\b", re.IGNORECASE)
_ENDS_OPTIONAL = re.compile(r",\s*(?:optional|default\b.*)\s*$", re.IGNORECASE)
_MAX_TYPE = 500
_MAX_DEPTH = 50


def as_json_schema(schema: Any, depth: int = 0) -> Any:
    """Copy a schema with type words of any dialect put into JSON Schema's, at every depth."""
    if depth > _MAX_DEPTH or not isinstance(schema, dict):
        return schema
    result: dict[str, Any] = {}
    for key, value in schema.items():
        if key in ("properties", "$defs", "definitions", "patternProperties"):
            result[key] = _by_name(value, depth)
        elif key in ("items", "additionalProperties", "not"):
            result[key] = as_json_schema(value, depth + 1)
        elif key in ("anyOf", "oneOf", "allOf", "prefixItems") and isinstance(value, list):
            result[key] = [as_json_schema(option, depth + 1) for option in value]
        elif key == "required" and not isinstance(value, list):
            pass  # a boolean beside the type: read where the property's object is
        elif key in ("type", "optional") or (key == "enum" and not isinstance(value, list)):
            pass
        elif value is not None or key in ("default", "const"):
            result[key] = value
    _require(result, schema.get("properties"))
    for key, value in _type_of(schema).items():
        result.setdefault(key, value)
    values, items = result.get("enum"), result.get("items", {})
    of_items = values and isinstance(items, dict) and not any(isinstance(v, list) for v in values)
    if result.get("type") == "array" and of_items:
        # Written beside `array`, as several public sets do, it can only mean the items.
        result["items"] = {**items, "enum": result.pop("enum")}
    return result


def from_flat(parameters: dict[str, Any], required: Any = None) -> JsonSchema:
    """Make an object schema of `{name: {"type": "int, optional", "description", "default"?}}`.

    A parameter is required unless it has a default, says that it is optional, or stands outside a
    list of those required.
    """
    properties: dict[str, Any] = {}
    needed: list[str] = []
    for name, described in parameters.items():
        if isinstance(described, str):
            described = {"type": described}
        if not isinstance(described, dict):
            described = {}
        properties[name] = as_json_schema(described)
        if isinstance(required, list):
            if name in required:
                needed.append(name)
        elif not _may_be_left_out(described):
            needed.append(name)
    schema: JsonSchema = {"type": "object", "properties": properties}
    return {**schema, "required": needed} if needed else schema


@lru_cache(maxsize=4096)
def read_type(text: str) -> JsonSchema:
    """Return the schema that a type's words name, not to be changed; empty where unknown."""
    bare, optional = _OPTIONAL.subn("", text.strip())
    schema = _parsed(bare.strip(" ,"))
    return _any_of([schema, _NULL]) if optional and _SAYS_OPTIONAL.search(text) else schema


def _type_of(schema: dict[str, Any]) -> JsonSchema:
    kind = schema.get("type")
    if isinstance(kind, list):
        return _any_of([read_type(str(name)[:_MAX_TYPE]) for name in kind])
    if not isinstance(kind, str):
        return {}
    read = read_type(kind[:_MAX_TYPE])
    # `default: null` under `str`: Python's habit for what may be left out.
    return _any_of([read, _NULL]) if schema.get("default", "") is None else read


def _by_name(value: Any, depth: int) -> Any:
    if not isinstance(value, dict):
        return {}
    return {
        name: as_json_schema(inner if isinstance(inner, dict | bool) else {}, depth + 1)
        for name, inner in value.items()
    }


def _require(result: dict[str, Any], properties: Any) -> None:
    """Collect `required: true` that stands beside a property's type, as draft 3 had it."""
    if "required" in result or not isinstance(properties, dict):
        return
    needed = [
        name
        for name, inner in properties.items()
        if isinstance(inner, dict) and inner.get("required") is True
    ]
    if needed:
        result["required"] = needed


def _may_be_left_out(described: dict[str, Any]) -> bool:
    if isinstance(described.get("required"), bool):
        return not described["required"]
    if "default" in described or described.get("optional") is True:
        return True
    kind = described.get("type")
    if not isinstance(kind, str):
        return False
    schema = read_type(kind[:_MAX_TYPE])
    takes_null = "null" in schema.get("type", ()) or None in schema.get("enum", ())
    return takes_null or _ENDS_OPTIONAL.search(kind) is not None


def _parsed(text: str) -> JsonSchema:
    """Read a type's words as a Python expression, which is never run."""
    try:
        return _schema(ast.parse(text, mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _SIMPLE.get(text.lower().strip(" ,.;"), {})


def _schema(node: ast.expr) -> JsonSchema:
    if isinstance(node, ast.Constant) and node.value is None:
        return {"type": "null"}
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return _parsed(node.value)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _any_of([_schema(node.left), _schema(node.right)])
    if isinstance(node, ast.Subscript):
        arguments = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        return _generic(_name(node.value), arguments)
    return dict(_SIMPLE.get(_name(node), {}))


def _generic(name: str, arguments: list[ast.expr]) -> JsonSchema:
    if name == "optional":
        return _any_of([_schema(arguments[0]), _NULL])
    if name == "union":
        return _any_of([_schema(argument) for argument in arguments])
    if name == "literal":
        return _literal(arguments)
    if name == "annotated":
        return _schema(arguments[0])
    if name in _LISTS:
        return _with_items(_schema(arguments[0]))
    if name == "tuple":
        return _tuple(arguments)
    if name in _MAPS and len(arguments) == 2:
        values = _schema(arguments[1])
        return {"type": "object"} | ({"additionalProperties": values} if values else {})
    return dict(_SIMPLE.get(name, {}))


def _literal(arguments: list[ast.expr]) -> JsonSchema:
    values = [item.value for item in arguments if isinstance(item, ast.Constant)]
    plain = all(value is None or isinstance(value, str | int | float) for value in values)
    return {"enum": values} if plain and len(values) == len(arguments) else {}


def _tuple(arguments: list[ast.expr]) -> JsonSchema:
    last = arguments[-1]
    if isinstance(last, ast.Constant) and last.value is Ellipsis:
        return _with_items(_schema(arguments[0]))
    return {
        "type": "array",
        "prefixItems": [_schema(argument) for argument in arguments],
        "minItems": len(arguments),
        "maxItems": len(arguments),
    }


def _with_items(items: JsonSchema) -> JsonSchema:
    return {"type": "array", "items": items} if items else {"type": "array"}


def _any_of(options: list[JsonSchema]) -> JsonSchema:
    """Admit what any option does, all where one is unknown; plain types as one list of types.

    A list of types keeps the reason of a misfit exact: `expected integer or null`, not `fits none
    of the alternatives`.
    """
    if not options or not all(options):
        return {}
    if len(options) == 2 and options[1] == _NULL and options[0].keys() == {"enum"}:
        return {"enum": [*options[0]["enum"], None]}
    merged: JsonSchema = {}
    types: list[str] = []
    for option in options:
        kinds = option.get("type")
        if kinds is None or merged.keys() & (option.keys() - {"type"}):
            return {"anyOf": options}
        types += [kinds] if isinstance(kinds, str) else kinds
        merged |= option
    unique = list(dict.fromkeys(types))
    return {**merged, "type": unique[0] if len(unique) == 1 else unique}


def _name(node: ast.expr) -> str:
    """The last part of a dotted name, in lower case; empty for anything but a name."""
    if isinstance(node, ast.Attribute):
        return node.attr.lower()
    return node.id.lower() if isinstance(node, ast.Name) else ""
