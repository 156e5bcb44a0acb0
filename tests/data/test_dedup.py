"""Which rows count as copies, and that nothing but the order of rows decides which one stays."""

import json
import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from api_registry.errors import ConfigError
from data.dedup.config import DedupConfig
from data.dedup.copies import find_copies
from data.dedup.keys import RowKeys
from data.dedup.meaning import load_model
from data.dedup.near import NearCopies, bands_for
from data.formats.openai_chat import write as openai_row
from tests.conftest import SmallRun

QUERY = "Please convert a length of 5 miles to kilometres and round it to two digits for me"


def row(query: str = QUERY, *, calls: Any = None, tools: Sequence[str] = ("a", "b")) -> Any:
    """What the search for copies reads of a row."""
    calls = [{"name": "a", "arguments": {"value": 5, "unit": "mile"}}] if calls is None else calls
    return {
        "id": "00" * 16,
        "query": query,
        "tools": json.dumps([{"name": name} for name in tools]),
        "answers": json.dumps(calls),
        "messages": [],
        "n_turns": 2,
    }


def found(rows: list[Any], **settings: Any) -> dict[int, tuple[int, str]]:
    copies = find_copies(rows, DedupConfig(**settings))
    return {place: (copy.of, copy.reason) for place, copy in copies.items()}


@pytest.mark.parametrize(
    "copy",
    [
        row(),
        row(QUERY.upper() + "!!"),
        row(
            "  please, convert a length of 5 miles to kilometres and round it to two digits for me"
        ),
        row(tools=("b", "a", "c")),
    ],
)
def test_the_same_words_with_the_same_calls_are_an_exact_copy(copy: Any) -> None:
    assert found([row(), copy]) == {1: (0, "exact_duplicate")}


@pytest.mark.parametrize(
    "other",
    [
        row(calls=[{"name": "a", "arguments": {"value": 6, "unit": "yard"}}], query="Six yards?"),
        row(calls=[{"name": "b", "arguments": {"value": 5, "unit": "mile"}}]),
        row(calls=[]),
    ],
)
def test_the_same_query_with_another_answer_is_another_example(other: Any) -> None:
    assert found([row(), other], threshold=0.5) == {}


def test_without_calls_the_tools_offered_tell_rows_apart() -> None:
    refused = [row(calls=[], tools=names) for names in ("pqrstuvw", "abcdefgh", "wvutsrqp")]
    assert found(refused) == {2: (0, "exact_duplicate")}


def test_small_changes_make_a_near_copy_and_the_threshold_says_how_small() -> None:
    near = row(QUERY.replace("for me", "please"))
    assert found([row(), near]) == {1: (0, "near_duplicate")}
    assert found([row(), near], threshold=0.95) == {}
    assert found([row(), near], near=False) == {}


def test_a_copy_of_a_copy_that_is_itself_far_from_what_stays_is_kept() -> None:
    words = [f"w{n}" for n in range(40)]
    drift = [[*words[:n], *(f"x{k}" for k in range(n, n + 6)), *words[n + 6 :]] for n in (0, 6, 12)]
    chain = [row(" ".join(text)) for text in [words, drift[0]]]
    far = [*drift[0][:12], *(f"y{k}" for k in range(12, 24)), *drift[0][24:]]
    chain.append(row(" ".join(far)))
    assert found(chain, threshold=0.65) == {1: (0, "near_duplicate")}


def test_every_copy_that_an_exhaustive_search_finds_is_found_and_no_other() -> None:
    rng = random.Random(4)
    rows = []
    for number in range(150):
        words = [f"w{rng.randrange(3000)}" for _ in range(rng.randrange(12, 40))]
        rows.append(row(" ".join(words), calls=[{"name": f"f{number % 3}", "arguments": {}}]))
        for _ in range(2):
            changed = list(words)
            for place in rng.sample(range(len(words)), rng.randrange(1, 4)):
                changed[place] = f"v{rng.randrange(3000)}"
            rows.append(row(" ".join(changed), calls=[{"name": f"f{number % 3}", "arguments": {}}]))
    rng.shuffle(rows)
    sets = [set(RowKeys(item).shingles(2)) for item in rows]
    blocks = [RowKeys(item).block() for item in rows]
    expected: dict[int, int] = {}
    for later in range(len(rows)):
        for earlier in range(later):
            similarity = len(sets[later] & sets[earlier]) / len(sets[later] | sets[earlier])
            same = blocks[later] == blocks[earlier] and earlier not in expected
            if same and similarity >= 0.7 and later not in expected:
                expected[later] = earlier
    with NearCopies(0.7) as search:
        for item in rows:
            search.add(RowKeys(item).block(), RowKeys(item).shingles(2))
        got = {copy.row: copy.of for copy in search.find()}
    assert len(expected) > 100
    # MinHash may miss a pair at the very threshold, and a missed copy may stand in for another.
    assert len(got.keys() & expected.keys()) >= 0.97 * len(expected)
    assert len(got.keys() - expected.keys()) <= 0.03 * len(expected)


@pytest.mark.parametrize("threshold", [0.5, 0.7, 0.8, 0.95, 1.0])
def test_bands_find_a_pair_at_the_threshold_with_few_misses(threshold: float) -> None:
    bands, rows = bands_for(threshold)
    assert bands * rows <= 128
    assert 1 - (1 - threshold**rows) ** bands >= 0.95


def test_nothing_to_compare_is_no_copy() -> None:
    assert found([]) == {}
    assert found([row("", calls=[], tools=())]) == {}
    assert found([row("\ud83d?", calls=[], tools=())]) == {}


def test_a_conversation_is_compared_by_all_that_is_asked(small_run: SmallRun) -> None:
    stored = dict(small_run.kept[0])
    turns = [*stored["messages"], {"role": "user", "content": "And now in another way?"}]
    longer = stored | {"messages": turns, "n_turns": 4}
    assert RowKeys(stored).exact() != RowKeys(longer).exact()
    assert openai_row(stored)  # the row is a real one


def letters(texts: Sequence[str]) -> NDArray[np.float32]:
    """A stand-in for an embedding model: what letters a text is made of."""
    counts = np.array(
        [[text.lower().count(chr(97 + n)) for n in range(26)] for text in texts], dtype=np.float32
    )
    return np.asarray(counts / np.linalg.norm(counts, axis=1, keepdims=True), dtype=np.float32)


def test_copies_by_meaning_need_the_same_calls() -> None:
    said = "five miles in kilometres"
    anagram = "kilometres in miles, five"
    other = row(anagram, calls=[{"name": "a", "arguments": {"value": 6}}])
    config = DedupConfig(threshold=1.0, embedding_model="stand-in")
    copies = find_copies([row(said), row(anagram), other, row("xyz")], config, letters)
    assert {place: (copy.of, copy.reason) for place, copy in copies.items()} == {
        1: (0, "same_meaning")
    }


def test_a_model_that_cannot_be_loaded_is_named() -> None:
    with pytest.raises(ConfigError, match="embedding_model"):
        load_model("/nowhere/at-all")
