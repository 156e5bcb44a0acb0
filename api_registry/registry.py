"""The APIs of a run, from whatever sources they are named by."""

import hashlib
import json
from collections.abc import Sequence

from api_registry.errors import SourceError
from api_registry.sources.python_source import PythonSource
from api_registry.types import Api, Loaded, Skipped


def load_apis(specs: Sequence[str]) -> Loaded:
    """Load every specification, in order; the first API of a name is the one offered.

    Raises `SourceError` when a specification cannot be read or nothing usable is found.
    """
    source = PythonSource()
    apis: dict[str, Api] = {}
    skipped: list[Skipped] = []
    for spec in dict.fromkeys(specs):
        loaded = source.load(spec)
        skipped.extend(loaded.skipped)
        for api in loaded.apis:
            if api.name in apis and apis[api.name].ref != api.ref:
                reason = f"the name `{api.name}` is taken by `{apis[api.name].ref}`"
                skipped.append(Skipped(where=api.ref, reason=reason))
            else:
                apis[api.name] = api
    if not apis:
        reasons = "; ".join(f"`{item.where}`: {item.reason}" for item in skipped[:3])
        raise SourceError(
            f"no usable API in {', '.join(f'`{spec}`' for spec in specs)}"
            f" ({reasons or 'no public function found'}); "
            "expected functions with a docstring and type hints"
        )
    return Loaded(apis=tuple(apis.values()), skipped=tuple(skipped))


def digest(apis: Sequence[Api]) -> str:
    """Hash what the APIs offer, as 64 hex digits; where they lie on disk does not count."""
    offered = [api.model_dump(mode="json", exclude={"ref"}) for api in apis]
    text = json.dumps(offered, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
