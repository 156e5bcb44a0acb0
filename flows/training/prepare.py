"""A stage's rows as tokens on disk, each row accounted for.

`train.parquet` is what is trained on; `calls.parquet` and `chat.parquet` are the held-out rows with
the loss on turns of one kind alone, `pairs.parquet` held-out pairs. Rows stream through: memory
does not grow with them.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from api_registry.errors import UsageError
from data.identity import canonical_json, digest
from data.shards import write_atomically
from flows.training import golden
from flows.training.config import FinetuneConfig
from flows.training.counts import Counts
from flows.training.pairs import pair_rows
from flows.training.record import PreparedRecord
from flows.training.rendering import CannotRender, Example, PairExample, Renderer, conversations
from flows.training.sources import Found, Part, Row, Unreadable

FILE = "prepared.json"
"""Written last: what is in the folder."""
_BATCH = 500
_GOLDEN = 50
"""Rows that are decoded and compared, beside every hundredth."""
_TOKENS = pa.list_(pa.int32())
_SFT = pa.schema([("input_ids", _TOKENS), ("labels", _TOKENS)])
_DPO = pa.schema([("prompt_ids", _TOKENS), ("chosen_ids", _TOKENS), ("rejected_ids", _TOKENS)])


class _Writer:
    """Collects examples of one form into a Parquet file."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.schema, self.rows = schema, list[dict[str, Any]]()
        self.file = pq.ParquetWriter(path, schema)

    def add(self, row: dict[str, Any]) -> None:
        self.rows.append(row)
        if len(self.rows) == _BATCH:
            self._flush()

    def close(self) -> None:
        self._flush()
        self.file.close()

    def _flush(self) -> None:
        self.file.write_table(pa.Table.from_pylist(self.rows, schema=self.schema))
        self.rows = []


def prepare(
    stage: FinetuneConfig, sources: tuple[Found, ...], renderer: Renderer, folder: Path
) -> tuple[PreparedRecord, PreparedRecord]:
    """Write a stage's examples; returns what became of training and of held-out rows.

    What is there from an earlier time is taken as it is. Raises `UsageError` where too many rows
    cannot be used, with the reasons.
    """
    written = folder / FILE
    if written.is_file():
        train, held_out = json.loads(written.read_text(encoding="utf-8"))
        return PreparedRecord.model_validate(train), PreparedRecord.model_validate(held_out)
    folder.mkdir(parents=True, exist_ok=True)
    write = _write_pairs if stage.kind == "dpo" else _write_examples
    with ExitStack() as closing:
        train = write(stage, sources, renderer, folder, "train", closing)
        held_out = write(stage, sources, renderer, folder, "validation", closing)
    for record, part in ((train, "training"), (held_out, "held-out")):
        _refuse_losses(stage, record, part)
    if not train.examples:
        raise UsageError(
            f"there is nothing to train on: {_why(train) or 'the sources have no rows'}"
        )
    text = json.dumps([train.model_dump(mode="json"), held_out.model_dump(mode="json")], indent=1)
    write_atomically(written, text.encode())
    return train, held_out


def _write_examples(
    stage: FinetuneConfig,
    sources: tuple[Found, ...],
    renderer: Renderer,
    folder: Path,
    part: Part,
    closing: ExitStack,
) -> PreparedRecord:
    counts = Counts()
    names = ("train",) if part == "train" else ("calls", "chat")
    writers = {name: _Writer(folder / f"{name}.parquet", _SFT) for name in names}
    for writer in writers.values():
        closing.callback(writer.close)

    def render(row: Row | Unreadable) -> list[Example]:
        return _examples(stage, renderer, row, check=_checked(counts.rows))

    for examples, times in counts.usable(_mixture(stage, sources, part), render):
        for example in examples * times:
            counts.examples += 1
            counts.cut += example.cut
            counts.lengths[len(example.input_ids)] += 1
            for start, end, kind in example.spans:
                counts.loss[kind] += end - start
            if part == "train":
                writers["train"].add({"input_ids": example.input_ids, "labels": example.labels})
                continue
            for kind in {of for _, _, of in example.spans}:
                labels = example.labels_of(kind)
                writers[kind].add({"input_ids": example.input_ids, "labels": labels})
    return counts.record()


def _examples(
    stage: FinetuneConfig, renderer: Renderer, row: Row | Unreadable, *, check: bool
) -> list[Example]:
    """All that a row gives. Raises `CannotRender`; a row is used whole or not at all."""
    if isinstance(row, Unreadable):
        raise CannotRender(row.reason, row.detail)
    found = conversations(row, stage.format, stage.turns)
    if not found:
        raise CannotRender("no_loss", "no turn of the assistant is to be trained on")
    examples = []
    for conversation in found:
        example = renderer.example(conversation)
        if check and (wrong := golden.problem(renderer, conversation, example)):
            raise UsageError(f"row `{row.get('id', '')}` is not rendered as it is: {wrong}")
        examples.append(_fitted(example, stage))
    return examples


def _fitted(example: Example, stage: FinetuneConfig) -> Example:
    """An example of at most `max_length` tokens. Raises `CannotRender`."""
    length, most = len(example.input_ids), stage.max_length
    if length <= most:
        return example
    if stage.overlong == "leave_out":
        raise CannotRender("too_long", f"{length:,} tokens, and `max_length` is {most:,}")
    spans = tuple((s, min(e, most), kind) for s, e, kind in example.spans if s < most)
    if not spans:
        raise CannotRender("loss_cut", f"nothing with loss within {most:,} tokens")
    return Example(example.input_ids[:most], example.labels[:most], spans, example.text, cut=True)


def _write_pairs(
    stage: FinetuneConfig,
    sources: tuple[Found, ...],
    renderer: Renderer,
    folder: Path,
    part: Part,
    closing: ExitStack,
) -> PreparedRecord:
    counts = Counts()
    writer = _Writer(folder / f"{'train' if part == 'train' else 'pairs'}.parquet", _DPO)
    closing.callback(writer.close)

    def render(row: Row | Unreadable) -> PairExample:
        if isinstance(row, Unreadable):
            raise CannotRender(row.reason, row.detail)
        pair = renderer.pair(row["prompt"], row["chosen"], row["rejected"], row["tools"])
        if pair.longest > stage.max_length:
            raise CannotRender("too_long", f"{pair.longest:,} tokens")
        return pair

    for pair, times in counts.usable(_mixture(stage, sources, part, folder), render):
        for _ in range(times):
            counts.examples += 1
            counts.lengths[pair.longest] += 1
            counts.loss["pairs"] += len(pair.chosen_ids) + len(pair.rejected_ids)
            writer.add(vars(pair))
    return counts.record()


def _mixture(
    stage: FinetuneConfig, sources: tuple[Found, ...], part: Part, pairs_in: Path | None = None
) -> Iterator[tuple[Any, int]]:
    """Each row of a part with the times that it is seen in an epoch; held-out rows once."""
    for number, source in enumerate(sources):
        own = "validation" in source.parts
        for place, row in enumerate(_rows(source, "train", pairs_in) if part == "train" or not own
                                    else _rows(source, "validation", pairs_in)):  # fmt: skip
            if not own and _is_held_out(row, stage) != (part == "validation"):
                continue
            if part == "validation":
                yield row, 1
            elif times := _times(source.source.weight, f"{stage.seed}/{number}/{place}"):
                yield row, times


def _rows(source: Found, part: Part, pairs_in: Path | None) -> Iterator[Any]:
    return source.rows(part) if pairs_in is None else pair_rows(source, part, pairs_in)


def _times(weight: float, place: str) -> int:
    """How often a row is seen in an epoch; what is over a whole number is drawn."""
    return int(weight) + (_share(place) < weight % 1)


def _is_held_out(row: Any, stage: FinetuneConfig) -> bool:
    """Whether a row of a source without validation is held out, with all rows of its group."""
    if isinstance(row, Unreadable) or not stage.validation:
        return False
    tie = row.get("group") or row.get("query") or canonical_json(row.get("prompt"))
    return _share(f"{stage.seed}/{tie}") < stage.validation


def _share(text: str) -> float:
    return int(digest(text)[:12], 16) / 16**12


def _checked(row: int) -> bool:
    return row <= _GOLDEN or row % 100 == 0


def _refuse_losses(stage: FinetuneConfig, record: PreparedRecord, part: str) -> None:
    lost = record.rows - record.used
    if record.rows and lost > stage.max_left_out * record.rows:
        raise UsageError(
            f"{lost:,} of {record.rows:,} {part} rows cannot be used, and `max_left_out` is "
            f"{stage.max_left_out:g}: {_why(record)}"
        )


def _why(record: PreparedRecord) -> str:
    return "; ".join(
        f"{count:,} {reason.replace('_', ' ')} ({record.reasons[reason]})"
        for reason, count in record.left_out.items()
    )
