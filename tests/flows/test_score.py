"""Scores of a small set, worked out by hand in every style, and of questions in BFCL's form."""

import json
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from api_registry.errors import UsageError
from api_registry.types import Tool
from flows.cli import app
from flows.evaluation.comparing import differences
from flows.evaluation.outcomes import Outcome, outcome
from flows.evaluation.predictions import read_prediction
from flows.evaluation.questions import Question
from flows.evaluation.scores import interval
from verifiers.predictions import Prediction
from verifiers.python_calls import NotPython, read_python_calls

SCORED = Path(__file__).parent / "scored"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["score", *arguments])


def scores(*arguments: str) -> dict[str, Any]:
    done = run(*arguments, "--json")
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.output)
    return found


def shares(found: dict[str, Any]) -> dict[str, tuple[float, int]]:
    return {name: (round(score["value"], 4), score["n"]) for name, score in found.items()}


ROWS = (str(SCORED / "predictions.jsonl"), "--data", str(SCORED / "rows.jsonl"))
BFCL = (str(SCORED / "bfcl_result.jsonl"), "--format", "bfcl", "--data", str(SCORED / "bfcl"))


def test_a_hand_computed_score_comes_out_in_every_style() -> None:
    found = scores(*ROWS)
    # Right as a whole: s1, s5 (a default said), p1 (in another order), pm2, i1, a1.
    # Arguments: 1, 1/2, 2/3, 0/4, 2/2, 1/2, 4/5, 4/4, 0/1, 0/1, 2/2 over eleven questions.
    arguments = (1 + 1 / 2 + 2 / 3 + 0 + 1 + 1 / 2 + 4 / 5 + 1 + 0 + 0 + 1) / 11
    assert shares(found["total"]) == {
        "exact": (round(6 / 16, 4), 16),
        "tool_names": (round(6 / 11, 4), 11),
        "arguments": (round(arguments, 4), 11),
        "valid_json": (round(14 / 16, 4), 16),
        "irrelevance": (round(2 / 5, 4), 5),
        "hallucinated": (round(1 / 16, 4), 16),
    }
    exact = {style: shares(part)["exact"] for style, part in found["parts"]["style"].items()}
    assert exact == {
        "simple": (0.4, 5), "multiple": (0.0, 2), "parallel": (0.5, 2),
        "parallel_multiple": (0.5, 2), "irrelevant": (round(1 / 3, 4), 3),
        "missing_argument": (0.5, 2),
    }  # fmt: skip
    categories = {name: shares(part)["exact"] for name, part in found["parts"]["category"].items()}
    assert categories == {"units": (0.25, 4), "weather": (round(5 / 12, 4), 12)}
    assert found["errors"] == {
        "wrong_count": 2, "irrelevance_error:decoder_success": 2, "wrong_value": 1,
        "wrong_type": 1, "wrong_name": 1, "broken:malformed_json": 1, "no_call": 1,
        "no_prediction": 1,
    }  # fmt: skip
    # Wilson's interval for 6 of 16.
    low, high = found["total"]["exact"]["low"], found["total"]["exact"]["high"]
    assert (round(low, 3), round(high, 3)) == (0.185, 0.614)


def test_bfcl_is_scored_by_its_own_rules() -> None:
    found = scores(*BFCL)
    assert shares(found["total"]) == {
        "exact": (round(4 / 7, 4), 7),
        "tool_names": (0.8, 5),
        "arguments": (0.625, 4),
        "valid_json": (1.0, 7),
        "irrelevance": (0.5, 2),
        "hallucinated": (0.0, 7),
    }
    exact = {name: shares(part)["exact"] for name, part in found["parts"]["category"].items()}
    assert exact == {
        "simple_python": (0.5, 2), "multiple": (0.0, 1), "parallel": (1.0, 1),
        "live_irrelevance": (0.5, 2), "live_relevance": (1.0, 1),
    }  # fmt: skip
    assert found["errors"] == {
        "type_error:simple": 1, "simple_function_checker:wrong_func_name": 1,
        "irrelevance_error:decoder_success": 1,
    }  # fmt: skip
    strict = scores(*BFCL, "--mode", "strict")
    assert shares(strict["total"])["exact"] == (round(4 / 7, 4), 7)
    assert strict["errors"]["wrong_value"] == 1  # `new york.`; and 2.0 is 2


def test_bfcl_results_come_as_a_folder_too(tmp_path: Path) -> None:
    lines = (SCORED / "bfcl_result.jsonl").read_text().splitlines()
    folder = tmp_path / "some-model" / "live"
    folder.mkdir(parents=True)
    for category in ("simple_python", "live_irrelevance"):
        chosen = [line for line in lines if f'"{category}_' in line]
        (folder / f"BFCL_v4_{category}_result.json").write_text("\n".join(chosen))
    found = scores(str(tmp_path), *BFCL[1:])
    assert shares(found["total"])["exact"] == (0.5, 4)


def test_names_with_underscores_are_right_where_the_model_had_no_dots(tmp_path: Path) -> None:
    path = tmp_path / "predictions.jsonl"
    path.write_text((SCORED / "bfcl_result.jsonl").read_text().replace("geo.w", "geo_w"))
    wrong = scores(str(path), *BFCL[1:])
    right = scores(str(path), *BFCL[1:], "--underscore-to-dot")
    assert shares(wrong["total"])["hallucinated"][0] > 0.5
    assert shares(right["total"])["exact"] == (round(4 / 7, 4), 7)
    assert shares(right["total"])["hallucinated"] == (0.0, 7)


def test_a_table_is_printed_and_every_outcome_written(tmp_path: Path) -> None:
    out = tmp_path / "outcomes.jsonl"
    done = run(*ROWS, "--out", str(out))
    assert done.exit_code == 0, done.output
    assert "37.5 ±23.9" in done.output
    assert "1 questions have no prediction and count as wrong" in done.output
    outcomes = [json.loads(line) for line in out.read_text().splitlines()]
    assert len(outcomes) == 16
    assert outcomes[1]["error"] == "`days`: 4 is none of [3]"
    assert outcomes[1]["query"] == "Oslo, the next 3 days?"


def test_a_data_set_of_parquet_files_is_asked_split_by_split(tmp_path: Path) -> None:
    rows = [json.loads(line) for line in (SCORED / "rows.jsonl").read_text().splitlines()]
    for row in rows:
        row |= {"tools": json.dumps(row["tools"]), "answers": json.dumps(row["answers"])}
    for split, part in (("test", rows[:4]), ("unseen_api", rows[4:])):
        path = tmp_path / "dataset" / f"{split}-00000-of-00001.parquet"
        path.parent.mkdir(exist_ok=True)
        pq.write_table(pa.Table.from_pylist(part), path)
    found = scores(ROWS[0], "--data", str(tmp_path))
    exact = {name: shares(part)["exact"] for name, part in found["parts"]["split"].items()}
    assert exact == {"test": (0.25, 4), "unseen_api": (round(5 / 12, 4), 12)}
    only = scores(ROWS[0], "--data", str(tmp_path), "--split", "test")
    assert shares(only["total"])["exact"] == (0.25, 4)
    named = scores(ROWS[0], "--data", tmp_path.name, "--runs", str(tmp_path.parent))
    assert named == found
    missing = run(ROWS[0], "--data", str(tmp_path), "--split", "dev").exception
    assert "no split `dev`: there is test, unseen_api" in str(missing)


@pytest.mark.parametrize(
    ("lines", "arguments", "said"),
    [
        (['{"id": "zz", "calls": []}'], ROWS[1:], "no prediction is of a question in the data"),
        (['{"id": "s1"}'], ROWS[1:], "expected `completion`, `tool_calls`, `calls` or `result`"),
        (['{"calls": []}'], ROWS[1:], "expected an `id`"),
        (['{"id": 1, "calls": []}'] * 2, ROWS[1:], "a second prediction for id `1`"),
        (["oops"], ROWS[1:], "row 0: not strict JSON"),
        (['{"id": "s1", "calls": []}'], (), "--data: name the data set"),
        (['{"id": "s1", "calls": []}'], ("--data", "nowhere"), "nowhere"),
        (['{"id": "s1", "calls": []}'], (*ROWS[1:], "--mode", "soft"), "--mode `soft`"),
        (['{"id": "s1", "calls": []}'], (*BFCL[3:], "--split", "x"), "--split: BFCL has none"),
        (['{"id": "s1", "calls": []}'], ("--format", "bfcl", "--data", "."), "BFCL_v*_*.json"),
    ],
)
def test_what_cannot_be_scored_is_an_error_in_one_line(
    lines: list[str], arguments: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    path = tmp_path / "predictions.jsonl"
    path.write_text("\n".join(lines))
    with pytest.raises(UsageError) as caught:
        CliRunner().invoke(app, ["score", str(path), *arguments], catch_exceptions=False)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("line", "kind", "reason"),
    [
        ({"completion": "I cannot."}, "words", ""), ({"completion": ""}, "words", ""),
        ({"completion": "[]"}, "words", ""), ({"calls": []}, "words", ""),
        ({"result": []}, "words", ""),
        ({"completion": "[f(a=1)]"}, "calls", ""), ({"result": "f(a=1)"}, "calls", ""),
        ({"result": "`[f(a=1), g()]`"}, "calls", ""),
        ({"completion": '{"name": "f", "arguments": {}'}, "broken", "malformed_json"),
        ({"completion": '{"name": "f", "arguments": {}}', "finish_reason": "length"}, "broken",
         "truncated"),
        ({"completion": "<think>{"}, "broken", "no_answer"),
        ({"completion": "f(a=1) or g(b=)"}, "broken", "python_call"),
        ({"result": [{"f": "{"}]}, "broken", "malformed_json"),
        ({"result": [{"f": "1"}]}, "broken", "not_a_call"), ({"result": 5}, "broken", "not_a_call"),
        ({"calls": [5]}, "broken", "not_a_call"), ({"calls": "f"}, "broken", "not_a_call"),
        ({"calls": [{"name": "f", "arguments": {}}] * 2}, "calls", ""),
    ],
)  # fmt: skip
def test_predictions_are_calls_words_or_broken(
    line: dict[str, Any], kind: str, reason: str
) -> None:
    prediction = read_prediction({"id": "x", **line})
    assert (prediction.kind, prediction.reason) == (kind, reason)


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("[f(a=1, b='x'), g()]", [{"f": {"a": 1, "b": "x"}}, {"g": {}}]),
        ("a.b.c(x=-1.5, y=[True, None], z=(1, 2))", [{"a.b.c": {"x": -1.5, "y": [True, None],
                                                             "z": (1, 2)}}]),
        ("f(a={'k': [1]}, b=name, c=g(1), d=2**3 - 1, e=x[0])",
         [{"f": {"a": {"k": [1]}, "b": "name", "c": "g(1)", "d": 7, "e": "x[0]"}}]),
        ("```python\nf(a='it')\n```", [{"f": {"a": "it"}}]), ("[]", []),
        ("f(a=__import__('os').system('x'))", [{"f": {"a": "__import__('os').system('x')"}}]),
        ("f(a=9**9**9**9)", [{"f": {"a": "9 ** 9 ** 9 ** 9"}}]),
        ("f(a=1e999, b=b'x', c=1j)", [{"f": {"a": "1e309", "b": "b'x'", "c": "1j"}}]),
    ],
)  # fmt: skip
def test_python_calls_are_read_and_never_run(text: str, calls: list[dict[str, Any]]) -> None:
    assert read_python_calls(text) == calls


@pytest.mark.parametrize(
    "text",
    ["I cannot.", "f(", "f(**x)", "[1]", "x = f()", "(" * 50_000, "f(a={[]: 1})", "f" * 200_000],
)  # fmt: skip
def test_other_text_is_no_python_call(text: str) -> None:
    with pytest.raises(NotPython):
        read_python_calls(text)


def test_intervals_are_wilsons_for_shares_and_never_leave_zero_to_one() -> None:
    assert interval([1.0] * 10).low == pytest.approx(0.7225, abs=1e-4)
    assert interval([1.0] * 10).high == pytest.approx(1.0)
    assert interval([0.0] * 10).low == 0.0
    mixed = interval([0.0, 0.5, 1.0, 0.5])
    assert (mixed.value, mixed.n) == (0.5, 4)
    assert mixed.low == pytest.approx(0.5 - 1.959964 * (1 / 6 / 4) ** 0.5)


def made(api: str, *, right: bool, number: int) -> Outcome:
    name = f"api_{api}"
    tool = Tool(name=name, description="", parameters={}, api=name)
    question = Question(str(number), (), (tool,), (tool,), ({name: {}},))
    prediction = Prediction("calls", [{name: {}}]) if right else Prediction("words")
    return outcome(question, prediction, mode="strict")


def test_the_difference_is_paired_and_its_interval_counts_apis() -> None:
    before = [made(str(n % 40), right=n % 2 == 0, number=n) for n in range(400)]
    same = differences(before, before)["exact"]
    assert (same.value, same.low, same.high, same.clusters) == (0.0, 0.0, 0.0, 40)
    after = [made(str(n % 40), right=n % 2 == 0 or n % 5 == 0, number=n) for n in range(400)]
    gain = differences(before, after)["exact"]
    assert (gain.before, gain.after, round(gain.value, 6)) == (0.5, 0.6, 0.1)
    assert 0 < gain.low < 0.1 < gain.high
    # All the gain in one API of ten: one cluster, so nobody can be sure of it.
    old = [made(str(n // 40), right=False, number=n) for n in range(400)]
    new = [made(str(n // 40), right=n < 40, number=n) for n in range(400)]
    one = differences(old, new)["exact"]
    assert (one.value, one.low) == (0.1, 0.0)
    with pytest.raises(ValueError, match="the same questions"):
        differences(old, new[1:])


def test_intervals_of_the_bootstrap_hold_what_they_promise() -> None:
    """Over many repetitions of a known gain, about 95 % of the intervals hold it."""
    rng = random.Random(0)
    held = 0
    for _ in range(25):
        olds, news = [], []
        for number in range(200):
            api = number % 40
            olds.append(made(str(api), right=rng.random() < 0.4, number=number))
            news.append(made(str(api), right=rng.random() < 0.55, number=number))
        gain = differences(olds, news)["exact"]
        held += gain.low <= 0.15 <= gain.high
    assert 21 <= held <= 25


def test_two_files_are_compared_by_the_command(tmp_path: Path) -> None:
    before = tmp_path / "before.jsonl"
    lines = (SCORED / "predictions.jsonl").read_text().splitlines()
    before.write_text("\n".join(line for line in lines if '"s1"' not in line))
    done = run(*ROWS, "--baseline", str(before))
    assert "exact         31.2 → 37.5, +6.2" in done.output
    found = scores(*ROWS, "--baseline", str(before))["against_baseline"]["exact"]
    assert (found["n"], round(found["value"], 4)) == (16, 0.0625)
