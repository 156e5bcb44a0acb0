"""Which chat template rows are rendered with, and what it can do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api_registry.errors import UsageError
from flows.training.rendering import CannotRender, Renderer

_NAME, _KEY, _VALUE, _RESULT = "probe_tool_a8f3", "probe_key_b9d4", "probe_value_d6e7", "5309"
_TOOL = {
    "type": "function",
    "function": {
        "name": _NAME,
        "description": "probe_description_c4f9",
        "parameters": {"type": "object", "properties": {_KEY: {"type": "string"}}},
    },
}
_CALLS = [
    {"id": "call_0", "type": "function", "function": {"name": _NAME, "arguments": {_KEY: _VALUE}}}
]
PROBE: Sequence[Mapping[str, Any]] = (
    {"role": "user", "content": "one"},
    {"role": "assistant", "content": "", "tool_calls": _CALLS},
    {"role": "tool", "tool_call_id": "call_0", "name": _NAME, "content": _RESULT},
    {"role": "assistant", "content": "two"},
    {"role": "user", "content": "three"},
    {"role": "assistant", "content": "four"},
)
"""A conversation with everything that rows have."""


@dataclass(frozen=True)
class Template:
    """A renderer, and what was found out about its template."""

    renderer: Renderer
    origin: str
    """Whose template it is, in words."""
    prefix_preserving: str
    """`yes`, or what becomes of earlier messages."""


def choose_template(tokenizer: Any, form: str) -> Template:
    """Find a template that tool calls can be trained with.

    Known families get the variant that TRL ships for training, which renders earlier turns as
    the last one. Raises `UsageError` where the template cannot do what rows need.
    """
    own = own_template(tokenizer, tools=form == "template")
    patched = _training_variant(tokenizer)
    origin = "the variant that TRL ships for its training" if patched else "the model's own"
    renderer = _able(tokenizer, patched or own) if form == "template" else Renderer(tokenizer, own)
    if form == "xlam":
        origin = "the model's own around xLAM's prompt"
    return Template(renderer, origin, _preserving(renderer, form))


def own_template(tokenizer: Any, *, tools: bool) -> str:
    """The tokenizer's template; of several named ones, that for tools if it is asked for."""
    found = tokenizer.chat_template
    if isinstance(found, dict):
        found = (found.get("tool_use") if tools else None) or found.get("default")
    if not found:
        raise UsageError(
            "the model's tokenizer has no chat template, as those of base models: train the "
            "instruction-tuned model of its family, or save a template with the tokenizer"
        )
    return str(found)


def _training_variant(tokenizer: Any) -> str | None:
    from trl.chat_template_utils import get_training_chat_template

    try:
        found = get_training_chat_template(tokenizer)
    except ValueError:
        return None  # TRL does not know it; nothing of ours needs its markers
    return None if found is None else str(found)


def _able(tokenizer: Any, template: str) -> Renderer:
    """A renderer that shows tools, calls and results. Raises `UsageError`."""
    text = refusal = ""
    for short_ids in (False, True):
        renderer = Renderer(tokenizer, template, short_ids=short_ids)
        try:
            text = renderer.text(PROBE[:4], [_TOOL])
        except CannotRender as error:
            refusal = error.detail
            continue
        break
    else:
        raise UsageError(
            f"the model's chat template refuses a conversation with a tool call ({refusal}): "
            "--format xlam trains with the tools in the user's message instead"
        )
    shown = {"the tools": _NAME, "calls": _VALUE, "results": _RESULT}
    if text.count(_NAME) < 2:  # once as a tool, once as a call
        shown["the names of calls"] = "\0"
    lost = [what for what, sign in shown.items() if sign not in text]
    if lost:
        raise UsageError(
            f"the model's chat template leaves out {', '.join(lost)}: it was not made for tool "
            "calls; --format xlam trains with the tools in the user's message instead"
        )
    return renderer


def _preserving(renderer: Renderer, form: str) -> str:
    """Whether earlier messages render alike whatever follows: `yes`, or the difference."""
    messages = PROBE if form == "template" else [PROBE[0], PROBE[3]]
    tools = [_TOOL] if form == "template" else None
    try:
        text = renderer.text(messages, tools)
        for place, message in enumerate(messages):
            if message["role"] == "assistant":
                renderer.prefix(text, renderer.text(messages[:place], tools, prompt=True))
                renderer.prefix(text, renderer.text(messages[: place + 1], tools))
    except CannotRender as error:
        return error.detail
    return "yes"
