"""Rows as tokens: what the model reads, and which of it has loss.

A conversation is rendered whole, and again up to and with each of the assistant's turns: what the
second has more than the first is that turn, its end token included. It needs nothing of the
template but that earlier messages render alike whatever follows, which is checked row by row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from data.formats import xlam_prompt
from data.rows import training_view

Kind = Literal["calls", "chat"]
NO_LOSS = -100
"""What torch's cross-entropy passes over."""


class CannotRender(Exception):
    """A row that gives no example; `reason` is a short code."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail


@dataclass(frozen=True)
class Conversation:
    """Messages as a template takes them, and which of them are trained on."""

    messages: Sequence[Mapping[str, Any]]
    tools: Sequence[Mapping[str, Any]] | None
    trained: tuple[tuple[int, Kind], ...]
    """Place and kind of each message with loss."""


@dataclass(frozen=True)
class Example:
    """Tokens and labels of the same length."""

    input_ids: list[int]
    labels: list[int]
    """The token where it has loss, else `NO_LOSS`."""
    spans: tuple[tuple[int, int, Kind], ...]
    """First token, end and kind of each turn with loss."""
    text: str
    """What the tokens were made of."""
    cut: bool = False
    """Whether its end was cut off for its length."""

    def labels_of(self, kind: Kind) -> list[int]:
        """The labels of turns of one kind alone."""
        labels = [NO_LOSS] * len(self.labels)
        for start, end, of in self.spans:
            if of == kind:
                labels[start:end] = self.labels[start:end]
        return labels


@dataclass(frozen=True)
class PairExample:
    """Tokens of a prompt and of two answers to it."""

    prompt_ids: list[int]
    chosen_ids: list[int]
    rejected_ids: list[int]

    @property
    def longest(self) -> int:
        """Tokens of the prompt with the longer answer."""
        return len(self.prompt_ids) + max(len(self.chosen_ids), len(self.rejected_ids))


def conversations(row: Mapping[str, Any], form: str, turns: str) -> list[Conversation]:
    """Return what a stored row gives to train on; none where no turn of it has loss."""
    trained = [
        (place, message)
        for place, message in enumerate(row["messages"])
        if message["role"] == "assistant" and message["train"]
    ]
    places = {place: _kind(message) for place, message in trained}
    if form == "xlam":
        return [
            Conversation(messages, None, ((1, places[place]),))
            for place, messages in xlam_prompt.examples(row)
            if place in places
        ]
    view = training_view(row)
    if turns == "apart":
        return [
            Conversation(view["messages"][: place + 1], view["tools"], ((place, kind),))
            for place, kind in places.items()
        ]
    whole = Conversation(view["messages"], view["tools"], tuple(places.items()))
    return [whole] if places else []


def _kind(message: Mapping[str, Any]) -> Kind:
    calls = message.get("tool_calls")
    return "calls" if calls is not None and len(calls) else "chat"


class Renderer:
    """Renders with one tokenizer and one template."""

    def __init__(
        self, tokenizer: Any, template: str | None = None, *, short_ids: bool = False
    ) -> None:
        """`template`: in place of the tokenizer's own. `short_ids`: ids of nine characters."""
        self.tokenizer, self.template, self.short_ids = tokenizer, template, short_ids
        self.ends = frozenset({tokenizer.eos_token_id, *tokenizer.get_added_vocab().values()})
        """Tokens that can end a turn; plain text is none of them."""

    def text(
        self,
        messages: Sequence[Mapping[str, Any]],
        tools: Sequence[Mapping[str, Any]] | None,
        *,
        prompt: bool = False,
    ) -> str:
        """Render messages, with what begins an answer if `prompt`. Raises `CannotRender`."""
        if self.short_ids:
            messages = with_short_ids(messages)
        try:
            return str(
                self.tokenizer.apply_chat_template(
                    list(messages),
                    tools=list(tools) if tools is not None else None,
                    chat_template=self.template,
                    add_generation_prompt=prompt,
                    tokenize=False,
                )
            )
        except Exception as error:  # a template is code of the model's authors
            raise CannotRender("template_refuses", str(error).splitlines()[0][:200]) from error

    def example(self, conversation: Conversation) -> Example:
        """Return a conversation as tokens. Raises `CannotRender`."""
        messages, tools = conversation.messages, conversation.tools
        text = self.text(messages, tools)
        turns = []
        for place, kind in conversation.trained:
            start = self.prefix(text, self.text(messages[:place], tools, prompt=True))
            end = self.prefix(text, self.text(messages[: place + 1], tools))
            turns.append((start, start + len(text[start:end].rstrip()), kind))
        ids, offsets = self.tokens(text)
        labels = [NO_LOSS] * len(ids)
        spans: list[tuple[int, int, Kind]] = []
        for start, end, kind in turns:
            first, last = _tokens_of(offsets, start, end)
            if ids[last - 1] not in self.ends:
                raise CannotRender(
                    "end_not_trained",
                    f"the turn ends with {text[end - 20 : end]!r} and no token that ends it",
                )
            labels[first:last] = ids[first:last]
            spans.append((first, last, kind))
        return Example(ids, labels, tuple(spans), text)

    def pair(
        self,
        prompt: Sequence[Mapping[str, Any]],
        chosen: Sequence[Mapping[str, Any]],
        rejected: Sequence[Mapping[str, Any]],
        tools: Sequence[Mapping[str, Any]] | None,
    ) -> PairExample:
        """Return a prompt and two answers to it as tokens. Raises `CannotRender`."""
        asked = self.text(prompt, tools, prompt=True)
        begins: list[list[int]] = []
        answers: list[list[int]] = []
        for answer in (chosen, rejected):
            text = self.text([*prompt, *answer], tools)
            start = self.prefix(text, asked)
            ids, offsets = self.tokens(text.rstrip())
            first, last = _tokens_of(offsets, start, len(text.rstrip()))
            begins.append(ids[:first])
            answers.append(ids[first:last])
        if begins[0] != begins[1]:
            raise CannotRender("token_across_turns", "the prompt shares a token with an answer")
        return PairExample(begins[0], *answers)

    def tokens(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        """Return token ids and the characters that each stands for; nothing is added."""
        found = self.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        return list(found["input_ids"]), list(found["offset_mapping"])

    def prefix(self, text: str, part: str) -> int:
        """Return the length of a part that a text begins with. Raises `CannotRender`."""
        if not text.startswith(part):
            same = next(
                (n for n, (a, b) in enumerate(zip(text, part, strict=False)) if a != b),
                min(len(text), len(part)),
            )
            raise CannotRender(
                "not_prefix_preserving",
                f"earlier messages render otherwise once others follow: {part[same : same + 60]!r} "
                f"becomes {text[same : same + 60]!r}",
            )
        return len(part)


def with_short_ids(messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Give calls the ids of nine letters and digits that Mistral's templates insist on."""
    known: dict[str, str] = {}

    def short(given: str) -> str:
        return known.setdefault(given, f"call{len(known):05d}")

    changed = []
    for message in messages:
        new = dict(message)
        if calls := message.get("tool_calls"):
            new["tool_calls"] = [{**call, "id": short(call["id"])} for call in calls]
        if message.get("tool_call_id") is not None:
            new["tool_call_id"] = short(message["tool_call_id"])
        changed.append(new)
    return changed


def _tokens_of(offsets: Sequence[tuple[int, int]], start: int, end: int) -> tuple[int, int]:
    """First token and end of those that stand for some characters. Raises `CannotRender`."""
    first = next((n for n, (begin, _) in enumerate(offsets) if begin >= start), len(offsets))
    last = next((n for n, (_, stop) in enumerate(offsets) if stop > end), len(offsets))
    if first >= last:
        raise CannotRender("no_loss", "a turn without a token of its own")
    across = offsets[first][0] != start or offsets[last - 1][1] != end
    if across:
        raise CannotRender("token_across_turns", "a token belongs to two turns")
    return first, last
