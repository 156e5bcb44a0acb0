"""The audit of somebody else's data set, as a user of the command line has it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flows.audit import AuditConfig, AuditResult, audit
from tests.conftest import SmallRun

WEATHER = {
    "name": "get_weather",
    "description": "Weather of a city.",
    "parameters": {
        "type": "object",
        "properties": {
            "city": {"type": "string"},
            "days": {"type": "integer", "minimum": 1, "maximum": 14},
            "unit": {"enum": ["celsius", "fahrenheit"]},
        },
        "required": ["city"],
    },
}
SQUARE = {"name": "square", "description": "Square.", "parameters": {"x": {"type": "float"}}}
SHARED = '''
def get_weather(city: str, days: int = 1, unit: str = "celsius") -> dict[str, object]:
    """Weather of a city.

    Args:
        city: Name.
        days: Days ahead.
        unit: Unit.
    """
    if city == "Atlantis":
        raise ValueError("no such city: Atlantis")
    return {"city": city, "days": days}
'''


def asked(query: str, *calls: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A row in xLAM's format."""
    tools = json.dumps([WEATHER, SQUARE])
    return {"query": query, "tools": tools, "answers": json.dumps(calls)} | more


def weather(**arguments: Any) -> dict[str, Any]:
    return {"name": "get_weather", "arguments": arguments}


def run_audit(folder: Path, rows: list[Any], **settings: Any) -> list[dict[str, Any]]:
    """Audit rows (or ready lines) and return the verdicts."""
    path = folder / "rows.jsonl"
    text = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(text), encoding="utf-8")
    verdicts, _ = audit_file(path, **settings)
    return verdicts


def audit_file(path: Path, **settings: Any) -> tuple[list[dict[str, Any]], AuditResult]:
    out = path.with_name("verdicts.jsonl")
    config = AuditConfig.model_validate(
        {"file": str(path), "out": str(out), "workers": 1} | settings
    )
    result = audit(config, lambda rows, passed: None)
    verdicts = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [verdict["row"] for verdict in verdicts] == list(range(result.rows))
    assert sum(verdict["passed"] for verdict in verdicts) == result.passed
    failed = sum(count for reasons in result.failed.values() for count in reasons.values())
    assert result.passed + failed == result.rows
    return verdicts, result


def test_a_right_row_passes_with_its_calls(tmp_path: Path) -> None:
    call = weather(city="Oslo", days=3)
    row = asked("How is the weather in Oslo for the next 3 days?", call, id="w-1")
    assert run_audit(tmp_path, [row]) == [
        {
            "row": 0,
            "id": "w-1",
            "passed": True,
            "stage": None,
            "reason": None,
            "detail": None,
            "calls": [call],
            "results": [],
        }
    ]


@pytest.mark.parametrize(
    ("row", "stage", "reason"),
    [
        ('{"query": "cut off', "format", "malformed_row"),
        ('["a list"]', "format", "malformed_row"),
        ({"query": "q", "tools": "[]"}, "format", "missing_field"),
        (asked("q", tools="oops"), "format", "malformed_json"),
        (asked("q", tools='["f"]'), "format", "bad_tools"),
        (asked("q", answers='{"name": "get_weather"}'), "format", "bad_field"),
        (asked("q", answers='[{"name": "square", "arguments": {"x": NaN}}]'), "format", None),
        (asked("q", {"arguments": {}}), "format", "not_a_call"),
        (asked("q", {"name": "get_weather", "arguments": [1]}), "format", "not_a_call"),
        (asked("q", {"name": "cube", "arguments": {"x": 1}}), "format", "unknown_tool"),
        (asked("q", weather()), "format", "missing_argument"),
        (asked("q in Oslo", weather(city="Oslo", country="NO")), "format", "unknown_argument"),
        (asked("3 days in Oslo", weather(city="Oslo", days="3")), "format", "wrong_type"),
        (asked("30 days in Oslo", weather(city="Oslo", days=30)), "format", "out_of_range"),
        (asked("kelvin, Oslo", weather(city="Oslo", unit="kelvin")), "format", "not_in_enum"),
        (asked("4?", {"name": "square", "arguments": {"x": "4"}}), "format", "wrong_type"),
        (asked("Square 4.", {"name": "square", "arguments": {"x": 5}}), "semantic", None),
        (asked("Oslo?", weather(city="Oslo"), weather(city="Oslo")), "semantic", "duplicate_call"),
    ],
)
def test_every_error_is_found_under_its_reason(
    tmp_path: Path, row: Any, stage: str, reason: str | None
) -> None:
    good = asked("Weather in Oslo?", weather(city="Oslo"))
    before, verdict, after = run_audit(tmp_path, [good, row, good])
    assert before["passed"]
    assert after["passed"]
    assert not verdict["passed"]
    assert verdict["stage"] == stage
    assert reason in (None, verdict["reason"])
    assert verdict["detail"]


def test_the_id_is_the_rows_own_or_its_content(tmp_path: Path) -> None:
    row = asked("Weather in Oslo?", weather(city="Oslo"))
    other = asked("Weather in Rome?", weather(city="Rome"))
    ids = [verdict["id"] for verdict in run_audit(tmp_path, [{**row, "id": 0}, row, row, other])]
    assert ids[0] == 0
    assert ids[1] == ids[2] != ids[3]


def test_a_verdict_is_one_line_whatever_the_row_holds(tmp_path: Path) -> None:
    # run_audit reads lines as Python's splitlines() does, which ends them at these as well.
    city = "Os\u2028lo\u2029\x85"
    before, verdict = run_audit(tmp_path, [asked("a"), asked(f"{city}?", weather(city=city))])
    assert (before["row"], verdict["row"]) == (0, 1)
    assert verdict["calls"] == [weather(city=city)]


def test_rows_without_a_call_pass(tmp_path: Path) -> None:
    [verdict] = run_audit(tmp_path, [asked("Tell me a joke.")])
    assert verdict["passed"]
    assert verdict["calls"] == []


def test_formats_may_be_mixed_in_one_file(tmp_path: Path) -> None:
    call = weather(city="Oslo")
    function = {"name": "get_weather", "arguments": json.dumps(call["arguments"])}
    rows = [
        asked("Weather in Oslo?", call),
        {
            "messages": [
                {"role": "user", "content": "Weather in Oslo?"},
                {"role": "assistant", "tool_calls": [{"id": "1", "function": function}]},
            ],
            "tools": [{"type": "function", "function": WEATHER}],
        },
        {"tools": [WEATHER], "query": "Weather in Oslo?", "completion": json.dumps([call])},
        {"tools": [WEATHER], "completion": f"```json\n{json.dumps([call])}\n```"},
        {"text": "of no format"},
    ]
    verdicts = run_audit(tmp_path, rows)
    assert [verdict["passed"] for verdict in verdicts] == [True, True, True, True, False]
    assert [verdict["calls"] for verdict in verdicts] == [[call]] * 4 + [[]]
    assert verdicts[4]["reason"] == "missing_field"


def test_several_pairs_pass_only_if_all_do(tmp_path: Path) -> None:
    def pair(city: str, **more: Any) -> dict[str, Any]:
        return {"query": f"Weather in {city}?", "answers": [weather(city=city, **more)]}

    both = {"pairs": [pair("Oslo"), pair("Rome")]}
    one = {"pairs": [pair("Oslo"), pair("Rome", days="2")]}
    rows = [{"tools": [WEATHER], "completion": json.dumps(value)} for value in (both, one)]
    good, bad = run_audit(tmp_path, rows)
    assert good["passed"]
    assert good["calls"] == [[weather(city="Oslo")], [weather(city="Rome")]]
    assert (bad["passed"], bad["reason"]) == (False, "wrong_type")
    assert bad["calls"] == [[weather(city="Oslo")], [weather(city="Rome", days="2")]]


def test_a_raw_completion_goes_through_the_parser(tmp_path: Path) -> None:
    rows = [
        {"tools": [WEATHER], "completion": text}
        for text in ("", "I cannot help.", '[{"name": "get_weather", "name": "x"}]')
    ]
    reasons = [verdict["reason"] for verdict in run_audit(tmp_path, rows)]
    assert reasons == ["empty_answer", "no_answer", "malformed_json"]


def test_later_turns_may_draw_on_earlier_ones(tmp_path: Path) -> None:
    def turn(call_id: str, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        function = {"name": name, "arguments": json.dumps(arguments)}
        call = {"id": call_id, "type": "function", "function": function}
        return {"role": "assistant", "tool_calls": [call]}

    def row(days: int, x: float) -> dict[str, Any]:
        return {
            "messages": [
                {"role": "user", "content": "Weather in Oslo?"},
                turn("a", "get_weather", {"city": "Oslo"}),
                {"role": "tool", "tool_call_id": "a", "content": '{"temperature": 17.5}'},
                {"role": "assistant", "content": "It is 17.5 degrees."},
                {"role": "user", "content": "And for 4 days? Then square the temperature."},
                turn("b", "get_weather", {"city": "Oslo", "days": days}),
                turn("c", "square", {"x": x}),
            ],
            "tools": [WEATHER, SQUARE],
        }

    good, bad_days, bad_x = run_audit(tmp_path, [row(4, 17.5), row(7, 17.5), row(4, 88.25)])
    assert good["passed"], good
    assert bad_days["reason"] == bad_x["reason"] == "ungrounded_number"


def test_calls_run_on_the_registered_apis(tmp_path: Path) -> None:
    (tmp_path / "shared_tools.py").write_text(SHARED)
    rows = [
        asked("Weather in Oslo?", weather(city="Oslo")),
        asked("Weather in Atlantis?", weather(city="Atlantis")),
        asked("Square 4.", {"name": "square", "arguments": {"x": 4}}),
        asked(
            "Weather in Rome, and square 4.",
            weather(city="Rome"),
            {"name": "square", "arguments": {"x": 4}},
        ),
    ]
    verdicts = run_audit(tmp_path, rows, apis=[str(tmp_path / "shared_tools.py")])
    ran, raised, unknown, partly = verdicts
    assert ran["passed"]
    value = {"city": "Oslo", "days": 1}
    assert ran["results"] == [{"call": "call_0", "outcome": "ok", "value": value}]
    assert (raised["stage"], raised["reason"]) == ("execution", "raised")
    assert "no such city: Atlantis" in raised["detail"]
    assert raised["results"][0]["outcome"] == "raised"
    assert unknown["passed"]
    assert unknown["results"][0]["outcome"] == "unregistered"
    assert partly["passed"]
    assert [result["outcome"] for result in partly["results"]] == ["ok", "unregistered"]


def test_own_results_serve_where_nothing_is_run(tmp_path: Path) -> None:
    row = asked("Weather in Oslo?", weather(city="Oslo"), results=['{"sun": true}'])
    [verdict] = run_audit(tmp_path, [row])
    assert verdict["results"] == [{"call": "call_0", "outcome": "ok", "value": {"sun": True}}]


def test_an_error_is_seen_though_a_later_call_has_no_result(tmp_path: Path) -> None:
    def turn(call_id: str, city: str) -> dict[str, Any]:
        function = {"name": "get_weather", "arguments": json.dumps({"city": city})}
        return {"role": "assistant", "tool_calls": [{"id": call_id, "function": function}]}

    messages = [
        {"role": "user", "content": "Weather in Oslo?"},
        turn("a", "Oslo"),
        {"role": "tool", "tool_call_id": "a", "content": '{"error": "no such city"}'},
        {"role": "user", "content": "In Rome, then?"},
        turn("b", "Rome"),
    ]
    [verdict] = run_audit(tmp_path, [{"messages": messages, "tools": [WEATHER]}])
    assert verdict["reason"] == "hidden_error"
    assert [result["call"] for result in verdict["results"]] == ["call_0"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('<tool_call>\n{"name": "get_weather", "arguments": {"city": "Oslo"}}\n</tool_call>', None),
        ('<tool_call>{"name": "get_whether", "arguments": {}}</tool_call>', "unknown_tool"),
        ('Sure. <functioncall> {"name": "get_weather", "arguments": {}}', "missing_argument"),
        ('[TOOL_CALLS][{"name": "get_weather", "arguments": {"city": "Os', "malformed_json"),
        ("Hermes writes <tool_call> before a call.", None),
    ],
)
def test_calls_marked_in_the_text_of_a_message_are_checked(
    tmp_path: Path, text: str, reason: str | None
) -> None:
    messages = [
        {"role": "user", "content": "Weather in Oslo?"},
        {"role": "assistant", "content": text},
    ]
    [verdict] = run_audit(tmp_path, [{"messages": messages, "tools": [WEATHER]}])
    assert verdict["reason"] == reason
    assert verdict["passed"] == (reason is None)


def test_stages_that_are_left_out_find_nothing(tmp_path: Path) -> None:
    rows = [asked("Square 4.", {"name": "square", "arguments": {"x": 5}})]
    assert not run_audit(tmp_path, rows)[0]["passed"]
    assert run_audit(tmp_path, rows, stages=["format"])[0]["passed"]


@pytest.mark.parametrize(
    "node",
    [
        {"type": "array", "items": {"$ref": "#/$defs/node"}},
        {"anyOf": [{"type": "array", "items": {"$ref": "#/$defs/node"}}, {"type": "null"}]},
    ],
)
def test_a_schema_that_refers_to_itself_is_no_end(tmp_path: Path, node: dict[str, Any]) -> None:
    properties = {"tree": {"$ref": "#/$defs/node"}}
    schema = {"type": "object", "properties": properties, "$defs": {"node": node}}
    tools = [{"name": "walk", "description": "Walks a tree.", "parameters": schema}]
    calls = [{"name": "walk", "arguments": {"tree": [[], [[]]]}}]
    row = {"query": "Walk this tree: [[], [[]]]", "tools": tools, "answers": calls}
    [verdict] = run_audit(tmp_path, [row])
    assert verdict["passed"]


def test_several_processes_write_the_same_as_one(tmp_path: Path, small_run: SmallRun) -> None:
    rows = [
        {"id": row["id"], "query": row["query"], "tools": row["tools"], "answers": row["answers"]}
        for row in [*small_run.kept, *small_run.rejected]
    ]
    pq.write_table(pa.Table.from_pylist(rows * 2), tmp_path / "rows.parquet")
    apis = ("api_registry.catalog",)
    one = audit_file(tmp_path / "rows.parquet", workers=1, apis=apis)
    two = audit_file(tmp_path / "rows.parquet", workers=2, apis=apis)
    assert one[0] == two[0]
    assert one[1].failed == two[1].failed
    assert one[1].examples == two[1].examples
    assert one[1].rows == 2 * len(rows)


def test_a_runs_own_data_set_passes_its_audit(small_run: SmallRun) -> None:
    folder = small_run.result.folder.dataset
    for path in sorted(folder.glob("*.parquet")):
        config = AuditConfig(file=str(path), workers=1, apis=("api_registry.catalog",))
        result = audit(config, lambda rows, passed: None)
        assert result.passed == result.rows, result
        assert result.unregistered == 0


def test_the_command_prints_what_it_found_and_failed_rows_are_no_failure(
    callforge: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    rows = [asked("Weather in Oslo?", weather(city="Oslo")), asked("Oslo?", weather())]
    Path("rows.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    code, out, _ = callforge("verify", "rows.jsonl", "--out", "verdicts.jsonl")
    assert code == 0
    assert "failed: format, missing_argument" in out
    assert len(Path("verdicts.jsonl").read_text().splitlines()) == 2
    code, out, _ = callforge("verify", "rows.jsonl", "--json")
    assert code == 0
    found = json.loads(out)
    assert found["rows"] == 2
    assert found["passed"] == 1
    assert found["failed"] == {"format": {"missing_argument": 1}}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rows.jsonl", "verdicts.jsonl"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("rows.jsonl", "--stages", "execution"), "needs APIs to run: name them, as in --apis"),
        (("rows.jsonl", "--stages", "style"), "'format', 'execution' or 'semantic', got 'style'"),
        (("rows.jsonl", "--format", "csv"), "'xlam', 'openai' or 'raw'"),
        (("rows.jsonl", "--workers", "0"), "`workers`"),
        (("rows.jsonl", "--out", "."), "is a directory: name a file"),
        (("rows.jsonl", "--out", "rows.jsonl"), "is the file to be read"),
        (("rows.jsonl", "--apis", "no_such_module"), "no_such_module"),
        (("nothing.jsonl",), "`nothing.jsonl` cannot be read: No such file"),
        ((".",), "`.` is a directory"),
        (("empty.jsonl",), "`empty.jsonl` is empty"),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_2(
    callforge: Callable[..., tuple[int, str, str]], arguments: tuple[str, ...], message: str
) -> None:
    Path("rows.jsonl").write_text(json.dumps(asked("Weather in Oslo?", weather(city="Oslo"))))
    Path("empty.jsonl").write_text("")
    code, _, error = callforge("verify", *arguments)
    assert code == 2
    assert message in error
    assert error.count("\n") == 1
    assert "Traceback" not in error


def test_an_unwritable_place_for_verdicts_is_said_before_anything_is_checked(
    callforge: Callable[..., tuple[int, str, str]],
) -> None:
    Path("rows.jsonl").write_text(json.dumps(asked("Weather in Oslo?", weather(city="Oslo"))))
    code, _, error = callforge("verify", "rows.jsonl", "--out", "none/verdicts.jsonl")
    assert code == 1
    assert "--out `none/verdicts.jsonl` cannot be written" in error


def test_verdicts_are_whole_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    rows = [asked(f"Weather in «{number}»?") for number in range(1000)]
    pq.write_table(
        pa.Table.from_pylist(rows),
        path,
        write_page_checksum=True,
        compression="none",
        use_dictionary=False,
        data_page_size=2000,
    )
    content = bytearray(path.read_bytes())
    content[content.index("«900»".encode()) + 2] ^= 1
    path.write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-m", "flows.cli", "verify", str(path), "--out", str(tmp_path / "v")],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parent.parent.parent,
    )
    assert done.returncode == 2
    assert "rows.parquet` cannot be read" in done.stderr
    assert [item.name for item in tmp_path.iterdir()] == ["rows.parquet"]


def test_a_dash_is_standard_input() -> None:
    row = json.dumps(asked("Weather in Oslo?", weather(city="Oslo")))
    done = subprocess.run(
        [sys.executable, "-m", "flows.cli", "verify", "-", "--json"],
        input=f"{row}\n{row[:-1]}\n",
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parent.parent.parent,
    )
    result = json.loads(done.stdout)
    assert (result["rows"], result["passed"]) == (2, 1)
    assert result["failed"] == {"format": {"malformed_row": 1}}


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_no_process_survives_an_audit_that_is_killed(tmp_path: Path) -> None:
    row = json.dumps(asked("Weather in Oslo?", weather(city="Oslo"))) + "\n"
    (tmp_path / "rows.jsonl").write_text(row * 50_000)
    command = [sys.executable, "-m", "flows.cli", "verify", "rows.jsonl", "--out", "verdicts"]
    audited = subprocess.Popen(
        [*command, "--workers", "2"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent.parent)},
        stderr=subprocess.DEVNULL,
    )
    partial = tmp_path / ".verdicts.tmp"
    assert within(60, lambda: partial.exists() and partial.stat().st_size > 0)
    children = Path(f"/proc/{audited.pid}/task/{audited.pid}/children").read_text().split()
    audited.kill()
    audited.wait()
    assert len(children) >= 2
    assert within(10, lambda: not any(Path(f"/proc/{child}").exists() for child in children))
    assert not (tmp_path / "verdicts").exists()


def within(seconds: float, happens: Callable[[], bool]) -> bool:
    """Whether something happens in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if happens():
            return True
        time.sleep(0.02)
    return False


def test_a_run_is_audited_by_its_name_with_the_apis_that_it_was_made_with(
    callforge: Callable[..., tuple[int, str, str]], small_run: SmallRun
) -> None:
    folder = small_run.result.folder.path
    code, out, _ = callforge("verify", folder.name, "--runs", str(folder.parent), "--json",
                             "--out", "verdicts.jsonl")  # fmt: skip
    assert code == 0
    found = json.loads(out)
    splits = sorted((folder / "dataset").glob("*.parquet"))
    rows = sum(pq.ParquetFile(path).metadata.num_rows for path in splits)
    assert len(splits) > 1
    assert (found["rows"], found["passed"], found["unregistered"]) == (rows, rows, 0)
    assert "execution" in found["stages"]
    numbers = [json.loads(line)["row"] for line in Path("verdicts.jsonl").read_text().splitlines()]
    assert numbers == list(range(rows)), "rows of several files are numbered through"
