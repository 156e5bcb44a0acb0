"""What the check of closing answers catches: `python benchmarks/closing.py [--records 1000]`.

Writes closing answers by templates for right records over the shipped catalogue, then plants one
thing in each that nothing gives: a changed number, or a sentence with a number, date, time, name,
code, address or quotation of its own. A change that stands in results or query all the same, which
is looked up in their plain text, does not count. Exits 1 when an aim is missed.
"""

import argparse
import asyncio
import random
import re
import sys
from collections.abc import Callable
from pathlib import Path

# Run as a file, Python would look for packages beside it.
sys.path[0] = str(Path(__file__).parent.parent)

from api_registry.execution.pool import RunnerPool
from api_registry.execution.settings import ExecutionConfig
from api_registry.registry import load_apis
from data.identity import compact_json
from data.types import Sample
from flows.config import CATALOG
from generators.embedded.closing import closing_answer
from generators.embedded.generator import EmbeddedGenerator
from generators.plan import Plan
from generators.plan_config import PlanConfig
from generators.types import Request
from verifiers.build import build_verifiers
from verifiers.parsing import parse
from verifiers.semantic.grounding import ungrounded

AIM_CAUGHT = 0.98
_NUMBER = re.compile(r"(?<![\w.:/#-])\d{2,}(?:\.\d+)?(?![\w:/#-]|\.\d)")
_SHOWN = 5
_YEARS = 1901, 1959
_NAMES = ("Bellevue", "Okonkwo", "Harrington", "Zwickau", "Lindqvist", "Tamarind")

Fault = Callable[[str, random.Random], str | None]


def changed_number(answer: str, rng: random.Random) -> str | None:
    found = list(_NUMBER.finditer(answer))
    if not found:
        return None
    match = rng.choice(found)
    digits = list(match.group())
    place = rng.choice([i for i, digit in enumerate(digits) if digit.isdigit()])
    digits[place] = str((int(digits[place]) + rng.randint(1, 9)) % 10)
    return answer[: match.start()] + "".join(digits) + answer[match.end() :]


FAULTS: dict[str, Fault] = {
    "changed number": changed_number,
    "number": lambda answer, rng: f"{answer} That makes {rng.randint(1000, 10**6)}.7 in all.",
    "date": lambda answer, rng: f"{answer} It was {rng.randint(1, 28)} May {rng.randint(*_YEARS)}.",
    "time": lambda answer, rng: f"{answer} It was 0{rng.randint(1, 5)}:{rng.randint(11, 58)}.",
    "name": lambda answer, rng: f"{answer} It was arranged by {rng.choice(_NAMES)}.",
    "code": lambda answer, rng: f"{answer} The reference is QX-{rng.randint(10000, 99999)}.",
    "address": lambda answer, rng: f"{answer} Write to help{rng.randint(1, 99)}@nowhere.example.",
    "quotation": lambda answer, rng: f'{answer} It is called "the {rng.choice(_NAMES)} rule".',
}  # fmt: skip


def stands(answer: str, right: str, sample: Sample) -> bool:
    """Whether what was changed is given after all, as plain text."""
    given = compact_json([[result.value for result in sample.results], sample.query]).lower()
    new = set(re.findall(r"\d+(?:\.\d+)?", answer)) - set(re.findall(r"\d+(?:\.\d+)?", right))
    return all(number in given.replace(",", "") for number in new) if new else False


async def records(count: int, seed: int) -> list[Sample]:
    apis = load_apis([CATALOG]).apis
    plan = Plan(apis, PlanConfig(), seed=seed, shard_size=1)
    found: list[Sample] = []
    index = 0
    async with RunnerPool(apis, ExecutionConfig()) as pool:
        checks = build_verifiers(pool, apis)
        while len(found) < count:
            request = Request(index=index, plans=(plan(index),))
            index += 1
            completion = await EmbeddedGenerator().draft(request)
            [sample] = parse(completion, request, generator="embedded").samples
            for check in checks:
                if not sample.rejected:
                    sample = await check.check(sample)
            if not sample.rejected and sample.results:
                found.append(sample)
    return found


def measure(samples: list[Sample]) -> bool:
    rejected = caught_all = planted_all = 0
    answers = []
    for sample in samples:
        values = [result.value for result in sample.results]
        rng = random.Random(sample.id)
        answer = closing_answer(sample.calls, values, sample.tools, rng)
        answers.append(answer)
        if problem := ungrounded(answer, sample):
            rejected += 1
            if rejected > _SHOWN:
                continue
            print(f"rejected though right: {problem} | {answer}")
    print(f"right answers: {len(samples):,}, rejected: {rejected} (aim 0)")
    print(f"{'planted':16}{'answers':>9}{'caught':>9}{'share':>9}")
    for kind, fault in FAULTS.items():
        planted = caught = 0
        for sample, answer in zip(samples, answers, strict=True):
            wrong = fault(answer, random.Random(f"{kind}/{sample.id}"))
            if wrong is None or wrong == answer or stands(wrong, answer, sample):
                continue
            planted += 1
            caught += ungrounded(wrong, sample) is not None
        print(f"{kind:16}{planted:>9,}{caught:>9,}{caught / max(planted, 1):>9.1%}")
        planted_all += planted
        caught_all += caught
    share = caught_all / max(planted_all, 1)
    print(f"planted: {planted_all:,}, caught {share:.2%} (aim ≥ {AIM_CAUGHT:.0%})")
    return rejected == 0 and share >= AIM_CAUGHT


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    met = measure(asyncio.run(records(arguments.records, arguments.seed)))
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
