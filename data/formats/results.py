"""Results of calls as other people's rows carry them."""

from typing import Any

from data import strict_json
from data.strict_json import BadJson


def read_results(value: Any) -> tuple[Any, ...] | None:
    """Return one value per call, None where a row says nothing that can be read as results.

    Rows carry a list of values, of JSON texts, or of Callforge's own objects with `call`, `outcome`
    and `value`; or the JSON text of such a list.
    """
    value = decoded(value)
    if not isinstance(value, list):
        return None
    return tuple(_value(item) for item in value)


def decoded(value: Any) -> Any:
    """Decode text that is a JSON object or list; any other value is what it is."""
    if not isinstance(value, str) or value.lstrip()[:1] not in ("{", "["):
        return value
    try:
        return strict_json.loads(value)
    except BadJson:
        return value


def _value(item: Any) -> Any:
    item = decoded(item)
    if isinstance(item, dict) and "outcome" in item and "call" in item:
        return item.get("value") if item["outcome"] == "ok" else {"error": item.get("error")}
    return item
