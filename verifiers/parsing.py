"""From a completion to drafts: each a sample on its way, or a sample rejected with a reason."""

from dataclasses import dataclass
from typing import Any

from api_registry.names import resolve_name
from data.bindings import bindings_of
from data.identity import completion_id, sample_id
from data.proof import ABOUT
from data.types import Sample, Stage, Turn, Verdict
from generators.types import Completion, DraftPlan, Request
from verifiers.answers import NoAnswer
from verifiers.pairs import BadPair, Pair, read_pairs

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


def parse(
    completion: Completion, request: Request, *, generator: str, repair: bool = False
) -> Parsed:
    """Return one sample per plan of the request, in order; never raises for what was answered."""
    plans = request.plans

    def refuse(plan: DraftPlan, stage: Stage, bad: BadPair) -> Sample:
        return reject(
            plan,
            stage,
            bad.reason,
            bad.detail,
            query=bad.query,
            generator=generator,
            completion=completion.text,
            request=request.index,
        )

    try:
        pairs = read_pairs(completion, repair=repair)
    except NoAnswer as problem:
        bad = BadPair(problem.reason, problem.detail)
        return Parsed([refuse(plan, "format", bad) for plan in plans])
    samples = []
    for place, plan in enumerate(plans):
        if place >= len(pairs):
            bad = BadPair("missing_pair", f"{len(pairs)} of {len(plans)} pairs came back")
            samples.append(refuse(plan, "generation", bad))
            continue
        pair = _usable(pairs[place])
        if isinstance(pair, BadPair):
            samples.append(refuse(plan, "format", pair))
        else:
            samples.append(_sample(plan, pair, generator, request.index))
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


def _usable(pair: Pair | BadPair) -> Pair | BadPair:
    """A pair that can be trained on has a query, and calls or words that answer it."""
    if isinstance(pair, BadPair):
        return pair
    if not pair.query or not pair.query.strip():
        return BadPair("no_query", "`query` is missing or empty")
    if not pair.calls and not pair.reply.strip():
        return BadPair("empty_reply", "`answers` is empty and there is no `reply`", pair.query)
    return pair


def _sample(plan: DraftPlan, pair: Pair, generator: str, request: int) -> Sample:
    offered = [tool.name for tool in plan.tools]
    calls = tuple(
        call.model_copy(update={"name": resolve_name(call.name, offered) or call.name})
        for call in pair.calls
    )
    turns = (
        *_opening(plan, pair.query or ""),
        Turn(
            role="assistant",
            content="" if calls else pair.reply,
            thought=pair.thought,
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
        provenance=_provenance(plan, generator, request) | {"repaired": pair.repaired},
    )


def _opening(plan: DraftPlan, query: str) -> tuple[Turn, ...]:
    user = Turn(role="user", content=query)
    if plan.context is None:
        return (user,)
    return (Turn(role="system", content=plan.context.system_text()), user)


def _provenance(plan: DraftPlan, generator: str, request: int | None) -> dict[str, Any]:
    calls_nothing = plan.style in ("irrelevant", "missing_argument")
    return {
        "request": request if request is not None else plan.index,
        "draft": plan.index,
        "seed": plan.seed,
        "generator": generator.partition("@")[0],
        "prompt": generator,
        "tone": plan.register_name,
        "planned_calls": 0 if calls_nothing else len(plan.targets),
        "variant": plan.variant,
        "repaired": False,
        **bindings_of(plan.tools),
        **({ABOUT: plan.targets[0].name} if calls_nothing and plan.targets else {}),
        **({"final_answer": True} if plan.final_answer else {}),
    }


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
