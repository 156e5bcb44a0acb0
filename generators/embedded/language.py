"""Small pieces of English grammar: verb forms of descriptions, names of parameters."""

from functools import lru_cache

from api_registry.types import Api
from generators.embedded.wording import humanise

_IRREGULAR = {"does": "do", "goes": "go", "has": "have", "is": "be", "are": "be"}
_ARTICLES = (
    "a ",
    "an ",
    "the ",
    "one ",
    "some ",
    "any ",
    "each ",
    "every ",
    "all ",
    "whether ",
    "how ",
    "if ",
    "your ",
    "its ",
    "what ",
)
_CLAUSES = frozenset(
    "how what when where which who why whether if only show set include use used optional".split()
)
"""How descriptions begin that name no thing."""
_KEEPS_ES = ("ses", "shes", "ches", "xes", "zes", "oes")


@lru_cache(maxsize=20_000)
def task_of(description: str) -> str:
    """Return a description's first sentence as a task: `Returns the area.` → `return the area`."""
    sentence = description.split(". ")[0].strip().rstrip(".!")
    first, _, rest = sentence.partition(" ")
    verb = _base_form(first)
    return f"{verb} {rest}".strip() if rest else verb


def _base_form(word: str) -> str:
    lower = word.lower() if not word.isupper() else word
    if lower in _IRREGULAR:
        return _IRREGULAR[lower]
    if lower.endswith("ies") and len(lower) > 4:
        return lower[:-3] + "y"
    if lower.endswith(_KEEPS_ES):
        return lower[:-2] if not lower.endswith("ses") else lower[:-1]
    if lower.endswith("s") and not lower.endswith(("ss", "us", "is")):
        return lower[:-1]
    return lower


def article(words: str) -> str:
    """Return `a` or `an`, by the first letter."""
    return "an" if words[:1].lower() in "aeiou" and not words.startswith(("user", "uni")) else "a"


def label_of(api: Api, name: str) -> str:
    """Name a parameter for a person: `the length to convert`, from its description or its name."""
    schema = api.parameters.get("properties", {}).get(name, {})
    return _label(str(schema.get("description", "")), name)


@lru_cache(maxsize=20_000)
def _label(description: str, name: str) -> str:
    text = description.split(". ")[0].split(";")[0].split(" (")[0].split(", e.g")[0]
    text = text.split(":")[0].strip().rstrip(".")
    words = text.split()
    clause = words and words[0].lower() in _CLAUSES
    if not 1 <= len(words) <= 9 or clause or "`" in text or "_" in text:
        text = humanise(name)
    if not text.split()[0].isupper():
        text = text[:1].lower() + text[1:]
    if text.startswith(_ARTICLES):
        return text.replace("a ", "the ", 1) if text.startswith("a ") else text
    return f"the {text}"
