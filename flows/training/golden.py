"""The golden render check: what was made of a row is what the row says, no more and no less."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from flows.training.rendering import Conversation, Example, Renderer


def problem(renderer: Renderer, conversation: Conversation, example: Example) -> str | None:
    """Say what is wrong with an example, or None: its text, its tokens and its labels."""
    tokenizer = renderer.tokenizer
    decoded = tokenizer.decode(
        example.input_ids, skip_special_tokens=False, clean_up_tokenization_spaces=False
    )
    if decoded != example.text and "".join(decoded.split()) != "".join(example.text.split()):
        return f"the tokens decode to other text than was rendered: {_apart(decoded, example.text)}"
    for (place, kind), (start, end, _) in zip(conversation.trained, example.spans, strict=True):
        if example.labels[start:end] != example.input_ids[start:end]:
            return "labels differ from the tokens that they stand for"
        said = tokenizer.decode(
            example.labels[start : end - 1],
            skip_special_tokens=False,
            clean_up_tokenization_spaces=False,
        )
        message = conversation.messages[place]
        missing = next(_missing(message, said), None)
        if missing is not None:
            return f"the labels of a turn with {kind} lack {missing!r}: {said[:200]!r}"
    trained = sum(end - start for start, end, _ in example.spans)
    if sum(label >= 0 for label in example.labels) != trained:
        return "there is loss outside of the assistant's turns"
    return None


def _missing(message: Mapping[str, Any], said: str) -> Iterator[str]:
    """What a message has and its rendering has not."""
    if message["content"].strip() and message["content"].strip() not in said:
        yield message["content"][:80]
    for call in message.get("tool_calls", ()):
        for value in (call["function"]["name"], *_leaves(call["function"]["arguments"])):
            if not any(form in said for form in _forms(value)):
                yield str(value)[:80]


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield key
            yield from _leaves(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


def _forms(value: Any) -> tuple[str, ...]:
    """How a template may write a value: as JSON with or without escapes, or as Python does."""
    if isinstance(value, str):
        return (value, json.dumps(value, ensure_ascii=False)[1:-1], json.dumps(value)[1:-1])
    return (json.dumps(value), str(value))


def _apart(one: str, other: str) -> str:
    pairs = enumerate(zip(one, other, strict=False))
    place = next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))
    return f"{one[place : place + 40]!r} for {other[place : place + 40]!r}"
