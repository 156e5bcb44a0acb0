"""Rows of other people's data sets, as they really are."""

import json
from typing import Any

import pytest

from data.formats import READERS, detect
from data.formats.imported import BadRow, Imported, ImportedTurn
from data.formats.tools import read_tools


def parameter(kind: Any, **more: Any) -> tuple[dict[str, Any], bool]:
    """Schema of a flat parameter of that type, and whether it is required."""
    [tool] = read_tools([{"name": "f", "parameters": {"x": {"type": kind, **more}}}])
    schema = tool.parameters
    return schema["properties"]["x"], "x" in schema.get("required", ())


@pytest.mark.parametrize(
    ("kind", "schema"),
    [
        ("str", {"type": "string"}),
        ("int", {"type": "integer"}),
        ("float", {"type": "number"}),
        ("bool", {"type": "boolean"}),
        ("list", {"type": "array"}),
        ("dict", {"type": "object"}),
        ("List[int]", {"type": "array", "items": {"type": "integer"}}),
        ("list[str]", {"type": "array", "items": {"type": "string"}}),
        ("typing.List[float]", {"type": "array", "items": {"type": "number"}}),
        (
            "List[List[int]]",
            {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}},
        ),
        ("Dict[str, Any]", {"type": "object"}),
        ("Dict[str, float]", {"type": "object", "additionalProperties": {"type": "number"}}),
        ("Set[str]", {"type": "array", "items": {"type": "string"}}),
        ("Tuple[int, ...]", {"type": "array", "items": {"type": "integer"}}),
        (
            "Tuple[float, str]",
            {
                "type": "array",
                "prefixItems": [{"type": "number"}, {"type": "string"}],
                "minItems": 2,
                "maxItems": 2,
            },
        ),
        ("Union[int, float]", {"type": ["integer", "number"]}),
        ("int | str", {"type": ["integer", "string"]}),
        ("Literal['km', 'mi']", {"enum": ["km", "mi"]}),
        ("List[Union[int, Foo]]", {"type": "array"}),
        ("string", {"type": "string"}),
        ("String", {"type": "string"}),
        ("boolean,", {"type": "boolean"}),
        ("Any", {}),
        ("np.ndarray", {}),
        ("Callable[[float], float]", {}),
        ("a list of names", {}),
        ("__import__('os').abort()", {}),
        ("[" * 5000, {}),
    ],
)
def test_python_types_become_schemas_and_unknown_ones_constrain_nothing(
    kind: str, schema: dict[str, Any]
) -> None:
    assert parameter(kind) == (schema, True)


@pytest.mark.parametrize(
    ("kind", "more", "schema"),
    [
        ("int, optional", {}, {"type": ["integer", "null"]}),
        ("Optional[int]", {}, {"type": ["integer", "null"]}),
        ("int | None", {}, {"type": ["integer", "null"]}),
        (
            "Optional[List[str]]",
            {},
            {"type": ["array", "null"], "items": {"type": "string"}},
        ),
        ("Optional[Literal['a']]", {}, {"enum": ["a", None]}),
        ("int, default 5", {}, {"type": "integer"}),
        ("str", {"default": "game"}, {"type": "string", "default": "game"}),
        ("str", {"default": None}, {"type": ["string", "null"], "default": None}),
        ("str", {"required": False}, {"type": "string"}),
    ],
)
def test_optional_parameters_may_be_left_out(
    kind: str, more: dict[str, Any], schema: dict[str, Any]
) -> None:
    assert parameter(kind, **more) == (schema, False)


def test_an_enum_beside_array_means_the_items() -> None:
    schema, _ = parameter("array", items={"type": "string"}, enum=["a", "b"])
    assert schema == {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}}


def test_a_list_of_optional_values_is_itself_required() -> None:
    assert parameter("List[Optional[int]]")[1]


def test_parameters_named_as_keywords_are_parameters() -> None:
    [tool] = read_tools(
        [
            {
                "name": "giveaways",
                "parameters": {
                    "type": {"type": "str", "description": "Kind.", "default": "game"},
                    "properties": {"type": "int", "description": "How many."},
                    "required": {"type": "bool", "description": "Whether."},
                },
            }
        ]
    )
    assert tool.parameters == {
        "type": "object",
        "properties": {
            "type": {"type": "string", "description": "Kind.", "default": "game"},
            "properties": {"type": "integer", "description": "How many."},
            "required": {"type": "boolean", "description": "Whether."},
        },
        "required": ["properties", "required"],
        "additionalProperties": False,
    }


def test_bfcl_types_are_read_at_every_depth() -> None:
    [tool] = read_tools(
        [
            {
                "name": "geometry.area",
                "description": "Area.",
                "parameters": {
                    "type": "dict",
                    "required": ["sides"],
                    "properties": {
                        "sides": {"type": "array", "items": {"type": "float"}},
                        "origin": {"type": "tuple", "items": {"type": "any"}},
                        "style": {"type": "dict", "properties": {"bold": {"type": "Boolean"}}},
                    },
                },
            }
        ]
    )
    assert tool.name == "geometry.area"
    assert tool.parameters == {
        "type": "object",
        "required": ["sides"],
        "properties": {
            "sides": {"type": "array", "items": {"type": "number"}},
            "origin": {"type": "array", "items": {}},
            "style": {"type": "object", "properties": {"bold": {"type": "boolean"}}},
        },
        "additionalProperties": False,
    }


def test_a_json_schema_stays_what_it_is() -> None:
    schema = {
        "type": "object",
        "properties": {
            "stop": {"$ref": "#/$defs/Stop"},
            "kind": {"enum": ["a", 1, None], "default": None},
            "either": {"anyOf": [{"type": "string", "pattern": "^a"}, {"type": "null"}]},
        },
        "$defs": {"Stop": {"type": "object", "properties": {"type": {"type": "string"}}}},
        "required": ["stop"],
        "additionalProperties": True,
    }
    [tool] = read_tools([{"type": "function", "function": {"name": "f", "parameters": schema}}])
    assert tool.parameters == schema


@pytest.mark.parametrize("parameters", [None, {}])
def test_a_tool_without_parameters_takes_none(parameters: Any) -> None:
    [tool] = read_tools([{"name": "now", "parameters": parameters}])
    assert tool.parameters == {"type": "object", "properties": {}, "additionalProperties": False}


def test_equal_definitions_are_one_object() -> None:
    definition = {"name": "f", "parameters": {"x": {"type": "int"}}}
    assert read_tools([definition])[0] is read_tools([json.loads(json.dumps(definition))])[0]
    assert len(read_tools([definition, definition])) == 1


@pytest.mark.parametrize(
    ("tools", "detail"),
    [
        (5, "expected a list of tools, got 5"),
        ([None], "tool 0: expected an object, got None"),
        ([{"description": "d"}], "tool 0.name: expected text, got None"),
        ([{"name": ""}], "tool 0.name: expected text, got ''"),
        ([{"name": "f", "parameters": "x: int"}], "tool `f`.parameters: expected an object"),
        (
            [{"name": "f"}, {"name": "f", "parameters": {"x": "int"}}],
            "two different tools are named `f`",
        ),
    ],
)
def test_tools_that_cannot_be_used_are_bad_rows(tools: Any, detail: str) -> None:
    with pytest.raises(BadRow) as problem:
        read_tools(tools)
    assert problem.value.reason == "bad_tools"
    assert problem.value.detail.startswith(detail)


TOOLS = [{"name": "f", "description": "", "parameters": {"x": {"type": "int"}}}]
CALL = {"name": "f", "arguments": {"x": 1}}
ASKED = (ImportedTurn("user", "q"), ImportedTurn("assistant", calls=(CALL,)))


@pytest.mark.parametrize(
    "encode",
    [json.dumps, lambda value: value, lambda value: [json.dumps(item) for item in value]],
    ids=["text", "values", "list of texts"],
)
def test_xlam_rows_come_as_text_or_values(encode: Any) -> None:
    row = {"id": 3, "query": "q", "tools": encode(TOOLS), "answers": encode([CALL])}
    assert detect(row) == "xlam"
    assert READERS["xlam"](row) == Imported(tools=read_tools(TOOLS), turns=ASKED)


@pytest.mark.parametrize(
    ("results", "read"),
    [
        (None, None),
        ([{"t": 5}], ({"t": 5},)),
        ('["Error: no such city"]', ("Error: no such city",)),
        (['{"error": "no such city"}'], ({"error": "no such city"},)),
        ([None, 0], (None, 0)),
        ([{"call": "call_0", "outcome": "ok", "value": None}], (None,)),
        ("fine", None),
    ],
)
def test_results_come_as_text_or_values(results: Any, read: Any) -> None:
    row = {"query": "q", "tools": TOOLS, "answers": [CALL], "results": results}
    assert READERS["xlam"](row).results == read


def test_raw_rows_keep_the_completion_as_it_is() -> None:
    row = {"tools": TOOLS, "completion": "Sure!\n```json\n[]\n```"}
    assert detect(row) == "raw"
    assert READERS["raw"](row) == Imported(tools=read_tools(TOOLS), completion=row["completion"])
    assert READERS["raw"]({**row, "query": "q"}).query == "q"


def test_conversations_keep_their_turns_and_results_find_their_calls() -> None:
    def call(call_id: str) -> dict[str, Any]:
        function = {"name": "f", "arguments": '{"x": 1}'}
        return {"id": call_id, "type": "function", "function": function}

    row = {
        "messages": [
            {"role": "developer", "content": "Today is Monday."},
            {"role": "user", "content": [{"type": "text", "text": "q"}]},
            {"role": "assistant", "content": None, "tool_calls": [call("a"), call("b")]},
            {"role": "tool", "tool_call_id": "b", "content": '{"n": 2}'},
            {"role": "tool", "tool_call_id": "a", "content": "one"},
            {"role": "assistant", "content": "Done."},
        ],
        "tools": [{"type": "function", "function": TOOLS[0]}],
    }
    assert detect(row) == "openai"
    function = {"name": "f", "arguments": '{"x": 1}'}
    assert READERS["openai"](row) == Imported(
        tools=read_tools(TOOLS),
        turns=(
            ImportedTurn("system", "Today is Monday."),
            ImportedTurn("user", "q"),
            ImportedTurn("assistant", calls=(function, function)),
            ImportedTurn("tool", '{"n": 2}', call=1),
            ImportedTurn("tool", "one", call=0),
            ImportedTurn("assistant", "Done."),
        ),
    )


def test_the_older_functions_are_read() -> None:
    row = {
        "messages": [
            {"role": "user", "content": "q"},
            {"role": "assistant", "content": None, "function_call": CALL},
            {"role": "function", "name": "f", "content": "5"},
        ],
        "functions": TOOLS,
    }
    imported = READERS["openai"](row)
    assert imported.turns[1] == ASKED[1]
    assert imported.turns[2] == ImportedTurn("tool", "5", call=0)
    assert [tool.name for tool in imported.tools] == ["f"]


@pytest.mark.parametrize(
    ("row_format", "row", "reason", "detail"),
    [
        ("xlam", {"query": "q", "tools": "[]"}, "missing_field", "no `answers`; the row has: "),
        ("xlam", {"query": 5, "tools": "[]", "answers": "[]"}, "bad_field", "`query`: expected"),
        ("xlam", {"query": "q", "tools": "[", "answers": "[]"}, "malformed_json", "`tools` is not"),
        ("xlam", {"query": "q", "tools": "[]", "answers": "{}"}, "bad_field", "`answers`: "),
        ("xlam", {"query": "q", "tools": "[]", "answers": "[NaN]"}, "malformed_json", "`answers`"),
        ("xlam", {"query": "q", "tools": ["{"], "answers": "[]"}, "malformed_json", "`tools[0]`"),
        ("raw", {"tools": "[]"}, "missing_field", "no `completion`"),
        (
            "xlam",
            {"query": "q", "tools": "[]", "answers": None},
            "missing_field",
            "`answers` is null",
        ),
        (
            "xlam",
            {"query": " ", "tools": "[]", "answers": "[]"},
            "missing_field",
            "`query` is empty",
        ),
        ("raw", {"tools": "[]", "completion": 5}, "bad_field", "`completion`: expected text"),
        ("openai", {"messages": []}, "bad_field", "`messages`: expected a list of messages"),
        ("openai", {"messages": ["hi"]}, "bad_field", "messages[0]: expected an object"),
        ("openai", {"messages": [{"role": "bot"}]}, "bad_field", "messages[0].role: unknown role"),
        (
            "openai",
            {"messages": [{"role": "user", "content": 5}]},
            "bad_field",
            "messages[0].content: expected text",
        ),
        (
            "openai",
            {"messages": [{"role": "assistant", "tool_calls": "f()"}]},
            "bad_field",
            "messages[0].tool_calls: expected a list",
        ),
    ],
)
def test_rows_that_lack_what_their_format_needs_say_so(
    row_format: str, row: dict[str, Any], reason: str, detail: str
) -> None:
    with pytest.raises(BadRow) as problem:
        READERS[row_format](row)
    assert (problem.value.reason, problem.value.detail[: len(detail)]) == (reason, detail)


def conversation(*messages: dict[str, Any]) -> Imported:
    return READERS["openai"]({"messages": list(messages), "tools": TOOLS})


def assistant(*ids: str | None) -> dict[str, Any]:
    """An assistant's message with a call per id."""
    function = {"name": "f", "arguments": '{"x": 1}'}
    return {
        "role": "assistant",
        "tool_calls": [{"id": call_id, "function": function} for call_id in ids],
    }


def result(call_id: str | None) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call_id, "content": "{}"}


USER = {"role": "user", "content": "q"}


@pytest.mark.parametrize(
    ("messages", "detail"),
    [
        ((assistant("a"), result("b")), "'b' is no call before it that still waits"),
        ((result("a"), assistant("a")), "messages[1].tool_call_id: 'a'"),
        ((assistant("a"), result("a"), result("a")), "messages[3].tool_call_id: 'a'"),
        ((assistant("a", "b"), result("c")), "waiting: a, b"),
    ],
    ids=["unknown id", "before its call", "answered twice", "one of two"],
)
def test_a_result_that_answers_no_call_is_named(
    messages: tuple[dict[str, Any], ...], detail: str
) -> None:
    with pytest.raises(BadRow) as caught:
        conversation(USER, *messages)
    assert caught.value.reason == "unmatched_result"
    assert detail in caught.value.detail


@pytest.mark.parametrize(
    "messages",
    [
        (assistant("a", "b"), result("b"), result("a")),
        (assistant("a"), result("a"), assistant("a"), result("a")),
        (assistant(None), result("made-up")),
        (assistant(None, None), result(None), result(None)),
        (assistant("a"), result(None)),
        (assistant("a"), result(None), result(None)),
        ({"role": "assistant", "content": '<tool_call>{"name": "f"}</tool_call>'}, result("a")),
    ],
)
def test_results_may_come_in_any_order_and_calls_without_ids(
    messages: tuple[dict[str, Any], ...],
) -> None:
    assert len(conversation(USER, *messages).turns) == 1 + len(messages)


@pytest.mark.parametrize(
    "said",
    [{}, {"content": ""}, {"content": None, "tool_calls": []}, {"function_call": {"name": None}}],
)
def test_an_assistant_that_neither_calls_nor_speaks_is_named(said: dict[str, Any]) -> None:
    with pytest.raises(BadRow, match="empty_reply"):
        conversation(USER, {"role": "assistant", **said})


def test_a_refusal_is_an_answer_and_a_conversation_without_one_is_none() -> None:
    declined = {"role": "assistant", "content": None, "refusal": "I cannot."}
    assert conversation(USER, declined).turns[1].content == "I cannot."
    parts = [{"type": "refusal", "refusal": "I cannot."}]
    assert conversation(USER, {**declined, "content": parts}).turns[1].content == "I cannot."
    with pytest.raises(BadRow, match="none is the assistant's"):
        conversation(USER)


def test_completions_may_be_the_message_itself() -> None:
    row = {"tools": TOOLS, "completion": {"role": "assistant", "tool_calls": [CALL]}}
    assert READERS["raw"](row).completion == json.dumps(row["completion"], separators=(",", ":"))
