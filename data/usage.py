"""What answers of models cost: counted per shard from the answers that it used."""

from collections.abc import Iterable, Mapping

from api_registry.types import Model


class Usage(Model):
    """Answers and their tokens, as the endpoint counts them; repeats without an answer are none."""

    answers: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    @property
    def tokens(self) -> int:
        """All of them."""
        return self.prompt_tokens + self.completion_tokens

    def plus(self, counts: Mapping[str, int]) -> "Usage":
        """The same with one more answer."""
        return Usage(
            answers=self.answers + 1,
            prompt_tokens=self.prompt_tokens + counts.get("prompt_tokens", 0),
            completion_tokens=self.completion_tokens + counts.get("completion_tokens", 0),
        )


def merge_usage(parts: Iterable[Usage]) -> Usage:
    """Add usages up."""
    answers = prompt = completion = 0
    for part in parts:
        answers += part.answers
        prompt += part.prompt_tokens
        completion += part.completion_tokens
    return Usage(answers=answers, prompt_tokens=prompt, completion_tokens=completion)
