"""Two small classifiers in numpy, enough to ask whether features give something away.

Both are logistic regressions fitted by gradient descent with momentum: one chooses a class for a
row, the other one of a row's options (a conditional logit; McFadden 1974).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Labels = NDArray[np.int64]

_STEPS = 150
_RATE = 0.5
_MOMENTUM = 0.9
_PENALTY = 1e-3


@dataclass(frozen=True)
class Features:
    """What is known of rows: a few numbers of each, and which of many marks it has.

    Marks are kept as places, not as columns of zeros: there are hundreds, and a row has a handful.
    """

    numbers: Matrix
    """Rows x numbers."""
    mark_rows: Labels
    """The row of each mark that some row has."""
    marks: Labels
    """Which of the marks it is, below `kinds`."""
    kinds: int = 0

    @classmethod
    def of(
        cls, numbers: Sequence[Sequence[float]], marks: Sequence[Sequence[int]] = (), kinds: int = 0
    ) -> "Features":
        """Gather rows: their numbers and, where there are marks, those that each has, once."""
        return cls(
            np.array(numbers, dtype=np.float64),
            np.repeat(np.arange(len(marks)), [len(own) for own in marks]).astype(np.int64),
            np.array([mark for own in marks for mark in own], dtype=np.int64),
            kinds,
        )

    @property
    def width(self) -> int:
        """Marks and numbers."""
        return self.kinds + int(self.numbers.shape[1])

    def where(self, rows: NDArray[np.bool_]) -> "Features":
        """Those of some rows."""
        chosen = rows[self.mark_rows]
        renumbered = np.cumsum(rows) - 1
        return Features(
            self.numbers[rows],
            renumbered[self.mark_rows[chosen]],
            self.marks[chosen],
            self.kinds,
        )

    def times(self, weights: Matrix) -> Matrix:
        """Sum what each row has by `weights` (outputs x width): outputs x rows.

        Rows come last as there are thousands of them: numpy adds up along long axes.
        """
        sums = weights[:, self.kinds :] @ self.numbers.T
        for own, summed in zip(weights, sums, strict=True) if self.kinds else ():
            summed += np.bincount(self.mark_rows, own[self.marks], minlength=len(summed))
        return sums

    def totals(self, values: Matrix) -> Matrix:
        """Sum `values` (outputs x rows) over the rows that have a feature: outputs x width."""
        sums = np.empty((len(values), self.width))
        sums[:, self.kinds :] = values @ self.numbers
        for own, summed in zip(values, sums, strict=True) if self.kinds else ():
            summed[: self.kinds] = np.bincount(self.marks, own[self.mark_rows], self.kinds)
        return sums

    def scale(self) -> tuple[Matrix, Matrix]:
        """Mean of each feature, and by what it is multiplied so that all weigh alike."""
        shares = np.bincount(self.marks, minlength=self.kinds) / len(self.numbers)
        mean = np.concatenate([shares, self.numbers.mean(axis=0)])
        deviation = np.concatenate([np.sqrt(shares - shares**2), self.numbers.std(axis=0)])
        deviation[deviation == 0] = 1.0
        return mean, 1 / (deviation * np.sqrt(self.width))


def balanced_accuracy(
    train: Features, train_labels: Labels, test: Features, test_labels: Labels
) -> float:
    """Fit on `train`, and return the mean recall of the classes in `test`.

    Classes weigh alike, so always naming the commonest one is no better than chance.
    """
    classes = np.unique(train_labels)
    mean, scale = train.scale()
    targets = (classes[:, None] == train_labels).astype(np.float64)
    weights = (targets / targets.sum(axis=1, keepdims=True)).sum(axis=0) / len(classes)
    coefficients = np.zeros((len(classes), train.width))
    constant = np.zeros((len(classes), 1))
    speed, drift = np.zeros_like(coefficients), np.zeros_like(constant)

    def scores(features: Features) -> Matrix:
        weighed = scale * coefficients
        shift: Matrix = constant - (weighed @ mean)[:, None]
        return features.times(weighed) + shift

    for _ in range(_STEPS):
        errors = (_softmax(scores(train)) - targets) * weights
        off = errors.sum(axis=1, keepdims=True)
        gradient = scale * (train.totals(errors) - mean * off)
        speed = _MOMENTUM * speed - _RATE * (gradient + _PENALTY * coefficients)
        drift = _MOMENTUM * drift - _RATE * (off + _PENALTY * constant)
        coefficients += speed
        constant += drift
    chosen = classes[scores(test).argmax(axis=0)]
    recalls = [
        float((chosen[test_labels == label] == label).mean())
        for label in classes
        if (test_labels == label).any()
    ]
    return float(np.mean(recalls)) if recalls else 0.0


def choice_accuracy(
    train: Features,
    train_sizes: Labels,
    train_chosen: Labels,
    test: Features,
    test_sizes: Labels,
    test_chosen: Labels,
) -> float:
    """Fit on rows with options, and return how often the right option of a test row is named.

    Features are of the options of all rows one after the other, `sizes` how many each row has,
    `chosen` which of them is right. Ties are shared out.
    """
    # What all options of a row have in common cancels out, so no mean is taken off.
    _, scale = train.scale()
    starts = np.concatenate([[0], np.cumsum(train_sizes)[:-1]])
    row_of = np.repeat(np.arange(len(train_sizes)), train_sizes)
    targets = np.zeros(len(row_of))
    targets[starts + train_chosen] = 1.0
    coefficients = np.zeros((1, train.width))
    speed = np.zeros_like(coefficients)
    for _ in range(_STEPS):
        [scores] = train.times(scale * coefficients)
        scores -= np.maximum.reduceat(scores, starts)[row_of]
        odds = np.exp(scores)
        shares = odds / np.add.reduceat(odds, starts)[row_of]
        gradient = scale * train.totals((shares - targets)[None]) / len(train_sizes)
        speed = _MOMENTUM * speed - _RATE * (gradient + _PENALTY * coefficients)
        coefficients += speed
    [scores] = test.times(scale * coefficients)
    ends = np.cumsum(test_sizes)
    right = 0.0
    for end, size, chosen in zip(ends, test_sizes, test_chosen, strict=True):
        own = scores[end - size : end]
        best = np.flatnonzero(own >= own.max() - 1e-9)
        right += (chosen in best) / len(best)
    return right / max(len(test_sizes), 1)


def _softmax(scores: Matrix) -> Matrix:
    scores = np.exp(scores - scores.max(axis=0))
    return np.asarray(scores / scores.sum(axis=0), dtype=np.float64)
