"""Evaluation of a model in this process; needs torch, transformers and peft (extra `train`)."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from api_registry.errors import UsageError
from flows.evaluation.config import EvaluateConfig
from flows.evaluation.evaluate import Evaluation, evaluate
from flows.evaluation.in_process import InProcess
from generators.endpoint.journal import Journal
from generators.types import Completion, RequestFailed
from tests.needed import needs
from tests.tiny_model import TEMPLATE, tiny_model

# What these libraries warn each other of is theirs to mend.
pytestmark = [
    needs("torch", "transformers", "peft"),
    pytest.mark.filterwarnings("default"),
]

ROWS = Path(__file__).parent / "scored" / "rows.jsonl"
BODY = {"messages": [{"role": "user", "content": "Rome?"}], "temperature": 0.0, "max_tokens": 12,
        "tools": [{"type": "function", "function": {"name": "weather"}}]}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    model, tokenizer = tiny_model()
    tokenizer.chat_template = TEMPLATE
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def adapter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from peft import LoraConfig, get_peft_model

    folder = tmp_path_factory.mktemp("adapter")
    config = LoraConfig(target_modules=["q_proj", "down_proj"], init_lora_weights=False)
    get_peft_model(tiny_model()[0], config).save_pretrained(folder)
    return folder


def complete(folder: Path, journal: Path, adapter: Path | None = None, **body: Any) -> Completion:
    async def answered() -> Completion:
        with Journal(journal, 1000) as paid:
            async with InProcess(folder, adapter, paid) as model:
                return await model.complete(BODY | body, purpose="test", draft=0)

    return asyncio.run(answered())


def test_the_answer_is_the_likeliest_text_after_the_rendered_prompt(
    folder: Path, tmp_path: Path
) -> None:
    import torch

    found = complete(folder, tmp_path)
    model, tokenizer = tiny_model()
    tokens = tokenizer("weather;<user>Rome?<assistant>", return_tensors="pt")["input_ids"]
    taken = tokens.shape[1]
    for _ in range(12):
        likeliest = model(tokens).logits[0, -1].argmax()
        tokens = torch.cat([tokens, likeliest.view(1, 1)], dim=1)
    assert found.text == tokenizer.decode(tokens[0, taken:]).strip()
    assert found.finish_reason == "length"
    assert found.usage == {"prompt_tokens": taken, "completion_tokens": 12}


def test_an_adapter_changes_the_answer(folder: Path, adapter: Path, tmp_path: Path) -> None:
    texts = [complete(folder, tmp_path, each).text for each in (None, adapter, None)]
    assert texts[0] == texts[2] != texts[1]


def test_requests_that_wait_together_get_the_answers_that_they_get_alone(
    folder: Path, tmp_path: Path
) -> None:
    queries = ["Rome?", "And what about the weather in Lisbon?", "", "In Oslo, please."]

    def asked(query: str) -> dict[str, Any]:
        return {**BODY, "messages": [{"role": "user", "content": query}]}

    async def together() -> list[Completion]:
        with Journal(tmp_path / "together", 1000) as paid:
            async with InProcess(folder, None, paid) as model:
                answers = (
                    model.complete(asked(query), purpose="test", draft=number)
                    for number, query in enumerate(queries)
                )
                return await asyncio.gather(*answers)

    alone = [complete(folder, tmp_path / f"{i}", **asked(q)) for i, q in enumerate(queries)]
    assert asyncio.run(together()) == alone
    assert len({answer.text for answer in alone}) > 1


def test_what_the_model_cannot_take_is_a_failed_request(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(RequestFailed, match="more than the 256 of the model"):
        complete(folder, tmp_path, max_tokens=250)
    with pytest.raises(RequestFailed, match="the chat template refuses it"):
        complete(folder, tmp_path, messages=[5])


def test_every_question_is_asked_and_nothing_twice(folder: Path, tmp_path: Path) -> None:
    def run() -> Evaluation:
        config = EvaluateConfig(
            model="tiny", transformers=str(folder), data=str(ROWS), out=str(tmp_path),
            variants=("plain", "renamed"), max_tokens=8,
        )  # fmt: skip
        return asyncio.run(evaluate(config))

    first, again = run(), run()
    assert first.spent.requests == again.spent.replayed == 32
    assert again.spent.requests == 0
    assert again.scores == first.scores
    outcomes = (tmp_path / "outcomes-plain.jsonl").read_text().splitlines()
    assert {json.loads(line)["kind"] for line in outcomes} <= {"words", "broken", "calls"}
    assert first.scores["plain"].total["exact"].n == 16


def test_folders_that_hold_no_model_are_named(folder: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    model, tokenizer = tiny_model()
    model.save_pretrained(bare)
    tokenizer.save_pretrained(bare)
    for place, adapter, said in (
        (tmp_path / "nowhere", None, "nowhere.*expected a folder with a model"),
        (bare, None, "no chat template"),
        (folder, tmp_path, "adapter_config.json"),
    ):
        with pytest.raises(UsageError, match=said):
            complete(place, tmp_path / "journal", adapter)
