"""Rows of a run through real chat templates: what is read, what has loss, what is refused and why.

Qwen2.5, Qwen3 and Llama 3.1 as published, Mistral after its published prompt form
(`tests/templates`), and others as TRL ships them.
"""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from api_registry.errors import UsageError
from data.rows import training_view
from flows.training import golden
from flows.training.rendering import CannotRender, Renderer, conversations
from flows.training.templates import choose_template
from tests.chat_models import ENDS, chat_tokenizer
from tests.conftest import SmallRun
from tests.data.test_templates import render

trl: Any = pytest.importorskip("trl", reason="trl is not installed")
# What these libraries warn each other of is theirs to mend.
pytestmark = pytest.mark.filterwarnings("default")

FAMILIES = ("qwen2_5", "qwen3", "llama3_1", "mistral_v3")
HEADERS = {
    "qwen2_5": "<|im_start|>assistant\n",
    "qwen3": "<|im_start|>assistant\n",
    "llama3_1": "<|start_header_id|>assistant<|end_header_id|>\n\n",
    "mistral_v3": "[/INST]",
}


def answered(row: dict[str, Any]) -> dict[str, Any]:
    """The row with the result of its first call, an answer to it, and another question."""
    call = row["messages"][-1]["tool_calls"][0]["id"]
    blank = {"reasoning_content": None, "tool_calls": None, "tool_call_id": None, "name": None}
    more = [
        blank | {"role": "tool", "content": "8.25", "tool_call_id": call, "train": False},
        blank | {"role": "assistant", "content": "That makes 8.25.", "train": True},
        blank | {"role": "user", "content": "Thanks! And now?", "train": False},
        blank | {"role": "assistant", "content": "Now we are done.", "train": False},
    ]
    return row | {"messages": row["messages"] + more}


def labelled(tokenizer: Any, example: Any) -> list[str]:
    """The text of each turn with loss."""
    return [tokenizer.decode(example.labels[start:end]) for start, end, _ in example.spans]


@pytest.mark.parametrize("family", FAMILIES)
def test_labels_of_one_turn_are_exactly_the_answer_and_its_end(
    family: str, small_run: SmallRun
) -> None:
    tokenizer = chat_tokenizer(family)
    template = choose_template(tokenizer, "template")
    refused: Counter[str] = Counter()
    for row in small_run.kept[:60]:
        [conversation] = conversations(row, "template", "whole")
        try:
            example = template.renderer.example(conversation)
        except CannotRender as error:
            refused[f"{error.reason}: {error.detail}"[:60].rstrip()] += 1
            continue
        marks = {"bos_token": tokenizer.bos_token, "eos_token": tokenizer.eos_token}
        text = render(family, training_view(row), **marks)
        assert example.text == text
        assert labelled(tokenizer, example) == [text.rsplit(HEADERS[family], 1)[1].rstrip()]
        assert example.labels.count(tokenizer.eos_token_id) == 1
        assert golden.problem(template.renderer, conversation, example) is None
    if family == "llama3_1":
        assert set(refused) == {"template_refuses: This model only supports single tool-calls"}
    elif family == "mistral_v3":
        assert {text.partition(":")[0] for text in refused} <= {"not_prefix_preserving"}
    else:
        assert not refused


@pytest.mark.parametrize("family", FAMILIES)
def test_each_turn_of_a_conversation_has_its_own_loss_and_no_other_text_has_any(
    family: str, small_run: SmallRun
) -> None:
    tokenizer = chat_tokenizer(family)
    renderer = choose_template(tokenizer, "template").renderer
    row = answered(next(r for r in small_run.kept if r["n_calls"] == 1 and r["n_turns"] == 2))
    [whole] = conversations(row, "template", "whole")
    if family == "mistral_v3":
        # Mistral shows the tools before the last question: an earlier one renders otherwise then.
        with pytest.raises(CannotRender, match=r"not_prefix_preserving.*AVAILABLE_TOOLS"):
            renderer.example(whole)
        row["messages"] = row["messages"][:4]
        [whole] = conversations(row, "template", "whole")
    call, answer = labelled(tokenizer, renderer.example(whole))
    assert row["messages"][1]["tool_calls"][0]["function"]["name"] in call
    assert answer.strip().endswith(f"That makes 8.25.{ENDS[family]}")
    assert "8.25" not in call
    assert "done" not in answer  # its `train` is false
    apart = [renderer.example(each) for each in conversations(row, "template", "apart")]
    assert [labelled(tokenizer, each) for each in apart] == [[call], [answer]]


@pytest.mark.parametrize("family", ["qwen2_5", "qwen3"])
def test_labels_are_those_that_generation_markers_give(family: str, small_run: SmallRun) -> None:
    tokenizer = chat_tokenizer(family)
    renderer = choose_template(tokenizer, "template").renderer
    assert "{% generation %}" in str(renderer.template)
    row = answered(next(r for r in small_run.kept if r["n_calls"] == 1))
    row["messages"] = row["messages"][:4]
    [conversation] = conversations(row, "template", "whole")
    example = renderer.example(conversation)
    marked = tokenizer.apply_chat_template(
        list(conversation.messages), tools=conversation.tools, chat_template=renderer.template,
        return_dict=True, return_assistant_tokens_mask=True,
    )  # fmt: skip
    assert marked["input_ids"] == example.input_ids
    text = [
        tokenizer.decode([i for i, m in zip(example.input_ids, mask, strict=True) if m])
        for mask in (marked["assistant_masks"], [label >= 0 for label in example.labels])
    ]
    assert text[0].replace("\n", "") == text[1].replace("\n", "")


def test_pairs_share_their_prompt_and_end_with_the_end_token() -> None:
    tokenizer = chat_tokenizer("qwen2_5")
    renderer = choose_template(tokenizer, "template").renderer
    tool = {"type": "function", "function": {"name": "f", "description": "", "parameters": {}}}

    def answer(value: int) -> list[dict[str, Any]]:
        call = {"name": "f", "arguments": {"x": value}}
        calls = [{"id": "call_0", "type": "function", "function": call}]
        return [{"role": "assistant", "content": "", "tool_calls": calls}]

    pair = renderer.pair([{"role": "user", "content": "3?"}], answer(3), answer(4), [tool])
    assert tokenizer.decode(pair.prompt_ids).endswith("3?<|im_end|>\n<|im_start|>assistant\n")
    texts = [tokenizer.decode(ids) for ids in (pair.chosen_ids, pair.rejected_ids)]
    assert texts == [
        f'<tool_call>\n{{"name": "f", "arguments": {{"x": {x}}}}}\n</tool_call><|im_end|>'
        for x in (3, 4)
    ]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("llama3", "leaves out the tools, calls"),
        ("gemma", "refuses a conversation with a tool call"),
        ("phi3", "leaves out the tools, calls"),
    ],
)
def test_templates_without_tool_calls_are_refused_by_what_they_lack(name: str, said: str) -> None:
    tokenizer = chat_tokenizer("qwen2_5")
    templates = Path(trl.__file__).parent / "chat_templates"
    tokenizer.chat_template = (templates / f"{name}.jinja").read_text(encoding="utf-8")
    with pytest.raises(UsageError, match=f"{said}.*--format xlam"):
        choose_template(tokenizer, "template")
    assert choose_template(tokenizer, "xlam").prefix_preserving == "yes"


def test_a_model_without_a_template_is_refused() -> None:
    tokenizer = chat_tokenizer("qwen2_5")
    tokenizer.chat_template = None
    with pytest.raises(UsageError, match="no chat template"):
        choose_template(tokenizer, "template")


def test_a_turn_whose_end_the_template_gives_to_the_next_one_is_not_trained_on(
    small_run: SmallRun,
) -> None:
    tokenizer = chat_tokenizer("qwen2_5")
    template = (
        "{% for message in messages %}{% if not loop.first %}<|im_end|>{% endif %}"
        "<|im_start|>{{ message.role }}\n{{ message.content }}{% endfor %}"
        "{% if add_generation_prompt %}<|im_end|><|im_start|>assistant\n{% endif %}"
    )
    row = next(row for row in small_run.kept if not row["n_calls"])
    [conversation] = conversations(row, "template", "whole")
    with pytest.raises(CannotRender, match="end_not_trained"):
        Renderer(tokenizer, template).example(conversation)


def test_the_golden_check_finds_loss_in_the_wrong_place(small_run: SmallRun) -> None:
    tokenizer = chat_tokenizer("qwen2_5")
    renderer = choose_template(tokenizer, "template").renderer
    row = next(row for row in small_run.kept if row["n_calls"] == 1)
    [conversation] = conversations(row, "template", "whole")
    example = renderer.example(conversation)
    assert golden.problem(renderer, conversation, example) is None
    (start, end, kind), length = example.spans[0], len(example.labels)
    for labels, spans, said in (
        ([-100] * length, example.spans, "labels differ"),
        (example.input_ids, example.spans, "loss outside"),
        (example.labels, ((start + 30, end, kind),), "lack"),
    ):
        wrong = type(example)(example.input_ids, list(labels), spans, example.text)
        assert said in str(golden.problem(renderer, conversation, wrong))
    other = type(example)(example.input_ids, example.labels, example.spans, "other text")
    assert "decode to other text" in str(golden.problem(renderer, conversation, other))
