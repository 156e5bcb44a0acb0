"""Finds the JSON values in what a model wrote, among prose, fences, tags and thinking.

One pass from left to right, linear in the text whatever it holds. Thinking (`<think>…</think>`) is
set aside: what is drafted there is no answer. A value that begins like an answer and breaks off is
an error of the whole: reading its inner parts, or another value instead, would be guessing.
"""

import re
from dataclasses import dataclass
from typing import Any

from data import strict_json
from data.strict_json import BadJson, TooDeep
from verifiers.repair import repaired
from verifiers.tags import CHANNEL_CLOSE, NAMED_CALL, THINK_CLOSE, THINK_OPEN

_VALUE = r"(?P<value>\{(?=\s*[\"'“}\w])|\[(?=\s*[\[{\"\d\-\]]))"
"""What begins like JSON; objects in other quotes or none as well, to name what is wrong in them."""
_NEXT = re.compile(
    rf"(?=[{{\[<◁tA])(?:{_VALUE}|{NAMED_CALL}|(?P<open>{THINK_OPEN})|(?P<close>{THINK_CLOSE}))"
)
_CLOSE, _CHANNEL_CLOSE = re.compile(THINK_CLOSE), re.compile(CHANNEL_CLOSE)
_TAG = re.compile(f"{THINK_OPEN}|(?P<close>{THINK_CLOSE})")
_ANSWER_KEYS = (
    "pairs|query|question|answers?|tool_calls|name|arguments|parameters|function(?:_calls?)?|"
    "thought|reply"
)
_LIKE_ANSWER = re.compile(rf"(?:\[\s*)?\{{\s*[\"'“]?(?:{_ANSWER_KEYS})[\"'”]?\s*:", re.IGNORECASE)
"""The beginning of an answer, by its first key: where it breaks off, the whole is an error."""
_LIKE_OBJECT = re.compile(r"[\[\s]*\{\s*[\"'“]")
"""The beginning of some object, worth naming its error where no value is found."""
_PYTHON_CALL = re.compile(r"\w\(\s*[a-zA-Z_]\w*\s*=[^=]")
_INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060"
"""Byte order mark, zero-width spaces and joiners: they stand around answers, and say nothing."""
_MAX_BROKEN = _MAX_VALUES = 1000


class NoAnswer(Exception):
    """No single answer; `reason` is a code of the format stage."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class Found:
    """One JSON value and where it stands in the text."""

    value: Any
    start: int
    end: int


@dataclass(frozen=True)
class Reading:
    """What a text holds besides prose."""

    text: str
    values: tuple[Found, ...]
    """Outermost JSON objects and lists of objects, outside of thinking, in order."""
    thought: str
    """What stood between the tags of thinking."""
    repaired: bool = False
    """Whether a value had to be mended."""


def read_text(text: str, *, repair: bool = False) -> Reading:
    """Find every value, broken ones mended with `repair` where that is no guess.

    Raises `NoAnswer` for text that cannot hold a readable answer.
    """
    check_text(text)
    text = _unquoted(text.strip().strip(_INVISIBLE).strip())
    scan = _Scan(text, repair)
    scan.run()
    if not scan.values:
        raise scan.problem()
    thoughts = [text[: scan.thought_before].strip(), *scan.thoughts]
    thought = "\n".join(filter(None, thoughts))
    return Reading(text, tuple(scan.values), thought, scan.repaired)


def check_text(text: str) -> None:
    """Refuse what is empty, too large or not Unicode. Raises `NoAnswer`."""
    if not text.strip(_INVISIBLE + " \t\r\n"):
        raise NoAnswer("empty_answer", "the completion is empty")
    if len(text) > strict_json.MAX_CHARS:
        raise NoAnswer("too_large", f"the completion has {len(text)} characters")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise NoAnswer("malformed_json", "the completion holds a lone surrogate") from None


def _unquoted(text: str) -> str:
    """The text inside, where all of it is one JSON string."""
    if not text.startswith('"'):
        return text
    try:
        inner = strict_json.loads(text)
    except BadJson:
        return text
    return inner.strip() if isinstance(inner, str) else text


class _Scan:
    """One pass over a text."""

    def __init__(self, text: str, repair: bool) -> None:
        self.text = text
        self.repair = repair
        self.repaired = False
        self.values: list[Found] = []
        self.thoughts: list[str] = []
        self.thought_before = 0
        self.unclosed = False
        self.error: BadJson | None = None
        self.broken = self.wasted = 0
        self.next_tag: re.Match[str] | None = None
        self.sought = False

    def run(self) -> None:
        position = 0
        while match := _NEXT.search(self.text, position):
            if match["value"]:
                position = self._value(match.start())
            elif name := next(filter(None, map(match.group, _FAMILIES)), None):
                position = self._value(match.end(), name, match.start())
            elif match["close"]:
                # The opening tag is often part of the prompt: all before is thinking.
                self.thoughts.clear()
                self.thought_before = match.start()
                self.values.clear()
                self.error, self.repaired = None, False
                position = match.end()
            elif end := self._end_of_thinking(match):
                self.thoughts.append(self.text[match.end() : end.start()].strip())
                position = end.end()
            else:
                self.unclosed = True
                return

    def _end_of_thinking(self, opening: re.Match[str]) -> re.Match[str] | None:
        closing = _CHANNEL_CLOSE if opening["channel"] else _CLOSE
        return closing.search(self.text, opening.end())

    def _value(self, start: int, name: str | None = None, named_at: int = 0) -> int:
        """Decode the value at `start`; return where to go on.

        With a `name`, which stands in a tag at `named_at`, the value is the arguments of a call.
        """
        begin = start if name is None else named_at
        try:
            value, end = strict_json.decode(self.text, start)
        except TooDeep as error:
            raise NoAnswer("malformed_json", str(error)) from None
        except BadJson as error:
            plainly = name is not None or _LIKE_ANSWER.match(self.text, start)
            if not plainly or self._was_thinking(start):
                return self._skip(start, error)
            mended = repaired(self.text, start) if self.repair else None
            if mended is None:
                raise NoAnswer("malformed_json", str(error)) from None
            self.repaired = True
            value, end = mended
        if len(self.values) == _MAX_VALUES:
            raise NoAnswer("ambiguous", f"more than {_MAX_VALUES} JSON values")
        if name is not None:
            value = {"name": name, "arguments": value}
        self.values.append(Found(value, begin, end))
        return end

    def _skip(self, start: int, error: BadJson) -> int:
        """Pass over what begins like JSON and is none, nor an answer."""
        if self.error is None and _LIKE_OBJECT.match(self.text, start):
            self.error = error
        self.broken += 1
        read_to = len(self.text) if error.position is None else error.position
        self.wasted += max(read_to - start, 1)
        # Going on after a failure may read the same text again; bounded, it stays linear.
        if self.broken > _MAX_BROKEN or self.wasted > 3 * len(self.text):
            raise NoAnswer("malformed_json", f"broken JSON again and again: {error}") from None
        return start + 1

    def _was_thinking(self, start: int) -> bool:
        """Whether a closing tag without an opening one shows all this to be thinking."""
        stale = self.next_tag is not None and self.next_tag.start() < start
        if stale or not self.sought:
            # From ever later places, so that all of them together search the text once.
            self.sought = True
            self.next_tag = _TAG.search(self.text, start)
        return self.next_tag is not None and self.next_tag["close"] is not None

    def problem(self) -> NoAnswer:
        """Say why there is no value at all."""
        if self.unclosed:
            return NoAnswer("no_answer", "thinking that is not closed, and no answer")
        if self.error is not None:
            return NoAnswer("malformed_json", str(self.error))
        if _PYTHON_CALL.search(self.text):
            return NoAnswer("python_call", f"calls as Python code: {self.text[:80]!r}")
        return NoAnswer("no_answer", f"no JSON answer in: {self.text[:80]!r}")


_FAMILIES = tuple(re.compile(NAMED_CALL).groupindex)
