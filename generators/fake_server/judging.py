"""What the fake endpoint says as a judge: it errs at known rates, so that measuring it can be."""

import random
import re
from typing import Any

from generators.llm.delimiting import RECORD

_CRITERIA = re.compile(r"^Criteria: ([\w, ]+)\.", re.MULTILINE)
_NONSENSE = (
    "Looks good to me!",
    "I cannot judge this without more context.",
    '{"analysis": "Everything is in order."}',
    '{"verdict": "pass", "score": 10}',
    "",
)


def judged_record(prompt: str) -> str | None:
    """The tag of the record that a prompt asks a verdict about; None for any other prompt."""
    match = RECORD.search(prompt)
    return match["mark"] if match and match["tag"] == "record" else None


def verdict(
    prompt: str,
    rng: random.Random,
    *,
    faulty: bool,
    catch: float,
    false_reject: float,
    nonsense: float,
) -> dict[str, Any] | str:
    """Judge as a model would that catches and wrongly rejects such shares; or say nonsense."""
    if rng.random() < nonsense:
        return rng.choice(_NONSENSE)
    criteria = [name.strip() for name in _CRITERIA.findall(prompt)[-1].split(",")]
    rejects = rng.random() < (catch if faulty else false_reject)
    failed = rng.choice(criteria) if rejects else None
    analysis = f"This fails on {failed}." if failed else "The record does what was asked."
    return {"analysis": analysis} | {name: name != failed for name in criteria}
