"""Summaries of lists of numbers."""

import math
import statistics
from typing import Annotated, Literal

from pydantic import Field

from api_registry.decorator import api

Numbers = Annotated[list[Annotated[float, Field(ge=0, le=500)]], Field(min_length=3, max_length=12)]
Series = Annotated[list[Annotated[float, Field(ge=1, le=100)]], Field(min_length=5, max_length=5)]


@api(
    category="statistics",
    examples=[
        {"values": [12, 15, 9.5]},
        {"values": [3, 48, 50, 51, 400], "drop_extremes": True},
        {"values": [88, 92, 79, 85]},
    ],
    phrasings=[
        "[work out|calculate|find] the [mean|average|arithmetic mean]< of {values}>"
        "{drop_extremes=true: without the highest and the lowest one}",
        "[average|take the mean of|take the average of] {values}"
        "{drop_extremes=true:, [leaving out|throwing away] the largest and the smallest}",
        "add [up|together] {values} and divide [the sum |]by how many there are",
        "what[ is|'s] the [average|mean] of {values}"
        "{drop_extremes=true: once the top and bottom [values|figures] are [removed|dropped]}?",
        "what [do|would] {values} [average out to|come to on average]?",
        "i [have|wrote down|measured] {values} and [need|want|would like] the [average|mean]"
        "{drop_extremes=true:, not counting the two extremes}.",
    ],
)
def mean(values: Numbers, drop_extremes: bool = False) -> float:
    """Calculate the arithmetic mean of a list of numbers.

    Args:
        values: Numbers to average.
        drop_extremes: Whether to leave out the one highest and the one lowest number first.
    """
    if len(values) < 3:
        raise ValueError("`values` needs at least 3 numbers")
    kept = sorted(values)[1:-1] if drop_extremes else values
    return round(statistics.fmean(kept), 4)


@api(
    category="statistics",
    examples=[
        {"values": [7, 1, 3]},
        {"values": [10, 40, 20, 30], "middle_rule": "lower"},
        {"values": [2.5, 9, 4, 4], "middle_rule": "average"},
    ],
    phrasings=[
        "[find|get|work out] the median< of {values}>"
        "{middle_rule=lower:, [picking|taking] the smaller of two middle ones}"
        "{middle_rule=upper:, [picking|taking] the larger of two middle ones}"
        "{middle_rule=average:, averaging the two middle ones if needed}",
        "[sort|line up] {values} and [give me|tell me|return] the one in the middle",
        "[pick|determine] the [middle value|median] among {values}",
        "[what is|what's|what would be] the median of {values}"
        "{middle_rule=lower: if a tie in the middle goes to the smaller one}"
        "{middle_rule=upper: if a tie in the middle goes to the bigger one}?",
        "which [number|value] [sits|lies|falls] in the middle of {values}?",
        "[my readings are|i got|here are my results:] {values}, [and i need|i'm after] the median"
        "{middle_rule=upper:, the higher one when there are two}.",
    ],
)
def median(values: Numbers, middle_rule: Literal["average", "lower", "upper"] = "average") -> float:
    """Find the median of a list of numbers.

    Args:
        values: Numbers whose middle is wanted.
        middle_rule: What to return when an even count leaves two middle numbers.
    """
    if not values:
        raise ValueError("`values` is empty; a median needs at least one number")
    lower, upper = statistics.median_low(values), statistics.median_high(values)
    middle = {"lower": lower, "upper": upper, "average": (lower + upper) / 2}[middle_rule]
    return round(middle, 4)


@api(
    category="statistics",
    examples=[
        {"values": [15, 20, 35, 40, 50], "rank": 40},
        {"values": [3, 6, 7, 8, 8, 10], "rank": 25, "method": "nearest"},
        {"values": [120, 180, 95, 240], "rank": 95, "method": "linear"},
    ],
    phrasings=[
        "[find|calculate|get] the {rank:ordinal} percentile< of {values}>"
        "{method=nearest:, using the nearest [actual|observed] value}"
        "{method=linear:, interpolating between neighbours}",
        "[work out|tell me|find] the value below which {rank:percent} of {values} fall",
        "[compute|determine|look up] a percentile of {values}<, namely the {rank:ordinal}>",
        "what[ is|'s| would be] the {rank:ordinal} percentile of {values}"
        "{method=nearest: without interpolating}{method=linear: with interpolation}?",
        "[given|with|out of] {values}, which [value|one] [marks|is] the {rank:ordinal} percentile?",
        "[our response times were|the measurements are|i recorded] {values}, and [i need|i want] "
        "the {rank:ordinal} percentile.",
    ],
)
def percentile(
    values: Numbers,
    rank: Annotated[int, Field(ge=1, le=99)],
    method: Literal["linear", "nearest"] = "linear",
) -> float:
    """Calculate a percentile of a list of numbers.

    Args:
        values: Numbers to look at.
        rank: Percentile that is wanted, from 1 to 99.
        method: Interpolate linearly between neighbours, or take the nearest observed value.
    """
    if not values:
        raise ValueError("`values` is empty; a percentile needs at least one number")
    ordered = sorted(values)
    if method == "nearest":
        return round(float(ordered[math.ceil(rank / 100 * len(ordered)) - 1]), 4)
    position = rank / 100 * (len(ordered) - 1)
    below = math.floor(position)
    above = math.ceil(position)
    share = position - below
    return round(ordered[below] + (ordered[above] - ordered[below]) * share, 4)


@api(
    category="statistics",
    examples=[
        {"values": [2, 4, 4, 4, 5, 5, 7, 9], "kind": "population"},
        {"values": [10, 12, 23, 23, 16], "kind": "sample"},
        {"values": [101.5, 99, 100.2], "kind": "sample"},
    ],
    phrasings=[
        "[calculate|work out|find] the <{kind=sample:sample }{kind=population:population }>"
        "standard deviation< of {values}>",
        "[measure|compute] [how spread out {values} are|how much variation there is in {values}]"
        "{kind=sample:, treating them as a sample}"
        "{kind=population:, treating them as the whole population}, as a standard deviation",
        "[get|give me|find] the standard deviation of {values}"
        "<{kind=sample:, they are [only|just] a sample}"
        "{kind=population:, that's [everyone|the full population]}>",
        "what[ is|'s| would be] the standard deviation of {values}"
        "{kind=sample: if they're a sample}{kind=population: if that's the entire population}?",
        "how [large|big] is the {kind=sample:sample}{kind=population:population} standard "
        "deviation "
        "[of|for] {values}?",
        "[i measured|my numbers are] {values}, {kind=sample:a sample from a larger group}"
        "{kind=population:the complete population}, and [i need|i want] their standard deviation.",
    ],
)
def standard_deviation(values: Numbers, kind: Literal["sample", "population"]) -> float:
    """Calculate the standard deviation of a list of numbers.

    Args:
        values: Numbers whose spread is measured.
        kind: Kind of data they are, a sample or the whole population.
    """
    if len(values) < 2:
        raise ValueError("`values` needs at least 2 numbers")
    if kind == "sample":
        return round(statistics.stdev(values), 4)
    return round(statistics.pstdev(values), 4)


@api(
    category="statistics",
    examples=[
        {"first_series": [1, 2, 3, 4, 5], "second_series": [2, 4, 5, 4, 5]},
        {
            "first_series": [10, 20, 30, 40, 50],
            "second_series": [90, 70, 72, 30, 12],
            "by_rank": True,
        },
        {"first_series": [3, 9, 4, 8, 1], "second_series": [30, 88, 35, 79, 14]},
    ],
    phrasings=[
        "[calculate|work out|find] the {by_rank=true:rank }correlation between {first_series}"
        "< and {second_series}>",
        "[correlate|compare] {second_series} with {first_series}"
        "{by_rank=true: [by rank|in rank order]} [and report|and tell me] their correlation",
        "[check|test|see] how [strongly|closely] <{first_series} and> {second_series} move together"
        "{by_rank=true:, using their ranks [only|instead of the raw numbers]}",
        "how [strongly|closely|well] are {first_series} and {second_series} correlated"
        "{by_rank=true: in terms of rank}?",
        "what[ is|'s] the {by_rank=true:Spearman }correlation of {first_series} "
        "[with|against] {second_series}?",
        "[i have|i've got] one series, {first_series}, and another, {second_series}, and "
        "[want|need] their correlation{by_rank=true: by rank}.",
    ],
)
def correlation(
    first_series: Series, second_series: Series, by_rank: bool = False
) -> dict[str, float | str]:
    """Calculate the correlation coefficient of two equally long series.

    Args:
        first_series: First series of five numbers.
        second_series: Second series of five numbers, in the same order.
        by_rank: Whether to correlate ranks (Spearman) instead of the numbers (Pearson).
    """
    if len(first_series) != len(second_series):
        raise ValueError("`first_series` and `second_series` must be equally long")
    first, second = first_series, second_series
    if len(set(first)) == 1 or len(set(second)) == 1:
        raise ValueError("a series that never changes has no correlation with anything")
    if by_rank:
        first, second = _ranks(first), _ranks(second)
    coefficient = statistics.correlation(first, second)
    size = abs(coefficient)
    strength = "strong" if size >= 0.7 else "moderate" if size >= 0.4 else "weak"
    return {
        "coefficient": round(coefficient, 4),
        "strength": strength,
        "direction": "positive" if coefficient >= 0 else "negative",
    }


def _ranks(values: list[float]) -> list[float]:
    """Ranks from 1, ties sharing their average rank."""
    ordered = sorted(values)
    return [ordered.index(value) + (ordered.count(value) + 1) / 2 for value in values]


@api(
    category="statistics",
    examples=[
        {"value": 130, "average": 100, "spread": 15},
        {"value": 62.5, "average": 70, "spread": 4},
        {"value": 180, "average": 148, "spread": 7.5},
    ],
    phrasings=[
        "[calculate|work out|get] the z-score of {value}< for an average of {average}>"
        "< and a standard deviation of {spread}>",
        "[standardise|standardize] {value}, [given|with] a mean of {average}"
        "< and a standard deviation of {spread}>",
        "[tell me|find] how many standard deviations< {value}> [is|lies] from a mean of {average} "
        "when the standard deviation is {spread}",
        "how [unusual|far out] is {value} in z-score terms if the average is {average} and the "
        "standard deviation [is|comes to] {spread}?",
        "[what|which] z-score does {value} [have|get]< with mean {average}> and standard deviation "
        "{spread}?",
        "[my score was|i scored|i measured] {value}, the [group|class] average is {average} with a "
        "standard deviation of {spread}, and [i need|i'd like] the z-score.",
    ],
)
def z_score(
    value: Annotated[float, Field(ge=20, le=200)],
    average: Annotated[float, Field(ge=50, le=150)],
    spread: Annotated[float, Field(ge=2, le=40)],
) -> dict[str, float]:
    """Calculate how many standard deviations a value lies from the average.

    Args:
        value: Value to place.
        average: Average of the distribution.
        spread: Standard deviation of the distribution.
    """
    if spread <= 0:
        raise ValueError("`spread` must be more than 0")
    score = (value - average) / spread
    return {
        "z_score": round(score, 4),
        "percentile_if_normal": round(statistics.NormalDist().cdf(score) * 100, 2),
    }
