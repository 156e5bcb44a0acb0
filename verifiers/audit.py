"""The checks over a row that somebody else made: what is wrong with it, or that nothing is."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api_registry.names import resolve_name
from api_registry.types import Call, CallResult
from data.formats import READERS, detect
from data.formats.imported import BadRow, Imported
from data.formats.results import decoded
from data.identity import completion_id, json_line, sample_id
from data.rows import result_json
from data.types import Sample, Stage, Turn, Verdict
from generators.types import Completion
from verifiers.answers import NoAnswer
from verifiers.base import Verifier
from verifiers.pairs import BadPair, Pair, read_pairs
from verifiers.written_calls import read_call

_CALL_KEYS = frozenset({"name", "arguments", "id", "type"})
_CALLS_IN_TEXT = re.compile(
    r"(?:<(?:tool_calls?|function_?call)>|\[TOOL_CALLS\]|<\|python_tag\|>)\s*[\[{]", re.IGNORECASE
)
"""How chat templates mark calls in the text of a message: Hermes, Qwen, Mistral, Llama, Glaive."""


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
        return json_line(vars(self))


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
        try:
            checked = await self.samples(row)
        except BadRow as problem:
            return _unread(number, problem, row)
        return _verdict(number, row, checked)

    async def samples(self, row: dict[str, Any]) -> list[Sample]:
        """Return what a row holds, checked; their ids are left empty. Raises `BadRow`."""
        return [await self._checked(sample) for sample in self.unchecked(row)]

    def unchecked(self, row: dict[str, Any]) -> list[Sample]:
        """Return what a row holds as it was read. Raises `BadRow`."""
        return _samples(self.read(row))

    def read(self, row: dict[str, Any]) -> Imported:
        """Return a row as its format has it, unchecked. Raises `BadRow`."""
        return READERS[self.row_format or detect(row.keys()) or self.shown](row)

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
        pairs = read_pairs(Completion(text=imported.completion))
    except NoAnswer as problem:
        raise BadRow(problem.reason, problem.detail) from None
    return [_answered(imported, pair) for pair in pairs]


def _conversation(imported: Imported) -> Sample:
    """Read the calls of a conversation; the first that is none is what is wrong with it."""
    turns: list[Turn] = []
    made: list[str] = []
    """Ids of the calls by which tool turns know them."""
    in_text = 0
    problem: NoAnswer | None = None
    for turn in imported.turns:
        calls: list[Call] = []
        try:
            if turn.role == "assistant" and not turn.calls:
                calls = _calls_in_text(turn.content, len(made) + in_text)
                in_text += len(calls)
        except NoAnswer as misfit:
            problem = problem or misfit
        for value in turn.calls:
            made.append(f"call_{len(made) + in_text}")
            try:
                calls.append(_exact_call(made[-1], value))
            except NoAnswer as misfit:
                problem = problem or misfit
        answered = None if turn.call is None else made[turn.call]
        turns.append(Turn(role=turn.role, content=turn.content, calls=tuple(calls), call=answered))
    return _sample(imported, turns, problem)


def _calls_in_text(text: str, first: int) -> list[Call]:
    """Calls that a message marks in its text instead of `tool_calls`. Raises `NoAnswer`."""
    if not _CALLS_IN_TEXT.search(text):
        return []
    calls: list[Call] = []
    for pair in read_pairs(Completion(text=text)):
        if isinstance(pair, BadPair):
            raise NoAnswer(pair.reason, pair.detail)
        calls += pair.calls
    return [call.model_copy(update={"id": f"call_{n}"}) for n, call in enumerate(calls, first)]


def _exact_call(where: str, value: Any) -> Call:
    """A call with the keys of its format: trainers do not guess, as the parser of answers does."""
    if isinstance(value, Mapping) and (unknown := value.keys() - _CALL_KEYS):
        raise NoAnswer("not_a_call", f"{where}: unknown key `{min(unknown)}`"[:200])
    return read_call(where, value)


def _answered(imported: Imported, pair: Pair | BadPair) -> Sample:
    """Return one pair of a completion; its own query goes before the row's."""
    query = pair.query or imported.query
    turns = [Turn(role="user", content=query)] if query else []
    if isinstance(pair, BadPair):
        return _sample(imported, turns, pair)
    names = [tool.name for tool in imported.tools]
    calls = tuple(
        call.model_copy(update={"name": resolve_name(call.name, names) or call.name})
        for call in pair.calls
    )
    turns.append(Turn(role="assistant", content=pair.reply, thought=pair.thought, calls=calls))
    return _sample(imported, turns, None)


def _sample(
    imported: Imported, turns: Sequence[Turn], problem: NoAnswer | BadPair | None
) -> Sample:
    failed = problem and Verdict(
        stage="format", passed=False, reason=problem.reason, detail=problem.detail
    )
    return Sample(
        id="",  # the verdict's, once it is known whether the row has one
        group="",
        turns=tuple(turns),
        tools=imported.tools,
        results=_results(imported.results, turns),
        style="imported",
        category="imported",
        environment=imported.environment,
        language="und",  # nobody says which; ISO 639 has this for it
        verdicts=(failed,) if failed else (),
    )


def _results(values: tuple[Any, ...] | None, turns: Sequence[Turn]) -> tuple[CallResult, ...]:
    """The row's own results, if there is one per call, else those that tool turns give."""
    calls = [call.id for turn in turns for call in turn.calls]
    if values is not None and len(values) == len(calls):
        said = dict(zip(calls, values, strict=True))
    else:
        said = {turn.call: decoded(turn.content) for turn in turns if turn.call in calls}
    return tuple(
        CallResult(call=call, outcome="ok", value=said[call]) for call in calls if call in said
    )


def _unread(number: int, problem: BadRow, row: dict[str, Any] | None) -> RowVerdict:
    return RowVerdict(
        row=number,
        id=_id(row or {}, lambda: completion_id(f"{number}\n{problem.detail}")),
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
        id=_id(row, lambda: sample_id(samples[0].tools, samples[0].turns, None)),
        passed=failed is None,
        stage=failed.stage if failed else None,
        reason=failed.reason if failed else None,
        detail=failed.detail if failed else None,
        calls=calls[0] if one else calls,
        results=results[0] if one else results,
    )


def _id(row: dict[str, Any], content: Callable[[], str]) -> str | int:
    """The row's own id, else the hash of its content, which is not free."""
    own = row.get("id")
    return own if isinstance(own, str | int) else content()
