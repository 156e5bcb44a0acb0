"""What models answered, in whatever of the usual forms it was written down.

A line has an `id` and one of: `completion` (text, beside it `tool_calls` and `finish_reason` where
the endpoint gave them), `tool_calls` (OpenAI's), `calls` (`[{name, arguments}]`), or `result` as
BFCL's result files have it: a text, or `[{name: arguments}]` with arguments as objects or JSON.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from api_registry.errors import UsageError
from data import strict_json
from data.reading.batches import UnreadableFile
from data.reading.files import ANY, open_rows
from flows.evaluation.questions import bfcl_category
from generators.types import Completion
from verifiers.predictions import Prediction, read_completion
from verifiers.python_calls import NotPython, read_python_calls


def read_predictions(path: Path) -> dict[str, Prediction]:
    """Read a file of predictions, or a folder of BFCL's result files, by id.

    Raises `UsageError` for a line that has no id, no answer, or an id that was there before.
    """
    files = [path]
    if path.is_dir():
        files = sorted(file for file in path.rglob("*.json") if bfcl_category(file))
        if not files:
            raise UsageError(f"`{path}` holds no BFCL_v*_*_result.json; name a file of predictions")
    predictions: dict[str, Prediction] = {}
    for file in files:
        for number, row in _rows(file):
            if not isinstance(row.get("id"), str | int):
                raise UsageError(f"`{file}`, row {number}: expected an `id`, got {sorted(row)}")
            name = str(row["id"])
            if name in predictions:
                raise UsageError(f"`{file}`, row {number}: a second prediction for id `{name}`")
            predictions[name] = read_prediction(row, f"`{file}`, row {number}")
    if not predictions:
        raise UsageError(f"`{path}` holds no predictions")
    return predictions


def _rows(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        with open_rows(file, ANY) as rows:
            number = 0
            for batch in rows.batches:
                for row in batch.decode():
                    if not isinstance(row, dict):
                        raise UsageError(f"`{file}`, row {number}: {row.detail}")
                    yield number, row
                    number += 1
    except UnreadableFile as error:
        raise UsageError(str(error)) from error


def read_prediction(row: Mapping[str, Any], where: str = "the prediction") -> Prediction:
    """Read one line. Raises `UsageError` for one that has none of the forms."""
    if "completion" in row or "tool_calls" in row:
        native = row.get("tool_calls") or ()
        text = row.get("completion") or ""
        try:
            finish = row.get("finish_reason") or "stop"
            completion = Completion(text=text, tool_calls=tuple(native), finish_reason=finish)
        except (ValidationError, TypeError):
            raise UsageError(
                f"{where}: expected `completion`: text, `tool_calls`: a list of objects, "
                "`finish_reason`: text"
            ) from None
        return read_completion(completion)
    if "calls" in row:
        return _native(row["calls"])
    if "result" in row:
        return _result(row["result"])
    raise UsageError(
        f"{where}: expected `completion`, `tool_calls`, `calls` or `result`, "
        f"got {', '.join(map(str, row))}"
    )


def _native(calls: Any) -> Prediction:
    if not isinstance(calls, list) or not all(isinstance(call, dict) for call in calls):
        return Prediction("broken", reason="not_a_call")
    if not calls:
        return Prediction("words")
    return read_completion(Completion(text="", tool_calls=tuple(calls)))


def _result(result: Any) -> Prediction:
    """What BFCL's result files have: text, or a list of `{name: arguments}`."""
    if isinstance(result, str):
        try:
            calls = read_python_calls(result)
        except NotPython:
            return read_completion(Completion(text=result))
        return Prediction("calls", calls) if calls else Prediction("words")
    if not isinstance(result, list):
        return Prediction("broken", reason="not_a_call")
    calls = []
    for entry in result:
        if not isinstance(entry, Mapping) or len(entry) != 1:
            return Prediction("broken", reason="not_a_call")
        [(name, arguments)] = entry.items()
        try:
            given = strict_json.loads(arguments) if isinstance(arguments, str) else arguments
        except strict_json.BadJson:
            return Prediction("broken", reason="malformed_json")
        if not isinstance(given, dict):
            return Prediction("broken", reason="not_a_call")
        calls.append({name: given})
    return Prediction("calls", calls) if calls else Prediction("words")
