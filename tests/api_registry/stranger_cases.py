"""What is expected, by hand, of each function in `strangers/` and of some that are installed."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Case:
    """A function that should become a tool."""

    spec: str
    facts: dict[str, Any]
    """Dotted path within the parameters' schema (references followed) → what stands there."""
    right: dict[str, Any]
    value: Any
    """What the right call gives."""
    wrong: tuple[tuple[dict[str, Any], str], ...] = ()
    """Arguments that the schema refuses, with the reason."""
    raising: tuple[tuple[dict[str, Any], str], ...] = ()
    """Arguments that fit the schema and raise, with the error's class."""


NUMBER, INTEGER, STRING, BOOLEAN = "number", "integer", "string", "boolean"
_EVENT = {
    "title": "Lunch",
    "date": "2027-05-01",
    "attendees": [{"name": "Ann Lee", "email": "ann@example.com"}],
}
_ORDER = {"from": "Oslo", "lines": {"A1": 2}, "total": {"amount": "9.50", "currency": "EUR"}}
_ZERO_UUID = "00000000-0000-0000-0000-000000000001"

CASES: tuple[Case, ...] = (
    Case(
        "toolkit_style:get_weather",
        {
            "required": ["location"],
            "p.unit.enum": ["celsius", "fahrenheit"],
            "p.location.description": "The city and state, e.g. San Francisco, CA",
        },
        {"location": "Oslo"},
        {"location": "Oslo", "temperature": 21, "unit": "celsius"},
        (({}, "missing_argument"), ({"location": "x", "unit": "kelvin"}, "not_in_enum")),
    ),
    Case(
        "toolkit_style:multiply",
        {"p.a.description": "first int", "p.b.type": INTEGER},
        {"a": 6, "b": 7},
        42,
        (({"a": "6", "b": 7}, "wrong_type"), ({"a": True, "b": 7}, "wrong_type")),
    ),
    Case(
        "toolkit_style:create_event",
        {
            "required": ["title", "date", "attendees"],
            "p.duration_minutes.maximum": 480,
            "p.attendees.items.properties.email.description": "Email address",
            "p.title.description": "What the event is called.",
        },
        _EVENT,
        "Lunch on 2027-05-01 for 30 min with Ann Lee",
        (
            (_EVENT | {"date": "May 1"}, "bad_pattern"),
            (_EVENT | {"duration_minutes": 3}, "out_of_range"),
            (_EVENT | {"attendees": [{"name": "Ann"}]}, "missing_argument"),
        ),
    ),
    Case(
        "toolkit_style:search_products",
        {"required": ["query"], "p.sort_by.default": "rating", "p.limit.exclusiveMinimum": 0},
        {"query": "jazz", "category": "music", "limit": 1},
        [{"query": "jazz", "category": "music", "sort": "rating"}],
        (
            ({"query": "jazz", "limit": 0}, "out_of_range"),
            ({"query": "jazz", "colour": "red"}, "unknown_argument"),
        ),
    ),
    Case(
        "toolkit_style:send_email",
        {"p.to.items.type": STRING, "p.subject.description": "the subject line"},
        {"to": ["a@example.com"], "subject": "Hi", "body": "Hello"},
        True,
        (({"to": "a@example.com", "subject": "Hi", "body": "x"}, "wrong_type"),),
    ),
    Case(
        "web_style:list_tickets",
        {
            "p.page.minimum": 1,
            "p.page.default": 1,
            "p.per_page.maximum": 100,
            "p.page.description": "Page number, starting at one",
        },
        {"status": "in-progress"},
        ["in-progress:1:20:None"],
        (({"page": 0}, "out_of_range"), ({"status": "lost"}, "no_alternative")),
    ),
    Case(
        "web_style:read_ticket",
        {"required": ["ticket_id"], "p.ticket_id.format": "uuid"},
        {"ticket_id": _ZERO_UUID},
        _ZERO_UUID,
        (({}, "missing_argument"), ({"ticket_id": "7"}, "bad_format")),
    ),
    Case(
        "web_style:place_order",
        {"p.order.required": ["from", "lines", "total"], "p.priority.enum": [1, 2, 3]},
        {"order": _ORDER, "priority": 3},
        {"from": "Oslo", "total": "9.50", "priority": "urgent"},
        (
            ({"order": _ORDER, "priority": 9}, "not_in_enum"),
            ({"order": {**_ORDER, "lines": {"A1": "two"}}}, "wrong_type"),
        ),
    ),
    Case(
        "web_style:bookings_between",
        {"p.since.format": "date"},
        {"since": "2027-05-01", "until": "2027-05-02T07:00:00Z"},
        2034,
        (({"since": "tomorrow"}, "bad_format"),),
    ),
    Case(
        "science_style:moving_average",
        {
            "p.values.items.type": NUMBER,
            "p.mode.enum": ["valid", "same", "full"],
            "p.window.default": 3,
        },
        {"values": [1, 2, 3, 4, 5]},
        [2.0, 3.0, 4.0],
        (({"values": [1], "mode": "odd"}, "not_in_enum"),),
        (({"values": [1, 2], "window": 0}, "ValueError"),),
    ),
    Case(
        "science_style:body_mass_index",
        {"required": ["weight", "height"], "p.height.type": NUMBER},
        {"weight": 80, "height": 2},
        20.0,
        (({"weight": 80}, "missing_argument"),),
        (({"weight": 80, "height": 0}, "ZeroDivisionError"),),
    ),
    Case(
        "science_style:zscore",
        {"p.sample.items.type": NUMBER, "p.nan_policy.enum": ["propagate", "raise", "omit"]},
        {"sample": [1, 2, 3]},
        [-1.2247, 0.0, 1.2247],
        (({"sample": [1, "x"]}, "wrong_type"),),
    ),
    Case(
        "science_style:solve_quadratic",
        {"required": ["a", "b", "c"]},
        {"a": 1, "b": -3, "c": 2},
        [1.0, 2.0],
        (({"a": 1, "b": 2}, "missing_argument"),),
        (({"a": 1, "b": 0, "c": 1}, "ValueError"),),
    ),
    Case(
        "sphinx_style:compound",
        {"p.years.type": INTEGER, "p.monthly.type": BOOLEAN, "required": ["principal", "rate"]},
        {"principal": 100, "rate": 10, "years": 2},
        121.0,
        (({"principal": 100, "rate": 10, "years": 1.5}, "wrong_type"),),
    ),
    Case(
        "sphinx_style:join_words",
        {"p.words.items.type": STRING, "p.sep.type": STRING, "p.upper.type": BOOLEAN},
        {"words": ["a", "b"], "sep": "-", "upper": True},
        "A-B",
        (({"words": [1]}, "wrong_type"),),
    ),
    Case(
        "sphinx_style:lookup",
        {"required": ["table", "key"], "p": {"table", "key"}},
        {"table": {"a": 1}, "key": "a"},
        1,
        (({"table": [], "key": "a"}, "wrong_type"),),
    ),
    Case(
        "google_style:slice_text",
        {"p.start.type": INTEGER, "required": ["text"]},
        {"text": "callforge", "start": 4, "end": None},
        "forge",
        (({"text": "a", "end": "b"}, "no_alternative"),),
        (({"text": "a", "step": 0}, "ValueError"),),
    ),
    Case(
        "google_style:weekend_days",
        {"p.days.items.format": "date"},
        {"days": ["2027-05-01", "2027-05-03"]},
        1,
        (({"days": ["May"]}, "bad_format"),),
    ),
    Case("google_style:maybe_thing", {"p": {"label"}}, {"label": "a"}, "a"),
    Case("google_style:count_lies", {"p.text.type": STRING}, {"text": "abc"}, {"letters": 3}),
    Case(
        "google_style:parse_amount",
        {"p.text.type": STRING},
        {"text": "12.50 EUR"},
        "12.50",
        raising=(({"text": ""}, "IndexError"),),
    ),
    Case("google_style:takes_lies", {"required": None}, {"count": "2"}, "xx"),
    Case(
        "google_style:wrong_name",
        {"p": {"value", "colour"}, "p.value": {"type": INTEGER}},
        {"value": 3},
        "red 3",
        (({"val": 3}, "unknown_argument"),),
    ),
    Case(
        "data_style:invoice_total",
        {
            "p.invoice.required": ["number", "items"],
            "p.invoice.properties.items.items.properties.quantity.default": 1,
        },
        {
            "invoice": {
                "number": "7",
                "items": [{"description": "a", "quantity": 2, "unit_price": "1.50"}],
            }
        },
        "3.00",
        (({"invoice": {"number": "7"}}, "missing_argument"),),
    ),
    Case(
        "data_style:best_movie",
        {"p.movies.items.required": ["title"]},
        {"movies": [{"title": "A"}, {"title": "B", "rating": 4.5}]},
        "B",
        (({"movies": [{"year": 1999}]}, "missing_argument"),),
        (({"movies": []}, "ValueError"),),
    ),
    Case(
        "data_style:trip_length",
        {"p.trip.required": ["start", "stops"], "p.trip.properties.start.format": "date"},
        {"trip": {"start": "2027-05-01", "stops": ["Oslo", "Bergen"], "notes": None}},
        2,
        (({"trip": {"start": "soon", "stops": []}}, "bad_format"),),
    ),
    Case(
        "data_style:distance",
        {"required": ["a"], "p.a.maxItems": 2},
        {"a": [3, 4]},
        5.0,
        (({"a": ["x", 4]}, "wrong_type"),),
    ),
    Case(
        "data_style:shipping_label",
        {
            "p.customer.required": ["name"],
            "p.customer.properties.name.minLength": 2,
            "p.customer.properties.addresses.items.required": ["street", "city"],
            "p.customer.properties.tier.default": "basic",
        },
        {
            "customer": {
                "name": "Ann",
                "addresses": [{"street": "1 High St", "city": "Oslo"}],
                "tier": "gold",
            },
            "express": True,
        },
        "Ann (gold), Oslo EXPRESS",
        (
            ({"customer": {"addresses": []}}, "missing_argument"),
            ({"customer": {"name": "A"}}, "bad_length"),
        ),
    ),
    Case(
        "data_style:card_name",
        {"p.suit.enum": ["hearts", "spades"], "p.level.enum": [1, 5]},
        {"suit": "spades", "level": 5},
        "spades-HIGH-READ",
        (({"suit": "clubs"}, "not_in_enum"), ({"suit": "hearts", "level": 2}, "not_in_enum")),
    ),
    Case(
        "data_style:surface_gravity",
        {"p.planet.enum": ["EARTH", "MARS"], "p.planet.default": "EARTH"},
        {"planet": "MARS"},
        3.7,
        (({"planet": "VENUS"}, "not_in_enum"),),
    ),
    Case(
        "data_style:meeting_end",
        {"p.start.format": "date-time", "p.length.format": "duration"},
        {"start": "2027-05-01T09:00:00", "length": "PT90M", "not_after": "10:00:00"},
        "too late",
        (({"start": "nine", "length": "PT1H"}, "bad_format"),),
    ),
    Case(
        "data_style:mix",
        {"p.c.enum": [1, "one", True, None], "p.b.type": STRING},
        {"a": "1/3", "b": "2+3j", "c": "one"},
        "1/3 (2+3j) one",
        (({"a": "1/3", "c": 2}, "not_in_enum"),),
        (({"a": "a third"}, "ValidationError"),),
    ),
    Case(
        "data_style:count_by",
        {"p.rows.items.type": "object"},
        {"rows": [{"k": "a"}, {"k": "a"}, {"k": "b"}], "key": "k"},
        {"a": 2, "b": 1},
        (({"rows": ["a"], "key": "k"}, "wrong_type"),),
        (({"rows": [{"k": 1}], "key": "z"}, "KeyError"),),
    ),
    Case(
        "data_style:unique_tags",
        {"p.tags.uniqueItems": True},
        {"tags": ["b", "a"], "extra": [2, 1]},
        ["a", "b", "1", "2"],
        (({"tags": ["a", "a"]}, "duplicate_items"),),
    ),
    Case(
        "data_style:nested",
        {"p.config.additionalProperties.items.maxItems": 2},
        {"config": {"a": [[1, "x"], [2, "y"]], "b": []}},
        2,
        (({"config": {"a": [["x", 1]]}}, "wrong_type"),),
    ),
    Case(
        "systems_style:in_network",
        {"p.address.format": "ipv4", "p.network.format": "ipv4network"},
        {"address": "10.0.0.7", "network": "10.0.0.0/24"},
        True,
        (({"address": "10.0.0.700", "network": "10.0.0.0/24"}, "bad_format"),),
        (({"address": "10.0.0.7", "network": "10.0.0.1/24"}, "ValidationError"),),
    ),
    Case(
        "systems_style:fibonacci",
        {"p.n.type": INTEGER},
        {"n": 10},
        55,
        (({"n": 1.5}, "wrong_type"),),
        (({"n": 100_000}, "RecursionError"),),
    ),
    Case(
        "systems_style:double",
        {"required": ["value"], "p.factor.default": 2.0},
        {"value": 4},
        8.0,
        (({"value": "4"}, "wrong_type"),),
    ),
    Case("systems_style:scale_by", {"p.factor.type": NUMBER}, {"value": 2, "factor": 1.5}, 3.0),
    Case("systems_style:shorten", {"p.width.default": 5}, {"value": "callforge"}, "callf"),
    Case(
        "systems_style:find",
        {"required": ["text", "what"]},
        {"text": "callforge", "what": "forge"},
        4,
        (({"text": "callforge"}, "missing_argument"),),
        (({"text": "callforge", "what": "x"}, "LookupError"),),
    ),
    Case(
        "systems_style:grep",
        {"p.pattern.format": "regex", "p.flags.type": INTEGER},
        {"pattern": "^a", "lines": ["ab", "ba"]},
        ["ab"],
        (({"pattern": "^a", "lines": "ab"}, "wrong_type"),),
    ),
    Case(
        "systems_style:suffix",
        {"p.path.format": "path"},
        {"path": "a/Report.PDF", "lower": False},
        ".PDF",
        (({"path": 3}, "wrong_type"),),
    ),
    Case(
        "systems_style:checksum",
        {"required": ["data"]},
        {"data": "callforge"},
        2577420651,
        (({"data": 3}, "wrong_type"),),
    ),
    Case("systems_style:first", {"required": ["items"]}, {"items": [3, 4]}, 3),
    Case("systems_style:upper", {"p.text.type": STRING}, {"text": "abc"}, "ABC"),
    Case(
        "systems_style:profile",
        {"p.user.type": INTEGER, "p.zone.default": "UTC"},
        {"user": 3, "zone": "Asia/Tokyo"},
        "3 None Asia/Tokyo",
        (({"user": "3"}, "wrong_type"),),
    ),
    Case("systems_style:sort_words", {"p": {"words"}}, {"words": ["b", "a"]}, ["a", "b"]),
    Case(
        "systems_style:read_config",
        {"p.source.type": STRING},
        {"source": '{"a": 1}'},
        {"a": 1},
        raising=(({"source": "{"}, "JSONDecodeError"),),
    ),
    Case(
        "systems_style:options",
        {"p": {"from_", "type", "format", "properties"}, "required": ["from_", "type"]},
        {"from_": "a", "type": "b", "format": {"x": 1}, "properties": 2},
        ["a", "b", {"x": 1}, 2],
        (({"from_": "a", "type": "b", "format": "x"}, "wrong_type"),),
    ),
    Case(
        "systems_style:tag",
        {"additionalProperties": {"type": STRING}},
        {"stage": "beta"},
        {"stage": "beta"},
        (({"stage": 1}, "wrong_type"),),
    ),
    Case(
        "systems_style:add_all",
        {"p.rest.items.type": INTEGER},
        {"first": 1, "rest": [2, 3], "negative": True},
        -6,
        (({"first": 1, "rest": ["2"]}, "wrong_type"),),
    ),
    Case("systems_style:countdown", {"p.start.type": INTEGER}, {"start": 3}, [3, 2, 1]),
    Case("systems_style:stream", {"p.words.type": "array"}, {"words": ["a", "b"]}, ["a", "b"]),
    Case(
        "systems_style:flaeche",
        {"p.länge.description": "Länge in Metern."},
        {"länge": 2, "breite": 3},
        6.0,
        (({"laenge": 2}, "unknown_argument"),),
    ),
    Case("systems_style:greet", {"p": {"name", "loud"}}, {"name": "Ann"}, "Hi Ann"),
    Case("systems_style:greeter", {"p": {"times"}}, {"times": 2}, "HiHi"),
    Case("big_style:submit_form", {"required": None}, {"field_1": 0, "field_30": 0}, 406),
    Case("big_style:old_rate", {"p.amount.type": NUMBER}, {"amount": 2}, 4.0),
    Case("big_style:anything", {"p.value": {}}, {"value": [1]}, "list"),
    # Installed: the standard library, which has no hints, and packages that people have.
    Case("statistics:mean", {"p.data.items.type": NUMBER}, {"data": [1, 2, 6]}, 3.0),
    Case(
        "statistics:quantiles",
        {"p.method.enum": ["inclusive", "exclusive"], "p.n.default": 4},
        {"data": [1, 2, 3], "n": 2},
        [2.0],
        (({"data": [1], "method": "x"}, "not_in_enum"),),
        (({"data": []}, "StatisticsError"),),
    ),
    Case(
        "math:sqrt",
        {"p.x.type": NUMBER},
        {"x": 9},
        3.0,
        (({"x": "9"}, "wrong_type"),),
        (({"x": -1}, "ValueError"),),
    ),
    Case("math:gcd", {"p.integers.items.type": INTEGER}, {"integers": [12, 18]}, 6),
    Case("math:log", {"required": ["x"]}, {"x": 8, "base": 2}, 3.0),
    Case("textwrap:shorten", {"p.width.type": INTEGER}, {"text": "a b c", "width": 5}, "a b c"),
    Case("textwrap:wrap", {"p.text.type": STRING}, {"text": "aa bb", "width": 2}, ["aa", "bb"]),
    Case("json:loads", {"p.s.type": STRING}, {"s": "[1]"}, [1]),
    Case("calendar:isleap", {"p.year.type": INTEGER}, {"year": 2028}, True),
    Case("calendar:monthrange", {"p.month.type": INTEGER}, {"year": 2027, "month": 2}, [0, 28]),
    Case(
        "difflib:get_close_matches",
        {"p.possibilities.items.type": STRING, "p.cutoff.type": NUMBER},
        {"word": "aple", "possibilities": ["apple", "pear"]},
        ["apple"],
    ),
    Case("html:escape", {"p.quote.type": BOOLEAN}, {"s": "<a>"}, "&lt;a&gt;"),
    Case(
        "urllib.parse:urljoin",
        {"p.base.type": STRING},
        {"base": "https://example.com/a/", "url": "b"},
        "https://example.com/a/b",
    ),
    Case("zlib:crc32", {"p.data.type": STRING}, {"data": "callforge"}, 2577420651),
    Case(
        "unicodedata:name", {"p.chr.type": STRING}, {"chr": "é"}, "LATIN SMALL LETTER E WITH ACUTE"
    ),
    Case("humanize:naturalsize", {"p.binary.type": BOOLEAN}, {"value": 3000}, "3.0 kB"),
    Case("humanize:naturaldelta", {"p.months.type": BOOLEAN}, {"value": 3600}, "an hour"),
    Case("packaging.utils:canonicalize_name", {"p.name.type": STRING}, {"name": "A_b"}, "a-b"),
    Case("idna:encode", {"p.s.type": STRING}, {"s": "bücher.example"}, "xn--bcher-kva.example"),
)

SKIPPED: dict[str, str] = {
    "web_style:needs_session": "the default of `session` is filled in by a framework",
    "science_style:rescale": "parameter `image` has no type hint, and `ndarray of shape",
    "science_style:column_means": "the type hint of `frame` cannot be resolved: name 'pd'",
    "science_style:summarise": "parameter `x`: its type cannot be offered",
    "sphinx_style:greet": "parameter `name` has no type, in a hint or the docstring",
    "sphinx_style:log": "parameter `*args` has no type, in a hint or the docstring",
    "google_style:describe_thing": "the type hint of `thing` cannot be resolved: name 'Thing'",
    "systems_style:opened": "it is a context manager, which gives back no value",
    "systems_style:close_all": "parameter `things`: its type cannot be offered",
    "systems_style:apply": "parameter `function`: its type has no JSON form",
    "systems_style:größe": "its name is not made of up to 64 ASCII letters",
    "systems_style:undocumented": "it has no docstring that says what it does",
    "systems_style:traced": "it returns a function, which JSON cannot hold",
    "web_style:get_session": "it has no docstring that says what it does",
}
"""Functions of the modules in `strangers/` that cannot be tools, and how the reason begins."""

INSTALLED = (
    "statistics textwrap math html urllib.parse ipaddress difflib zlib unicodedata base64 fnmatch "
    "humanize idna packaging.version packaging.utils slugify.special"
).split()
"""Modules of other people, loaded whole."""
