"""Modules as people write them for agents, without a phrasing: tools, queries and calls.

The functions under `strangers/agents/` were written for these tests in the styles that are usual
(agent tools, numpydoc, shop back ends, operations, text utilities); Apache-2.0 as the project.
"""

import inspect
import re
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from api_registry.registry import load_apis
from api_registry.schema_check import check_arguments
from api_registry.signatures import read_signature
from api_registry.sources.python_source import resolve
from api_registry.types import Api, Loaded, Tool
from generators.embedded.generator import write
from generators.plan import Plan
from generators.plan_config import PlanConfig

AGENTS = Path(__file__).parents[1] / "api_registry" / "strangers" / "agents"
FILES = sorted(AGENTS.glob("*.py"))
IDS = [file.stem for file in FILES]
REFUSED = {
    "devops:retry": "returns a function",
    "devops:map_items": "no JSON form",
    "devops:merge_inventory": "Self",
    "devops:cube": "no type",
    "shop_backend:on_paid": "cannot be resolved",
}
"""What cannot be a tool, and a word of the reason."""


@lru_cache
def loaded(file: Path) -> Loaded:
    return load_apis([str(file)])


@lru_cache
def written(api_key: str, count: int = 60) -> list[tuple[str, dict[str, Any]]]:
    stem, _, name = api_key.partition(":")
    [api] = [item for item in loaded(AGENTS / f"{stem}.py").apis if item.name == name]
    shares = {"simple": 1.0}
    plan = Plan([api], PlanConfig(shares=shares), seed=7, shard_size=100)
    found = []
    for request in map(plan, range(count)):
        draft = write(request)
        [tool] = [tool for tool in request.tools if tool.api == name]
        own = tool.argument_names  # a tool may be offered under names of its own
        [answer] = draft.answers
        arguments = {own.get(key, key): value for key, value in answer["arguments"].items()}
        found.append((draft.query, arguments))
    return found


def test_what_cannot_be_a_tool_says_why_and_the_rest_loads() -> None:
    skipped = {}
    for file in FILES:
        for item in loaded(file).skipped:
            skipped[f"{file.stem}:{item.where.rpartition(':')[2]}"] = item.reason
    assert skipped.keys() == REFUSED.keys()
    for name, words in REFUSED.items():
        assert words in skipped[name]
    assert sum(len(loaded(file).apis) for file in FILES) > 110


def call(api: Api, arguments: dict[str, Any]) -> Any:
    function = resolve(api.ref)
    args, named = read_signature(function).bind(arguments)
    result = function(*args, **named)
    if inspect.iscoroutine(result):
        result.close()
    return result


def test_95_percent_of_the_functions_take_every_call_that_is_made_up_for_them() -> None:
    failed: Counter[str] = Counter()
    count = 0
    for file in FILES:
        for api in loaded(file).apis:
            count += 1
            for _, arguments in written(f"{file.stem}:{api.name}", 12):
                try:
                    call(api, arguments)
                except Exception as error:
                    failed[f"{file.stem}:{api.name}: {type(error).__name__}"] += 1
    assert len(failed) <= count * 0.05, failed
    # Its hint says text and its body takes a number: only running it can tell.
    assert any(name.startswith("texts:wrong_hint") for name in failed)


def test_arguments_of_another_type_are_refused_by_the_schema() -> None:
    for file in FILES:
        for api in loaded(file).apis:
            for name in api.parameters.get("required", ()):
                _, arguments = written(f"{file.stem}:{api.name}", 2)[0]
                tool = Tool(
                    name=api.name,
                    description=api.description,
                    parameters=api.parameters,
                    api=api.name,
                )
                assert check_arguments(tool, arguments) is None
                missing = {key: value for key, value in arguments.items() if key != name}
                assert check_arguments(tool, missing), api.name
                wrong = {**arguments, name: {"nobody": ["expects", {"this": None}]}}
                if api.parameters["properties"][name].get("type") != "object":
                    assert check_arguments(tool, wrong), (api.name, name)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("assistant_tools:get_current_weather", r"current weather in [A-Z]"),
        ("assistant_tools:book_table", r"book a table at .+ for .+ (people|person)"),
        ("assistant_tools:start_timer", r"countdown timer for \w+"),
        ("assistant_tools:translate", r'translate ["\'].+["\'] into [A-Z]'),
        ("assistant_tools:get_directions", r"directions from [A-Z].* to [A-Z]"),
        ("assistant_tools:add_calendar_event", r"event to my calendar titled"),
        ("assistant_tools:time_in", r"what time it is in [A-Z]"),
        ("assistant_tools:turn_on_light", r"the light in the (kitchen|bedroom|\w+)"),
        ("shop_backend:refund", r"refund for order [A-Z]+-\d+"),
        ("shop_backend:convert_currency", r"convert [\d.,k]+ from .+ to "),
        ("shop_backend:apply_discount", r"a [\d.]+(%| percent) discount to a price of \d"),
        ("shop_backend:validate_iban", r"validate the IBAN"),
        ("shop_backend:place_order", r"for customer \d+"),
        ("sci:is_prime", r"whether \S+ is a prime number"),
        ("sci:gcd", r"common divisor of \S+ and \S+"),
        ("sci:clamp", r"restrict \S+ to the range \S+ to \S+"),
        ("sci:haversine", r"between latitude \S+ longitude \S+ and latitude"),
        ("sci:hex_to_rgb", r"hex color code #\w{6}"),
        ("sci:normalize", r"normalize the weights \("),
        ("devops:scale_deployment", r"scale the deployment \S+ to \S+ replicas"),
        ("devops:fib", r"the \S+(st|nd|rd|th) Fibonacci number|the \w+ Fibonacci number"),
        ("devops:chunk", r"split the items .+ into chunks of size"),
        ("crm:add_note", r"note to contact \d+'s timeline"),
        ("crm:set_discount", r"a \S+(%| percent) discount to (the )?deal"),
        ("crm:assign_owner", r"assign the contacts \d+"),
        ("crm:list_overdue_tasks", r"overdue assigned to [A-Z]"),
        ("smart_home:lock_door", r"lock the (front|back|garage|patio) door"),
        ("smart_home:remind_me", r"about .+ in \S+ minutes"),
        ("smart_home:set_thermostat", r"temperature of \S+ degrees Celsius"),
        ("smart_home:schedule_blinds", r"opening at .+, closing at"),
        ("smart_home:turn_off_lights", r"all lights, except (kitchen|\w+)"),
        ("logistics:reroute", r"reroute shipment \S+ to [A-Z]"),
        ("banking:set_spending_limit", r"for the card ending in \d{4}"),
        ("photo_library:print_order", r"order prints of the photos"),
        ("texts:levenshtein", r"Levenshtein distance between \w+ and \w+"),
        ("texts:extract_json", r"first JSON object from .*[\[{]"),
        ("clinic:cancel_appointment", r"cancel appointment [A-Z]+-\d+"),
        ("clinic:check_interaction", r"check whether \w+ and \w+ interact"),
        ("clinic:find_slots", r"at the earliest, .+ at the latest"),
        ("realestate:days_on_market", r"on the market, listed .+, sold"),
        ("realestate:irr", r"rate of return of the cash flows [\d.]+"),
        ("misc_agent:distance", r"distance between [A-Z].+ and [A-Z]"),
        ("misc_agent:sunrise", r"sunrise at latitude \S+ longitude"),
        ("misc_agent:find_nearby", r"near latitude \S+ longitude"),
        ("misc_agent:add_to_cart", r"add the item \S+ to user \S+'s shopping cart"),
        ("misc_agent:get_exchange_rate", r"exchange rate between .+ and "),
    ],
)
def test_values_are_said_where_a_person_says_them(name: str, said: str) -> None:
    queries = [query for query, _ in written(name)]
    fitting = [query for query in queries if re.search(said, query, re.IGNORECASE)]
    assert len(fitting) > len(queries) / 5, queries[:10]


def test_values_are_of_the_kind_that_their_names_say() -> None:
    def drawn(key: str, name: str) -> list[Any]:
        return [arguments[name] for _, arguments in written(key) if name in arguments]

    currencies = drawn("shop_backend:convert_currency", "to_currency")
    assert all(re.fullmatch("[A-Z]{3}", code) for code in currencies)
    assert all(code != "" for code in drawn("clinic:check_interaction", "drug_a"))
    assert "@" not in "".join(drawn("assistant_tools:get_directions", "start"))
    assert all("@" in address for address in drawn("shop_backend:create_customer", "email"))
    assert all(name[0].isupper() for name in drawn("shop_backend:create_customer", "last_name"))
    assert set(drawn("devops:bump_version", "part")) <= {"major", "minor", "patch"}
    for _, arguments in written("shop_backend:list_orders"):
        assert arguments["start_date"] <= arguments["end_date"]
    for _, arguments in written("sci:binom_pmf"):
        assert arguments["k"] <= arguments["n"]
        assert 0 <= arguments["p"] <= 1
    for _, arguments in written("sci:clamp"):
        assert arguments["lo"] <= arguments["hi"]
    for _, arguments in written("assistant_tools:add_calendar_event"):
        assert arguments["start"] < arguments["end"]
    for _, arguments in written("texts:groupby_sum"):
        assert {arguments["key"], arguments["value"]} <= set(arguments["rows"][0])


def test_a_type_that_holds_itself_ends() -> None:
    for _, arguments in written("texts:tree_depth"):
        assert len(str(arguments)) < 5000


def test_overloads_and_named_tuples_are_told_by_their_own_hints() -> None:
    apis = {api.name: api for file in FILES for api in loaded(file).apis}
    kinds = apis["double"].parameters["properties"]["x"]["anyOf"]
    assert [kind["type"] for kind in kinds] == ["integer", "string"]
    money = apis["total"].parameters["$defs"]["Money"]["prefixItems"]
    assert [place["description"] for place in money] == ["amount", "currency"]


@pytest.mark.parametrize(
    ("name", "unsaid"),
    [
        ("crm:search_contacts", "by name, company"),
        ("crm:create_contact", "opted in (on|off)"),
        ("crm:deal_forecast", r"include lost[.,;?]"),
        ("smart_home:play_media", "an artist or"),
        ("smart_home:remind_me", "something|the about"),
        ("smart_home:camera_snapshot", "consent (on|off)"),
        ("smart_home:energy_usage", "days for"),
        ("smart_home:turn_off_lights", "or those of"),
        ("logistics:list_shipments", "filtered|optionally"),
        ("logistics:optimize_route", "include avoid|leave out avoid"),
        ("logistics:quote_shipment", r"length cm"),
        ("banking:find_atm", "by city or|on now"),
        ("banking:compound", "compoundings per year"),
        ("photo_library:share_album", "optional message|other people"),
        ("photo_library:resize", r"width of [\d,]+ and height"),
        ("photo_library:search_photos", "only (on|off)"),
        ("photo_library:convert_format", "to = "),
    ],
)
def test_what_a_description_says_to_programmers_stays_out_of_the_query(
    name: str, unsaid: str
) -> None:
    queries = [query for query, _ in written(name)]
    assert [query for query in queries if re.search(unsaid, query)] == []
