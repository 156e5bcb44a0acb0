"""A model that runs in this process, through transformers, in place of an endpoint.

Requests that wait are answered together, in batches of a fixed size: for tests and small models;
anything larger is served by vLLM. Needs the extra `train` (torch, transformers, and peft for
adapters), which is imported only here.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from api_registry.errors import UsageError, install_hint
from data.identity import compact_json
from generators.endpoint.client import Spent
from generators.endpoint.journal import Journal, Key
from generators.types import Completion, RequestFailed, RequestRefused

_BATCH, _BATCH_TOKENS = 32, 32_768
"""Most requests answered together, and tokens of prompts and answers, padding included."""


@dataclass(frozen=True)
class _Waiting:
    """A request that is rendered, and whoever waits for its answer."""

    prompt: Sequence[int]
    """Token ids."""
    longest: int
    """Most tokens of the answer."""
    temperature: float
    seed: int
    answer: asyncio.Future[Completion]


class InProcess:
    """Answers requests in OpenAI's form from a folder's model, as `Endpoint` does from servers."""

    def __init__(self, folder: Path, adapter: Path | None, journal: Journal) -> None:
        """Load tokenizer and model. Raises `UsageError` for folders that hold none."""
        torch, transformers = _imported()
        self.torch = torch
        self.journal = journal
        self.identity = f"{folder.resolve()}\n{adapter.resolve() if adapter else ''}"
        self._one = asyncio.Lock()
        self._waiting: list[_Waiting] = []
        self._requests = self._prompt_tokens = self._completion_tokens = 0
        try:
            self.tokenizer = transformers.AutoTokenizer.from_pretrained(
                folder, local_files_only=True
            )
            model = transformers.AutoModelForCausalLM.from_pretrained(
                folder, local_files_only=True, dtype="auto"
            )
            if adapter is not None:
                model = _adapted(model, adapter)
        except (OSError, ValueError, KeyError) as error:
            raise UsageError(
                f"--transformers `{folder}`: expected a folder with a model that transformers "
                f"reads: {str(error).splitlines()[0]}"
            ) from error
        if self.tokenizer.chat_template is None:
            raise UsageError(f"--transformers `{folder}`: its tokenizer has no chat template")
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.model = model.to(self.device).eval()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        return None

    def spent(self) -> Spent:
        """The totals until now."""
        return Spent(
            requests=self._requests,
            repeated=0,
            replayed=self.journal.replayed,
            prompt_tokens=self._prompt_tokens,
            completion_tokens=self._completion_tokens,
            cost=0.0,
            reasons={},
        )

    async def complete(
        self, body: dict[str, Any], *, purpose: str, draft: int, attempt: int = 0
    ) -> Completion:
        """Answer one request; the answer is in the journal before it is returned.

        Raises `RequestFailed` for a request that the model's template or length does not take.
        """
        content = f"{self.identity}\n{compact_json(body)}".encode("utf-8", "replace")
        key = Key(purpose, draft, attempt, hashlib.sha256(content).hexdigest())
        if (known := self.journal.find(key)) is not None:
            return known
        asked = _Waiting(
            self._prompt(body),
            body["max_tokens"],
            body["temperature"],
            attempt,
            asyncio.get_running_loop().create_future(),
        )
        self._waiting.append(asked)
        await asyncio.sleep(0)  # others that ask now join the batch
        async with self._one:
            if not asked.answer.done():
                await self._answer_some()
        answer = await asked.answer
        self.journal.add(key, answer)
        self._requests += 1
        self._prompt_tokens += answer.usage["prompt_tokens"]
        self._completion_tokens += answer.usage["completion_tokens"]
        return answer

    async def _answer_some(self) -> None:
        """Answer the request that has waited longest, and others like it."""
        batch = _batch(self._waiting)
        self._waiting = [asked for asked in self._waiting if asked not in batch]
        try:
            answers = await asyncio.to_thread(self._generate, batch)
        except BaseException as error:
            for asked in batch:
                asked.answer.set_exception(error)
            raise
        for asked, answer in zip(batch, answers, strict=True):
            asked.answer.set_result(answer)

    def _generate(self, batch: Sequence[_Waiting]) -> list[Completion]:
        first = batch[0]
        width = max(len(asked.prompt) for asked in batch)
        # Filled up on the left, so that each answer follows its prompt.
        gaps = [width - len(asked.prompt) for asked in batch]
        fill = self.tokenizer.pad_token_id or 0
        ids = [[fill] * gap + list(asked.prompt) for gap, asked in zip(gaps, batch, strict=True)]
        mask = [[0] * gap + [1] * (width - gap) for gap in gaps]
        drawn = first.temperature > 0
        sampling = {"do_sample": True, "temperature": first.temperature} if drawn else {}
        self.torch.manual_seed(first.seed)
        with self.torch.inference_mode():
            made = self.model.generate(
                input_ids=self.torch.tensor(ids, device=self.device),
                attention_mask=self.torch.tensor(mask, device=self.device),
                max_new_tokens=first.longest,
                pad_token_id=fill,
                **({"do_sample": False} | sampling),
            )
        return [
            self._completion(asked, tokens)
            for asked, tokens in zip(batch, made[:, width:].tolist(), strict=True)
        ]

    def _completion(self, asked: _Waiting, tokens: list[int]) -> Completion:
        """The answer up to its end; what follows filled up the batch."""
        ends = self._ends()
        said = tokens[: next((n for n, token in enumerate(tokens) if token in ends), len(tokens))]
        return Completion(
            # Special tokens stay: some families mark their calls with them.
            text=self.tokenizer.decode(said, skip_special_tokens=False).strip(),
            finish_reason="length" if len(said) == asked.longest else "stop",
            usage={
                "prompt_tokens": len(asked.prompt),
                "completion_tokens": min(len(said) + 1, asked.longest),
            },
        )

    def _prompt(self, body: dict[str, Any]) -> Sequence[int]:
        """The rendered request. Raises `RequestFailed` where model or template does not take it."""
        try:
            prompt: list[int] = self.tokenizer.apply_chat_template(
                body["messages"],
                tools=body.get("tools"),
                add_generation_prompt=True,
                return_dict=True,
            )["input_ids"]
        except Exception as error:  # a template is code of the model's authors
            raise RequestRefused(f"the chat template refuses it: {error}") from None
        taken, longest = len(prompt), body["max_tokens"]
        room = getattr(self.model.config, "max_position_embeddings", None)
        if room is not None and taken + longest > room:
            raise RequestFailed(
                f"the prompt has {taken:,} tokens, and with {longest:,} for the answer that is "
                f"more than the {room:,} of the model"
            )
        return prompt

    def _ends(self) -> set[int]:
        """Tokens after which there is nothing more."""
        found = self.model.generation_config.eos_token_id
        ends = set(found if isinstance(found, list) else [found])
        return ends | {self.tokenizer.eos_token_id, self.tokenizer.pad_token_id}


def _batch(waiting: Sequence[_Waiting]) -> list[_Waiting]:
    """The first request and those after it that can be answered with it.

    Drawn answers come one at a time: with others they would depend on what those are.
    """
    first = waiting[0]
    if first.temperature > 0:
        return [first]
    batch: list[_Waiting] = []
    width = 0
    for asked in waiting:
        if (asked.temperature, asked.longest) != (0, first.longest):
            continue
        width = max(width, len(asked.prompt) + asked.longest)
        if len(batch) == _BATCH or (batch and width * (len(batch) + 1) > _BATCH_TOKENS):
            break
        batch.append(asked)
    return batch


def _adapted(model: Any, adapter: Path) -> Any:
    """The model with an adapter of peft's on it. Raises `UsageError`."""
    if not (adapter / "adapter_config.json").is_file():
        raise UsageError(
            f"--adapter `{adapter}`: expected a folder with adapter_config.json, as peft saves it"
        )
    try:
        from peft import PeftModel
    except ImportError as error:
        raise UsageError(_NEEDED.format(what="--adapter")) from error
    return PeftModel.from_pretrained(model, str(adapter))


_NEEDED = (
    "{what} needs torch, transformers and peft: "
    f"{install_hint('train')}, or ask a server with --base-url"
)


def _imported() -> tuple[Any, Any]:
    try:
        import torch
        import transformers
    except ImportError as error:
        raise UsageError(_NEEDED.format(what="--transformers")) from error
    return torch, transformers
