"""docs/execution.md: its snippets run, its tables hold, and the tests that it names exist."""

import ast
import dataclasses
import enum
import json
import re
import subprocess
import sys
import tomllib
from collections import deque
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import get_args
from uuid import UUID

import numpy

from api_registry.execution.results import to_json
from api_registry.execution.settings import ExecutionConfig
from api_registry.registry import load_apis
from api_registry.types import Outcome

ROOT = Path(__file__).parent.parent.parent
TEXT = (ROOT / "docs/execution.md").read_text(encoding="utf-8")


def snippet(first_line: str) -> str:
    [found] = [
        code
        for code in re.findall(r"^```\w+\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
        if code.startswith(first_line)
    ]
    return str(found)


def test_every_guarantee_names_a_test_that_exists() -> None:
    section = TEXT.partition("## What is guaranteed")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 30
    for row in rows:
        named = re.findall(r"`(tests/\S+?\.py)::(test_\w+)`", row)
        assert named, row
        for file, name in named:
            tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
            functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
            assert name in functions, f"{file}::{name}"


def test_every_adversarial_test_is_in_the_document() -> None:
    tree = ast.parse((ROOT / "tests/api_registry/test_adversaries.py").read_text())
    names = {n.name for n in tree.body if isinstance(n, ast.FunctionDef) if "test_" in n.name}
    own = {
        "test_with_fresh_processes_each_call_has_its_own",
        "test_the_parent_may_use_threads_of_its_own",
    }
    assert {name for name in names - own if f"::{name}`" not in TEXT} == set()


def test_every_outcome_is_explained() -> None:
    assert set(re.findall(r"^\| `(\w+)` \|", TEXT.partition("```toml")[0], re.MULTILINE)) == set(
        get_args(Outcome)
    )


def test_the_settings_shown_are_all_and_have_their_default_values() -> None:
    shown = tomllib.loads(snippet("# run.toml"))["execution"]
    assert ExecutionConfig.model_validate(shown) == ExecutionConfig()
    assert shown.keys() == ExecutionConfig.model_fields.keys()


def test_the_environment_shown_is_offered_and_its_session_runs(tmp_path: Path) -> None:
    (tmp_path / "shelf.py").write_text(snippet("# shelf.py"))
    (tmp_path / "session.py").write_text(snippet("# session.py"))
    loaded = load_apis([str(tmp_path / "shelf.py")])
    assert [(api.name, api.environment) for api in loaded.apis] == [
        ("lend", "Shelf"),
        ("give_back", "Shelf"),
    ]
    done = subprocess.run(
        [sys.executable, "session.py"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["[1, 0]", "{'books': {'Emma': 0}}"]


def test_the_api_with_an_effect_is_offered(tmp_path: Path) -> None:
    (tmp_path / "weather.py").write_text(snippet("# weather.py"))
    [api] = load_apis([str(tmp_path / "weather.py")]).apis
    assert api.effects == ("network",)


def test_every_value_has_the_form_that_is_shown() -> None:
    @dataclasses.dataclass
    class Point:
        x: int
        y: int

    class Colour(enum.Enum):
        RED = "red"

    known = {
        "Point": Point, "Colour": Colour, "deque": deque, "date": date, "datetime": datetime,
        "time": time, "timedelta": timedelta, "UTC": UTC, "Decimal": Decimal, "UUID": UUID,
        "Fraction": Fraction, "PurePosixPath": PurePosixPath, "numpy": numpy,
    }  # fmt: skip
    table = TEXT.partition("| value | JSON |\n|---|---|\n")[2].partition("\n\n")[0].splitlines()
    assert len(table) > 15
    for row in table:
        expression, shown = re.fullmatch(r"\| `(.*?)`(?: \(.*\))? \| `(.*)` \|", row).groups()  # type: ignore[union-attr]
        value = eval(expression, known)  # the document's own text
        assert json.loads(to_json(value)) == json.loads(shown), row
