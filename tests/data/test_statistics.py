"""Figures of rows add up, whatever the order, and are what a recount finds."""

from typing import Any

import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from data.dataset import DatasetManifest
from data.funnel import count_row, merge
from data.shards import ShardManifest, recounted
from data.skeletons import SkeletonCounter, skeleton
from data.statistics import (
    Statistics,
    StatisticsCounter,
    count_rows,
    mean,
    merge_statistics,
    quantile,
    word_count,
)
from tests.conftest import SmallRun


def row(query: str = "add 1 and 2", **changes: Any) -> dict[str, Any]:
    return {
        "query": query,
        "answers": '[{"name":"add","arguments":{"a":1,"b":2}}]',
        "n_calls": 1,
        "n_tools": 3,
        "n_turns": 2,
        "language": "en",
        "verified_by": "executed,rules",
        "provenance": '{"split":"train","tone":"terse"}',
        "annotations": '{"derivation":{"call_0.a":"verbatim","call_0.b":"inferred"}}',
    } | changes


rows = st.builds(
    row,
    query=st.text(max_size=60),
    n_calls=st.integers(0, 3),
    n_tools=st.integers(0, 9),
    language=st.sampled_from(["en", "de", "x" * 500]),
    annotations=st.sampled_from(
        ["{}", '{"derivation":{"call_0.a":"dated"}}', '{"derivation":null}']
    ),
)


@given(st.lists(rows), st.lists(rows), st.lists(rows))
def test_parts_add_up_to_the_whole_in_any_grouping(
    first: list[dict[str, Any]], second: list[dict[str, Any]], third: list[dict[str, Any]]
) -> None:
    a, b, c = count_rows(first), count_rows(second), count_rows(third)
    whole = count_rows([*first, *second, *third])
    assert merge_statistics([merge_statistics([a, b]), c]) == whole
    assert merge_statistics([c, merge_statistics([b, a])]) == whole


@given(st.lists(rows, min_size=1))
def test_what_is_taken_back_was_never_there(counted: list[dict[str, Any]]) -> None:
    counter = StatisticsCounter()
    counter.merge(count_rows(counted))
    for item in counted[1:]:
        counter.add(item, -1)
    assert counter.statistics() == count_rows(counted[:1])


def test_equal_counts_are_equal_bytes_and_read_back() -> None:
    counted = count_rows([row(), row("a much longer query " * 200, n_calls=0, language="de")])
    text = counted.model_dump_json()
    assert Statistics.model_validate_json(text) == counted
    swapped = count_rows([row("a much longer query " * 200, n_calls=0, language="de"), row()])
    assert swapped.model_dump_json() == text
    assert counted.query_words == {4: 1, 800: 1}
    assert counted.tones == {"terse": 2}


def test_the_manifests_hold_what_a_recount_of_the_rows_finds(small_run: SmallRun) -> None:
    folder = small_run.result.folder
    shards = [
        ShardManifest.model_validate_json(path.read_text())
        for path in sorted(folder.shards.glob("*.json"))
    ]
    assert [recounted(folder.shards, shard) for shard in shards] == shards
    dataset = DatasetManifest.model_validate_json((folder.dataset / "manifest.json").read_text())
    stayed = [
        item
        for path in folder.dataset.glob("*.parquet")
        for item in pq.read_table(path).to_pylist()
    ]
    removed = pq.read_table(folder.path / "removed.parquet").num_rows
    assert 0 < len(stayed) == len(small_run.kept) - removed
    assert dataset.statistics == count_rows(stayed)
    assert dataset.funnel.kept == len(stayed)
    cells = merge(map(count_row, [*small_run.kept, *small_run.rejected])).cells
    assert {
        (style, category): tally.drafts
        for style, tallies in dataset.funnel.cells.items()
        for category, tally in tallies.items()
    } == {
        (style, category): tally.drafts
        for style, tallies in cells.items()
        for category, tally in tallies.items()
    }
    texts = {skeleton(item) for item in stayed if item["n_calls"]}
    assert dataset.skeletons.distinct == len(texts)
    assert sum(n * times for n, times in dataset.skeletons.repeats.items()) == (
        dataset.skeletons.rows
    )


def test_a_chinese_query_has_words_too() -> None:
    assert word_count("把 3 公里换算成英里") == 9
    assert word_count("  convert 3 km\nto miles ") == 5
    assert word_count("") == 0


def test_quantiles_are_numbers_that_occur() -> None:
    histogram = {3: 1, 5: 8, 40: 1}
    assert [quantile(histogram, share) for share in (0.05, 0.5, 0.9, 1.0)] == [3, 5, 5, 40]
    assert quantile({}, 0.5) == 0
    assert mean(histogram) == 8.3


def test_queries_that_differ_in_values_alone_share_a_skeleton() -> None:
    def masked(query: str, arguments: str) -> str:
        return skeleton(row(query, answers=f'[{{"name":"f","arguments":{arguments}}}]'))

    assert masked(
        "Convert 3.5 km to miles for Ada Lovelace.",
        '{"value":3.5,"unit":"km","to":"miles","who":"Ada Lovelace"}',
    ) == masked(
        "convert 1,200 Miles to yards for Bo.",
        '{"value":1200,"unit":"miles","to":"yards","who":"Bo"}',
    )
    assert masked("sort pear, fig and plum", '{"words":["pear","fig","plum"]}') == "sort ▢"
    assert masked("meet on June 3rd, twenty past nine", "{}") == "meet on ▢ past ▢"
    # A value inside a longer word is no value.
    assert masked("the theatre at the corner", '{"x":"the","y":"at"}') == "▢ theatre ▢ corner"


def test_the_commonest_skeletons_come_with_their_text() -> None:
    data = [row(f"add {n} to it") for n in range(5)] + [row("say hello"), row("no", n_calls=0)]
    counter = SkeletonCounter()
    for item in data:
        counter.add(item)
    found = counter.finish(data)
    assert (found.rows, found.distinct, found.repeats) == (6, 2, {1: 1, 5: 1})
    assert [(top.text, top.rows) for top in found.top] == [("add ▢ to it", 5), ("say hello", 1)]
