"""Text as words that survive case, punctuation and typography; and hashes of runs of them."""

import hashlib
import re
import unicodedata
from functools import lru_cache

NUMBER = "#"
"""Stands for every number in masked words."""

_WORD = re.compile(r"\w+")
_NUMBER_WORDS = frozenset(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety "
    "hundred thousand million billion".split()
)
# Polynomial hashing over a prime: a run of any length is hashed from two prefixes.
_PRIME = (1 << 61) - 1
_BASE = 0x1F3D5B79A2C4E681 % _PRIME


def words_of(text: str) -> list[str]:
    """Return the words of a text: compatibility forms folded, lower case, no punctuation."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def masked(words: list[str]) -> list[str]:
    """Return the words with every number, and every run of them, as one mark."""
    result: list[str] = []
    for word in words:
        if word in _NUMBER_WORDS or any(character.isdigit() for character in word):
            if not result or result[-1] != NUMBER:
                result.append(NUMBER)
        else:
            result.append(word)
    return result


class Runs:
    """Hashes of all runs of consecutive words, each in constant time."""

    def __init__(self, words: list[str]) -> None:
        self.length = len(words)
        self._prefixes = [0]
        for word in words:
            self._prefixes.append((self._prefixes[-1] * _BASE + _word_hash(word)) % _PRIME)

    def of(self, length: int) -> list[int]:
        """Hashes of all runs of `length` words, in order: 61 bits, the same on every machine."""
        power = _power(length)
        ends = self._prefixes[length:]
        return [
            (end - start * power) % _PRIME for start, end in zip(self._prefixes, ends, strict=False)
        ]

    def whole(self) -> int:
        """Hash of all the words."""
        return self._prefixes[-1]


@lru_cache(maxsize=20_000)
def _word_hash(word: str) -> int:
    digest = hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") % _PRIME


@lru_cache(maxsize=256)
def _power(length: int) -> int:
    return pow(_BASE, length, _PRIME)
