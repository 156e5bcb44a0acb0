"""What is said of an argument by a preposition: `on {date}`, `for {guests} guests`, `in {unit}`."""

import re
from collections.abc import Mapping

from api_registry.types import JsonSchema
from generators.embedded.naming import unit_of, words_of
from generators.embedded.verbs import VERBS

_PEOPLE = "people persons guests passengers adults children travelers travellers diners players"
_PEOPLE += " participants attendees nights servings seats rooms bedrooms copies tickets"
_CREATES = re.compile(
    r"(?:create|add|make|register|start|open|new|set|launch|build|define|schedule|save|draft|log)\b"
)
_SENDS = re.compile(r"(?:send|post|write|reply|text|message|email|publish|leave)\b(?!.*saying)")
_SEARCHES = re.compile(r"(?:search|find|look|query|browse)\b")
_TRAVELS = re.compile(r"\b(?:deliver|ship|order|send|post|route|directions|travel|drive)")

Rule = tuple[str, str]
_DAYS: tuple[Rule, ...] = (
    (r"(departure|depart|leave|leaving)( date| day)?", "leaving on {}"),
    (r"(return|returning)( date| day)?", ", returning on {}"),
    (r"(date of birth|birth ?date|birthday|dob)", ", born on {}"),
    (r"(due|due date|deadline|due on|due by|due at)", "due on {}"),
    (r"check ?in( date)?", "checking in on {}"),
    (r"check ?out( date)?", ", checking out on {}"),
    (r"(end|until|to|end date|to date|last|until date)( time)?", "until {}"),
    (r"(start|begin|from|since|start date|from date|begin date)( time)?", "from {}"),
    (r"as of( date)?", "as of {}"),
    (r"(before|after)( date)?", "\\1 {}"),
    (r"today|now|(?:current|reference) (?:date|day)", "counting from {}"),
    (r"earliest( date| day)?", ", {} at the earliest"),
    (r"latest( date| day)?", ", {} at the latest"),
    (r"(\w+ed|sold|bought|paid|sent|built|made)(?: on| at)?( date)?", ", \\1 on {}"),
    (r"(delivery|shipping|pickup|arrival|appointment|booking|event|meeting)?( ?date| day| on| at)"
     r"|on|at|when|day|scheduled (?:at|for)|date time|datetime|timestamp|(?:send|sent|run|post) at",
     "on {}"),
)  # fmt: skip
_TIMES: tuple[Rule, ...] = (
    (r"(start|from|begin|opening|open)( time)?", "from {}"),
    (r"(end|until|to|closing|close)( time)?", "until {}"),
    (r".*(time|at|when|clock|hour)", "at {}"),
)
_TEXTS: tuple[Rule, ...] = (
    (r"(origin|source|departure|from|start|pickup|starting)( city| airport| location| point"
     r"| station| address| place| country)?|from (city|airport|station)", "from {}"),
    (r"(destination|to|end|dropoff|drop off|arrival|ending)( city| airport| location| point"
     r"| station| address| place| country)?|to (city|airport|station)|recipients?|recipient email",
     "to {}"),
    (r"(from|source|base|input|original|src) (currency|unit|units|language|lang|base|scale"
     r"|time zone|zone)( code)?|from", "from {}"),
    (r"(to|target|quote|output|destination|dest|new) (currency|unit|units|language|lang|base|format"
     r"|scale|time zone|zone)( code)?|to", "to {}"),
    (r"(?:.+ )?(?:room|neighbou?rhood)", "in the {}"),
    (r"(?:.+ )?(folder|directory|department|project|channel|namespace)", "in the \\1 {}"),
    (r"(?:.+ )?(city|location|place|country|region|town|state|venue|area)(?: name)?", "in {}"),
    (r"(?:output |display )?(language|lang|currency|unit|units|unit system|temperature unit"
     r"|currency code|distance unit|weight unit)", "in {}"),
    (r"(?:user )?time zone", "in the time zone {}"),
    (r"(?:cabin|travel|service|seat) class", "in {} class"),
    (r"(?:travel |transport )?mode", "in {} mode"),
    (r"(?:output |file |export )?format", "in {} format"),
    (r"(?:sort|order|ordered|sorted|sort key)(?: by| order)", "sorted by {}"),
    (r"assignee|assigned to", "assigned to {}"),
    (r"(?:except|excluding|exclude)(?: \w+)?", ", except {}"),
    (r"(?:special )?requests?", ", asking for {}"),
    (r"repository", "in {}"),
    (r"group by", "grouped by {}"),
    (r"(?:.+ )?(?:category|genre)", "in the category {}"),
    (r"(?:.+ )?(?:author|artist|composer|director|singer)", "by {}"),
    (r"carrier|courier|shipping method|platform|channels?|payment method|provider", "via {}"),
    (r"(?:.+ )?(?:method|algorithm|strategy)", "using the {} method"),
    (r"tags?|labels", "tagged {}"),
    (r"attendees|participants|invitees|guests", "with {}"),
    (r"since", "since {}"),
    (r"(?:t-?shirt |shoe |pizza )?size", "in size {}"),
)  # fmt: skip
_COUNTS: tuple[Rule, ...] = (
    (r"(?:max|maximum|number of|top|limit)?(?: ?number of)? ?(results|items|rows|entries|matches"
     r"|suggestions|records|hits)(?: limit)?", ", at most {} \\1"),
    (r"limit|max|maximum|top k|top n|max count|page size|per page|maximum (?:count|items)",
     ", at most {} of them"),
    (r"(?:number of )?(decimals?|decimal places|digits|precision|places)",
     ", rounded to {} decimal places"),
    (r"(?:party size|people|group size|number of people|persons|head ?count)", "for {} people"),
    (r"split (?:between|by|among)", ", split between {} people"),
    (rf"(?:number of |num )?({'|'.join(_PEOPLE.split())})", "for {} \\1"),
    (r"(?:forecast )?days(?: ahead)?", "for {} days"),
    (r"nights|weeks|months|years|hours|minutes", "for {} \\g<0>"),
    (r"year", "in {:digits}"),
    (r"page(?: number)?", "on page {:digits}"),
    (r"(?:random )?seed", "with seed {:digits}"),
    (r"max(?:imum)? (?:price|cost|budget)", ", costing at most {}"),
    (r"min(?:imum)? (?:price|cost)", ", costing at least {}"),
    (r"(from|to) ([a-z]+s)", "\\1 {} \\2"),
    (r"in (minutes|hours|days|seconds|weeks)", "in {} \\1"),
    (r"expires? in (minutes|hours|days|seconds|weeks)", ", expiring in {} \\1"),
    (r"budget", "within a budget of {}"),
    (r"radius(?: \w+)?", "within a radius of {}"),
)  # fmt: skip


def adverbial(name: str, schema: JsonSchema, task: str) -> str | None:
    """Return the clause of a template that says an argument after the task; None if none does.

    Args:
        name: The parameter's name.
        schema: Its schema.
        task: The task, in the imperative: who creates a thing gives it a name.
    """
    words = words_of(name)
    kind, form = _kind(schema)
    said: str | None = None
    if _WEEK.search(str(schema)) and re.fullmatch(r"repeat|.*days?(?: of (?:the )?week)?", words):
        said = "every {}"
    elif form in ("date", "date-time"):
        said = _first(_DAYS, words, name)
    elif form == "time":
        said = ends_in_preposition(words) or _first(_TIMES, words, name)
        said = f", {said}" if said and said.startswith(("closing", "ending")) else said
    elif form == "duration":
        said = "for {}" if re.fullmatch(r"duration|length|timeout|delay", words) else None
    elif kind == "string" or (kind == "array" and re.fullmatch(_LISTED, words)):
        said = _texts(words, name, schema, task)
    elif kind in ("number", "integer") and "enum" not in schema:
        said = _numbers(words, kind, task)
    said = said or ends_in_preposition(words)
    if said is None or _says(task, said):
        return None
    slot = re.sub(r"\{(:\w+)?\}", lambda style: f"{{{name}{style[1] or ''}}}", said)
    return slot if slot.startswith(",") else f" {slot}"


def ends_in_preposition(words: str) -> str | None:
    """`ship to` → `shipping to {}`, `valid until` → `valid until {}`; None for other names."""
    head, _, last = words.rpartition(" ")
    if last not in _PREPOSITIONS or not head or " " in head:
        return None
    if head in VERBS:
        doubled = re.fullmatch(r"[^aeiou]*[aeiou][bdgmnprt]", head)
        stem = head.removesuffix("e") if not head.endswith("ee") else head
        head = f"{stem}{head[-1] if doubled else ''}ing"
    return f"{head} {last} {{}}"


_PREPOSITIONS = frozenset("to from at on by in for since until before after near with".split())
_WEEK = re.compile(r"'mon(?:day)?'", re.IGNORECASE)
_LISTED = (
    r"(?:except|excluding) \w+|tags?|labels|attendees|participants|invitees|guests|recipients?|to"
    r"|channels?"
)


def _texts(words: str, name: str, schema: JsonSchema, task: str) -> str | None:
    if re.fullmatch(r"(?:.+ )?address|ship to|deliver to", words) and "email" not in words:
        return "to {}" if _TRAVELS.search(task) or "to" in words.split() else None
    if re.fullmatch(r"title|name|label|subject|summary", words) and "enum" not in schema:
        if _CREATES.match(task):
            return (
                "titled {:quoted}"
                if words == "title"
                else "called {:quoted}"
                if (words in ("name", "label"))
                else None
            )
        return None
    if re.fullmatch(r"(?:message |email )?(?:body|message|content|text)", words):
        return "saying {:quoted}" if _SENDS.match(task) else None
    if re.fullmatch(r"query|keywords?|search (?:term|query)|q|term|text", words):
        return "for {:quoted}" if _SEARCHES.match(task) and " for " not in task else None
    if words in ("start", "end", "to", "from") and ("enum" in schema or "integer" in str(schema)):
        return None
    if words == "zone" and "time" in str(schema):
        return "in the time zone {}"
    if words == "channel" and "enum" in schema:
        return "via {}"
    if words == "mode" and len(str(schema.get("enum", ""))) > 200:
        return None
    default = str(schema.get("default") or "")
    if default and (not default[0].isalnum() or words in ("start", "end")):
        return None
    return _first(_TEXTS, words, name)


def _numbers(words: str, kind: str, task: str) -> str | None:
    if kind == "integer" or "decimal" in words or words in ("radius", "budget", "age"):
        found = _first(_COUNTS, words, "")
        if found and not (words == "radius" and not re.search(r"search|find|near|within", task)):
            return found
    elif re.fullmatch(r"max(?:imum)? (?:price|cost|budget)|min(?:imum)? (?:price|cost)", words):
        return _first(_COUNTS, words, "")
    head, unit = unit_of(words)
    if head in ("duration", "length of stay") and unit:
        style = {"minutes": ":minutes", "hours": ":hours", "seconds": ":seconds"}.get(unit)
        return f"for {{{style}}}" if style else f"for {{}} {unit}"
    if head.startswith("radius") and unit and re.search(r"search|find|near|within", task):
        return f"within a radius of {{}} {unit}"
    return None


def _first(rules: tuple[Rule, ...], words: str, name: str) -> str | None:
    for pattern, said in rules:
        for text in dict.fromkeys((words, name.strip("_").replace("_", " ").lower())):
            if text and (found := re.fullmatch(pattern, text)):
                return found.expand(said)
    return None


def _says(task: str, said: str) -> bool:
    """Whether a task has a phrase of its own where this one would stand."""
    if " {} " in said or said.startswith(("from {} ", "to {} ")):
        return False  # a number with its noun
    lead = said.split(" {")[0]
    if lead in ("in", "from", "to", "by", "until"):
        # `in a list in the category …` is fine, `convert to a unit to miles` is not.
        return bool(re.search(rf"\b{lead} (?!me\b)[^{{]", task))
    return False


def _kind(schema: JsonSchema) -> tuple[str, str]:
    """Type and format of a schema, null and text next to numbers aside."""
    options = [item for item in schema.get("anyOf", (schema,)) if item.get("type") != "null"]
    kinds = [str(item.get("type", "")) for item in options]
    if "number" in kinds and "string" in kinds:
        return "number", ""
    plain: Mapping[str, object] = options[0] if options else {}
    return str(plain.get("type", "")), str(plain.get("format", ""))


def coordinates(properties: Mapping[str, JsonSchema]) -> list[tuple[str, str]]:
    """Pairs of parameters that are latitude and longitude of one place."""
    found = []
    for name in properties:
        for lat, lon in (
            ("latitude", "longitude"),
            ("lat", "lon"),
            ("lat", "lng"),
            ("lat", "long"),
        ):
            other = name.replace(lat, lon)
            if lat in name and other != name and other in properties:
                found.append((name, other))
                break
    return found
