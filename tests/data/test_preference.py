"""Pairs of a verified answer and one that is certainly wrong, alike in length."""

import json
import random
import re
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from data.export import export_rows
from data.identity import compact_json
from data.preference import CERTAIN, message_length, pairs
from data.rows import row_calls
from tests.conftest import SmallRun
from verifiers.reasons_page import REASONS

Pair = dict[str, Any]


@pytest.fixture(scope="module")
def made(small_run: SmallRun) -> list[Pair]:
    return pairs(small_run.kept, small_run.rejected)


def calls(message: dict[str, Any]) -> list[dict[str, Any]]:
    return [call["function"] for call in message["tool_calls"]]


def problem(pair: Pair) -> str | None:
    """Why the rejected answer is wrong, by a validator of its own and by reading the query."""
    tools = {tool["function"]["name"]: tool["function"]["parameters"] for tool in pair["tools"]}
    for call in calls(pair["rejected"][0]):
        if call["name"] not in tools:
            return "format/unknown_tool"
        validator = jsonschema.Draft202012Validator(
            tools[call["name"]], format_checker=jsonschema.FormatChecker()
        )
        if any(validator.iter_errors(call["arguments"])):
            return "schema"
    right = [value for c in calls(pair["chosen"][0]) for value in c["arguments"].values()]
    text = " ".join(message["content"] for message in pair["prompt"]).replace(",", "")
    said = set(re.findall(r"\d+(?:\.\d+)?", text))
    for call in calls(pair["rejected"][0]):
        for value in call["arguments"].values():
            if value not in right and str(value) not in said:
                return "semantic/ungrounded_number"
    return None


def test_the_keys_are_trls_and_the_prompt_is_the_rows_own(
    made: list[Pair], small_run: SmallRun
) -> None:
    assert len(made) > 250
    queries = {row["query"] for row in small_run.kept}
    for pair in made:
        assert list(pair) == ["prompt", "chosen", "rejected", "tools", "reason"]
        assert [message["role"] for message in pair["prompt"]][-1] == "user"
        assert pair["prompt"][-1]["content"] in queries
        for side in ("chosen", "rejected"):
            [message] = pair[side]
            assert message["role"] == "assistant"
        assert pair["chosen"] != pair["rejected"]


def test_every_rejection_is_certain(made: list[Pair]) -> None:
    found = Counter((pair["reason"], problem(pair) is not None) for pair in made)
    assert all(certain for (_, certain) in found), found
    for pair in made:
        stage, _, reason = pair["reason"].partition("/")
        assert reason in CERTAIN[stage]


def test_several_reasons_are_there(made: list[Pair]) -> None:
    assert len({pair["reason"] for pair in made}) >= 4


def test_reasons_are_those_that_the_checks_have() -> None:
    for stage, reasons in CERTAIN.items():
        assert reasons <= set(REASONS[stage])


def test_length_alone_does_not_tell_which_answer_is_right(made: list[Pair]) -> None:
    leans = [
        message_length(pair["rejected"][0]) - message_length(pair["chosen"][0]) for pair in made
    ]
    longer = sum(lean > 0 for lean in leans) + sum(lean == 0 for lean in leans) / 2
    share = longer / len(leans)
    # The best rule that sees only the two lengths: by sign, and by sign at each difference.
    assert max(share, 1 - share) <= 0.55
    rng = random.Random(1)
    order = list(leans)
    rng.shuffle(order)
    half = len(order) // 2
    learnt: dict[int, int] = Counter()
    for lean in order[:half]:
        learnt[abs(lean) // 6] += (lean > 0) - (lean < 0)
    right = sum(
        0.5 if lean == 0 or learnt[abs(lean) // 6] == 0
        else float((lean > 0) == (learnt[abs(lean) // 6] > 0))
        for lean in order[half:]
    )  # fmt: skip
    assert right / len(order[half:]) <= 0.55


def test_a_rejected_draft_is_paired_with_the_verified_answer_to_its_query(
    small_run: SmallRun,
) -> None:
    row = next(row for row in small_run.kept if row["n_calls"] == 1)
    [call] = row_calls(row)
    messages = json.loads(json.dumps(row["messages"]))
    wrong = compact_json({**call["arguments"], "invented": 1})
    messages[-1]["tool_calls"][0]["function"]["arguments"] = wrong
    draft = {**row, "messages": messages, "stage": "format", "reason": "unknown_argument"}
    [pair] = pairs([row], [draft])
    assert pair["reason"] == "format/unknown_argument"
    assert calls(pair["rejected"][0])[0]["arguments"]["invented"] == 1
    # What a judge disliked is not certain; another query is another prompt.
    for other in (
        {**draft, "stage": "semantic", "reason": "judge_intent"},
        {**draft, "query": row["query"] + "?"},
    ):
        [pair] = pairs([row], [other])
        assert "invented" not in json.dumps(pair["rejected"])


def test_rows_without_calls_or_with_several_answers_make_no_pair(small_run: SmallRun) -> None:
    refusal = next(row for row in small_run.kept if not row["n_calls"])
    row = next(row for row in small_run.kept if row["n_calls"])
    longer = {**row, "messages": [*row["messages"], row["messages"][-2], row["messages"][-1]]}
    assert pairs([refusal, longer]) == []


def test_the_pairs_are_exported_and_read_back(
    small_run: SmallRun, tmp_path: Path, made: list[Pair]
) -> None:
    manifest = small_run.result.manifest
    out = tmp_path / "pairs.jsonl"
    count = export_rows(
        small_run.result.folder.dataset,
        manifest,
        row_format="trl-preference",
        splits=list(manifest.splits),
        out=out,
    )
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == count > 0.9 * len(made)
    assert {pair["reason"] for pair in rows} == {pair["reason"] for pair in made}


def test_datasets_reads_the_pairs_and_adds_no_argument(small_run: SmallRun, tmp_path: Path) -> None:
    from datasets import load_dataset

    manifest = small_run.result.manifest
    files = {}
    for kind in ("jsonl", "parquet"):
        files[kind] = tmp_path / f"pairs.{kind}"
        export_rows(
            small_run.result.folder.dataset,
            manifest,
            row_format="trl-preference",
            splits=["train"],
            out=files[kind],
        )
    loaded = load_dataset(
        "parquet", data_files=str(files["parquet"]), split="train", cache_dir=str(small_run.cache)
    )
    lines = files["jsonl"].read_text(encoding="utf-8").splitlines()

    def names(row: Pair) -> list[list[str]]:
        return [sorted(call["arguments"]) for call in calls(row["rejected"][0])]

    assert [names(row) for row in loaded] == [names(json.loads(line)) for line in lines]
