"""How a function's signature becomes a schema, and JSON arguments become typed ones."""

import bisect
import dataclasses
import functools
import inspect
import json
import math
import secrets
import shlex
import socket
import string
import typing
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, NotRequired, TypedDict
from uuid import UUID

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel, Field, ValidationError

from api_registry.decorator import ApiHints, api, hints_of
from api_registry.signatures import Unusable, read_signature
from api_registry.types import JsonSchema

if TYPE_CHECKING:
    from somewhere import Unknown  # type: ignore[import-not-found]


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Grade(Enum):
    LOW = 1
    HIGH = 2


@dataclasses.dataclass
class Point:
    x: float
    y: float = 0.0


class Options(TypedDict):
    title: str
    count: NotRequired[int]


class Node(BaseModel):
    name: str
    children: list["Node"] = []


Repeats = Annotated[int, Field(le=9, description="How often.")]


class Pair(NamedTuple):
    left: int
    right: str


def properties(function: Callable[..., Any]) -> JsonSchema:
    parameters = read_signature(function).parameters
    Draft202012Validator.check_schema(parameters)
    json.dumps(parameters, allow_nan=False)
    result: JsonSchema = parameters["properties"]
    return result


def call(function: Callable[..., Any], **arguments: Any) -> Any:
    args, kwargs = read_signature(function).bind(arguments)
    return function(*args, **kwargs)


def test_a_signature_becomes_an_object_schema_without_made_up_titles() -> None:
    def convert(amount: float, unit: Literal["mile", "kilometre"] = "mile", *, exact: bool) -> str:
        """Convert a length.

        Args:
            amount: How long it is.
            exact: Whether not to round.
        """
        raise NotImplementedError

    signature = read_signature(convert)
    assert signature.description == "Convert a length."
    assert signature.parameters == {
        "type": "object",
        "properties": {
            "amount": {"type": "number", "description": "How long it is."},
            "unit": {"type": "string", "enum": ["mile", "kilometre"], "default": "mile"},
            "exact": {"type": "boolean", "description": "Whether not to round."},
        },
        "required": ["amount", "exact"],
        "additionalProperties": False,
    }
    assert signature.returns == {"type": "string"}


def test_only_keywords_called_title_are_dropped() -> None:
    def name(options: Options, title: str, default: dict[str, str] = {"title": "x"}) -> int:  # noqa: B006
        """Name something."""
        raise NotImplementedError

    assert properties(name)["title"] == {"type": "string"}
    assert properties(name)["default"]["default"] == {"title": "x"}
    definitions = read_signature(name).parameters["$defs"]
    assert definitions["Options"]["properties"]["title"] == {"type": "string"}


def test_parameters_may_have_names_that_pydantic_uses_itself() -> None:
    def odd(json: int, copy: int, _x: int, schema: int, model_config: int, p0: int) -> list[int]:
        """Take odd names."""
        return [json, copy, _x, schema, model_config, p0]

    names = ("json", "copy", "_x", "schema", "model_config", "p0")
    assert tuple(properties(odd)) == names
    assert call(odd, **{name: index for index, name in enumerate(names)}) == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("hint", "schema", "given", "built"),
    [
        (date, {"type": "string", "format": "date"}, "2027-02-03", date(2027, 2, 3)),
        (timedelta, {"type": "string", "format": "duration"}, "PT90S", timedelta(seconds=90)),
        (Path, {"type": "string", "format": "path"}, "a/b", Path("a/b")),
        (UUID, {"type": "string", "format": "uuid"}, "0" * 31 + "1", UUID(int=1)),
        (Literal["a", 1], {"enum": ["a", 1]}, 1, 1),
        (list[date], None, ["2027-02-03"], [date(2027, 2, 3)]),
        (set[int], None, [1, 2], {1, 2}),
        (tuple[int, str], None, [1, "a"], (1, "a")),
        (dict[int, bool], None, {"1": True}, {1: True}),
        (int | None, {"anyOf": [{"type": "integer"}, {"type": "null"}]}, None, None),
        (int | str, {"anyOf": [{"type": "integer"}, {"type": "string"}]}, "3", "3"),
        (Decimal, None, "1.50", Decimal("1.50")),
        (Colour, {"$ref": "#/$defs/Colour"}, "blue", Colour.BLUE),
        (Grade, {"$ref": "#/$defs/Grade"}, 2, Grade.HIGH),
        (Point, {"$ref": "#/$defs/Point"}, {"x": 1}, Point(1.0, 0.0)),
        (Options, {"$ref": "#/$defs/Options"}, {"title": "a"}, {"title": "a"}),
        (list[Options | None], None, [None, {"title": "a"}], [None, {"title": "a"}]),
        (Pair, {"$ref": "#/$defs/Pair"}, [1, "a"], Pair(1, "a")),
        (
            Node,
            {"$ref": "#/$defs/Node"},
            {"name": "a", "children": [{"name": "b"}]},
            Node(name="a", children=[Node(name="b")]),
        ),
        (Any, {}, [1], [1]),
    ],
)
def test_typed_arguments_are_built_from_what_the_schema_admits(
    hint: Any, schema: JsonSchema | None, given: Any, built: Any
) -> None:
    def function(value: Any) -> Any:
        """Give it back."""
        return value

    function.__annotations__ = {"value": hint}
    if schema is not None:
        assert properties(function)["value"] == schema
    Draft202012Validator(read_signature(function).parameters).validate({"value": given})
    result = call(function, value=given)
    assert (result, type(result)) == (built, type(built))


def test_definitions_behind_references_stay_whole() -> None:
    def paint(colour: Colour, tree: Node) -> int:
        """Paint."""
        raise NotImplementedError

    assert read_signature(paint).parameters["$defs"] == {
        "Colour": {"type": "string", "enum": ["red", "blue"]},
        "Node": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "children": {"type": "array", "items": {"$ref": "#/$defs/Node"}, "default": []},
            },
            "required": ["name"],
        },
    }


def test_constraints_and_descriptions_in_annotated_win_over_the_docstring() -> None:
    def roll(
        sides: Annotated[int, Field(ge=2, description="How many sides.")],
        again: Repeats = None,  # type: ignore[assignment]
    ) -> int:
        """Roll.

        Args:
            sides: Loses.
            again: Loses.
        """
        raise NotImplementedError

    assert properties(roll)["sides"] == {
        "type": "integer",
        "minimum": 2,
        "description": "How many sides.",
    }
    assert properties(roll)["again"]["description"] == "How often."


def test_defaults_are_written_as_json_where_json_can_hold_them() -> None:
    def search(
        since: date = date(2027, 1, 2),
        colour: Colour = Colour.RED,
        limit: float = float("inf"),
        marker: Any = object(),  # noqa: B008
    ) -> list[Any]:
        """Search."""
        return [since, colour, limit, type(marker)]

    found = properties(search)
    assert found["since"]["default"] == "2027-01-02"
    assert found["colour"]["default"] == "red"
    assert "default" not in found["limit"] | found["marker"]
    assert "required" not in read_signature(search).parameters
    assert call(search) == [date(2027, 1, 2), Colour.RED, float("inf"), object]


def test_a_default_of_none_makes_a_parameter_optional_whatever_its_hint_says() -> None:
    def find(limit: int = None) -> Any:  # type: ignore[assignment]  # noqa: RUF013
        """Find."""
        return limit

    assert properties(find)["limit"] == {
        "anyOf": [{"type": "integer"}, {"type": "null"}],
        "default": None,
    }
    assert call(find, limit=None) is None


def test_positional_only_parameters_are_passed_by_position_and_gaps_are_filled() -> None:
    def take(a: int, b: int = 2, c: int = 3, /, d: int = 4, *, e: int = 5) -> list[int]:
        """Take."""
        return [a, b, c, d, e]

    assert call(take, a=1) == [1, 2, 3, 4, 5]
    assert call(take, a=1, c=30, e=50) == [1, 2, 30, 4, 50]


def test_typed_star_arguments_are_an_array() -> None:
    def total(first: int, second: int = 2, *more: float, sign: str = "+") -> list[Any]:
        """Add up.

        Args:
            more: The others.
        """
        return [first, second, *more, sign]

    assert properties(total)["more"] == {
        "type": "array",
        "items": {"type": "number"},
        "description": "The others.",
    }
    assert call(total, first=1) == [1, 2, "+"]
    assert call(total, first=1, more=[3, 4], sign="-") == [1, 2, 3.0, 4.0, "-"]


def test_keyword_arguments_open_the_schema_for_their_type() -> None:
    def untyped(a: int, **more) -> Any:  # type: ignore[no-untyped-def]
        """Take anything."""
        return a, more

    def typed(**counts: int) -> Any:
        """Take numbers."""
        return counts

    assert read_signature(untyped).parameters["additionalProperties"] is True
    assert read_signature(typed).parameters["additionalProperties"] == {"type": "integer"}
    assert call(untyped, a=1, b="x", p0=2) == (1, {"b": "x", "p0": 2})
    assert call(typed, x=1) == {"x": 1}


GOOGLE = """Do it.

Args:
    size (int, optional): The size. Defaults to 1.
    names (list of str): The names.
"""
NUMPY = """Do it.

Parameters
----------
size : int, optional
    The size. Defaults to 1.
names : list[str]
    The names.
"""
REST = """Do it.

:param int size: The size. Defaults to 1.
:param names: The names.
:type names: list[str]
"""


@pytest.mark.parametrize("docstring", [GOOGLE, NUMPY, REST])
def test_types_and_descriptions_come_from_every_style_of_docstring(docstring: str) -> None:
    def function(names, size=1):  # type: ignore[no-untyped-def]
        return [size, names]

    function.__doc__ = docstring
    assert properties(function) == {
        "names": {"type": "array", "items": {"type": "string"}, "description": "The names."},
        "size": {"type": "integer", "default": 1, "description": "The size. Defaults to 1."},
    }


@pytest.mark.parametrize(
    ("words", "schema"),
    [
        ("`float`", {"type": "number"}),
        (":class:`bool`", {"type": "boolean"}),
        ("{'mile', 'km'}, default 'km'", {"type": "string", "enum": ["mile", "km"]}),
        ("int or None", {"anyOf": [{"type": "integer"}, {"type": "null"}]}),
        ("Optional[str]", {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        ("int | str", {"anyOf": [{"type": "integer"}, {"type": "string"}]}),
        ("list of floats", {"type": "array", "items": {"type": "number"}}),
        ("dict[str, int]", {"type": "object", "additionalProperties": {"type": "integer"}}),
        ("dict", {"type": "object", "additionalProperties": True}),
    ],
)
def test_docstring_types_are_read_where_they_are_simple(words: str, schema: JsonSchema) -> None:
    def function(value):  # type: ignore[no-untyped-def]
        pass

    function.__doc__ = f"Do it.\n\nParameters\n----------\nvalue : {words}\n    A value."
    assert properties(function)["value"] == schema | {"description": "A value."}


def test_the_description_is_the_first_paragraph_on_one_line() -> None:
    def function() -> None:
        """Work out a thing that takes
        two lines to tell.

        What else there is to say.
        """

    assert read_signature(function).description == (
        "Work out a thing that takes two lines to tell."
    )


def test_what_comes_in_the_end_is_promised() -> None:
    async def awaited() -> int:
        """Wait."""
        return 1

    def generated() -> Iterator[int]:
        """Generate."""
        yield 1

    async def streamed() -> AsyncIterator[str]:
        """Stream."""
        yield ""

    def nothing() -> None:
        """Return nothing."""

    def opaque() -> socket.socket:
        """Return what JSON cannot hold."""
        raise NotImplementedError

    returns = [
        read_signature(function).returns
        for function in (awaited, generated, streamed, nothing, opaque)
    ]
    assert returns == [
        {"type": "integer"},
        {"type": "array", "items": {"type": "integer"}},
        {"type": "array", "items": {"type": "string"}},
        {"type": "null"},
        None,
    ]


def test_an_unresolvable_return_hint_is_no_obstacle() -> None:
    def function(a: int) -> "Unknown":
        """Return something."""

    assert read_signature(function).returns is None
    assert properties(function) == {"a": {"type": "integer"}}


def test_decorated_bound_and_callable_things_are_described_by_what_they_wrap() -> None:
    class Scale:
        """A scale."""

        def __call__(self, weight: float) -> float:
            """Weigh."""
            return weight

        def tare(self, weight: float) -> float:
            """Set to zero."""
            return -weight

    @functools.lru_cache
    def cached(weight: float) -> float:
        """Weigh once."""
        return weight

    for function in (Scale(), Scale().tare, cached):
        assert properties(function) == {"weight": {"type": "number"}}
        assert abs(call(function, weight=2)) == 2.0


def no_docstring(a: int) -> None:
    pass


def no_type(a) -> None:  # type: ignore[no-untyped-def]
    """Do it."""


def untyped_star(*values) -> None:  # type: ignore[no-untyped-def]
    """Do it."""


def unknown_documented_type(a) -> None:  # type: ignore[no-untyped-def]
    """Do it.

    Args:
        a (ndarray): A value.
    """


def unknown_hint(a: "Unknown") -> None:
    """Do it."""


def callback(a: Callable[[int], int]) -> None:
    """Do it."""


def open_socket(a: socket.socket) -> None:
    """Do it."""


class Fragile:
    """A type whose own description of itself needs what is not installed."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        raise ImportError("install `fragile[all]`")


def fragile(value: Fragile) -> None:
    """Do it."""


class Unreadable:
    """Something to call."""

    __signature__ = "none"

    def __call__(self, a: int) -> int:
        return a


print_nothing = Unreadable()


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (no_docstring, "it has no docstring that says what it does"),
        (no_type, "parameter `a` has no type, in a hint or the docstring"),
        (untyped_star, "parameter `*values` has no type, in a hint or the docstring"),
        (
            unknown_documented_type,
            "parameter `a` has no type hint, and `ndarray` in its docstring is not a simple type",
        ),
        (unknown_hint, "the type hint of `a` cannot be resolved: name 'Unknown' is not defined"),
        (callback, "parameter `a`: its type has no JSON form: it is a function or a class"),
        (open_socket, "parameter `a`: its type cannot be offered: `socket.socket` is not made of"),
        (fragile, "parameter `value`: its type cannot be offered: install `fragile[all]`"),
        (print_nothing, "its signature cannot be read"),
    ],
)
def test_a_function_that_cannot_be_offered_says_why(
    function: Callable[..., Any], reason: str
) -> None:
    with pytest.raises(Unusable) as raised:
        read_signature(function)
    assert str(raised.value).startswith(reason)


@pytest.mark.parametrize("arguments", [{}, {"x": "far"}, {"x": 1, "z": 1}])
def test_arguments_that_do_not_fit_are_refused(arguments: dict[str, Any]) -> None:
    def move(x: float) -> None:
        """Move."""

    with pytest.raises(ValidationError):
        call(move, **arguments)


class Search(TypedDict, total=False):
    query: "typing.Required[str]"
    limit: "Annotated[int, Field(ge=1)]"


def test_unpacked_keyword_arguments_are_parameters_of_their_own() -> None:
    def search(index: str, **options: typing.Unpack[Search]) -> dict[str, Any]:
        """Search.

        Args:
            index: Where.
            query: What for.
        """
        return {"index": index, **options}

    parameters = read_signature(search).parameters
    assert parameters["properties"] == {
        "index": {"type": "string", "description": "Where."},
        "query": {"type": "string", "description": "What for."},
        "limit": {"type": "integer", "minimum": 1},
    }
    assert parameters["required"] == ["index", "query"]
    assert parameters["additionalProperties"] is False
    given = {"index": "a", "query": "b"}
    assert call(search, **given) == given
    assert call(search, **given, limit=2) == given | {"limit": 2}


def test_marks_in_quotes_say_which_keys_of_a_typed_dictionary_are_required() -> None:
    def search(options: Search) -> Search:
        """Search."""
        return options

    assert read_signature(search).parameters["$defs"]["Search"]["required"] == ["query"]
    assert call(search, options={"query": "a"}) == {"query": "a"}


@dataclasses.dataclass
class Square:
    side: float
    area: float = dataclasses.field(init=False, default=0)

    def __post_init__(self) -> None:
        self.area = self.side**2


def test_what_a_dataclass_sets_itself_is_not_offered() -> None:
    def area(square: Square) -> float:
        """Area of a square."""
        return square.area

    assert list(read_signature(area).parameters["$defs"]["Square"]["properties"]) == ["side"]
    assert call(area, square={"side": 3}) == 9


@pytest.mark.parametrize(
    ("function", "arguments", "value"),
    [
        (math.factorial, {"n": 4}, 24),  # the stub calls it `x`
        (math.floor, {"x": 2.5}, 2),  # the first overload takes a private protocol
        (shlex.split, {"s": "a b"}, ["a", "b"]),  # a union with a private protocol
        (string.capwords, {"s": "a b"}, "A B"),  # a type variable of stubs alone
        (bisect.bisect_left, {"a": [1, 3], "x": 2}, 1),
        (secrets.choice, {"seq": ["a"]}, "a"),
    ],
)
def test_stubs_are_read_past_what_has_no_counterpart_at_run_time(
    function: Callable[..., Any], arguments: dict[str, Any], value: Any
) -> None:
    assert call(function, **arguments) == value
    hints = properties(function)
    assert all(hints[name] != {} for name in arguments)


def test_an_optional_parameter_that_takes_nothing_is_left_out() -> None:
    def sort(values: list[int], key: None = None) -> list[int]:
        """Sort."""
        return sorted(values, key=key)

    assert list(properties(sort)) == ["values"]
    assert call(sort, values=[2, 1]) == [1, 2]


def test_the_decorator_returns_the_function_and_keeps_its_hints() -> None:
    @api(category="x", examples=[{"a": 1}], phrasings=["do {a}"], effects={"network", "files"})
    def one(a: int) -> int:
        """Do it."""
        return a

    @api
    def two(a: int) -> int:
        """Do it."""
        return a

    assert inspect.isfunction(one) and one(1) == two(1) == 1
    assert hints_of(one) == ApiHints("x", ({"a": 1},), ("do {a}",), ("files", "network"))
    assert hints_of(two) == hints_of(no_docstring) == ApiHints()


@pytest.mark.parametrize(
    "wrong", [{"examples": {"a": 1}}, {"phrasings": "do it"}, {"effects": "network"}]
)
def test_the_decorator_refuses_one_thing_where_a_list_is_meant(wrong: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="list of"):
        typing.cast(Any, api)(**wrong)
