"""Dresses what is asked in a register, and joins several requests into one query."""

import random
import re
from dataclasses import dataclass
from itertools import pairwise

from generators.embedded.language import article
from generators.embedded.phrasing import Piece
from generators.embedded.wording import RELATIVE

VALUE = "\x00"
"""Stands in a skeleton for a value."""


@dataclass(frozen=True)
class Ask:
    """One request, expanded from a template, not yet dressed."""

    pieces: tuple[Piece, ...]
    kind: str
    """`question`, `statement` or `imperative`."""


_FRAMES: dict[str, tuple[str, ...]] = {
    "plain": (
        "{}.",
        "can you {}?",
        "i need to {}.",
        "could you {}?",
        "please {}.",
        "i want to {}.",
        "{} for me.",
        "help me {}.",
    ),
    "polite": (
        "could you please {}?",
        "would you mind helping me {}?",
        "please {}, thank you.",
        "i would be grateful if you could {}.",
        "would you please {}?",
        "may I ask you to {}?",
        "when you have a moment, please {}.",
        "kindly {}.",
    ),
    "casual": (
        "hey, can you {}",
        "{} real quick",
        "yo can you {}?",
        "gotta {}, can you do it?",
        "mind helping me {}?",
        "hey {} for me",
        "can u {}",
        "need to {} pls",
        "lemme {}, please",
        "hi! {} please",
    ),
    "terse": ("{}", "{}, please", "{} now", "task: {}", "need to {}"),
    "chatty": (
        "so i've been putting this off all day, but i need to {}. can you help?",
        "i'm in the middle of something and have to {}, could you do that for me?",
        "my colleague asked me about this and i have no idea, so please {}.",
        "okay, one more thing on my list: {}. thanks a lot!",
        "sorry to bother you again, but i have to {}.",
        "i'm double-checking some notes here, so can you {}?",
        "a friend and i are arguing about this, help us out and {}.",
    ),
    "formal": (
        "I would like you to {}.",
        "please {} at your earliest convenience.",
        "I request that you {}.",
        "for our records, please {}.",
        "you are asked to {}.",
        "as part of the current review, please {}.",
    ),
}
_OPENERS: dict[str, tuple[str, ...]] = {
    "plain": ("", "", "", "tell me: ", "quick question: "),
    "polite": ("excuse me, ", "could you tell me, ", "if you don't mind, ", "hello, "),
    "casual": ("hey, ", "so, ", "quick q: ", "ok so ", "hmm, ", "yo, "),
    "terse": ("", "", "q: "),
    "chatty": (
        "i was wondering, ",
        "this came up at lunch today: ",
        "my sister keeps asking me this: ",
        "i should know this, but ",
        "just out of curiosity, ",
        "help me settle this: ",
    ),
    "formal": ("for the report, ", "for our records: ", "please advise: ", "kindly confirm: "),
}
_STATED: dict[str, tuple[str, ...]] = {
    "plain": ("", "", "hi, "),
    "polite": ("hello, ", "excuse me, ", "good morning, ", ""),
    "casual": ("hey, ", "so ", "ok so ", "hi! "),
    "terse": ("",),
    "chatty": ("so, long story short, ", "okay, here's the thing: ", "hi there! ", "right, "),
    "formal": ("", "good afternoon, ", "good morning, "),
}
"""Openers that a statement can follow."""
_CLOSERS: dict[str, tuple[str, ...]] = {
    "plain": ("", "", "", " thanks."),
    "polite": (" thank you!", " thank you very much.", " many thanks in advance.", ""),
    "casual": ("", " thx", " thanks!", " cheers", ""),
    "terse": ("", ""),
    "chatty": (" thanks so much!", " no rush.", " i'd really appreciate it.", ""),
    "formal": ("", " thank you.", " i look forward to your answer."),
}
_THEN = (" and then ", ", and then ", " and also ", ", then ", " and ")
_ALSO = (" also, ", " and ", " next, ", " after that, ", " plus, ", " then ", " one more: ")

_ALSO_STATED = (" also, ", " and ", " plus, ", " besides, ")


_ARTICLE = re.compile(r"(?:^|\s)(an?) $")
_REQUEST = re.compile(r"(?:can|could|would|will|is there|may) ")
"""How questions begin that ask to do something: `i was wondering, can you …` is one too many."""
_FOR_ME = re.compile(r"\A\w+ (?:me|us)\b|\b(?:for|give|tell|show) me\b")
_SELF = re.compile(r"(to|me|gotta|lemme) \{\}|for me")
"""Frames around something that one does oneself: `i need to {give me the time}` is no English."""


def compose(asks: list[Ask], register: str, rng: random.Random) -> list[Piece]:
    """Join requests and dress them; the text of the pieces, put together, is the query."""
    asks = [Ask(_agreeing(_with_articles(_without_on(ask.pieces))), ask.kind) for ask in asks]
    pieces = _one(asks[0], register, rng) if len(asks) == 1 else _several(asks, register, rng)
    closer = rng.choice(_CLOSERS[register])
    thanks = "thank" in closer or "appreciate" in closer
    if closer and not (thanks and "thank" in text_of(pieces).lower()):
        pieces = [*pieces, Piece(_stop(pieces)), Piece(closer)]
    return _tidy(pieces, register, rng)


def text_of(pieces: list[Piece]) -> str:
    """The query."""
    return "".join(piece.text for piece in pieces)


def skeleton_of(pieces: list[Piece]) -> str:
    """The query with every value masked and case and end punctuation dropped."""
    masked = "".join(VALUE if piece.name else piece.text for piece in pieces)
    return " ".join(masked.lower().split()).rstrip("?!. ")


def _without_on(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """`on tomorrow` is no English either."""
    result = list(pieces)
    for index, (before, value) in enumerate(pairwise(pieces)):
        if value.name and RELATIVE.match(value.text) and before.text.endswith(" on "):
            result[index] = Piece(before.text.removesuffix("on "), before.name)
    return tuple(result)


def _with_articles(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """`a` or `an` before a value, by how the value sounds: `an 800 Mbit/s line`."""
    result = list(pieces)
    for index, (before, value) in enumerate(pairwise(pieces)):
        if value.name and before.name is None and (found := _ARTICLE.search(before.text)):
            kept = before.text[: found.start(1)]
            result[index] = Piece(f"{kept}{article(value.text)} ", before.name)
    return tuple(result)


def _agreeing(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """`for 1 guest`, where a template says `guests`."""
    result = list(pieces)
    for index, (value, after) in enumerate(pairwise(pieces)):
        if value.name and value.text in ("1", "one") and (found := _COUNTED.match(after.text)):
            one = _ONE.get(found[1], found[1].removesuffix("s"))
            result[index + 1] = Piece(f" {one}{after.text[found.end() :]}", after.name)
    return tuple(result)


_ONE = {"people": "person", "persons": "person", "copies": "copy"}
_COUNTED = re.compile(
    r" (people|persons|copies|guests|passengers|adults|travell?ers|diners|players"
    r"|participants|attendees|nights|servings|seats|rooms|bedrooms|tickets|results|items|rows"
    r"|matches|suggestions|records|days|weeks|months|years|hours|minutes|seconds|decimal places"
    r"|retries|times|periods|miles|kilometres|metres|litres|grams|pounds|degrees)\b"
)


def _one(ask: Ask, register: str, rng: random.Random) -> list[Piece]:
    if ask.kind == "imperative":
        frames = _FRAMES[register]
        if _FOR_ME.search("".join(piece.text for piece in ask.pieces if piece.name is None)):
            frames = tuple(frame for frame in frames if not _SELF.search(frame))
        before, after = rng.choice(frames).split("{}")
        return [Piece(before), *ask.pieces, Piece(after)]
    asks_for_it = ask.kind == "question" and not _REQUEST.match(text_of(list(ask.pieces)))
    openers = _OPENERS if asks_for_it else _STATED
    return [Piece(rng.choice(openers[register])), *ask.pieces]


def _several(asks: list[Ask], register: str, rng: random.Random) -> list[Piece]:
    """One sentence where all are imperatives, sentences or a numbered list otherwise."""
    if rng.random() < 0.12:
        return _numbered(asks, rng)
    if all(ask.kind == "imperative" for ask in asks) and rng.random() < 0.7:
        joined: list[Piece] = list(asks[0].pieces)
        for ask in asks[1:]:
            joined += [Piece(rng.choice(_THEN)), *ask.pieces]
        return _one(Ask(tuple(joined), "imperative"), register, rng)
    pieces = _one(asks[0], register, rng)
    for ask in asks[1:]:
        joins = _ALSO_STATED if ask.kind == "statement" else _ALSO
        pieces += [Piece(_stop(pieces)), Piece(rng.choice(joins)), *ask.pieces]
        if ask.kind == "imperative":
            pieces.append(Piece("."))
    return pieces


def _numbered(asks: list[Ask], rng: random.Random) -> list[Piece]:
    form = rng.choice(("{}) ", "{}. ", "({}) "))
    intro = rng.choice(
        ("a few things: ", "i need these: ", "could you do the following? ", "", "to do: ")
    )
    questions = any(text_of(list(ask.pieces)).endswith("?") for ask in asks)
    between = rng.choice((" ", "\n", " " if questions else "; "))
    pieces = [Piece(intro)]
    for number, ask in enumerate(asks, 1):
        body = ask.pieces
        if between == "; " and number < len(asks) and body[-1].name is None:
            body = (*body[:-1], Piece(body[-1].text.rstrip(".")))
        pieces += [Piece(between if number > 1 else ""), Piece(form.format(number)), *body]
    return pieces


def _stop(pieces: list[Piece]) -> str:
    """End punctuation, unless there is some."""
    return "" if text_of(pieces).rstrip(" ").endswith((".", "?", "!")) else "."


def _tidy(pieces: list[Piece], register: str, rng: random.Random) -> list[Piece]:
    """Capital first letter and end punctuation, as far as the register cares for them."""
    lowercase = register == "casual" or (register == "terse" and rng.random() < 0.5)
    bare = register in ("casual", "terse") and rng.random() < 0.5
    result: list[Piece] = []
    start = not lowercase
    for piece in pieces:
        text = piece.text
        if piece.name is None:
            text = _capitals(text, start, sentences=not lowercase)
        elif start and text[:1].islower() and " " not in text and text.isalpha():
            # A spelled-out number may begin a sentence; anything else is left as it is.
            text = text[:1].upper() + text[1:] if text in _SPELLED else text
        if text:
            stripped = text.rstrip()
            start = (
                not lowercase
                and piece.name is None
                and (stripped.endswith((".", "?", "!", ":\n")) or (start and not stripped))
            )
            result.append(Piece(text, piece.name))
    whole = text_of(result).rstrip()
    if not whole.endswith((".", "?", "!")) and not bare:
        result.append(Piece("."))
    return result


_SPELLED = frozenset("one two three four five six seven eight nine ten eleven twelve".split())


def _capitals(text: str, start: bool, *, sentences: bool) -> str:
    """Capitalise the first letter when `start`, after full stops when `sentences`, and `I`."""
    if not sentences:
        return text
    out = []
    for index, character in enumerate(text):
        if start and character.isalpha():
            character = character.upper()
            start = False
        elif character in "?!." and text[index + 1 : index + 2] in (" ", "\n"):
            start = True
        out.append(character)
    result = "".join(out)
    for alone in (" i ", " i'"):
        result = result.replace(alone, alone.upper())
    return "I" + result[1:] if result[:2] in ("i ", "i'") else result
