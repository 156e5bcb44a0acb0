"""From opinions to one decision."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from verifiers.judge.judge import Opinion
from verifiers.judge.settings import Vote


@dataclass(frozen=True)
class Decision:
    """Whether a record passes, and what speaks most against it."""

    passed: bool
    criterion: str | None = None
    """The criterion that most opinions find failed; None where a judge gave no verdict."""
    detail: str | None = None


def decide(opinions: Sequence[Opinion], vote: Vote) -> Decision:
    """Count votes for the record as a whole. Without every verdict nothing passes, nor does a tie.

    Args:
        opinions: At least one.
        vote: How many must approve.
    """
    for opinion in opinions:
        if opinion.faults is None:
            return Decision(False, None, f"{opinion.judge}: {opinion.said}")
    against = [opinion for opinion in opinions if not opinion.approves]
    approving = len(opinions) - len(against)
    if not against or (vote == "majority" and approving > len(opinions) / 2):
        return Decision(True)
    criterion = _gravest(against)
    voice = next(opinion for opinion in against if criterion in (opinion.faults or ()))
    counted = f"{len(against)} of {len(opinions)} against; " if len(opinions) > 1 else ""
    return Decision(False, criterion, f"{counted}{voice.judge}: {voice.said}")


def _gravest(against: Sequence[Opinion]) -> str:
    """The criterion named most often, the first of these in the order of the criteria."""
    named = Counter(name for opinion in against for name in opinion.faults or ())
    return max(named, key=lambda name: named[name])
