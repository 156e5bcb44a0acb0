"""Queries composed for functions that came without phrasings: what holds of all of them."""

import asyncio
import re
from functools import lru_cache
from pathlib import Path

import pytest

from api_registry.registry import load_apis
from api_registry.types import Api
from data.types import Sample
from generators.embedded.fallback import compose_phrasings
from generators.embedded.generator import EmbeddedGenerator, Written, write
from generators.embedded.language import article
from generators.embedded.naming import unit_of, words_of
from generators.embedded.phrasing import check_phrasings
from generators.embedded.tasks import task_of, thing_of
from generators.plan import Plan
from generators.plan_config import PlanConfig
from generators.types import DraftPlan, Request
from verifiers.format_check import FormatVerifier
from verifiers.parsing import parse
from verifiers.semantic.verifier import SemanticVerifier

STRANGERS = Path(__file__).parents[1] / "api_registry" / "strangers"
SPECS = [
    *(str(file) for file in sorted(STRANGERS.glob("*_style.py"))),
    *(str(file) for file in sorted((STRANGERS / "agents").glob("*.py"))),
    *"statistics math textwrap html urllib.parse humanize idna difflib calendar".split(),
]
IDS = [Path(spec).stem for spec in SPECS]
DRAFTS = 250
QUOTED = re.compile(r'"[^"]*"|(?<!\w)\'[^\']*\'')


@lru_cache
def drafts(spec: str) -> list[tuple[DraftPlan, Written]]:
    plan = Plan(load_apis([spec]).apis, PlanConfig(), seed=5, shard_size=1000)
    plans = [plan(index) for index in range(DRAFTS)]
    return [(plan, write(plan)) for plan in plans if plan.contrast_of is None]


def bare(query: str) -> str:
    """The query less what stands in quotation marks."""
    return QUOTED.sub('"…"', query)


@pytest.mark.parametrize("spec", SPECS, ids=IDS)
def test_queries_are_well_formed(spec: str) -> None:
    for plan, written in drafts(spec):
        query = bare(written.query)
        assert not re.search(r"[\ue000-\ue00f\x00~]", query), query
        assert not re.search(r"  |\s[,;?]|[.?!,;]{2}|\?\.|: ?[.?;,]|\( | \)", query), query
        # `Look up where a parcel is.` ends so by itself.
        verb = any(api.description.rstrip(".").endswith(" is") for api in plan.targets)
        ends = "with|and|the|of|are" if verb else "with|and|the|of|is|are"
        assert not re.search(rf"\b({ends})[.?!,;]", query), query
        assert not re.search(r"\b(the the|a the|an the|with with|and and|to to)\b", query), query
        if plan.register_name in ("plain", "polite", "formal"):
            assert query[:1] == query[:1].upper(), query
            assert query.rstrip().endswith((".", "?", "!")), query


@pytest.mark.parametrize("spec", SPECS, ids=IDS)
def test_no_query_speaks_in_identifiers_or_in_the_voice_of_a_docstring(spec: str) -> None:
    for plan, written in drafts(spec):
        query = bare(written.query)
        for api in plan.targets:
            for name in api.parameters["properties"]:
                assert "_" not in name.strip("_") or name not in query, query
        assert not re.search(r"\b(can|could) you (returns|calculates|this|the|a|an)\b", query), (
            query
        )
        assert not re.search(
            r"\b(please|kindly|i need to) (returns|this function|the|an?) ", query
        ), query


@pytest.mark.parametrize("spec", SPECS, ids=IDS)
def test_articles_fit_the_figure_or_letter_that_follows(spec: str) -> None:
    for _, written in drafts(spec):
        for found, following in re.findall(
            r"\b([Aa]n?) (\d[\d,.]*|(?!and\b|are\b|should)[a-z]{3,})", bare(written.query)
        ):
            assert found.lower() == article(following), written.query


@pytest.mark.parametrize("spec", SPECS, ids=IDS)
def test_composed_phrasings_are_valid_templates(spec: str) -> None:
    for api in load_apis([spec]).apis:
        phrasings = compose_phrasings(api)
        assert len(phrasings) >= 4
        checked = api.model_copy(update={"phrasings": phrasings})
        assert [problem for problem in check_phrasings(checked) if "outside" in problem] == []
        assert not any("which is no parameter" in problem for problem in check_phrasings(checked))


def test_99_percent_of_the_drafts_pass_the_format_and_semantic_checks() -> None:
    async def checked(plan: DraftPlan) -> Sample:
        request = Request(index=plan.index, plans=(plan,))
        parsed = parse(await EmbeddedGenerator().draft(request), request, generator="embedded")
        sample = parsed.samples[0]
        for verifier in (FormatVerifier(), SemanticVerifier()):
            sample = await verifier.check(sample)
            if not sample.verdicts[-1].passed:
                break
        return sample

    async def run() -> list[Sample]:
        return [await checked(plan) for spec in SPECS for plan, _ in drafts(spec)]

    samples = asyncio.run(run())
    failed = [sample for sample in samples if not all(item.passed for item in sample.verdicts)]
    reasons = [(item.verdicts[-1].reason, item.verdicts[-1].detail) for item in failed]
    assert len(samples) > 3000
    assert len(failed) <= len(samples) * 0.01, reasons[:20]


@pytest.mark.parametrize(
    ("description", "task"),
    [
        ("Returns the area.", "get the area"),
        ("Calculate a rent", "calculate a rent"),
        ("Searches the shop and returns items.", "search the shop and give me items"),
        ("Extension of a file name.", "get the extension of a file name"),
        ("CRC-32 checksum of some data.", "get the CRC-32 checksum of some data"),
        ("Pearson's correlation coefficient", "get Pearson's correlation coefficient"),
        ("How many stops a trip has.", "find out how many stops a trip has"),
        ("Returns True if x is prime, False otherwise.", "check whether x is prime"),
        ("Whether a year is a leap year.", "check whether a year is a leap year"),
        ("This function joins words, e.g. a and b. It is fast.", "join words, e.g. a and b"),
        ("A tool to convert units.", "convert units"),
        ("Given a list, this adds a word to it.", "add a word to it"),
        ("Serialize ``obj`` to :class:`str`.", "serialize obj to str"),
        ("Weekday (0-6 ~ Mon-Sun) for a date.", "get the weekday for a date"),
        ("Converting miles to kilometres.", "convert miles to kilometres"),
        ("Total of an order; rounded.", "get the total of an order"),
        ("List of users.", "get the list of users"),
        ("True if the year is a leap year.", "check whether the year is a leap year"),
        ("Edit distance between two strings.", "get the edit distance between two strings"),
        ("Bin data into a histogram.", "bin data into a histogram"),
        ("Slugify text", "slugify text"),
        ("Berechnet die Fläche eines Rechtecks.", 'help with "Berechnet die Fläche eines Rechtecks"'),  # noqa: E501
        ("", "do this"),
    ],
)  # fmt: skip
def test_a_description_becomes_what_a_person_asks_for(description: str, task: str) -> None:
    assert task_of(description) == task


def test_what_can_be_asked_for_as_a_thing_is_one_thing() -> None:
    assert thing_of("Body mass index of a person.") == "the body mass index of a person"
    assert thing_of("Calculate the monthly rent of a flat.") == "the monthly rent of a flat"
    assert thing_of("Returns the names of all users.") is None
    assert thing_of("Sort the words.") is None


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("max_results", "maximum results"),
        ("n_items", "number of items"),
        ("fromUnit", "from unit"),
        ("user_id", "user ID"),
        ("_private", "private"),
        ("destAddr", "destination address"),
    ],
)
def test_names_are_spelled_out(name: str, words: str) -> None:
    assert words_of(name) == words


@pytest.mark.parametrize(
    "words",
    "an apple|an hour|a user|a university|an 8|an 800|an 80,000|an 11|an 18|a 1,100|a 118|a one"
    "|an 11,000|an FBI|a URL|an ISBN|a euro|an umbrella|a house|a 7|an $8|a unit".split("|"),
)
def test_articles_go_by_sound(words: str) -> None:
    expected, following = words.split(" ", 1)
    assert article(following) == expected


def compose_one(api: Api, count: int = 60) -> list[str]:
    plan = Plan([api], PlanConfig(), seed=3, shard_size=100)
    return [written.query for index in range(count) if (written := write(plan(index))).answers]


def test_a_value_stands_where_the_description_speaks_of_it() -> None:
    api = Api(
        name="get_weather",
        description="Get the current weather in a given city.",
        parameters={
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
            "additionalProperties": False,
        },
        ref="tests:get_weather",
    )
    queries = compose_one(api)
    natural = [query for query in queries if re.search(r"weather in [A-Z]", query)]
    assert len(natural) > len(queries) / 3


def test_switches_never_lead_and_are_said_in_words() -> None:
    api = Api(
        name="sort_lines",
        description="Sort lines.",
        parameters={
            "type": "object",
            "properties": {
                "reverse": {"type": "boolean", "description": "Whether to sort in reverse."},
                "include_empty": {"type": "boolean"},
                "lines": {"type": "array", "items": {"type": "string"}},
            },
            "required": ["reverse", "include_empty", "lines"],
            "additionalProperties": False,
        },
        ref="tests:sort_lines",
    )
    for query in compose_one(api):
        assert not re.search(r"(:|with|are) and\b|reverse true|\btrue\b|\bfalse\b", query), query
    joined = " ".join(compose_one(api))
    assert "do not sort in reverse" in joined
    assert "do not include empty" in joined


def api_of(description: str, **properties: dict[str, object]) -> Api:
    """An API whose parameters are all required."""
    parameters = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
    return Api(name="it", description=description, parameters=parameters, ref="tests:it")


TEXT: dict[str, object] = {"type": "string"}
DAY: dict[str, object] = {"type": "string", "format": "date"}
WHOLE: dict[str, object] = {"type": "integer"}


@pytest.mark.parametrize(
    ("api", "inlined"),
    [
        (
            api_of("Days between two dates.", start=DAY, end=DAY),
            "get the days between {start} and {end}",
        ),
        (
            api_of("Convert a time from one zone to another.", at=TEXT, source=TEXT, target=TEXT),
            "convert a time from one zone to another",  # which two is a guess
        ),
        (api_of("Plan a trip from one city to another.", a=TEXT, b=TEXT), "< from {a}>< to {b}>"),
        (
            api_of("Add a number of business days to a date.", start=DAY, days=WHOLE),
            "add {days} business days to {start}",
        ),
        (api_of("Fetch a user by ID.", user_id=WHOLE), "fetch user {user_id"),
        (api_of("Find the n-th prime.", n=WHOLE), "find the {n:ordinal} prime"),
        (api_of("Weather for a city.", city=TEXT), "get the weather for {city}"),
    ],
)
def test_values_stand_where_the_task_speaks_of_them(api: Api, inlined: str) -> None:
    assert any(inlined in text for text in compose_phrasings(api))


def test_what_a_task_has_already_is_said_another_way() -> None:
    growth = api_of("Compute growth with compound interest.", principal=WHOLE)
    assert all("interest with" not in query for query in compose_one(growth))
    orders = api_of("List orders, newest first.", customer_id=TEXT)
    assert any("first, with" in query for query in compose_one(orders))


def test_names_that_are_verbs_are_said_as_verbs() -> None:
    modes: dict[str, object] = {"type": "array", "items": {"enum": ["tolls", "ferries"]}}
    for query in compose_one(api_of("Plan a trip.", avoid=modes)):
        assert not re.search(r"(the|an?) avoid", query), query


def test_objects_in_a_list_are_told_apart() -> None:
    row: dict[str, object] = {"type": "object", "additionalProperties": {"type": "integer"}}
    rows: dict[str, object] = {"type": "array", "items": row, "minItems": 2}
    for query in compose_one(api_of("Sum the rows.", table=rows)):
        assert query.count("(") >= 2 or query.count(":") <= 1, query


NUMBERS: dict[str, object] = {"type": "array", "items": {"type": "number"}}


@pytest.mark.parametrize(
    ("api", "said", "unsaid"),
    [
        (api_of("Return the median of numeric data.", data=NUMBERS), "of {data}", "numeric"),
        (api_of("Test whether a path exists.", path=TEXT), "whether {path} exists", " a path"),
        (api_of("Remove any fragment from url.", url=TEXT), "fragment from {url}", " from url"),
        (api_of("Return days for year, month (1-12).", year=WHOLE, month=WHOLE), "days", "r, m"),
        (api_of("Print a calendar.", theyear=WHOLE), "calendar", "theyear"),
        (api_of("Unrelated but handy function to sum rows.", n=WHOLE), "sum rows", "handy"),
        (api_of("Like quote, but also replace blanks.", s=TEXT), "replace blanks", "like quote"),
        (api_of("Wrap text, returning a list of lines.", text=TEXT), "wrap {text}", "returning"),
        (api_of("Sort a heap, in-place, in O(n) time.", n=WHOLE), "sort a heap", "in-place"),
        (api_of("Find x in a list, assuming it is sorted.", x=WHOLE), "find {x}", "assuming"),
    ],
    ids=lambda value: value.name if isinstance(value, Api) else str(value).strip(),
)
def test_what_a_docstring_says_to_programmers_is_not_said_to_an_assistant(
    api: Api, said: str, unsaid: str
) -> None:
    assert any(said in text for text in compose_phrasings(api)), compose_phrasings(api)
    assert not any(unsaid in query for query in compose_one(api)), compose_one(api)


def test_one_of_several_choices_is_said_as_what_it_is_chosen_for() -> None:
    period: dict[str, object] = {"enum": ["days", "weeks"], "type": "string"}
    queries = " ".join(compose_one(api_of("Forecast sales.", period=period)))
    assert re.search(r"with (days|weeks) as the period", queries), queries
    assert not re.search(r"the period (is|should be|days|weeks)", queries)


def test_a_query_about_options_alone_mentions_one_more_often_than_not() -> None:
    api = api_of("Show the calendar.", width=WHOLE, height=WHOLE)
    api = api.model_copy(update={"parameters": {**api.parameters, "required": []}})
    plan = Plan([api], PlanConfig(shares={"simple": 1.0}), seed=2, shard_size=1000)
    written = [write(plan(index)) for index in range(200)]
    empty = sum(not draft.answers[0]["arguments"] for draft in written)
    assert 0 < empty < 50


@pytest.mark.parametrize(
    ("words", "thing", "unit"),
    [
        ("size square metres", "size", "square metres"),
        ("square metres", "square metres", ""),
        ("price per square metre", "price per square metre", ""),
        ("price of one square metre", "price of one square metre", ""),
        ("price of a kilogram", "price of a kilogram", ""),
        ("distance nautical miles", "distance", "nautical miles"),
        ("cost per kilometre", "cost per kilometre", ""),
    ],
)
def test_what_a_price_is_for_is_no_unit_of_it(words: str, thing: str, unit: str) -> None:
    assert unit_of(words) == (thing, unit)
