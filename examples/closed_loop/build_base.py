"""Builds the base model of the closed loop from nothing, on one CPU core, in about five minutes.

    python examples/closed_loop/build_base.py

A Llama of 0.94 million parameters: 4 layers of 128, a vocabulary of 1,024 with single digits and
runs of letters. Trained with Muon (https://kellerjordan.github.io/posts/muon/) on the stages of
`curriculum.py` over the functions of `base_tools.py`, on rows that our own pipeline made of them.
Steps are counted, not seconds, so one machine makes the same model again.
"""

import argparse
import json
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from data import training_view  # noqa: E402
from examples.closed_loop.curriculum import echo, extraction  # noqa: E402
from examples.closed_loop.loop import exact_match, generate, rows_of  # noqa: E402

PAD, END = "<|pad|>", "<|end|>"
ROLES = ("<|tools|>", "<|system|>", "<|user|>", "<|assistant|>", "<|tool|>")
VOCABULARY, POSITIONS = 1024, 512
Example = tuple[list[int], list[int]]
"""Token ids, and 1 for each that the loss is on."""


def build(out: Path, work: Path, steps: dict[str, int], batch: int, seed: int) -> dict[str, Any]:
    """Make the base in `out`; returns what it came to."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    started = time.process_time()
    own = generate(HERE / "base.toml", work, "base")
    texts = list(_texts(rows_of(generate(HERE / "words.toml", work, "words"), "train")))
    rows = rows_of(own, "train")
    tokenizer = make_tokenizer([*texts, *_texts(rows[:3000])])
    words = sorted(token for token in tokenizer.get_vocab() if re.fullmatch("[a-z]{3,9}", token))
    calls = [encoded(tokenizer, training_view(row)) for row in rows]
    model = make_model(len(tokenizer))
    rng = random.Random(seed)
    draw: dict[str, Callable[[], Example]] = {
        "echo": lambda: encoded(tokenizer, echo(rng, words)),
        "extraction": lambda: encoded(tokenizer, extraction(rng, words)),
        "calls": lambda: rng.choice(calls),
    }
    train(model, draw, steps, batch, rng)
    save(model, tokenizer, out)
    score = exact_match(own, None, work / "evaluated", model=out, questions=300)
    return {
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "steps": steps,
        "batch": batch,
        "seed": seed,
        "exact_match_on_its_own_functions": round(score.value, 3),
        "questions": score.n,
        "cpu_seconds": round(time.process_time() - started),
        "torch": torch.__version__.partition("+")[0],
        "date": datetime.now(UTC).date().isoformat(),
    }


def make_tokenizer(texts: Iterable[str]) -> Any:
    """Byte pairs within runs of letters and of signs; digits and spaces stand alone.

    So a value has the same tokens wherever it stands, and can be copied.
    """
    tokenizer = Tokenizer(models.BPE())
    runs = Regex(r"[0-9]| |[A-Za-z]+|[^0-9A-Za-z ]+")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(runs, "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[PAD, END, *ROLES],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=PAD,
        eos_token=END,
        additional_special_tokens=list(ROLES),
        padding_side="left",
        clean_up_tokenization_spaces=False,
        model_max_length=POSITIONS,
    )
    fast.chat_template = (HERE / "chat_template.jinja").read_text(encoding="utf-8")
    return fast


def make_model(vocabulary: int) -> Any:
    """A Llama with random weights."""
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=vocabulary,
            hidden_size=128,
            intermediate_size=352,
            num_hidden_layers=4,
            num_attention_heads=4,
            num_key_value_heads=4,
            max_position_embeddings=POSITIONS,
            tie_word_embeddings=True,
            pad_token_id=0,
            eos_token_id=1,
            bos_token_id=1,
        )
    )


def encoded(tokenizer: Any, conversation: dict[str, Any]) -> Example:
    """A conversation as training renders it: loss on the assistant's turns and their ends."""
    made = tokenizer.apply_chat_template(
        conversation["messages"],
        tools=conversation["tools"] or None,
        return_dict=True,
        return_assistant_tokens_mask=True,
    )
    return made["input_ids"], made["assistant_masks"]


def train(
    model: Any,
    draw: dict[str, Callable[[], Example]],
    steps: dict[str, int],
    batch: int,
    rng: random.Random,
    rate: float = 0.02,
    rate_of_rest: float = 3e-3,
) -> None:
    """Train through the stages; an eighth of each batch repeats earlier ones."""
    named = dict(model.named_parameters())
    inner = [p for name, p in named.items() if p.ndim == 2 and "embed" not in name]
    rest = [p for name, p in named.items() if p.ndim != 2 or "embed" in name]
    optimizers = (
        torch.optim.Muon(inner, lr=rate, weight_decay=0.01),
        torch.optim.AdamW(rest, lr=rate_of_rest, betas=(0.9, 0.98), weight_decay=0.0),
    )
    order = [stage for stage, count in steps.items() for _ in range(count)]
    for step, stage in enumerate(order):
        done = step / len(order)
        scale = min(1.0, (step + 1) / 20) * min(1.0, max(0.03, (1 - done) / 0.4))
        for optimizer, top in zip(optimizers, (rate, rate_of_rest), strict=True):
            for group in optimizer.param_groups:
                group["lr"] = top * scale
        earlier = list(draw)[: list(draw).index(stage)]
        repeated = [rng.choice(earlier) for _ in range(batch // 8)] if earlier else []
        drawn = [draw[name]() for name in [*repeated, *[stage] * (batch - len(repeated))]]
        loss = loss_of(model, drawn)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(rest, 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()
        if step % 20 == 0:
            print(f"step {step} of {len(order)} ({stage}): loss {loss.item():.3f}", flush=True)


def loss_of(model: Any, examples: Sequence[Example]) -> Any:
    """The mean loss of the tokens that have one; what fills up on the right has none."""
    width = max(len(ids) for ids, _ in examples)
    ids = torch.zeros(len(examples), width, dtype=torch.long)
    kept = torch.zeros(len(examples), width, dtype=torch.bool)
    for place, (tokens, mask) in enumerate(examples):
        ids[place, : len(tokens)] = torch.tensor(tokens)
        kept[place, : len(mask)] = torch.tensor(mask, dtype=torch.bool)
    hidden = model.model(input_ids=ids).last_hidden_state[:, :-1]
    kept, wanted = kept[:, 1:], ids[:, 1:]
    return torch.nn.functional.cross_entropy(model.lm_head(hidden[kept]), wanted[kept])


def save(model: Any, tokenizer: Any, out: Path) -> None:
    """Write the weights in half precision, to be computed with in single."""
    model.half().save_pretrained(out)
    (out / "model.safetensors").chmod(0o644)
    tokenizer.save_pretrained(out)
    written = out / "config.json"
    config = json.loads(written.read_text(encoding="utf-8"))
    written.write_text(json.dumps(config | {"dtype": "float32"}, indent=2) + "\n", "utf-8")


def _texts(rows: Sequence[dict[str, Any]]) -> Iterable[str]:
    """Texts to learn words from, less the values: those are to be spelled out."""
    for place, row in enumerate(rows):
        query = row["query"]
        for call in json.loads(row["answers"]):
            for value in call["arguments"].values():
                query = query.replace(str(value), " ")
        yield query
        if place < 1000:
            yield row["tools"]
            yield row["answers"]


def main() -> None:
    """Build it, and write down what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=HERE / "base")
    parser.add_argument("--echo", type=int, default=200, help="steps of the first stage")
    parser.add_argument("--extraction", type=int, default=160, help="steps of the second")
    parser.add_argument("--calls", type=int, default=220, help="steps of the third")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    steps = {stage: getattr(given, stage) for stage in ("echo", "extraction", "calls")}
    with tempfile.TemporaryDirectory(prefix="callforge-base-") as work:
        found = build(given.out, Path(work), steps, given.batch, given.seed)
    built = json.dumps({"command": "python examples/closed_loop/build_base.py", **found}, indent=2)
    (given.out / "built.json").write_text(built + "\n", encoding="utf-8")
    print(built)


if __name__ == "__main__":
    main()
