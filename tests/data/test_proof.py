"""An API of which no call ever gave an answer is in no row of the data set that is about it."""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from api_registry.types import Call, Tool
from data.proof import Proof, about, never_worked, proof_of
from data.types import Sample, Turn, Verdict
from flows.pipeline import RunResult
from tests.conftest import make_run

APIS = '''
def garden_area(length: float, width: float) -> float:
    """Work out the area of a garden.

    Args:
        length: Length of the garden in metres.
        width: Width of the garden in metres.
    """
    return length * width

def fence_posts(length: float, spacing: float) -> int:
    """Count the posts of a fence.

    Args:
        length: Length of the fence in metres.
        spacing: Distance between two posts in metres.
    """
    return int(length / spacing) + 1

def soil_needed(area: float, depth: float) -> float:
    """Estimate how much soil a bed takes.

    Args:
        area: Area of the bed in square metres.
        depth: Depth of the soil in metres.
    """
    raise RuntimeError("the price list is not there")
'''


def garden_run(folder: Path, **settings: Any) -> RunResult:
    module = folder.with_name("garden_apis.py")
    module.write_text(APIS)
    return make_run(folder, apis=[str(module)], samples=150, name="garden", **settings)


def rows_of(path: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return rows


def test_rows_without_calls_about_an_api_that_only_raises_are_left_out(tmp_path: Path) -> None:
    result = garden_run(tmp_path / "runs")
    folder, funnel = result.folder, result.manifest.funnel
    stored = [row for path in folder.shards.glob("kept-*.parquet") for row in rows_of(path)]
    suspect = [row for row in stored if about(row) == "soil_needed"]
    assert suspect and not any(row["n_calls"] for row in suspect)
    assert funnel.balanced() and funnel.rejected["execution"]["never_worked"] == len(suspect)
    removed = [row for row in rows_of(folder.path / "removed.parquet")
               if row["reason"] == "never_worked"]  # fmt: skip
    assert {row["id"] for row in removed} == {row["id"] for row in suspect}
    assert {row["detail"] for row in removed} == {"no call of `soil_needed` worked"}
    kept = [row for path in folder.dataset.glob("*.parquet") for row in rows_of(path)]
    assert len(kept) == funnel.kept
    assert {about(row) for row in kept} >= {"garden_area", "fence_posts"}
    assert "soil_needed" not in {about(row) for row in kept}


def test_the_order_of_work_does_not_decide_what_is_left_out(
    tmp_path: Path,
) -> None:
    def kept(name: str, **settings: Any) -> list[str]:
        folder = garden_run(tmp_path / name / "runs", **settings).folder.dataset
        return [row["id"] for path in sorted(folder.glob("*.parquet")) for row in rows_of(path)]

    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    assert kept("one") == kept("two", execution={"workers": 1})


def sample(passed: bool, *names: str, failing: int | None = None) -> Sample:
    tools = tuple(
        Tool(name=name, description="", parameters={}, api=f"api_{name}") for name in "abc"
    )
    calls = tuple(Call(id=f"c{n}", name=name, arguments={}) for n, name in enumerate(names))
    verdict = Verdict(
        stage="execution", passed=passed, reason=None if passed else "raised",
        call=None if failing is None else f"c{failing}",
    )  # fmt: skip
    return Sample(
        id="", group="", turns=(Turn(role="assistant", calls=calls),), tools=tools,
        style="simple", category="", verdicts=(verdict,),
    )  # fmt: skip


def test_only_the_call_that_failed_speaks_against_its_api() -> None:
    proof = proof_of([sample(True, "a"), sample(False, "b", "c", failing=1), sample(True)])
    assert proof == Proof(worked=("api_a",), failed=("api_c",))


def test_one_answer_anywhere_clears_an_api_and_no_call_is_no_failure() -> None:
    first, second = Proof(failed=("a", "b")), Proof(worked=("a",))
    assert never_worked([first, second]) == never_worked([second, first]) == {"b"}
    assert never_worked([]) == frozenset()


def test_rows_of_earlier_versions_say_nothing_of_what_they_are_about() -> None:
    assert about({"provenance": json.dumps({"draft": 1})}) is None
