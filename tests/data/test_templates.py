"""Real shard rows, rendered through official chat templates, give every call back exactly."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Template
from jinja2.sandbox import ImmutableSandboxedEnvironment

from data import training_view
from tests.conftest import SmallRun

TEMPLATES = Path(__file__).parent.parent / "templates"


class TemplateRefusal(Exception):
    """What templates raise through `raise_exception`."""


@cache
def compiled(template: str) -> Template:
    """A template in the environment of `tokenizer.apply_chat_template`, with its filters."""

    def tojson(value: object, indent: int | None = None) -> str:
        return json.dumps(value, ensure_ascii=False, indent=indent)

    def refuse(message: str) -> None:
        raise TemplateRefusal(message)

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    environment.filters["tojson"] = tojson
    environment.globals["raise_exception"] = refuse
    environment.globals["strftime_now"] = lambda form: "26 Jul 2026"
    source = (TEMPLATES / f"{template}.jinja").read_text(encoding="utf-8")
    return environment.from_string(source)


def render(
    template: str, view: dict[str, Any], bos_token: str = "<s>", eos_token: str = "</s>"
) -> str:
    """Render as `tokenizer.apply_chat_template` does."""
    return compiled(template).render(
        **view, bos_token=bos_token, eos_token=eos_token, add_generation_prompt=False
    )


def tagged_calls(text: str) -> list[Any]:
    """Qwen's form: one JSON object per `<tool_call>`; the last message is the answer."""
    answer = text.rsplit("<|im_start|>assistant", 1)[1]
    return [
        json.loads(body) for body in re.findall(r"<tool_call>\n(.*?)\n</tool_call>", answer, re.S)
    ]


def llama_calls(text: str) -> list[Any]:
    answer = text.rsplit("<|end_header_id|>", 1)[1].strip().removesuffix("<|eot_id|>")
    if not answer.startswith('{"name"'):
        return []
    call = json.loads(answer)
    return [{"name": call["name"], "arguments": call["parameters"]}]


def mistral_calls(text: str) -> list[Any]:
    _, found, answer = text.partition("[TOOL_CALLS] ")
    return json.loads(answer.removesuffix("</s>")) if found else []


@pytest.mark.parametrize(
    ("template", "read_calls"),
    [
        ("qwen2_5", tagged_calls),
        ("qwen3", tagged_calls),
        ("llama3_1", llama_calls),
        ("mistral_v3", mistral_calls),
    ],
)
def test_a_rendered_row_gives_back_each_call(
    template: str, read_calls: Any, small_run: SmallRun
) -> None:
    rendered = 0
    for row in small_run.kept:
        answers = json.loads(row["answers"])
        try:
            text = render(template, training_view(row))
        except TemplateRefusal:
            # Llama 3.x takes one call per message, and says so.
            assert template == "llama3_1"
            assert len(answers) > 1
            continue
        assert read_calls(text) == answers
        rendered += 1
    assert rendered > len(small_run.kept) / 2
