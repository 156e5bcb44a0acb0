"""A model that runs in this process, through transformers, in place of an endpoint.

One request at a time, so for tests and small models; anything larger is served by vLLM. Needs the
extra `train` (torch, transformers, and peft for adapters), which is imported only here.
"""

import asyncio
import hashlib
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from api_registry.errors import UsageError
from data.identity import compact_json
from generators.endpoint.client import Spent
from generators.endpoint.journal import Journal, Key
from generators.types import Completion, RequestFailed, RequestRefused


class InProcess:
    """Answers requests in OpenAI's form from a folder's model, as `Endpoint` does from servers."""

    def __init__(self, folder: Path, adapter: Path | None, journal: Journal) -> None:
        """Load tokenizer and model. Raises `UsageError` for folders that hold none."""
        torch, transformers = _imported()
        self.torch = torch
        self.journal = journal
        self.identity = f"{folder.resolve()}\n{adapter.resolve() if adapter else ''}"
        self._one = asyncio.Lock()
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
        async with self._one:
            answer = await asyncio.to_thread(self._generate, body, attempt)
        self.journal.add(key, answer)
        self._requests += 1
        self._prompt_tokens += answer.usage["prompt_tokens"]
        self._completion_tokens += answer.usage["completion_tokens"]
        return answer

    def _generate(self, body: dict[str, Any], seed: int) -> Completion:
        prompt = self._prompt(body)
        taken, longest = prompt["input_ids"].shape[1], body["max_tokens"]
        room = getattr(self.model.config, "max_position_embeddings", None)
        if room is not None and taken + longest > room:
            raise RequestFailed(
                f"the prompt has {taken:,} tokens, and with {longest:,} for the answer that is "
                f"more than the {room:,} of the model"
            )
        drawn = body["temperature"] > 0
        sampling = {"do_sample": True, "temperature": body["temperature"]} if drawn else {}
        self.torch.manual_seed(seed)
        with self.torch.inference_mode():
            made = self.model.generate(
                **prompt, max_new_tokens=longest, **({"do_sample": False} | sampling)
            )
        tokens = made[0, taken:].tolist()
        ends = self._ends()
        said = tokens[: next((n for n, token in enumerate(tokens) if token in ends), len(tokens))]
        return Completion(
            # Special tokens stay: some families mark their calls with them.
            text=self.tokenizer.decode(said, skip_special_tokens=False).strip(),
            finish_reason="length" if len(said) == longest else "stop",
            usage={"prompt_tokens": taken, "completion_tokens": len(tokens)},
        )

    def _prompt(self, body: dict[str, Any]) -> Any:
        try:
            prompt = self.tokenizer.apply_chat_template(
                body["messages"],
                tools=body.get("tools"),
                add_generation_prompt=True,
                return_dict=True,
                return_tensors="pt",
            )
        except Exception as error:  # a template is code of the model's authors
            raise RequestRefused(f"the chat template refuses it: {error}") from None
        return prompt.to(self.device)

    def _ends(self) -> set[int]:
        """Tokens after which there is nothing more."""
        found = self.model.generation_config.eos_token_id
        ends = set(found if isinstance(found, list) else [found])
        return ends | {self.tokenizer.eos_token_id, self.tokenizer.pad_token_id}


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
    "{what} needs torch, transformers and peft: pip install 'callforge[train]', or ask a server "
    "with --base-url"
)


def _imported() -> tuple[Any, Any]:
    try:
        import torch
        import transformers
    except ImportError as error:
        raise UsageError(_NEEDED.format(what="--transformers")) from error
    return torch, transformers
