"""Which families of models a name belongs to: a model likes what its own family writes."""

import re

_FAMILIES = {
    "qwen": "qwen qwq qvq tongyi",
    "llama": "llama vicuna alpaca nemotron",
    "mistral": "mistral mixtral ministral codestral devstral magistral pixtral mathstral",
    "deepseek": "deepseek",
    "gemma": "gemma gemini",
    "phi": "phi",
    "gpt": "gpt chatgpt davinci o1 o3 o4",
    "claude": "claude",
    "command": "command cohere aya",
    "granite": "granite",
    "glm": "glm chatglm",
    "yi": "yi",
    "olmo": "olmo tulu",
    "internlm": "internlm",
    "kimi": "kimi moonshot moonlight",
    "grok": "grok",
    "falcon": "falcon",
    "smollm": "smollm",
    "minimax": "minimax",
    "jamba": "jamba",
}
_ALIASES = {alias: family for family, names in _FAMILIES.items() for alias in names.split()}
_WORD = re.compile(r"[a-z]+")
_REASONER = re.compile(r"(?<![a-z0-9])o[134](?![a-z0-9])")
_SUFFIXES = ("coder", "chat", "instruct", "code")
_PREFIXES = ("chat", "code", "open")


def families_of(model: str) -> frozenset[str]:
    """The known families that a model's name speaks of; else its own first word.

    A distilled model (`DeepSeek-R1-Distill-Qwen-7B`) belongs to both of its parents' families.
    """
    name = model.strip().rstrip("/").rpartition("/")[2].lower()
    words = [form for word in _WORD.findall(name) for form in _forms(word)]
    found = {_ALIASES[word] for word in words if word in _ALIASES}
    found |= {"gpt"} if _REASONER.search(name) else set()
    return frozenset(found or words[:1] or {name})


def related(one: str, other: str) -> bool:
    """Whether two models are of one family, or the same."""
    return bool(families_of(one) & families_of(other))


def _forms(word: str) -> list[str]:
    """A word, and what is left of it without `chat…` or `…coder`."""
    cut = [word.removesuffix(suffix) for suffix in _SUFFIXES]
    return [word, *cut, *(word.removeprefix(prefix) for prefix in _PREFIXES)]
