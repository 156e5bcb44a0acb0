"""Whole numbers: factors, divisors, primes, sequences and bases."""

import math
from typing import Annotated, Literal

from pydantic import Field

from api_registry.decorator import api

Integers = Annotated[list[Annotated[int, Field(ge=2, le=900)]], Field(min_length=2, max_length=5)]


@api(
    category="numbers",
    examples=[
        {"number": 360},
        {"number": 97},
        {"number": 84, "distinct_only": True},
    ],
    phrasings=[
        "[factor|factorise|factorize] {number} into primes"
        "{distinct_only=true:, [naming|listing] each of them [just|only] once}",
        "[find|list|work out] the {distinct_only=true:[distinct|different] }prime factors"
        "< of {number}>",
        "[break|split] {number} [down|up] into its prime factors",
        "[which|what] {distinct_only=true:[distinct|different] }primes [go into|make up|divide] "
        "{number}?",
        "what[ is|'s| would be] the prime factorisation of {number}"
        "{distinct_only=true: without repeats}?",
        "i [need|want|would like] the prime factors of {number}{distinct_only=true:, no repeats}.",
    ],
)
def prime_factors(
    number: Annotated[int, Field(ge=2, le=100_000)], distinct_only: bool = False
) -> dict[str, list[int] | bool]:
    """Factor a whole number into primes.

    Args:
        number: Number to factor.
        distinct_only: Whether to list each prime once, however often it divides the number.
    """
    if number < 2:
        raise ValueError("`number` must be at least 2")
    factors = []
    rest, divisor = number, 2
    while divisor * divisor <= rest:
        while rest % divisor == 0:
            factors.append(divisor)
            rest //= divisor
        divisor += 1
    if rest > 1:
        factors.append(rest)
    return {
        "factors": sorted(set(factors)) if distinct_only else factors,
        "is_prime": factors == [number],
    }


@api(
    category="numbers",
    examples=[
        {"numbers": [48, 36]},
        {"numbers": [84, 126, 210]},
        {"numbers": [17, 64]},
    ],
    phrasings=[
        "[find|work out|calculate] the [greatest common divisor|highest common factor|GCD]"
        "< of {numbers}>",
        "[determine|get|find] the largest number that divides {numbers} evenly",
        "[look for|identify] the biggest [factor|divisor] shared by {numbers}",
        "[what is|what's] the [greatest common divisor|GCD|highest common factor] of {numbers}?",
        "which is the [largest|biggest] [whole number|integer] that [goes into|divides] all of "
        "{numbers}?",
        "i [want|need] to cut [ropes|boards|strips] of {numbers} centimetres into equal pieces "
        "with nothing left over, so i need the greatest common divisor.",
    ],
)
def greatest_common_divisor(numbers: Integers) -> int:
    """Find the greatest common divisor of whole numbers.

    Args:
        numbers: Whole numbers that it should divide.
    """
    if not numbers or not any(numbers):
        raise ValueError("`numbers` needs at least one number other than 0")
    return math.gcd(*numbers)


@api(
    category="numbers",
    examples=[
        {"numbers": [4, 6]},
        {"numbers": [12, 15, 20]},
        {"numbers": [7, 9, 21, 6]},
    ],
    phrasings=[
        "[find|work out|calculate] the [least common multiple|lowest common multiple|LCM]"
        "< of {numbers}>",
        "[determine|get|find] the smallest number that {numbers} all divide",
        "[give|tell] me the [lowest|smallest] multiple shared by {numbers}",
        "[what is|what's] the [least common multiple|lowest common multiple|LCM] of {numbers}?",
        "[what is|which is] the first number that is a multiple of [each of|all of] {numbers}?",
        "[the lights blink|the buses leave|the bells ring] every {numbers} seconds, and [i want|"
        "i need] the least common multiple to see when they line up.",
    ],
)
def least_common_multiple(numbers: Integers) -> int:
    """Find the least common multiple of whole numbers.

    Args:
        numbers: Whole numbers that should divide it.
    """
    if not numbers or any(number < 1 for number in numbers):
        raise ValueError("`numbers` must be whole numbers from 1 up")
    return math.lcm(*numbers)


@api(
    category="numbers",
    examples=[
        {"number": 255, "base": "hexadecimal"},
        {"number": 10, "base": "binary", "minimum_digits": 8},
        {"number": 493, "base": "octal"},
    ],
    phrasings=[
        "[write|convert|rewrite] {number} in another number system<, namely {base}>"
        "<, padded to {minimum_digits} digits>",
        "[convert|translate] [the decimal number |]{number} to "
        "{base=binary:[base two|binary]}{base=octal:[base eight|octal]}"
        "{base=hexadecimal:[base sixteen|hexadecimal]}",
        "[show|give|tell] me the "
        "{base=binary:binary}{base=octal:octal}{base=hexadecimal:hexadecimal} "
        "form of a [decimal |]number<, namely {number}>< with at least {minimum_digits} digits>",
        "[what is|what's|how do you write] {number} in {base}"
        "< using {minimum_digits} digits or more>?",
        "how [do|would|can] i write {number} in a different number system<, say {base}>?",
        "[i have|i've got] the number {number} and [need|want] it in {base}"
        "<, filled up with zeros to {minimum_digits} digits>.",
    ],
)
def number_in_base(
    number: Annotated[int, Field(ge=1, le=100_000)],
    base: Literal["binary", "octal", "hexadecimal"],
    minimum_digits: Annotated[int, Field(ge=4, le=24)] | None = None,
) -> str:
    """Write a decimal number in binary, octal or hexadecimal.

    Args:
        number: Decimal number to write.
        base: Number system to write it in.
        minimum_digits: Length to fill up to with leading zeros.
    """
    if number < 0:
        raise ValueError("`number` must not be negative")
    letter = {"binary": "b", "octal": "o", "hexadecimal": "X"}[base]
    return format(number, letter).zfill(minimum_digits or 1)


@api(
    category="numbers",
    examples=[{"position": 10}, {"position": 1}, {"position": 50}],
    phrasings=[
        "[find|give me|calculate] the {position:ordinal} Fibonacci number",
        "[work out|compute] a [number|term] of the Fibonacci sequence"
        "<, the {position:ordinal} one>",
        "[look up|get] [the Fibonacci number|the entry of the Fibonacci sequence]"
        "< at position {position}>",
        "[what is|what's] the {position:ordinal} [Fibonacci number|term of the Fibonacci "
        "sequence]?",
        "which number [stands|comes|is] {position:ordinal} in the Fibonacci sequence?",
        "[for my homework |]i need the {position:ordinal} [number|term|element] of the Fibonacci "
        "sequence.",
    ],
)
def fibonacci_number(position: Annotated[int, Field(ge=1, le=90)]) -> int:
    """Calculate a number of the Fibonacci sequence 1, 1, 2, 3, 5, 8.

    Args:
        position: Position in the sequence, counted from 1.
    """
    if position < 1:
        raise ValueError("`position` is counted from 1")
    current, following = 1, 1
    for _ in range(position - 1):
        current, following = following, current + following
    return current


@api(
    category="numbers",
    examples=[
        {"number": 100, "direction": "below"},
        {"number": 100, "direction": "above"},
        {"number": 7919, "direction": "above", "how_many": 3},
    ],
    phrasings=[
        "[find|get|give me] the {direction=above:next}{direction=below:previous} "
        "[prime|prime number] {direction=above:after}{direction=below:before} {number}",
        "[find|list] the <{how_many} >[closest|nearest] primes {direction=above:above}"
        "{direction=below:below} {number}",
        "[look for|search for] the nearest prime [starting|counting]"
        "< {direction=above:upwards}{direction=below:downwards}> from {number}",
        "[go|count] {direction=above:up}{direction=below:down}< from {number}> until you "
        "[hit|reach|find] a prime",
        "[what is|which is|what's] the [first|nearest] prime {direction=above:above}"
        "{direction=below:below} {number}?",
        "which <{how_many} >[prime numbers|primes] [come|stand] right {direction=above:after}"
        "{direction=below:before} {number}?",
        "i [need|want|am after] a prime [just|slightly] {direction=above:[larger|bigger]}"
        "{direction=below:smaller} than {number}.",
    ],
)
def nearest_prime(
    number: Annotated[int, Field(ge=50, le=10_000)],
    direction: Literal["above", "below"],
    how_many: Annotated[int, Field(ge=2, le=8)] | None = None,
) -> list[int]:
    """Find the primes next to a number.

    Args:
        number: Number to start from; it is not in the result itself.
        direction: Direction to search in, above or below the number.
        how_many: Count of primes to find, one unless given.
    """
    step = 1 if direction == "above" else -1
    found: list[int] = []
    candidate = number + step
    while len(found) < (how_many or 1):
        if candidate < 2:
            raise ValueError(f"there are not enough primes below {number}")
        if all(candidate % divisor for divisor in range(2, math.isqrt(candidate) + 1)):
            found.append(candidate)
        candidate += step
    return found
