"""A last look at what is about to leave the machine: keys and tokens, by form and by value."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from api_registry.errors import StorageError
from api_registry.types import Model

_FORMS: dict[str, str] = {
    "private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----",
    "AWS access key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "GitHub token": r"\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bgithub_pat_[A-Za-z0-9_]{60,}\b",
    "Hugging Face token": r"\bhf_[A-Za-z]{30,}\b",
    "OpenAI or Anthropic key": r"\bsk-(?:proj-|ant-|svcacct-)?[A-Za-z0-9_-]{32,}\b",
    "Google API key": r"\bAIza[0-9A-Za-z_-]{35}\b",
    "Slack token": r"\bxox[abprs]-[0-9A-Za-z-]{20,}\b",
    "Stripe key": r"\b[rs]k_live_[0-9A-Za-z]{20,}\b",
    "JSON web token": r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}\b",
    "password in an address": r"\b[a-z][a-z0-9+.-]*://[^\s/:@\"']+:[^\s/:@\"']{3,}@[\w.-]+",
}
_FORM = re.compile("|".join(f"(?P<f{n}>{form})" for n, form in enumerate(_FORMS.values())))
_NAMES = tuple(_FORMS)
_SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASSW|CREDENTIAL", re.IGNORECASE)
_SHORTEST = 12
"""A value of the environment that is shorter stands in ordinary text by chance."""


class Leak(Model):
    """One thing that looks like a secret."""

    file: str
    where: str
    """`line 12`, or `row 3, messages`."""
    kind: str


def refuse_secrets(files: Iterable[tuple[str, Path]]) -> None:
    """Raise `StorageError` that says where, never what, if a file holds something like a secret."""
    known = environment_secrets(os.environ)
    for name, path in files:
        leak = next(leaks(name, path, known), None)
        if leak is not None:
            raise StorageError(
                f"nothing was sent: `{leak.file}`, {leak.where}, holds what looks like a secret "
                f"({leak.kind}); remove it from the data's source and make the data set again"
            )


def environment_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """Return value → name of the variables that hold secrets, to judge by their names."""
    return {
        value: name
        for name, value in environment.items()
        if _SECRET_NAME.search(name) and len(value) >= _SHORTEST and not Path(value).exists()
    }


def leaks(name: str, path: Path, known: Mapping[str, str]) -> Iterator[Leak]:
    """Yield what looks like a secret in a file: each cell of Parquet, each line of text."""
    texts = _cells(path) if path.suffix == ".parquet" else _lines(path)
    for where, text in texts:
        kind = _found(text, known)
        if kind is not None:
            yield Leak(file=name, where=where, kind=kind)


def _found(text: str, known: Mapping[str, str]) -> str | None:
    form = _FORM.search(text)
    if form is not None and form.lastgroup is not None:
        return _NAMES[int(form.lastgroup[1:])]
    return next((f"value of {name}" for value, name in known.items() if value in text), None)


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    with path.open(encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, start=1):
            yield f"line {number}", line


def _cells(path: Path) -> Iterator[tuple[str, str]]:
    first = 0
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=1000):
            for field, column in zip(batch.schema, batch.columns, strict=True):
                for number, value in enumerate(column.to_pylist(), start=first):
                    text = value if pa.types.is_string(field.type) else str(value)
                    if text:
                        yield f"row {number}, {field.name}", text
            first += batch.num_rows
