"""Tools shown otherwise: other names, same schema, and calls that still reach their API."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from api_registry.registry import load_apis
from api_registry.types import Api, Tool, tool_of
from flows.config import RunConfig
from generators.embedded.generator import write
from generators.plan import Plan
from generators.plan_config import PlanConfig
from generators.variants import VARIANTS, Variant, shown_name, varied_tools
from tests.conftest import make_run

CATALOG = load_apis(["api_registry.catalog"]).apis
TOOLS = [tool_of(api) for api in CATALOG]


def without_names(schema: Any) -> Any:
    """A schema with the names of its properties taken away, in any order of keys."""
    if isinstance(schema, dict):
        properties = schema.get("properties")
        rest = {
            key: without_names(value)
            for key, value in schema.items()
            if key not in ("properties", "required", "description")
        }
        if properties is None:
            return rest
        kinds = sorted(json.dumps(without_names(p), sort_keys=True) for p in properties.values())
        return rest | {"properties": kinds, "required": len(schema.get("required", ()))}
    return [without_names(item) for item in schema] if isinstance(schema, list) else schema


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("seed", range(12))
def test_only_names_and_order_change(variant: Variant, seed: int) -> None:
    shown = varied_tools(TOOLS, variant, seed)
    assert len({tool.name for tool in shown}) == len(TOOLS)
    for tool, own in zip(shown, TOOLS, strict=True):
        assert tool.api == own.api
        assert len(tool.name) <= 64
        jsonschema.Draft202012Validator.check_schema(tool.parameters)
        assert without_names(tool.parameters) == without_names(own.parameters)
        names = {tool.argument_names.get(name, name) for name in tool.parameters["properties"]}
        assert names == set(own.parameters["properties"])
        required = {tool.argument_names.get(name, name) for name in tool.parameters["required"]}
        assert required == set(own.parameters["required"])


def test_masked_names_say_nothing() -> None:
    for tool, own in zip(varied_tools(TOOLS, "masked", 3), TOOLS, strict=True):
        shown = f"{tool.name} {' '.join(tool.parameters['properties'])}"
        assert own.name not in shown
        assert not any(len(name) > 3 and name in shown for name in own.parameters["properties"])


def test_a_row_without_a_variant_shows_the_tools_as_they_are() -> None:
    assert varied_tools(TOOLS, None, 1) == tuple(TOOLS)


def test_equal_seeds_name_a_tool_alike_beside_other_tools() -> None:
    both = varied_tools(TOOLS[:5], "masked", 9)
    assert varied_tools(TOOLS[2:3], "masked", 9) == both[2:3]


def test_names_that_would_collide_are_told_apart() -> None:
    schema = {
        "type": "object",
        "properties": {"user_name": {"type": "string"}, "userName": {"type": "string"}},
        "required": ["user_name"],
        "dependentRequired": {"user_name": ["userName"]},
        "anyOf": [{"required": ["userName"]}, {"required": ["user_name"]}],
    }
    text = "Take `user_name` or `userName`."
    tools = [
        Tool(name=name, description=text, parameters=schema, api=name)
        for name in ("get_user", "getUser", "get-user", "g" * 64)
    ]
    for seed in range(20):
        for variant in VARIANTS:
            shown = varied_tools(tools, variant, seed)
            assert len({tool.name for tool in shown}) == 4
            for tool in shown:
                names = set(tool.parameters["properties"])
                assert len(names) == 2
                assert set(tool.parameters["required"]) < names
                assert set(tool.parameters["dependentRequired"]) < names
                assert all(f"`{name}`" in tool.description for name in names)


def test_a_parameter_is_found_under_its_shown_name() -> None:
    api = CATALOG[0]
    own = next(iter(api.parameters["properties"]))
    [tool] = varied_tools([tool_of(api)], "masked", 1)
    assert tool.argument_names[shown_name(api, own, [tool])] == own
    assert shown_name(api, own, []) == own


def test_shares_of_variants_and_languages_are_kept(apis: list[Api]) -> None:
    config = PlanConfig(variants={"masked": 0.3, "renamed": 0.2}, languages={"de": 0.25})
    drafts = [Plan(apis, config, seed=1, shard_size=100)(index) for index in range(2000)]
    for variant, share in (("masked", 0.3), ("renamed", 0.2), (None, 0.5)):
        found = sum(draft.variant == variant for draft in drafts) / len(drafts)
        assert abs(found - share) < 0.05
    assert abs(sum(draft.language == "de" for draft in drafts) / len(drafts) - 0.25) < 0.05


def test_variants_change_nothing_else_about_a_plan(apis: list[Api]) -> None:
    plain = Plan(apis, PlanConfig(variants={}), seed=3, shard_size=100)
    varied = Plan(apis, PlanConfig(variants={"masked": 1.0}), seed=3, shard_size=100)
    for index in range(200):
        one, other = plain(index), varied(index)
        assert [tool.api for tool in one.tools] == [tool.api for tool in other.tools]
        assert write(one).query == write(other).query


def test_a_contrast_pair_shows_its_tools_as_its_base_does(apis: list[Api]) -> None:
    plan = Plan(apis, PlanConfig(variants={"masked": 1.0}), seed=3, shard_size=100)
    pairs = [draft for index in range(400) if (draft := plan(index)).contrast_of is not None]
    assert pairs
    shared = 0
    for draft in pairs:
        assert draft.contrast_of is not None
        base = {tool.api: tool for tool in plan(draft.contrast_of).tools}
        same = [tool for tool in draft.tools if tool.api in base]
        shared += len(same)
        assert all(tool == base[tool.api] for tool in same)
    assert shared


def test_languages_that_the_generator_does_not_write_are_refused() -> None:
    settings = {"plan": {"languages": {"de": 0.2}}}
    with pytest.raises(ValidationError, match="the generator `embedded` does not write"):
        RunConfig.model_validate(settings)
    RunConfig.model_validate(settings | {"generator": {"name": "llm", "llm": {"model": "m"}}})


def test_shares_over_one_are_refused() -> None:
    with pytest.raises(ValidationError, match=r"variants sum to 1\.2, expected at most 1"):
        PlanConfig(variants={"masked": 0.6, "renamed": 0.6})


def test_rows_with_meaningless_names_pass_every_check(tmp_path: Path) -> None:
    result = make_run(tmp_path, samples=200, plan={"variants": {"masked": 1.0}})
    stages = result.manifest.funnel.rejected
    assert not stages.keys() & {"format", "execution", "semantic"}
    files = result.folder.dataset.glob("*.parquet")
    rows = [row for path in files for row in pq.read_table(path).to_pylist()]
    for row in rows:
        provenance = json.loads(row["provenance"])
        assert provenance["variant"] == "masked"
        assert set(provenance["renamed"]) == {tool["name"] for tool in json.loads(row["tools"])}
