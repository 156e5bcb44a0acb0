"""The page of a run: what it shows, what it leaves out, and what no record can do to it."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from markupsafe import escape

from api_registry.errors import StorageError, UsageError
from data.funnel import Funnel, Tally, count_row, merge
from data.report import run_page, write_report
from data.report.cells import grid
from data.report.example import example_of
from data.report.page import Page, render
from data.report.samples import sampled, shown, verdicts
from data.report.sections import percent, reasons
from data.shards import DamagedShard, ShardManifest, read_manifest, write_shard
from data.statistics import count_rows
from tests.conftest import SmallRun
from verifiers.reasons_page import REASONS

HOSTILE = [
    "</script><script>window.hacked = 1</script>",
    "<img src=x onerror='window.hacked = 1'>",
    "<!--<script>",
    "&lt;b&gt; &amp; $x^2$ \\u003c",
    "\u202eright to left\u202c \u2028 \u2029 é 漢字 👩‍👩‍👧‍👦",
    "nul \x00 escape \x1b[31m delete \x7f lone \ud83d",
    "x" * 1_000_000,
]
"""Text that a page must show as text."""


def row(text: str = "hello", **changes: Any) -> dict[str, Any]:
    """A stored row that says `text` wherever a row can say something."""
    call = {"id": "call_0", "type": "function", "function": {"name": text, "arguments": text}}
    message = {
        "role": "user", "content": text, "reasoning_content": None, "tool_calls": None,
        "tool_call_id": None, "name": None, "train": False,
    }  # fmt: skip
    quoted = json.dumps(text)
    return {
        "id": "0" * 32,
        "messages": [message, message | {"role": "assistant", "tool_calls": [call]}],
        "tools": f'[{{"name":{quoted},"description":{quoted},"parameters":{{"x":{quoted}}}}}]',
        "query": text,
        "answers": "[]",
        "results": f'[{{"call":"call_0","outcome":"ok","value":{quoted}}}]',
        "style": text,
        "category": text,
        "language": "en",
        "origin": "callforge",
        "stage": None,
        "reason": None,
        "detail": None,
        "verified_by": "executed,rules",
        "n_turns": 2,
        "n_calls": 1,
        "n_tools": 1,
        "annotations": f'{{"derivation":{{"call_0.x":{quoted}}}}}',
        "provenance": f'{{"split":{quoted}}}',
    } | changes


def hostile_page() -> Page:
    """A page all of whose text is hostile."""
    rows = [row(text) for text in HOSTILE]
    rows += [row(text, stage=text, reason=text, detail=text, verified_by="") for text in HOSTILE]
    # Keys are as bad as the rows: an audited file may say anything.
    return Page(
        title=HOSTILE[0],
        lead=HOSTILE[1],
        funnel=merge(count_row(item) for item in rows),
        meanings={HOSTILE[0]: {HOSTILE[0]: HOSTILE[1]}},
        sample=shown(rows),
        statistics=count_rows(rows),
        notes=tuple(HOSTILE[:3]),
        facts=tuple((text, text) for text in HOSTILE[:5]),
        command=HOSTILE[0],
    )


def embedded(html: str) -> dict[str, Any]:
    """The data that the page's script reads."""
    [text] = re.findall(r'<script type="application/json" id="data">(.*?)</script>', html)
    data: dict[str, Any] = json.loads(text)
    return data


def test_the_page_is_the_same_bytes_every_time(small_run: SmallRun) -> None:
    path = small_run.result.report
    assert path is not None
    before = path.read_bytes()
    assert write_report(small_run.result.folder.path, REASONS) == path
    assert path.read_bytes() == before


def test_the_page_holds_the_figures_of_the_manifest(small_run: SmallRun) -> None:
    html = (small_run.result.folder.path / "report.html").read_text()
    funnel = small_run.result.manifest.funnel
    assert f"<dt>drafts</dt><dd>{funnel.drafts:,}</dd>" in html
    assert f"<dt>kept</dt><dd>{funnel.kept:,}</dd>" in html
    for stage, counts in funnel.rejected.items():
        for reason, drafts in counts.items():
            assert f"<code>{reason}</code>" in html
            assert f'<td class="number">{drafts:,}</td>' in html
            assert reason in REASONS[stage]
    for category in funnel.categories:
        assert f'<th scope="row"><bdi>{category}</bdi></th>' in html


def test_nothing_on_the_page_comes_from_elsewhere(small_run: SmallRun) -> None:
    html = (small_run.result.folder.path / "report.html").read_text()
    markup = re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)
    addresses = re.findall(r"""(?:src|href|action|data)=["']([^"']*)""", markup)
    assert addresses
    assert all(address.startswith(("#", "data:,")) for address in addresses)
    assert "style=" not in markup
    assert re.findall(r"""\son\w+=""", markup) == []
    assert "default-src &#39;none&#39;" in html


def test_every_plot_says_what_it_shows_and_has_a_table(small_run: SmallRun) -> None:
    html = (small_run.result.folder.path / "report.html").read_text()
    plots = re.findall(r"<svg[^>]*>", html)
    assert len(plots) >= 6
    assert all('role="img"' in plot and 'aria-label="' in plot for plot in plots)
    # The narrow twin of a wide plot shares its table.
    assert html.count("Figures as a table") == len([plot for plot in plots if "small" not in plot])
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_the_sample_has_every_style_category_and_reason(small_run: SmallRun) -> None:
    html = (small_run.result.folder.path / "report.html").read_text()
    rows = embedded(html)["rows"]
    funnel = small_run.result.manifest.funnel
    kept = [item for item in rows if not item["stage"]]
    assert {(item["style"], item["category"]) for item in kept} == {
        (item["style"], item["category"]) for item in small_run.kept
    }
    assert {(item["stage"], item["reason"]) for item in rows if item["stage"]} == {
        (stage, reason) for stage, counts in funnel.rejected.items() for reason in counts
    }


def test_fewer_rows_than_strata_still_take_one_of_as_many_as_fit(small_run: SmallRun) -> None:
    folder = small_run.result.folder.shards
    manifests = [manifest for n in range(6) if (manifest := read_manifest(folder, n))]
    sample = sampled(folder, manifests, kept=12, rejected=5)["rows"]
    kept = [item for item in sample if not item["stage"]]
    rejected = [item for item in sample if item["stage"]]
    assert (len(kept), len(rejected)) == (12, 5)
    assert len({(item["style"], item["category"]) for item in kept}) == 12
    assert len({item["reason"] for item in rejected}) == 5


def test_a_copy_is_shown_as_rejected_by_dedup(small_run: SmallRun, tmp_path: Path) -> None:
    rows = {"kept": [small_run.kept[0], small_run.kept[1], small_run.kept[0]], "rejected": []}
    manifest = ShardManifest(
        identity="ab", shard=0, first=0, drafts=3, files={},
        funnel=merge(map(count_row, rows["kept"])), statistics=count_rows(rows["kept"]),
    )  # fmt: skip
    complete = write_shard(tmp_path, manifest, rows)  # type: ignore[arg-type]
    copy = ("dedup", "exact_duplicate", "repeats the first")
    sample = sampled(tmp_path, [complete], {2: copy})["rows"]
    found = sorted((item["stage"], item["reason"], item["detail"]) for item in sample)
    assert found == [("", "", ""), ("", "", ""), copy]


def test_hostile_text_is_shown_whole_and_escaped() -> None:
    html = render(hostile_page())
    assert len(html.encode("utf-8")) < 1_500_000
    markup, _, rest = html.partition('<script type="application/json"')
    assert "<img" not in html
    assert "<script>window.hacked" not in html
    assert html.count("<script") == 2
    assert rest.count("</script>") == 2
    assert "&lt;img" in markup
    rows = embedded(html)["rows"]
    assert rows[0]["query"] == HOSTILE[0]
    assert rows[4]["query"] == HOSTILE[4]
    assert rows[5]["query"] == "nul ␀ escape ␛[31m delete ␡ lone \ufffd"
    assert re.fullmatch(r"x+… \[cut: [\d,]+ of 1,000,000 characters\]", rows[6]["query"])


def test_a_page_stays_small_whatever_its_rows_hold() -> None:
    rows = [row("漢" * 200_000, n_calls=1) for _ in range(60)]
    sample = shown(rows)
    assert sum(len(json.dumps(item, ensure_ascii=False)) for item in sample["rows"]) < 5_000_000
    tools = [row(tools=json.dumps([{"name": f"t{n}", "parameters": {"x": "y" * 20_000}}]))
             for n in range(200)]  # fmt: skip
    assert sum(len(json.dumps(tool)) for tool in shown(tools)["tools"]) < 2_000_000


@pytest.mark.parametrize(
    "broken",
    ["", "null", "{", "[1, 2]", '"text"', "[" * 5000 + "]" * 5000, "1" * 10_000, '[{"a": NaN}]'],
)
def test_columns_that_are_not_what_they_should_be_are_shown_as_they_are(broken: str) -> None:
    item = row(tools=broken, results=broken, annotations=broken, provenance=broken)
    item["messages"][1]["tool_calls"][0]["function"]["arguments"] = broken
    [result] = shown([item])["rows"]
    assert result["query"] == "hello"
    render(Page("broken", "", merge([count_row(row())]), {}, {"rows": [result], "tools": []}))


def test_deeply_nested_values_do_not_break_a_row() -> None:
    deep = "[" * 900 + "]" * 900
    [result] = shown([row(results=f'[{{"call":"call_0","outcome":"ok","value":{deep}}}]')])["rows"]
    assert result["results"][0]["outcome"] == "ok"


def test_big_numbers_are_shown_to_the_last_digit() -> None:
    item = row(results='[{"call":"call_0","outcome":"ok","value":100000000000000000000000001}]')
    assert shown([item])["rows"][0]["results"][0]["value"] == "100000000000000000000000001"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, [("format", "passed"), ("execution", "passed"), ("semantic", "passed: rules")]),
        (
            {"n_calls": 0, "verified_by": "rules"},
            [("format", "passed"), ("execution", "no call to run"), ("semantic", "passed: rules")],
        ),
        (
            {"verified_by": "not_executed,rules,judge"},
            [("format", "passed"), ("execution", "not executed"),
             ("semantic", "passed: rules, judge")],
        ),
        (
            {"stage": "execution", "reason": "timeout", "verified_by": ""},
            [("format", "passed"), ("execution", "failed: timeout")],
        ),
        (
            {"stage": "generation", "reason": "missing_pair", "verified_by": ""},
            [("generation", "failed: missing_pair")],
        ),
        (
            {"stage": "dedup", "reason": "exact_duplicate"},
            [("format", "passed"), ("execution", "passed"), ("semantic", "passed"),
             ("dedup", "failed: exact_duplicate")],
        ),
    ],
)  # fmt: skip
def test_verdicts_say_what_each_stage_found(
    changes: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert verdicts(row(**changes)) == expected


def test_cells_well_under_the_mean_are_flagged_and_small_ones_are_not() -> None:
    tallies = {
        "good": Tally(drafts=1000, kept=950),
        "poor": Tally(drafts=100, kept=60),
        "few": Tally(drafts=4, kept=0),
        "near": Tally(drafts=1000, kept=930),
    }
    whole = Tally(drafts=2104, kept=1940)
    funnel = Funnel(
        drafts=2104, kept=1940, rejected={"format": {"wrong_type": 164}},
        styles={"simple": whole}, categories=tallies, cells={"simple": tallies},
    )  # fmt: skip
    assert funnel.balanced()
    assert [(style, name) for style, name, _ in grid(funnel).low] == [("simple", "poor")]


def test_very_many_categories_leave_a_table_that_can_be_read() -> None:
    tallies = {f"c{n:04}": Tally(drafts=n + 1, kept=n) for n in range(2000)}
    funnel = Funnel(categories=tallies, styles={"simple": Tally()}, cells={"simple": tallies})
    table = grid(funnel)
    assert len(table.rows) == 60
    assert table.left_out == 1940
    assert table.rows[-1][0] == "c1999"


def test_reasons_come_with_meaning_and_example() -> None:
    item = row(stage="format", reason="wrong_type", detail="expected integer", verified_by="")
    other = row(stage="somewhere", reason="new", detail="why not", verified_by="")
    found = reasons(
        merge(map(count_row, [item, item, other])), REASONS, shown([item, other])["rows"]
    )
    assert [(one.stage, one.code, one.drafts, one.example) for one in found] == [
        ("format", "wrong_type", 2, "expected integer"),
        ("somewhere", "new", 1, "why not"),
    ]
    assert found[0].meaning == REASONS["format"]["wrong_type"]
    assert found[1].meaning == ""


def test_shares_never_claim_all_or_nothing_wrongly() -> None:
    pairs = [(0, 9), (1, 100_000), (1, 3), (99_999, 100_000), (5, 5), (0, 0)]
    assert [percent(*pair) for pair in pairs] == [
        "0 %", "< 0.1 %", "33.3 %", "> 99.9 %", "100 %", "–",
    ]  # fmt: skip


def test_an_empty_page_can_be_made() -> None:
    html = render(Page("nothing", "", Funnel(), {}, shown([])))
    assert embedded(html) == {"rows": [], "tools": []}


@pytest.fixture
def copied(small_run: SmallRun, tmp_path: Path) -> Path:
    """A run's folder to damage."""
    folder = tmp_path / "copied"
    shutil.copytree(small_run.result.folder.path, folder)
    return folder


def test_an_unfinished_run_has_a_page_that_says_so(copied: Path) -> None:
    shutil.rmtree(copied / "dataset")
    (copied / "shards" / "00001.json").unlink()
    page = run_page(copied, REASONS)
    assert page.funnel.drafts == 500
    assert page.statistics is not None
    assert page.statistics.rows == page.funnel.kept
    assert "500 drafts of 5 finished shards" in page.notes[0]
    assert "500 drafts of 5 finished shards" in render(page)


def test_a_run_of_an_older_version_gets_a_page_from_its_rows(
    copied: Path, small_run: SmallRun
) -> None:
    for path in (copied / "shards").glob("*.json"):
        older = json.loads(path.read_text())
        del older["statistics"], older["funnel"]["cells"]
        path.write_text(json.dumps(older))
    manifest = copied / "dataset" / "manifest.json"
    older = json.loads(manifest.read_text())
    del older["statistics"], older["skeletons"], older["command"]
    manifest.write_text(json.dumps(older))
    page = run_page(copied, REASONS)
    assert page.notes
    assert page.funnel.balanced()
    assert page.funnel.drafts == small_run.result.manifest.funnel.drafts


@pytest.mark.parametrize(
    ("damage", "error", "message"),
    [
        ("run.json is gone", UsageError, "is not a run's folder: it has no run.json"),
        ("run.json is cut", StorageError, r"run\.json` is damaged"),
        ("run.json is a list", StorageError, r"run\.json` is damaged"),
        ("run.json is of another version", StorageError, "schema version 0"),
        ("a shard is cut", DamagedShard, r"kept-00000\.parquet` is damaged.*run the command"),
        ("a manifest is cut", DamagedShard, r"00000\.json` is damaged"),
        ("no shard is finished", StorageError, "no finished shard yet"),
    ],
)
def test_what_is_wrong_with_a_folder_is_said_in_one_line(
    copied: Path, damage: str, error: type[Exception], message: str
) -> None:
    record, shards = copied / "run.json", copied / "shards"
    match damage:
        case "run.json is gone":
            record.unlink()
        case "run.json is cut":
            record.write_text(record.read_text()[:50])
        case "run.json is a list":
            record.write_text("[]")
        case "run.json is of another version":
            record.write_text(record.read_text().replace('version": "1"', 'version": "0"'))
        case "a shard is cut":
            path = shards / "kept-00000.parquet"
            path.write_bytes(path.read_bytes()[:-10])
        case "a manifest is cut":
            (shards / "00000.json").write_text("{")
        case "no shard is finished":
            for path in shards.glob("*.json"):
                path.unlink()
    with pytest.raises(error, match=message) as caught:
        write_report(copied, REASONS)
    assert "\n" not in str(caught.value)


def test_the_page_begins_with_a_kept_record_whose_call_was_run(small_run: SmallRun) -> None:
    html = (small_run.result.folder.path / "report.html").read_text()
    example = example_of(embedded(html)["rows"])
    assert example is not None
    assert example.ran
    [first] = re.findall(r'<section id="example".*?</section>', html, flags=re.DOTALL)
    assert str(escape(example.query)) in first
    assert f"<bdi>{example.calls[0].name}</bdi>" in first
    assert html.index('id="example"') < html.index('id="funnel"')


def test_no_rejected_long_or_wordless_row_stands_at_the_top() -> None:
    assert example_of(shown([row(stage="format", reason="malformed_json")])["rows"]) is None
    assert example_of(shown([row("x" * 1000)])["rows"]) is None
    assert example_of(shown([row(query="")])["rows"]) is None
    assert example_of(shown([row(query="Greet Ann.")])["rows"]) is not None
