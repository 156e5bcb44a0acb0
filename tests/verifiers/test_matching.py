"""Call matching: BFCL's verdicts and error types, and the strict mode beside it."""

import itertools
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from api_registry.types import Call, Tool
from verifiers.matching import Match, expected_of, match_calls, predicted_of
from verifiers.matching.assignment import best_pairs

PROPERTIES: dict[str, Any] = {
    "city": {"type": "string"},
    "days": {"type": "integer"},
    "limit": {"type": "float"},
    "metric": {"type": "boolean"},
    "tags": {"type": "array", "items": {"type": "string"}},
    "sizes": {"type": "array", "items": {"type": "float"}},
    "point": {"type": "tuple", "items": {"type": "integer"}},
    "guest": {"type": "dict", "properties": {"name": {"type": "string"}}},
    "stops": {"type": "array", "items": {"type": "dict"}},
    "extra": {"type": "any"},
}


def function(name: str = "geo.weather", required: tuple[str, ...] = ("city",)) -> dict[str, Any]:
    parameters = {"type": "dict", "properties": PROPERTIES, "required": list(required)}
    return {"name": name, "description": "", "parameters": parameters}


TOOL = function()
OTHER = function("other", ())
FULL: dict[str, list[Any]] = {"city": ["Rome, Italy", "Rome"]}


def bfcl(given: dict[str, Any], allowed: dict[str, list[Any]], **changes: Any) -> str | None:
    verdict = match_calls([{"geo.weather": given}], [{"geo.weather": allowed}], [TOOL], **changes)
    assert verdict.valid is (verdict.error_type is None)
    assert verdict.valid is (verdict.error == "")
    return verdict.error_type


@pytest.mark.parametrize(
    ("given", "allowed"),
    [
        ({"city": "rome italy"}, {}), ({"city": "ROME. ITALY"}, {}), ({"city": "*Rome*"}, {}),
        ({"city": "Rome", "days": 3}, {"days": [3, 4]}), ({"city": "Rome"}, {"days": [3, ""]}),
        ({"city": "Rome", "limit": 3}, {"limit": [3.0]}),
        ({"city": "Rome", "limit": 3.0}, {"limit": [3]}),
        ({"city": "it's"}, {"city": ['it"s']}),
        ({"city": "Rome", "tags": ["A b", "c"]}, {"tags": [["ab", "C"]]}),
        ({"city": "Rome", "tags": []}, {"tags": [""]}),
        ({"city": "Rome", "point": (1, 2)}, {"point": [[1, 2]]}),
        ({"city": "Rome", "sizes": [1, 2.5]}, {"sizes": [[1, 2.5]]}),
        ({"city": "Rome", "guest": {"name": "ada"}}, {"guest": [{"name": ["Ada"], "n": ["", 5]}]}),
        ({"city": "Rome", "guest": {"age": True}}, {"guest": [{"age": [1]}]}),
        ({"city": "Rome", "stops": [{"at": "A"}]}, {"stops": [[{"at": ["a"]}]]}),
        ({"city": "Rome", "extra": 5}, {"extra": [5, 6.0]}),
        ({"city": "user_city"}, {"city": ["user_city"]}),
        ({"city": "Rome", "days": "n"}, {"days": ["n"]}),
    ],
)  # fmt: skip
def test_bfcl_accepts_what_its_rules_allow(
    given: dict[str, Any], allowed: dict[str, list[Any]]
) -> None:
    assert bfcl(given, FULL | allowed) is None


@pytest.mark.parametrize(
    ("given", "allowed", "error"),
    [
        ({}, {}, "simple_function_checker:missing_required"),
        ({"city": "Rome", "wind": 1}, {}, "simple_function_checker:unexpected_param"),
        ({"city": "Rome", "days": 3}, {}, "simple_function_checker:unexpected_param"),
        ({"city": "Rome"}, {"days": [3]}, "simple_function_checker:missing_optional"),
        ({"city": "Paris"}, {}, "value_error:string"),
        ({"city": "Rome!"}, {}, "value_error:string"),
        ({"city": 5}, {}, "type_error:simple"),
        ({"city": "Rome", "days": True}, {"days": [1]}, "type_error:simple"),
        ({"city": "Rome", "days": 3.0}, {"days": [3]}, "type_error:simple"),
        ({"city": "Rome", "days": 4}, {"days": [3]}, "value_error:others"),
        ({"city": "Rome", "limit": True}, {"limit": [1.0]}, "type_error:simple"),
        ({"city": "Rome", "metric": 1}, {"metric": [True]}, "type_error:simple"),
        ({"city": "Rome", "tags": ["a", 5]}, {"tags": [["a", "b"]]}, "type_error:nested"),
        ({"city": "Rome", "tags": ["b", "a"]}, {"tags": [["a", "b"]]}, "value_error:list/tuple"),
        ({"city": "Rome", "sizes": [1, 2]}, {"sizes": [[1.0, 2.0]]}, "type_error:nested"),
        ({"city": "Rome", "guest": {"nick": "A"}}, {"guest": [{"name": ["A"]}]},
         "value_error:dict_key"),
        ({"city": "Rome", "guest": {"name": "B"}}, {"guest": [{"name": ["A"]}]},
         "value_error:dict_value"),
        ({"city": "Rome", "guest": {}}, {"guest": [{"name": ["A"]}]}, "value_error:dict_key"),
        ({"city": "Rome", "guest": {"name": "B"}}, {"guest": [{"name": ["A"], "age": [5]}]},
         "value_error:dict_key"),
        ({"city": "Rome", "guest": {}}, {"guest": [""]}, "dict_checker:unclear"),
        ({"city": "Rome", "stops": []}, {"stops": [[{"at": ["A"]}]]},
         "value_error:list_dict_count"),
        ({"city": "Rome", "stops": [{"at": "B"}]}, {"stops": [[{"at": ["A"]}]]},
         "value_error:dict_value"),
    ],
)  # fmt: skip
def test_bfcl_names_the_first_error_in_its_order(
    given: dict[str, Any], allowed: dict[str, list[Any]], error: str
) -> None:
    assert bfcl(given, FULL | allowed) == error


ROME, PARIS = {"geo.weather": {"city": "Rome"}}, {"geo.weather": {"city": "Paris"}}
EITHER = {"geo.weather": {"city": ["Rome", "Paris"]}}
ONLY_ROME = {"geo.weather": {"city": ["Rome"]}}


@pytest.mark.parametrize(
    ("predicted", "expected", "tools", "error"),
    [
        ([], [ONLY_ROME], [TOOL], "simple_function_checker:wrong_count"),
        ([ROME, PARIS], [ONLY_ROME], [TOOL, OTHER], "multiple_function_checker:wrong_count"),
        ([ROME], [ONLY_ROME, EITHER], [TOOL], "parallel_function_checker_no_order:wrong_count"),
        ([{"other": {}}], [ONLY_ROME], [TOOL, OTHER], "simple_function_checker:wrong_func_name"),
        ([{"geo_weather": {}}], [ONLY_ROME], [TOOL], "simple_function_checker:wrong_func_name"),
        ([PARIS, ROME], [ONLY_ROME, EITHER], [TOOL], None),
        ([ROME, ROME], [ONLY_ROME, ONLY_ROME], [TOOL], None),
        ([PARIS, PARIS], [ONLY_ROME, EITHER], [TOOL],
         "parallel_function_checker_no_order:cannot_find_match"),
        # Greedy as theirs: the first expected call takes Rome, which the second one needs.
        ([ROME, PARIS], [EITHER, ONLY_ROME], [TOOL],
         "parallel_function_checker_no_order:cannot_find_match"),
        ("no calls", [ONLY_ROME], [TOOL], "ast_decoder:decoder_wrong_output_format"),
        ([{"a": {}, "b": {}}], [ONLY_ROME], [TOOL], "ast_decoder:decoder_wrong_output_format"),
        ([{"geo.weather": [1]}], [ONLY_ROME], [TOOL], "ast_decoder:decoder_wrong_output_format"),
        (None, [ONLY_ROME], [TOOL], "ast_decoder:decoder_wrong_output_format"),
        ([ROME], [], [TOOL], "irrelevance_error:decoder_success"),
        ([], [], [TOOL], None), ("I cannot.", [], [TOOL], None), (None, [], [], None),
    ],
)  # fmt: skip
def test_bfcl_matches_sets_of_calls(
    predicted: Any, expected: list[Any], tools: list[Any], error: str | None
) -> None:
    assert match_calls(predicted, expected, tools).error_type == error


def test_names_with_dots_are_called_with_underscores_where_the_model_had_to() -> None:
    dotted, plain = [ROME], [{"geo_weather": {"city": "Rome"}}]
    for mode in ("bfcl", "strict"):
        for predicted, underscores, valid in (
            (dotted, False, True), (plain, True, True), (plain, False, False),
            (dotted, True, False),
        ):  # fmt: skip
            verdict = match_calls(
                predicted, [ONLY_ROME], [TOOL, OTHER], mode=mode, underscore_to_dot=underscores
            )
            assert verdict.valid is valid


def test_functions_come_as_json_schema_as_openai_has_them_or_as_tools() -> None:
    properties = {
        "n": {"type": "number"}, "o": {"type": "object"}, "any": {},
        "null": {"type": ["integer", "null"]}, "list": {"type": "array"},
    }  # fmt: skip
    parameters = {"type": "object", "properties": properties, "required": ["n"]}
    bare = {"name": "f", "parameters": parameters}
    given = {"n": 5, "o": {"a": "X"}, "any": [1], "null": 3, "list": [1, 2]}
    allowed = {"n": [5.0], "o": [{"a": ["x"]}], "any": [[1]], "null": [3], "list": [[1, 2]]}
    tool = Tool(name="f", description="", parameters=parameters, api="f")
    for document in (bare, {"type": "function", "function": bare}, tool):
        assert match_calls([{"f": given}], [{"f": allowed}], [document]) == Match(valid=True)
    assert match_calls([{"f": {"n": "5"}}], [{"f": {"n": [5]}}], [bare]).error_type == (
        "type_error:simple"
    )


@pytest.mark.parametrize(
    ("expected", "tools", "message"),
    [
        ([{"f": {"a": 5}}], [{"name": "f"}], "`f.a`: a list of allowed values"),
        ([{"f": {}, "g": {}}], [{"name": "f"}], "per call"),
        (["f"], [{"name": "f"}], "per call"),
        ([{"f": {}}], [], "`tools` is empty"),
        ([{"f": {}}], [{"name": "g"}, {"name": "h"}], "`f`, which is not among the tools"),
        ([{"f": {}}], ["f"], "a function document"),
    ],
)
def test_what_the_caller_gives_must_have_its_form(expected: Any, tools: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        match_calls([], expected, tools)


def test_an_unknown_mode_is_named() -> None:
    with pytest.raises(ValueError, match="mode `loose`: expected one of bfcl, strict"):
        match_calls([], [], [], mode="loose")


def strict(given: dict[str, Any], allowed: dict[str, list[Any]]) -> str | None:
    tools = [TOOL]
    calls = [{"geo.weather": given}]
    return match_calls(calls, [{"geo.weather": allowed}], tools, mode="strict").error_type


@pytest.mark.parametrize(
    ("given", "allowed", "error"),
    [
        ({"city": "Rome"}, {"city": ["Rome"]}, None),
        ({"city": "rome"}, {"city": ["Rome"]}, "wrong_value"),
        ({"days": 5.0}, {"days": [5]}, None),
        ({"days": True}, {"days": [1]}, "wrong_type"),
        ({"days": "5"}, {"days": [5]}, "wrong_type"),
        ({"days": None}, {"days": [None]}, None),
        ({"tags": ["a", "b"]}, {"tags": [["a", "b"]]}, None),
        ({"tags": ["b", "a"]}, {"tags": [["a", "b"]]}, "wrong_value"),
        ({"sizes": [1, True]}, {"sizes": [[1, 1]]}, "wrong_value"),
        ({"guest": {"a": {"b": 1}}}, {"guest": [{"a": [{"b": [1, 2]}], "c": [3, ""]}]}, None),
        ({"guest": {"a": {"b": 3}}}, {"guest": [{"a": [{"b": [1, 2]}]}]}, "wrong_value"),
        ({"guest": {"a": 1, "d": 1}}, {"guest": [{"a": [1]}]}, "wrong_value"),
        ({"guest": {}}, {"guest": [{"a": [1]}]}, "wrong_value"),
        ({"guest": 5}, {"guest": [{"a": [1]}]}, "wrong_type"),
        ({}, {"days": [5]}, "missing_argument"),
        ({}, {"days": [5, ""]}, None),
        ({"days": 5, "wind": 1}, {"days": [5]}, "unexpected_argument"),
    ],
)
def test_strict_compares_json_as_it_is(
    given: dict[str, Any], allowed: dict[str, list[Any]], error: str | None
) -> None:
    assert strict(given, allowed) == error


def test_strict_finds_the_pairing_that_greed_misses() -> None:
    for predicted in ([ROME, PARIS], [PARIS, ROME]):
        for expected in ([EITHER, ONLY_ROME], [ONLY_ROME, EITHER]):
            assert match_calls(predicted, expected, [TOOL], mode="strict").valid
    assert match_calls([ROME], [EITHER, EITHER], [TOOL], mode="strict").error_type == "wrong_count"
    wrong = match_calls([{"other": {}}], [ONLY_ROME], [TOOL, OTHER], mode="strict")
    assert wrong == Match(False, "wrong_name", "`geo.weather` expected, `other` called")


def test_a_rows_answers_match_themselves_and_defaults_may_be_said_or_left_out() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "object"}, "n": {"default": 5}, "m": {"default": 6}, "r": {}},
        "required": ["r"],
    }
    tool = Tool(name="f", description="", parameters=schema, api="f")
    arguments = {"a": {"tags": ["x", "y"], "in": {"k": [1]}}, "m": 6, "r": [{"z": []}]}
    call = Call(id="call_0", name="f", arguments=arguments)
    expected = expected_of([call], [tool])
    assert expected == [
        {"f": {"a": [{"tags": [["x", "y"]], "in": [{"k": [[1]]}]}], "m": [6, ""],
               "r": [[{"z": [[]]}]], "n": [5, ""]}}
    ]  # fmt: skip

    def matches(**changes: Any) -> bool:
        given = {k: v for k, v in (arguments | changes).items() if v is not ...}
        predicted = predicted_of([call.model_copy(update={"arguments": given})])
        return match_calls(predicted, expected, [tool], mode="strict").valid

    assert matches()
    assert matches(m=..., n=5)
    assert not matches(n=6)
    assert not matches(a={"tags": ["x"], "in": {"k": [1]}})
    assert not matches(r=[{"z": [1]}])


@pytest.mark.parametrize("shape", [(1, 1), (3, 3), (2, 4), (4, 2), (5, 5), (0, 3), (3, 0)])
def test_the_best_pairs_are_as_good_as_any(shape: tuple[int, int]) -> None:
    rows, columns = shape
    rng = random.Random(str(shape))
    for _ in range(60):
        scores = [[rng.choice((0.0, 0.5, 1.0, 3.0)) for _ in range(columns)] for _ in range(rows)]
        pairs = best_pairs(scores)
        assert len(pairs) == min(shape)
        assert len({row for row, _ in pairs}) == len({column for _, column in pairs}) == len(pairs)
        short, long = sorted(shape)
        best = max(
            sum(
                scores[i][j] if rows <= columns else scores[j][i]
                for i, j in zip(range(short), order, strict=True)
            )
            for order in itertools.permutations(range(long), short)
        )
        assert sum(scores[row][column] for row, column in pairs) == pytest.approx(best)


def test_matching_agrees_with_bfcl_eval_itself() -> None:
    environment = os.environ.get("CALLFORGE_BFCL")
    if environment is None:
        pytest.skip("CALLFORGE_BFCL names no environment with bfcl-eval")
    script = Path(__file__).parents[2] / "benchmarks" / "matching_on_bfcl.py"
    done = subprocess.run(
        [sys.executable, str(script), "--bfcl", environment, "--each", "1"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert ", 0 differ: 100.000% agree" in done.stdout
