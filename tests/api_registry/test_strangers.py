"""Functions in other people's styles become right tools, or are skipped with a clear reason."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from api_registry.execution.pool import RunnerPool
from api_registry.execution.settings import ExecutionConfig
from api_registry.registry import load_apis
from api_registry.schema_check import check_arguments
from api_registry.types import Api, ApiCall, CallResult, Skipped, tool_of
from tests.api_registry.stranger_cases import CASES, INSTALLED, SKIPPED, Case

FOLDER = Path(__file__).parent / "strangers"
STYLES = sorted(file.stem for file in FOLDER.glob("*_style.py"))
IDS = [case.spec for case in CASES]


def spec_of(name: str) -> str:
    """A style's module by its file; anything else is installed."""
    module, _, function = name.partition(":")
    return f"{FOLDER}/{module}.py:{function}" if module in STYLES else name


def looked_up(schema: dict[str, Any], path: str) -> Any:
    """What stands at a path, references followed; `p` is short for `properties`."""
    node: Any = schema
    for part in path.split("."):
        while isinstance(node, dict) and "$ref" in node:
            node = schema["$defs"][node["$ref"].rpartition("/")[2]] | {
                key: value for key, value in node.items() if key != "$ref"
            }
        node = node.get("properties" if part == "p" else part)
    if isinstance(node, dict) and "$ref" in node:
        node = schema["$defs"][node["$ref"].rpartition("/")[2]] | node
    return set(node) if path == "p" else node


@pytest.fixture(scope="module")
def offered() -> dict[str, Api]:
    """Case → its API, loaded as a user would."""
    return {case.spec: load_apis([spec_of(case.spec)]).apis[0] for case in CASES}


@pytest.fixture(scope="module")
def results(offered: dict[str, Api]) -> dict[str, list[CallResult]]:
    """Case → results of its right call and of those that raise, from real runners."""
    apis, calls = [], []
    for index, case in enumerate(CASES):
        apis.append(offered[case.spec].model_copy(update={"name": f"case_{index}"}))
        for number, arguments in enumerate([case.right, *(args for args, _ in case.raising)]):
            calls.append(ApiCall(id=f"{index}.{number}", api=apis[-1].name, arguments=arguments))

    async def run() -> list[CallResult]:
        async with RunnerPool(apis, ExecutionConfig()) as pool:
            return await pool.run(calls)

    grouped: dict[str, list[CallResult]] = {case.spec: [] for case in CASES}
    for call, result in zip(calls, asyncio.run(run()), strict=True):
        grouped[CASES[int(call.id.partition(".")[0])].spec].append(result)
    return grouped


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_the_schema_says_what_the_function_takes(case: Case, offered: dict[str, Api]) -> None:
    schema = offered[case.spec].parameters
    Draft202012Validator.check_schema(schema)
    json.dumps(schema, allow_nan=False)
    assert {path: looked_up(schema, path) for path in case.facts} == case.facts


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_right_call_fits_and_gives_the_right_value(
    case: Case, offered: dict[str, Api], results: dict[str, list[CallResult]]
) -> None:
    assert check_arguments(tool_of(offered[case.spec]), case.right) is None
    result = results[case.spec][0]
    assert (result.outcome, result.value) == ("ok", case.value), result.error


@pytest.mark.parametrize("case", [case for case in CASES if case.wrong], ids=lambda c: c.spec)
def test_arguments_that_do_not_fit_are_refused_by_the_schema(
    case: Case, offered: dict[str, Api]
) -> None:
    tool = tool_of(offered[case.spec])
    problems = [check_arguments(tool, arguments) for arguments, _ in case.wrong]
    assert [problem.reason if problem else None for problem in problems] == [
        reason for _, reason in case.wrong
    ]


@pytest.mark.parametrize("case", [case for case in CASES if case.raising], ids=lambda c: c.spec)
def test_arguments_that_fit_but_make_no_sense_raise_in_execution(
    case: Case, offered: dict[str, Api], results: dict[str, list[CallResult]]
) -> None:
    tool = tool_of(offered[case.spec])
    assert all(check_arguments(tool, arguments) is None for arguments, _ in case.raising)
    assert [(result.outcome, result.error_type) for result in results[case.spec][1:]] == [
        ("raised", error) for _, error in case.raising
    ]


def test_every_function_is_offered_or_skipped_for_its_reason() -> None:
    offered: set[str] = set()
    skipped: list[Skipped] = []
    for style in STYLES:
        loaded = load_apis([f"{FOLDER}/{style}.py"])
        offered |= {f"{style}:{api.name}" for api in loaded.apis}
        skipped += loaded.skipped
    reasons = {Path(item.where).name.replace(".py", ""): item.reason for item in skipped}
    assert offered == {case.spec for case in CASES if case.spec.partition(":")[0] in STYLES}
    assert set(reasons) == set(SKIPPED)
    for where, reason in reasons.items():
        assert reason.startswith(SKIPPED[where]), where


def test_of_whole_modules_of_other_people_at_least_95_percent_becomes_tools() -> None:
    """Functions without a docstring do not count: nothing says what they are for."""
    loaded = [load_apis([module]) for module in INSTALLED]
    offered = sum(len(module.apis) for module in loaded)
    skipped = [item for module in loaded for item in module.skipped]
    unusable = [item for item in skipped if "no docstring" not in item.reason]
    assert offered > 150
    assert offered / (offered + len(unusable)) >= 0.95, unusable
    assert all(item.reason and "\n" not in item.reason for item in skipped)


def test_of_a_hundred_functions_with_ten_unusable_ninety_load_and_ten_say_why(
    tmp_path: Path,
) -> None:
    unusable = {
        "a00": ("(a: int): pass", "it has no docstring that says what it does"),
        "a10": ("(a): '''Do it.'''", "parameter `a` has no type"),
        "a20": ("(*a): '''Do it.'''", "parameter `*a` has no type"),
        "a30": ("(a: 'Nowhere'): '''Do it.'''", "the type hint of `a` cannot be resolved"),
        "a40": ("(a: list[Callable[[], int]]): '''Do it.'''", "parameter `a`: its type has no"),
        "a50": ("(a: threading.Thread): '''Do it.'''", "parameter `a`: its type cannot be offered"),
        "a60": ("(a: 'list[') -> int: '''Do it.'''", "the type hint of `a` cannot be resolved"),
        "a70": ("(a: int) -> Callable[[], int]: '''Do it.'''", "it returns a function"),
        "ä80": ("(a: int): '''Do it.'''", "its name is not made of"),
        "a90": ("(a: int, b: type[int]) -> int: '''Do it.'''", "parameter `b`: its type has no"),
    }
    lines = ["import threading", "from typing import Callable"]
    for number in range(100):
        name = f"a{number:02}" if number != 80 else "ä80"
        body = unusable[name][0] if name in unusable else "(a: int) -> int: '''Do it.'''"
        lines.append(f"def {name}{body}")
    (tmp_path / "hundred.py").write_text("\n".join(lines))
    loaded = load_apis([str(tmp_path / "hundred.py")])
    assert len(loaded.apis) == 90
    reasons = {item.where.rpartition(":")[2]: item.reason for item in loaded.skipped}
    assert set(reasons) == set(unusable)
    for name, reason in reasons.items():
        assert reason.startswith(unusable[name][1]), name
