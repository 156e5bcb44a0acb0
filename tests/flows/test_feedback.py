"""What later shards learn from earlier ones, and for whom they wait."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from api_registry.types import Api
from data.funnel import count_row, merge
from data.shards import ShardManifest, write_shard
from flows.drafting import Line
from flows.feedback import Feedback
from generators.embedded.generator import EmbeddedGenerator
from generators.llm.examples import shipped_examples
from generators.plan import Plan
from generators.plan_config import PlanConfig

SIZE, LAG = 2, 2


def line(apis: list[Api]) -> Line:
    plan = Plan(apis, PlanConfig(), seed=0, shard_size=SIZE)
    return Line(plan=plan, generator=EmbeddedGenerator(), verifiers=())


def row(shard: int, style: str = "simple") -> dict[str, Any]:
    message = {"role": "user", "content": "q", "train": False}
    return {
        "id": f"{shard:032x}", "group": "g", "messages": [message], "tools": "[]",
        "query": f"query of shard {shard}", "answers": '[{"name":"f","arguments":{}}]',
        "results": "[]", "style": style, "category": "length", "language": "en", "origin": "",
        "license": "", "stage": None, "reason": None, "detail": None, "verified_by": "",
        "n_turns": 2, "n_calls": 1, "n_tools": 0, "difficulty": None, "environment": None,
        "annotations": "{}", "provenance": json.dumps({"split": "train", "draft": shard * SIZE}),
    }  # fmt: skip


def write(folder: Path, shard: int, drafts: int = SIZE) -> ShardManifest:
    folder.mkdir(exist_ok=True)
    rows = [row(shard)] * drafts
    manifest = ShardManifest(
        identity="0" * 64, shard=shard, first=shard * SIZE, drafts=drafts, files={},
        funnel=merge(map(count_row, rows)),
    )  # fmt: skip
    return write_shard(folder, manifest, {"kept": rows, "rejected": []})


def feedback(apis: list[Api], folder: Path, **what: bool) -> Feedback:
    settings = {"refills": False, "examples": False} | what
    return Feedback(line(apis), folder, lag=LAG, size=SIZE, **settings)


def test_a_shard_shows_rows_of_the_shard_that_lies_behind_it_by_the_lag(
    apis: list[Api], tmp_path: Path
) -> None:
    async def work() -> None:
        learning = feedback(apis, tmp_path / "shards", examples=True)
        for shard in range(4):
            learning.finished(shard, write(tmp_path / "shards", shard))
        first = await learning.line_for(1)
        assert first is not None and first.examples is shipped_examples()
        for shard in (2, 5, 3):  # in whatever order they are begun
            found = await learning.line_for(shard)
            assert found is not None and found.examples is not None
            [shown] = {e.query for e in found.examples._by_style["simple"]}
            assert shown == f"query of shard {shard - LAG}"

    asyncio.run(work())


def test_a_shard_waits_for_those_it_learns_from_and_for_no_other(
    apis: list[Api], tmp_path: Path
) -> None:
    async def work() -> None:
        learning = feedback(apis, tmp_path / "shards", refills=True)
        waiting = asyncio.create_task(learning.line_for(3))
        learning.finished(0, write(tmp_path / "shards", 0))
        learning.finished(2, write(tmp_path / "shards", 2))
        await asyncio.sleep(0)
        assert not waiting.done()
        learning.finished(1, write(tmp_path / "shards", 1))
        found = await waiting
        assert found is not None and found.plan is not learning.line.plan
        assert found.plan(7) == (await learning.line_for(3)).plan(7)  # type: ignore[union-attr]

    asyncio.run(work())


@pytest.mark.parametrize("drafts", [None, 1])
def test_nothing_is_learnt_from_a_shard_that_is_not_whole(
    drafts: int | None, apis: list[Api], tmp_path: Path
) -> None:
    async def work() -> None:
        learning = feedback(apis, tmp_path / "shards", examples=True)
        learning.finished(0, write(tmp_path / "shards", 0, drafts) if drafts else None)
        assert await learning.line_for(LAG) is None

    asyncio.run(work())


def test_where_nothing_is_learnt_nobody_waits(apis: list[Api], tmp_path: Path) -> None:
    learning = feedback(apis, tmp_path)
    assert asyncio.run(learning.line_for(99)) is learning.line
