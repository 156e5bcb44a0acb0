"""Plants labelled faults, to measure what the verifiers catch. Off unless asked for.

A fault is in what an answer says (`pair_faults`), in how it is written, or in its end.
`FaultyGenerator` wraps a generator and plants one in a share of the drafts, which one being a
function of the draft's seed, so that a benchmark can ask `planted(plan)` without a side channel.
"""

import json
import random
from collections.abc import Callable

from generators.embedded.pair_faults import PAIR_FAULTS
from generators.types import Completion, DraftPlan, Generator, Request

TextFault = Callable[[str, random.Random], str | None]


def _python_calls(text: str, rng: random.Random) -> str:
    """The first pair's calls as Python code, as some models write them."""
    calls = json.loads(text)["pairs"][0]["answers"]
    code = (
        f"{call['name']}({', '.join(f'{k}={v!r}' for k, v in call['arguments'].items())})"
        for call in calls
    )
    return f"[{', '.join(code)}]"


TEXT_FAULTS: dict[str, TextFault] = {
    "cut_json": lambda text, rng: text[: rng.randint(len(text) // 2, len(text) - 2)],
    "trailing_comma": lambda text, rng: text.replace("}]", "},]", 1),
    "single_quotes": lambda text, rng: text.replace('"', "'"),
    "duplicate_key": lambda text, rng: text.replace('{"query":', '{"query":"","query":', 1),
    "not_a_number": lambda text, rng: text[:-1] + ',"score":NaN}',
    "python_calls": _python_calls,
    "smart_quotes": lambda text, rng: text.replace('"', "“"),
    "comment": lambda text, rng: text.replace("}]", "} // as asked\n]", 1),
    "prose_only": lambda text, rng: "Sure! I would call the tool with the values you gave.",
    "two_answers": lambda text, rng: (
        f"First try:\n```json\n{text}\n```\nBetter:\n```json\n"
        + text.replace('"query":"', '"query":"Again: ', 1)
        + "\n```"
    ),
}
"""Faults in how an answer is written."""

LENGTH = "length"
"""The kind of a completion that was cut off by the token limit."""
KINDS: tuple[str, ...] = (*PAIR_FAULTS, *TEXT_FAULTS, LENGTH)


class FaultyGenerator:
    """A generator whose answers are wrong, in known ways, in a share of its drafts."""

    def __init__(
        self,
        inner: Generator,
        *,
        share: float,
        seed: int = 0,
        kinds: tuple[str, ...] = KINDS,
        spared: Callable[[DraftPlan, int], object] = lambda plan, attempt: None,
    ) -> None:
        """Plant one of `kinds` in `share` of the drafts that have calls.

        `spared` says of a plan and an attempt whether the answer is to stay as it is: left out are
        drafts that are wrong already.
        """
        self.inner = inner
        self.name = inner.name
        self.share, self.seed, self.kinds, self._spared = share, seed, kinds, spared

    def planted(self, plan: DraftPlan, attempt: int = 0) -> str | None:
        """The kind of fault meant for a draft; where it does not apply the draft stays right."""
        if self._spared(plan, attempt):
            return None
        rng = self._rng(plan, attempt)
        return rng.choice(self.kinds) if rng.random() < self.share else None

    async def draft(self, request: Request) -> Completion:
        """Answer as the inner generator does, with faults."""
        completion = await self.inner.draft(request)
        for place, plan in enumerate(request.plans):
            if kind := self.planted(plan, request.attempt):
                rng = self._rng(plan, request.attempt)
                rng.random()
                completion = plant(kind, completion, plan, rng, place=place) or completion
        return completion

    def _rng(self, plan: DraftPlan, attempt: int) -> random.Random:
        again = f"/{attempt}" if attempt else ""
        return random.Random(f"fault/{self.seed}/{plan.seed}{again}")


def plant(
    kind: str, completion: Completion, plan: DraftPlan, rng: random.Random, *, place: int = 0
) -> Completion | None:
    """Plant one fault in the pair at `place`; None where the fault does not apply to it."""
    answer = json.loads(completion.text)
    pair = answer["pairs"][place]
    if not pair["answers"]:
        return None
    if kind == LENGTH:
        cut = completion.text[: len(completion.text) // 2]
        return completion.model_copy(update={"text": cut, "finish_reason": "length"})
    if kind in TEXT_FAULTS:
        text = TEXT_FAULTS[kind](completion.text, rng)
    else:
        changed = PAIR_FAULTS[kind](pair, plan, rng)
        text = json.dumps(answer, ensure_ascii=False) if changed is not None else None
    if text is None or text == completion.text:
        return None
    return completion.model_copy(update={"text": text})
