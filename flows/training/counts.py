"""What became of the rows of a training: none is lost without being counted."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from api_registry.errors import StorageError
from data.statistics import quantile
from flows.training.record import Lengths, PreparedRecord
from flows.training.rendering import CannotRender

Read = TypeVar("Read")
Rendered = TypeVar("Rendered")


@dataclass
class Counts:
    """Rows read, used and left out, each as often as an epoch sees it, and their tokens."""

    rows: int = 0
    used: int = 0
    examples: int = 0
    cut: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, str] = field(default_factory=dict)
    lengths: Counter[int] = field(default_factory=Counter)
    loss: Counter[str] = field(default_factory=Counter)

    def usable(
        self, rows: Iterable[tuple[Read, int]], render: Callable[[Read], Rendered]
    ) -> Iterator[tuple[Rendered, int]]:
        """Yield each row as rendered, with the times it is seen; those that cannot be are counted.

        `render` raises `CannotRender` for them.
        """
        for row, times in rows:
            self.rows += times
            try:
                rendered = render(row)
            except CannotRender as error:
                self.left_out[error.reason] += times
                self.reasons.setdefault(error.reason, error.detail)
                continue
            self.used += times
            yield rendered, times

    def record(self) -> PreparedRecord:
        """The counts as they are written down. Raises `StorageError` where a row is missing."""
        if self.rows != self.used + self.left_out.total():
            raise StorageError(
                f"{self.rows:,} rows were read, {self.used:,} used and {self.left_out.total():,} "
                "left out: rows were lost, which is a bug"
            )
        return PreparedRecord(
            rows=self.rows,
            used=self.used,
            examples=self.examples,
            cut=self.cut,
            left_out=dict(self.left_out.most_common()),
            reasons=self.reasons,
            tokens=sum(length * count for length, count in self.lengths.items()),
            loss_tokens=dict(sorted(self.loss.items())),
            lengths=_lengths(self.lengths),
        )


def _lengths(counts: Mapping[int, int]) -> Lengths:
    return Lengths(
        median=quantile(counts, 0.5), p90=quantile(counts, 0.9), longest=max(counts, default=0)
    )
