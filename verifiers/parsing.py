"""From a completion to drafts: each a sample on its way, or a sample rejected with a reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api_registry.types import Call
from data import strict_json
from data.identity import completion_id, sample_id
from data.types import Sample, Stage, Turn, Verdict
from generators.types import Completion, DraftPlan, Request
from verifiers.answers import NoAnswer, find_answer

REASONS: dict[str, str] = {
    "empty_answer": "the completion is empty",
    "no_answer": "the completion holds no JSON answer",
    "ambiguous": "the completion holds several different answers",
    "malformed_json": "the answer is not strict JSON",
    "too_large": "the completion is larger than is read",
    "truncated": "the completion was cut off by the token limit",
    "not_a_pair": "the answer has not the form of query and answers",
    "no_query": "the pair has no query",
    "not_a_call": "an answer has not the form of a call",
    "empty_reply": "neither a call nor a word: the assistant's turn would be empty",
}
"""Reasons of the format stage that parsing gives."""

GENERATION_REASONS: dict[str, str] = {
    "missing_pair": "the generator returned fewer pairs than were asked for",
    "request_failed": "the request to the generator failed for good",
    "base_rejected": "the draft whose query a contrast pair repeats was rejected",
}

_KEPT_COMPLETION = 20_000


@dataclass(frozen=True)
class Parsed:
    """The drafts of one completion, one per plan, and the pairs nobody asked for."""

    samples: list[Sample]
    surplus: int = 0


class _Misfit(Exception):
    def __init__(self, reason: str, detail: str, query: str = "") -> None:
        super().__init__(detail)
        self.reason, self.detail, self.query = reason, detail, query


def parse(completion: Completion, request: Request, *, generator: str) -> Parsed:
    """Return one sample per plan of the request, in order; never raises for what was answered."""
    plans = request.plans
    try:
        if completion.finish_reason == "length":
            raise NoAnswer("truncated", "the completion was cut off (finish_reason `length`)")
        pairs = _pairs(completion, len(plans))
    except NoAnswer as problem:
        return Parsed(
            [
                reject(
                    plan,
                    "format",
                    problem.reason,
                    problem.detail,
                    generator=generator,
                    completion=completion.text,
                    request=request.index,
                )
                for plan in plans
            ]
        )
    samples = []
    for place, plan in enumerate(plans):
        if place >= len(pairs):
            detail = f"{len(pairs)} of {len(plans)} pairs came back"
            samples.append(
                reject(
                    plan,
                    "generation",
                    "missing_pair",
                    detail,
                    generator=generator,
                    completion=completion.text,
                    request=request.index,
                )
            )
            continue
        try:
            samples.append(_sample(plan, pairs[place], generator, request.index))
        except _Misfit as problem:
            samples.append(
                reject(
                    plan,
                    "format",
                    problem.reason,
                    problem.detail,
                    query=problem.query,
                    generator=generator,
                    completion=completion.text,
                    request=request.index,
                )
            )
    return Parsed(samples, surplus=max(len(pairs) - len(plans), 0))


def reject(
    plan: DraftPlan,
    stage: Stage,
    reason: str,
    detail: str,
    *,
    generator: str,
    query: str = "",
    completion: str = "",
    request: int | None = None,
) -> Sample:
    """The sample of a draft that never became one, with whatever had been parsed until then."""
    turns = _opening(plan, query) if query else ()
    return Sample(
        id=completion_id(f"{plan.index}\n{completion or detail}"),
        group=plan.group,
        turns=turns,
        tools=plan.tools,
        style=plan.style,
        category=plan.category,
        language=plan.language,
        verdicts=(Verdict(stage=stage, passed=False, reason=reason, detail=detail),),
        annotations={"completion": _storable(completion[:_KEPT_COMPLETION])} if completion else {},
        provenance=_provenance(plan, generator, request),
    )


def _pairs(completion: Completion, wanted: int) -> list[Any]:
    """Read any of the forms that an answer may have as a list of pairs."""
    if completion.tool_calls and not completion.text.strip():
        return [{"answers": [_native(call) for call in completion.tool_calls]}]
    answer = find_answer(completion.text)
    if isinstance(answer, dict) and isinstance(answer.get("pairs"), list):
        return list(answer["pairs"])
    if isinstance(answer, dict):
        return [answer]
    if isinstance(answer, list):
        if answer and all(isinstance(item, dict) and "name" in item for item in answer):
            return [{"answers": answer}]
        return answer
    raise NoAnswer("not_a_pair", f"expected an object with `pairs`, got {_kind(answer)}")


def _native(call: Mapping[str, Any]) -> Any:
    function = call.get("function")
    return function if isinstance(function, Mapping) else call


def _sample(plan: DraftPlan, pair: Any, generator: str, request: int) -> Sample:
    if not isinstance(pair, Mapping):
        raise _Misfit("not_a_pair", f"expected an object per pair, got {_kind(pair)}")
    query = pair.get("query")
    if not isinstance(query, str) or not query.strip():
        raise _Misfit("no_query", "`query` is missing, empty or no text")
    answers = pair.get("answers")
    if not isinstance(answers, list):
        raise _Misfit("not_a_pair", f"`answers`: expected a list, got {_kind(answers)}", query)
    calls = tuple(_call(index, answer, query) for index, answer in enumerate(answers))
    reply = pair.get("reply", "")
    if not isinstance(reply, str):
        raise _Misfit("not_a_pair", f"`reply`: expected text, got {_kind(reply)}", query)
    if not calls and not reply.strip():
        raise _Misfit("empty_reply", "`answers` is empty and there is no `reply`", query)
    thought = pair.get("thought")
    turns = (
        *_opening(plan, query),
        Turn(
            role="assistant",
            content="" if calls else reply,
            thought=thought if isinstance(thought, str) and thought else None,
            calls=calls,
            train=True,
        ),
    )
    return Sample(
        id=sample_id(plan.tools, turns, None),
        group=plan.group,
        turns=turns,
        tools=plan.tools,
        style=plan.style,
        category=plan.category,
        language=plan.language,
        provenance=_provenance(plan, generator, request),
    )


def _call(index: int, answer: Any, query: str) -> Call:
    where = f"call_{index}"
    if not isinstance(answer, Mapping):
        raise _Misfit("not_a_call", f"{where}: expected an object, got {_kind(answer)}", query)
    name, arguments = answer.get("name"), answer.get("arguments", {})
    if not isinstance(name, str) or not name:
        raise _Misfit("not_a_call", f"{where}.name: expected text, got {_kind(name)}", query)
    if isinstance(arguments, str):
        # Some models write arguments as OpenAI's API does, encoded once more.
        try:
            arguments = strict_json.loads(arguments)
        except strict_json.BadJson as error:
            raise _Misfit("malformed_json", f"{where}.arguments: {error}", query) from None
    if not isinstance(arguments, dict):
        raise _Misfit(
            "not_a_call", f"{where}.arguments: expected an object, got {_kind(arguments)}", query
        )
    unknown = set(answer) - {"name", "arguments", "id", "type"}
    if unknown:
        raise _Misfit("not_a_call", f"{where}: unknown key `{min(unknown)}`", query)
    return Call(id=where, name=name, arguments=arguments)


def _opening(plan: DraftPlan, query: str) -> tuple[Turn, ...]:
    user = Turn(role="user", content=query)
    if plan.context is None:
        return (user,)
    return (Turn(role="system", content=plan.context.system_text()), user)


def _provenance(plan: DraftPlan, generator: str, request: int | None) -> dict[str, Any]:
    return {
        "request": request if request is not None else plan.index,
        "draft": plan.index,
        "seed": plan.seed,
        "generator": generator.partition("@")[0],
        "prompt": generator,
        "variant": None,
        "repaired": False,
    }


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "a boolean"}
    if value is None:
        return "nothing"
    return names.get(type(value), "a number")


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
