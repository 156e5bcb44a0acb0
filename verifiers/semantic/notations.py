"""Numbers that several signs make up together: powers, fractions, angles, times, years, bounds."""

import math
import re

Made = set[tuple[float, float]]
"""Values, each with the number that it was made from."""

_POWER = re.compile(r"(?<![\d.])(\d+(?:\.\d+)?)\s*[x×*·⋅]\s*10\s*\^?\s*\(?([-+−]?\d+)")
_RAISED = re.compile(r"(?<![\d.])(\d{1,9}(?:\.\d+)?)\s?(?:\^|\*\*)\s?(\d{1,3})(?!\d)")
_SQUARED = re.compile(r"(?<![\d.])(\d{1,9}(?:\.\d+)?) (squared|cubed)\b")
_ROOT = re.compile(r"(?:sqrt ?\(?|√ ?\(?|square root of )(\d{1,15}(?:\.\d+)?)")
_MINUS = re.compile(r"[-−]\s*(\d+(?:\.\d+)?)")
_PI = re.compile(r"(?:(?<![\d.])(\d+(?:\.\d+)?) ?\*? ?|\b)(?:pi\b|π)(?: ?/ ?(\d+))?|π")
_EULER = re.compile(r"\be\b")
_FRACTION = re.compile(r"(?<![\d/])(?:(\d+)\s+)?(\d{1,4})\s*/\s*(\d{1,4})(?![\d/])")
_ORDINAL = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)\b")
_CLOCK = re.compile(r"\b(\d{1,2})(?::\d\d)?\s*p\.?m\b")
_BOUND = re.compile(
    r"\b(more than|over|above|greater than|exceeding|older than|less than|under|below|fewer than|"
    r"up to|before|after|until)\s+(?:the\s+)?[$€£]?(\d+)\b"
)
_DMS = re.compile(r"(?<!\d)(\d+)\s*°\s*(\d+)\s*['′](?:\s*(\d+(?:\.\d+)?)\s*[\"″])?")
_SHORT_YEAR = re.compile(r"(?<!\w)['’](\d\d)\b")
_CENTURIES = (1900.0, 2000.0)
_HAN_MIX = re.compile(r"(\d+(?:\.\d+)?)([千万萬億亿])(?:(\d{1,4})([百千])?)?")
_HAN_SCALES = {"百": 1e2, "千": 1e3, "万": 1e4, "萬": 1e4, "億": 1e8, "亿": 1e8}


def notations(lower: str, read: set[float], rounded: Made) -> None:
    """Add what signs make up together; irrational ones to `rounded`. For text in lower case."""
    if "-" in lower or "−" in lower:
        read |= {-float(part) for part in _MINUS.findall(lower) if len(part) <= 15}
    if "10" in lower:
        for base, exponent in _POWER.findall(lower):
            power = int(exponent.replace("−", "-")) if len(exponent) < 5 else 0
            if abs(power) < 300:
                read.add(float(base) * 10.0**power)
    _powers(lower, read, rounded)
    if "/" in lower:
        for whole, above, below in _FRACTION.findall(lower):
            if int(below) and len(whole) <= 15:
                read |= {int(above) / int(below), int(whole or 0) + int(above) / int(below)}
    for number in _ORDINAL.findall(lower):
        read |= {float(number), float(number) - 1}
    read |= {float(hour) % 12 + 12 for hour in _CLOCK.findall(lower)}
    for _, bound in _BOUND.findall(lower):
        if len(bound) <= 15:
            read |= {float(bound) + 1, float(bound) - 1}
    if "'" in lower or "’" in lower:
        years = _SHORT_YEAR.findall(lower)
        read |= {century + float(year) for year in years for century in _CENTURIES}
    if "°" in lower:
        for degrees, minutes, seconds in _DMS.findall(lower):
            whole = float(degrees) + float(minutes) / 60 + float(seconds or 0) / 3600
            rounded.add((whole, float(degrees)))
    if not lower.isascii():
        for number, scale, rest, small in _HAN_MIX.findall(lower):
            if len(number) <= 15:
                below = float(rest or 0) * _HAN_SCALES.get(small, 1.0)
                read |= {float(number) * _HAN_SCALES[scale],
                         float(number) * _HAN_SCALES[scale] + below}  # fmt: skip


def _powers(lower: str, read: set[float], rounded: Made) -> None:
    if "^" in lower or "**" in lower:
        for base, exponent in _RAISED.findall(lower):
            if float(base) <= 1 or int(exponent) * math.log10(float(base)) < 300:
                read.add(float(base) ** int(exponent))
    if "squared" in lower or "cubed" in lower:
        for base, times in _SQUARED.findall(lower):
            read.add(float(base) ** (2 if times == "squared" else 3))
    if "sqrt" in lower or "√" in lower or "root" in lower:
        rounded |= {(math.sqrt(float(base)), -1.0) for base in _ROOT.findall(lower)}
    if "pi" in lower or "π" in lower:
        for factor, divisor in _PI.findall(lower):
            times = float(factor or 1) / (float(divisor or 1) or 1.0)
            rounded.add((times * math.pi, math.pi))
    if _EULER.search(lower):
        rounded.add((math.e, math.e))
