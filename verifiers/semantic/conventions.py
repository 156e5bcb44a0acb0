"""Numbers that people expect without saying them: constants of nature, of games, of software.

An argument that holds one contradicts nothing, as long as the query has no other number for it.
"""

import re

_CONSTANTS: tuple[tuple[re.Pattern[str], tuple[float, ...]], ...] = tuple(
    (re.compile(rf"(?:^|_)(?:{names})"), values)
    for names, values in (
        (r"gravit|accel|g$", (9.8, 9.81, 9.80665, 1.62, 6.674e-11, 6.6743e-11)),
        (r"light|c$", (299792458, 3e8, 299792.458, 3e5)),
        (r"perm|epsilon|mu|constant", (8.854e-12, 8.85e-12, 8.8541878128e-12, 1.256e-06,
                                       1.257e-06, 1.25663706e-06, 8.99e9, 8.9875e9, 9e9)),
        (r"boltzmann|gas|constant|[krh]$", (8.314, 8.3145, 1.38e-23, 1.380649e-23, 0.0821,
                                                 6.626e-34, 6.02214076e23, 6.022e23)),
        (r"densit", (1000, 997, 1.225, 1.0)),
        (r"temp", (20, 25, 273.15, 298.15, 298, 293.15)),
        (r"pressure", (101325, 101.325, 1013.25, 760)),
        (r"card|deck|outcome|total|size", (52, 54, 26, 13, 12, 4, 5, 6, 36, 2)),
        (r"dice|die|side|face", (6, 2)),
        (r"prob|p$|chance|odds", (0.5, 0.25)),
        (r"alpha|signific", (0.05, 0.01, 0.1)),
        (r"confiden", (0.95, 0.9, 0.99, 95, 90, 99)),
        (r"percent|scale|max", (100, 1000, 10)),
        (r"angle|degree|rotation", (360, 180, 90, 45)),
        (r"limit|count|top|max_(?:results|entries|items|rows|count)|num_(?:results|items|entries)|"
         r"results|page_size|per_?page|[kn]$",
         (3, 5, 10, 15, 20, 25, 30, 50, 100, 200, 500, 1000)),
        (r"(?:\w+_)?(?:level|priority|intensity|difficulty|severity|rating|stars|grade|tier)",
         (2, 3, 4, 4.5, 5, 10)),
        (r"page|offset|index|start", (0, 1)),
        (r"seed|random_state", (0, 1, 42, 123, 1234)),
        (r"precision|decimal|round|digits|places", (0, 2)),
        (r"timeout|interval|delay|wait|retr", (3, 5, 10, 30, 60, 100, 1000)),
        (r"tolerance|epsilon|eps|tol", (1e-3, 1e-4, 1e-5, 1e-6, 1e-8, 1e-9, 0.01)),
        (r"temperature|top_p", (0.7, 0.9, 0.5, 0.2)),
        (r"port", (80, 443, 22, 8080, 3306, 5432, 6379, 27017)),
        (r"hour", (24, 12, 9, 17)),
        (r"month", (12, 6, 3)),
        (r"day", (365, 366, 30, 7)),
    )
)  # fmt: skip
_PLACE = re.compile(
    r"(?:^|[_\s])(?:lat|lng|lon|long|latitude|longitude|coord\w*|bbox)(?:$|[_\s])",
    re.IGNORECASE,
)
_DEGREES = 180
_COORDINATES = re.compile(
    r"\d\.\d{2,}|\d+(?:\.\d+)?\s*°|\d+(?:\.\d+)?\s*[NSEW]\b|\blatitude\b|\bcoordinates?\b"
)


def is_conventional(name: str, value: float) -> bool:
    """Whether nobody would have to say this value of a parameter of that name."""
    size, name = abs(value), _snake(name).lower()
    return any(
        names.search(name)
        for names, values in _CONSTANTS
        for known in values
        if size and abs(size - known) <= 1e-3 * known
    )


def is_place(name: str, value: float) -> bool:
    """Whether a value is a coordinate in degrees, which follows from the name of a place."""
    if abs(value) > _DEGREES:
        return False
    return _PLACE.search(name) is not None or _PLACE.search(_snake(name)) is not None


def has_coordinates(text: str) -> bool:
    """Whether a text writes coordinates out."""
    return _COORDINATES.search(text) is not None


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
