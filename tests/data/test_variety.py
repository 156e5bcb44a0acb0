"""Figures of variety and shortcuts mean what they say: known sets give known figures."""

import json
import random
import re
from typing import Any

import pyarrow as pa
import pytest

from data.diversity import evenness, measure
from data.report import run_page
from data.report.page import render
from data.report.variety import variety
from data.row_sample import RowSample, rows_at
from data.set_figures import figures_of, tool_hash
from data.shortcuts import AIMS, Probe, probe
from tests.conftest import SmallRun
from verifiers.reasons_page import REASONS

Row = dict[str, Any]
TOOLS = [f"tool_{n}" for n in range(30)]


def row(number: int, rng: random.Random, *, marked: bool = False, first: bool = False) -> Row:
    """A row that offers five of thirty tools; shortcuts are planted on demand."""
    names = rng.sample(TOOLS, 5)
    calls = rng.random() < 0.5
    called = names[0] if first else rng.choice(names)
    if marked and calls:
        # A tool that is offered only where something is called.
        names = [*[name for name in names if name != "tool_0"][:4], "tool_0"]
        called = "tool_0"
    elif marked:
        names = [name for name in names if name != "tool_0"]
    return {
        "id": f"{number:032x}",
        "group": f"{rng.getrandbits(64):016x}",
        "messages": [],
        "query": f"please do {called if calls else 'nothing'} with {number}",
        "tools": json.dumps(
            [{"name": n, "description": f"Does {n}.", "parameters": {}} for n in names]
        ),
        "answers": json.dumps([{"name": called, "arguments": {"x": number}}] if calls else []),
        "style": "simple" if calls else "irrelevant",
        "n_calls": int(calls),
        "n_tools": len(names),
        "provenance": "{}",
    }


def probes(rows: list[Row]) -> dict[tuple[str, str], Probe]:
    return {(found.sees, found.predicts): found for found in probe(rows)}


def test_a_set_without_shortcuts_is_at_chance() -> None:
    rng = random.Random(1)
    found = probes([row(n, rng) for n in range(4000)])
    for (sees, predicts), aim in AIMS.items():
        if (sees, predicts) in found:
            assert abs(found[sees, predicts].points) < max(aim, 4.0), found[sees, predicts]
    assert found["tools", "call or not"].chance == 0.5
    assert found["tools", "called tool"].chance == pytest.approx(0.2)


def test_a_tool_that_only_rows_with_calls_offer_is_found_out() -> None:
    rng = random.Random(2)
    found = probes([row(n, rng, marked=True) for n in range(1500)])
    assert found["tools", "call or not"].accuracy > 0.95
    assert found["tools", "called tool"].accuracy > 0.95


def test_a_right_tool_that_always_stands_first_is_found_out() -> None:
    rng = random.Random(3)
    found = probes([row(n, rng, first=True) for n in range(1500)])
    assert found["position", "called tool"].accuracy > 0.95
    assert abs(found["tools", "called tool"].points) < 6


def test_few_rows_say_nothing() -> None:
    rng = random.Random(4)
    assert probe([row(n, rng) for n in range(100)]) == ()
    assert probe([]) == ()


def test_the_figures_of_a_known_set() -> None:
    rows = [
        {
            "id": f"{name}-{query}",
            "query": query,
            "answers": json.dumps([{"name": name, "arguments": {"x": value}}]),
            "provenance": json.dumps({"renamed": {"func_1": "convert_length"}}),
        }
        for query, name, value in (
            ("a b c", "func_1", 1),
            ("a b c", "convert_length", 1),
            ("a b d", "sort_words", 2),
            ("x y z", "sort_words", 3),
        )
    ]
    found = measure(rows)
    assert found.distinct == {1: round(7 / 12, 4), 2: round(5 / 8, 4), 3: 0.75}
    assert found.openings == {"a b": 3, "x y": 1}
    assert found.verbs == {"convert": 2, "sort": 2}
    assert (found.apis, found.coverage) == (2, 1.0)
    assert (found.values, found.distinct_values) == (4, 3)
    assert found.similarity == pytest.approx((1 + 0.5 + 0.5) / 6, abs=1e-4)
    assert found.nearest == pytest.approx((1 + 1 + 0.5 + 0) / 4)


def test_evenness_is_one_for_equal_counts_and_falls_with_a_favourite() -> None:
    assert evenness([5, 5, 5]) == 1.0
    assert evenness([7]) == evenness([]) == 1.0
    assert evenness([98, 1, 1]) < 0.2


def test_the_sample_is_the_same_in_any_order(small_run: SmallRun) -> None:
    ids = [item["id"] for item in small_run.kept]
    drawn = []
    for order in (ids, ids[::-1]):
        sample = RowSample(50)
        for place, row_id in enumerate(order):
            sample.add(place, row_id)
        drawn.append({order[place] for place in sample.places()})
    assert drawn[0] == drawn[1] == set(sorted(ids)[:50])


def test_rows_are_found_by_their_places_however_they_come_in_batches() -> None:
    table = pa.table({"n": list(range(40))})
    for size in (1, 7, 40):
        batches = table.to_batches(max_chunksize=size)
        found = [row["n"] for row in rows_at(batches, [0, 6, 7, 20, 39])]
        assert found == [0, 6, 7, 20, 39]
    assert list(rows_at(batches, [])) == []


def test_names_of_functions_are_compared_whatever_their_convention() -> None:
    assert tool_hash("calculate_triangle_area") == tool_hash("calculateTriangleArea")
    assert tool_hash("math.factorial") == tool_hash("factorial")
    assert tool_hash("factorial") != tool_hash("factor")


def test_the_figures_of_a_run_are_in_its_manifest_and_report(small_run: SmallRun) -> None:
    manifest = small_run.result.manifest
    assert manifest.figures is not None
    assert manifest.figures.rows == manifest.funnel.kept
    assert manifest.figures.apis[0] == 100
    shown = variety(manifest)
    assert shown is not None
    html = render(run_page(small_run.result.folder.path, REASONS))
    section = html.partition('<section id="variety"')[2].partition("</section>")[0]
    assert section.count("<svg") == len(shown.figures) == 3
    for found in manifest.figures.shortcuts:
        assert f'<td class="number">{found.points:+.1f}</td>' in section
    assert not re.search(r'style="', section)


def test_a_manifest_without_figures_has_no_section(small_run: SmallRun) -> None:
    manifest = small_run.result.manifest
    assert variety(manifest.model_copy(update={"figures": None})) is None
    assert variety(None) is None
    assert figures_of(lambda columns: []).shortcuts == ()
