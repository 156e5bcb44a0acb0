"""Scientific scripts: no hints, NumPy docstrings."""

import numpy as np


def moving_average(values, window=3, mode="valid"):
    """
    Compute the moving average of a series.

    Parameters
    ----------
    values : list of float
        The series to smooth.
    window : int, optional
        Width of the window, by default 3.
    mode : {'valid', 'same', 'full'}, optional
        How the edges are treated.

    Returns
    -------
    list of float
        The smoothed series.

    See Also
    --------
    numpy.convolve
    """
    kernel = np.ones(window) / window
    return np.convolve(values, kernel, mode).round(6)


def body_mass_index(weight, height):
    """Body mass index of a person.

    Parameters
    ----------
    weight, height : float
        Weight in kilograms and height in metres.
    """
    return round(weight / height**2, 2)


def rescale(image, factor=2.0):
    """Rescale an image.

    Parameters
    ----------
    image : ndarray of shape (m, n)
        The image.
    factor : float
        Scale.
    """
    return image * factor


def zscore(sample, ddof=0, axis=None, *, nan_policy="propagate"):
    """Z-scores of a sample.

    Parameters
    ----------
    sample : array_like of float
        Data.
    ddof : int, optional
        Degrees of freedom.
    axis : int or None, optional
    nan_policy : {'propagate', 'raise', 'omit'}
    """
    data = np.asarray(sample, dtype=float)
    return ((data - data.mean()) / data.std(ddof=ddof)).round(4)


def solve_quadratic(a: float, b: float, c: float):
    r"""Real roots of :math:`ax^2 + bx + c`, smallest first.

    .. math:: x = \frac{-b \pm \sqrt{b^2-4ac}}{2a}
    """
    d = b * b - 4 * a * c
    if d < 0:
        raise ValueError("no real roots")
    return sorted({(-b - d**0.5) / (2 * a), (-b + d**0.5) / (2 * a)})


def column_means(frame: "pd.DataFrame"):  # noqa: F821
    """Mean of each column."""
    return frame.mean()


def summarise(x: np.ndarray) -> float:
    """Sum up an array."""
    return x.sum()
