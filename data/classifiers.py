"""Two small classifiers in numpy, enough to ask whether features give something away.

Both are logistic regressions fitted by gradient descent with momentum: one chooses a class for a
row, the other one of a row's options (a conditional logit; McFadden 1974).
"""

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Labels = NDArray[np.int64]

_STEPS = 150
_RATE = 0.5
_MOMENTUM = 0.9
_PENALTY = 1e-3


def balanced_accuracy(
    train: Matrix, train_labels: Labels, test: Matrix, test_labels: Labels
) -> float:
    """Fit on `train` (rows x features), and return the mean recall of the classes in `test`.

    Classes weigh alike, so always naming the commonest one is no better than chance.
    """
    classes = np.unique(train_labels)
    train, test = _standardised(train, test)
    targets = (train_labels[:, None] == classes).astype(np.float64)
    weights = (targets / targets.sum(axis=0)).sum(axis=1, keepdims=True) / len(classes)
    coefficients = np.zeros((train.shape[1], len(classes)))
    speed = np.zeros_like(coefficients)
    for _ in range(_STEPS):
        errors = (_softmax(train @ coefficients) - targets) * weights
        speed = _MOMENTUM * speed - _RATE * (train.T @ errors + _PENALTY * coefficients)
        coefficients += speed
    chosen = classes[(test @ coefficients).argmax(axis=1)]
    recalls = [
        float((chosen[test_labels == label] == label).mean())
        for label in classes
        if (test_labels == label).any()
    ]
    return float(np.mean(recalls)) if recalls else 0.0


def choice_accuracy(
    train: Matrix,
    train_sizes: Labels,
    train_chosen: Labels,
    test: Matrix,
    test_sizes: Labels,
    test_chosen: Labels,
) -> float:
    """Fit on rows with options, and return how often the right option of a test row is named.

    Matrices hold the options of all rows below each other (options x features), `sizes` how many
    each row has, `chosen` which of them is right. Ties are shared out.
    """
    train, test = _standardised(train, test, constant=False)
    starts = np.concatenate([[0], np.cumsum(train_sizes)[:-1]])
    row_of = np.repeat(np.arange(len(train_sizes)), train_sizes)
    targets = np.zeros(len(train))
    targets[starts + train_chosen] = 1.0
    coefficients = np.zeros(train.shape[1])
    speed = np.zeros_like(coefficients)
    for _ in range(_STEPS):
        scores = np.exp(np.clip(train @ coefficients, -30, 30))
        shares = scores / np.add.reduceat(scores, starts)[row_of]
        gradient = train.T @ (shares - targets) / len(train_sizes)
        speed = _MOMENTUM * speed - _RATE * (gradient + _PENALTY * coefficients)
        coefficients += speed
    scores = test @ coefficients
    ends = np.cumsum(test_sizes)
    right = 0.0
    for end, size, chosen in zip(ends, test_sizes, test_chosen, strict=True):
        own = scores[end - size : end]
        best = np.flatnonzero(own >= own.max() - 1e-9)
        right += (chosen in best) / len(best)
    return right / max(len(test_sizes), 1)


def _standardised(train: Matrix, test: Matrix, *, constant: bool = True) -> tuple[Matrix, Matrix]:
    """Put features on one scale; with a constant one unless options are compared."""
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    deviation[deviation == 0] = 1.0
    both = [(part - mean) / deviation / np.sqrt(train.shape[1]) for part in (train, test)]
    if constant:
        both = [np.hstack([part, np.ones((len(part), 1))]) for part in both]
    return both[0], both[1]


def _softmax(scores: Matrix) -> Matrix:
    scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(scores / scores.sum(axis=1, keepdims=True), dtype=np.float64)
