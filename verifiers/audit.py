"""The checks over a row that somebody else made: what is wrong with it, or that nothing is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from api_registry.types import CallResult
from data.formats import READERS, detect
from data.formats.imported import BadRow, Imported, ImportedTurn
from data.identity import compact_json, completion_id, sample_id
from data.rows import result_json
from data.types import Sample, Stage, Turn, Verdict
from generators.types import Completion
from verifiers.answers import NoAnswer
from verifiers.base import Verifier
from verifiers.parsing import _call, _Misfit, _pairs


@dataclass(frozen=True)
class RowVerdict:
    """What came of one row: the first failure, the calls as parsed, and what they gave back."""

    row: int
    """Number of the row in its file, from 0."""
    id: str | int
    """The row's own `id`, else the hash of its content."""
    passed: bool
    stage: Stage | None = None
    reason: str | None = None
    detail: str | None = None
    calls: tuple[Any, ...] = ()
    """`{"name", "arguments"}` per call; one tuple of them per pair where there are several."""
    results: tuple[Any, ...] = ()
    """Outcome class and value per call, grouped as `calls`."""

    @property
    def unregistered(self) -> bool:
        """Whether a call was not run because no API is registered for it."""
        return any(
            result["outcome"] == "unregistered"
            for group in self.results
            for result in ([group] if isinstance(group, dict) else group)
        )

    def as_json(self) -> str:
        """Return the verdict as one line of JSON."""
        return compact_json(vars(self))


class Auditor:
    """Takes rows through the checks; a row that cannot even be read is a verdict as well."""

    def __init__(self, verifiers: Sequence[Verifier], row_format: str | None, shown: str) -> None:
        """Check rows of `row_format`; without one each row's fields say, or else `shown` it is."""
        self.verifiers = verifiers
        self.row_format = row_format
        self.shown = shown

    async def check(self, number: int, row: dict[str, Any] | BadRow) -> RowVerdict:
        """Return the verdict on a row. Never raises for what the row holds."""
        if isinstance(row, BadRow):
            return _unread(number, row, None)
        row_format = self.row_format or detect(row.keys()) or self.shown
        try:
            samples = _samples(READERS[row_format](row))
        except BadRow as problem:
            return _unread(number, problem, row)
        checked = [await self._checked(sample) for sample in samples]
        return _verdict(number, row, checked)

    async def _checked(self, sample: Sample) -> Sample:
        for verifier in self.verifiers:
            if sample.rejected:
                break
            if verifier.stage == "semantic" and not sample.query:
                continue  # nobody knows what was asked: there is nothing to compare with
            sample = await verifier.check(sample)
        return sample


def _samples(imported: Imported) -> list[Sample]:
    """Return the conversation of a row, or one per pair where a completion holds several."""
    if imported.completion is None:
        return [_conversation(imported)]
    try:
        pairs = _pairs(Completion(text=imported.completion), 1)
    except NoAnswer as problem:
        raise BadRow(problem.reason, problem.detail) from None
    return [_pair(imported, pair) for pair in pairs] or [_conversation(imported)]


def _pair(imported: Imported, pair: Any) -> Sample:
    """Return one pair of a completion; its own query goes before the row's."""
    if not isinstance(pair, dict) or not isinstance(pair.get("answers"), list):
        raise BadRow("not_a_pair", "expected an object with `answers` per pair")
    query = pair.get("query", imported.query)
    asked = (ImportedTurn("user", query),) if isinstance(query, str) and query else ()
    answered = ImportedTurn("assistant", str(pair.get("reply", "")), tuple(pair["answers"]))
    return _conversation(replace(imported, turns=(*asked, answered)))


def _conversation(imported: Imported) -> Sample:
    turns: list[Turn] = []
    made = 0
    problem: Verdict | None = None
    for turn in imported.turns:
        calls = []
        for value in turn.calls:
            try:
                calls.append(_call(made, value, ""))
            except _Misfit as misfit:
                problem = problem or Verdict(
                    stage="format", passed=False, reason=misfit.reason, detail=misfit.detail
                )
            made += 1
        turns.append(
            Turn(
                role=turn.role,
                content=turn.content,
                calls=tuple(calls),
                call=None if turn.call is None else f"call_{turn.call}",
            )
        )
    return Sample(
        id=sample_id(imported.tools, turns, None),
        group="",
        turns=tuple(turns),
        tools=imported.tools,
        results=_results(imported.results, made),
        style="imported",
        category="imported",
        verdicts=(problem,) if problem else (),
    )


def _results(values: tuple[Any, ...] | None, calls: int) -> tuple[CallResult, ...]:
    """The row's own results, if there is one per call; else nobody knows which is whose."""
    if values is None or len(values) != calls:
        return ()
    return tuple(
        CallResult(call=f"call_{index}", outcome="ok", value=value)
        for index, value in enumerate(values)
    )


def _unread(number: int, problem: BadRow, row: dict[str, Any] | None) -> RowVerdict:
    return RowVerdict(
        row=number,
        id=_id(row, completion_id(f"{number}\n{problem.detail}")),
        passed=False,
        stage="format",
        reason=problem.reason,
        detail=problem.detail,
    )


def _verdict(number: int, row: dict[str, Any], samples: list[Sample]) -> RowVerdict:
    failed = next((sample.rejected for sample in samples if sample.rejected), None)
    calls = tuple(
        tuple({"name": call.name, "arguments": call.arguments} for call in sample.calls)
        for sample in samples
    )
    results = tuple(tuple(map(result_json, sample.results)) for sample in samples)
    one = len(samples) == 1
    return RowVerdict(
        row=number,
        id=_id(row, samples[0].id),
        passed=failed is None,
        stage=failed.stage if failed else None,
        reason=failed.reason if failed else None,
        detail=failed.detail if failed else None,
        calls=calls[0] if one else calls,
        results=results[0] if one else results,
    )


def _id(row: dict[str, Any] | None, content: str) -> str | int:
    own = (row or {}).get("id")
    return own if isinstance(own, str | int) else content
