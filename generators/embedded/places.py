"""Where in a task a value can stand, and what stands there then."""

import re
from collections.abc import Mapping

from api_registry.types import JsonSchema
from generators.embedded.naming import is_plural, is_symbol, unit_of, words_of
from generators.embedded.nouns import LABELS, SYNONYMS, nouns_of

ENDS = (
    r"(?=$|[,.;<]| (?:to|in|on|at|by|for|from|with|and|or|into|as|is|are|was|has|have|belongs?"
    r"|fits?|matches|exists?|refers?|between|within|against|per|under|over|after|before|using|given|ends?|opens?"
    r"|closes?|falls?|so"
    r"|that"
    r"|over|via|without|through|based|including|if|per|contains?|back|together|up|down|out|off"
    r"|upper|lower|according|currently|near|around|about|during|until|since|where|which|who|whose"
    r"|when|instead|today)\b)"
)
"""What may stand after a noun that a value replaces."""
_GIVEN = (
    r"(?:given |specified |certain |particular |single |supplied |provided |user's |specific "
    r"|existing |current )?"
)
_ARTICLE = rf"\b(?:an?|the|some|this|your) {_GIVEN}"
_MORE = (
    r"(?P<more>(?:(?!(?:of|in|to|for|from|with|and|or|by|on|at|that|list|number)\b)[\w-]+ ){0,2}?)"
)
_TAIL = r"(?P<tail>(?: (?:code|string|number|symbol|address|value|name|text|object|literal))?)"
_PREPOSITION = (
    r"(?P<lead> (?:in|at|for|of|to|from|on|near|about|under|by|into|through|during|against))?"
)
_VERB = r"(?P<verb>\A\w+(?: (?:up|out|down|me|all|together|for))?)"
_BARE = frozenset("year number integer value amount port figure n digit".split())
"""Nouns that a number replaces; others it follows: `a price of 5`."""
_ABBREVIATED = re.compile(
    r"IBAN|ISBN|VIN|SSN|BIC|SKU|VAT|EAN|UUID|(?:.+ )?(?:segment|audience|group|warehouse|folder"
    r"|directory|column|table|service"
    r"|branch|channel|playlist|project|team|pattern|department|deployment|container|server|expression|category|URL)"
    r"(?: name)?"
)
"""Nouns that stay before their values: `validate the IBAN DE89 …`."""
BY_PLACE = frozenset("door window gate speaker lamp sensor camera".split())
"""Names whose values say which one, before the noun: `the front door`."""
_WITH_THE = re.compile(r"(?:.+ )?(?:room|device|appliance)")
"""Names whose values are no names, so that `the` stands before them."""
_CREATES = re.compile(
    r"(?:create|add|make|register|start|open|define|set up|launch|build|schedule|save|draft)\b"
)
_PEOPLE = frozenset(
    "person user customer friend employee contact patient student guest member colleague player"
    " recipient somebody someone client author artist driver".split()
)


def is_number(schema: JsonSchema) -> bool:
    """Whether a schema takes numbers alone, null and the text of numbers aside."""
    kinds = {str(kind.get("type")) for kind in schema.get("anyOf", (schema,))} - {"null"}
    if "number" in kinds and "anyOf" in schema:
        kinds -= {"string"}
    return kinds <= {"integer", "number"} and "enum" not in schema


Place = tuple[str, str, str | None]
"""Pattern of a place, what stands there then, and what does so that it may be left out."""


def places_for(
    name: str, fitting: list[str], task: str, properties: Mapping[str, JsonSchema]
) -> list[Place]:
    """The places where a task may speak of an argument, the best first.

    Args:
        name: The parameter.
        fitting: All parameters that can stand in the task.
        task: The task, in which some values may stand already.
        properties: Parameter → schema.
    """
    schema, words = properties[name], words_of(name)
    number, many = is_number(schema), schema.get("type") in ("array", "object")
    slot = f"{{{name}}}"
    digits = f"{{{name}:digits}}" if number and not many else slot
    places: list[Place] = []
    if is_symbol(name) or len(name) == 1:
        places += _symbol_places(name, schema, task, fitting)
    if re.fullmatch(r"[a-z]{2,}", name) and number:
        # The parameter's own name where it stands for a figure: `the range lo to hi`.
        places.append((rf"(?<=\brange ){name}(?= to)|(?<= to ){name}\Z", digits, None))
    nouns = nouns_of(name, fitting, properties, number=number)
    if many:
        return [*places, *_list_places(name, nouns, schema)]
    if number:
        return [*places, *_number_places(name, words, nouns, schema)]
    return [*places, *_text_places(name, words, nouns, task)]


def _text_places(name: str, words: str, nouns: str, task: str) -> list[Place]:
    slot = f"{{{name}:quoted}}" if words in ("what", "task") else f"{{{name}}}"
    if words == "about":
        return [(r" about (?:something|someone|a topic)\b", f" about {slot}", f"< about {slot}>")]
    places: list[Place] = []
    last = words.split()[-1].lower()
    if words.lower() in ("name", "id", "title"):
        by = rf" by (?:its |their |an? |the )?{last}{ENDS}"
        noun = r"(?P<noun>(?:[\w-]+ ){0,2}?[\w-]+)"
        for start in (rf"{_VERB} (?:an?|the) {noun}(?:{by}|{ENDS})",):
            found = re.search(start, task, re.IGNORECASE)
            if not found or words.lower() == "title":
                continue
            if found["noun"].split()[-1] in _PEOPLE and words == "name":
                return [(start, rf"\g<verb> {slot}", None)]
            if words == "name" and _CREATES.match(task):
                said = rf"\g<verb> a \g<noun>< called {slot}>"
                said = said.replace(" a ", f" {_article_of(found['noun'])} ")
                return [(start, said, said)]
            known = f"the \\g<noun> {slot}" if words == "name" else rf"\g<noun> {slot}"
            loose = f"{_article_of(found['noun'])} \\g<noun>< with the {words} {slot}>"
            return [(start, rf"\g<verb> {known}", rf"\g<verb> {loose}")]
    label = re.sub(r"^.* ", "", words)
    owner = re.sub(rf" {label}$", "", words)
    if label.lower() in LABELS and owner != words:
        # `order_id` says which order.
        owned = rf"(?P<noun>{re.escape(owner)})"
        by = rf"(?: by (?:its |their |an? |the )?(?:{label}|{words}))?"
        places += [
            (
                rf"{_ARTICLE}{owned}{by}(?!'){ENDS}",
                rf"\g<noun> {slot}",
                rf"the \g<noun>< with the {label} {slot}>",
            ),
            (rf"{_ARTICLE}{owned}'s\b", rf"\g<noun> {slot}'s", None),
        ]
    if not nouns:
        return places
    subject = rf"\bwhether {_ARTICLE}(?P<noun>{nouns})(?= (?:exists?|is|has|refers|contains)\b)"
    places.append((subject, f"whether {slot}", rf"whether the \g<noun>< {slot}>"))
    the = "the " if _WITH_THE.fullmatch(words) else ""
    slot = f"{the}{slot}"
    shown = rf"\g<lead> the \g<noun> {slot}" if _ABBREVIATED.fullmatch(words) else None
    exact = rf"{_PREPOSITION} ?{_ARTICLE}(?P<noun>{nouns})(?!'){ENDS}"
    if words in BY_PLACE:
        shown = rf"\g<lead> the {slot} \g<noun>"
        return [(exact, shown, rf"\g<lead> the< {slot}> \g<noun>")]
    if words.endswith(" ending"):
        return [(exact, rf"\g<lead> the \g<noun> ending in {slot}", None)]
    more = rf"{_PREPOSITION} ?{_ARTICLE}(?P<noun>{_MORE}(?:{nouns}){_TAIL})(?!'){ENDS}"
    other = rf"{_PREPOSITION} another (?P<noun>{nouns})(?: of the \w+)?(?!'){ENDS}"
    dropped = r"(?<=[\w>}])(?P<lead> (?:in|at|for|to|from|on|near|into|about)) "
    return [
        (rf"{dropped}another (?P<noun>{nouns}){ENDS}", rf"\g<lead> {slot}", rf"<\g<lead> {slot}>"),
        (rf"{dropped}{_ARTICLE}(?P<noun>{nouns})(?!'){ENDS}", rf"\g<lead> {slot}",
         rf"<\g<lead> {slot}>"),
        *places,
        (exact, shown or rf"\g<lead> {slot}", None),
        (other, rf"\g<lead> {slot}", None),
        (rf"{_VERB} (?P<noun>{nouns}){ENDS}", rf"\g<verb> {slot}", None),
        (more, rf"\g<lead> the \g<noun> {slot}", rf"\g<lead> the \g<noun>< {slot}>"),
        (rf"\b(?P<lead>of|in|for|about|with|from) (?P<noun>{nouns}){ENDS}", rf"\g<lead> {slot}",
         rf"\g<lead> the \g<noun>< {slot}>"),
    ]  # fmt: skip


def _number_places(name: str, words: str, nouns: str, schema: JsonSchema) -> list[Place]:
    slot, digits = f"{{{name}}}", f"{{{name}:digits}}"
    unit = unit_of(words)[1]
    counted = rf"\b(?:an?|the|some) {_GIVEN}number of (?P<more>(?:[\w-]+ )?)(?P<noun>{nouns})\b"
    places: list[Place] = [
        (counted, rf"{slot} \g<more>\g<noun>", None),
    ]
    told = re.match(r"(?:the )?([A-Za-z]+) in percent", str(schema.get("description", "")))
    if told:
        noun = re.escape(told[1].lower())
        percent = f"{{{name}:percent}}"
        places.append((rf"\ban? {noun}{ENDS}", f"a {percent} {noun}", f"a {noun}< of {percent}>"))
    if "percent" in words:
        shown = rf"\g<article> {{{name}:percent}} \g<noun>"
        dropping = rf"\g<article> percentage \g<noun>< of {{{name}:percent}}>"
        places.append((r"(?P<article>\ba) percent(?:age)? (?P<noun>\w+)", shown, dropping))
    label = words.split()[-1].lower()
    if label in LABELS and words != label:
        owner = re.escape(words.rpartition(" ")[0])
        by = rf"(?: by (?:its |their |an? |the )?(?:{label}|{re.escape(words)}))?"
        return [
            (
                rf"{_ARTICLE}(?P<noun>{owner}){by}(?!'){ENDS}",
                rf"\g<noun> {digits}",
                rf"the \g<noun>< with the {words.split()[-1]} {digits}>",
            ),
            (rf"{_ARTICLE}(?P<noun>{owner})'s\b", rf"\g<noun> {digits}'s", None),
        ]
    if not nouns:
        return places
    said = f"{slot} {unit}" if unit else slot
    bare = _BARE & set(nouns.split("|"))
    if bare:
        each = "|".join(sorted(bare | set(SYNONYMS.get(name, "number").split("|"))))
        article = rf"(?:\b(?:an?|the) {_GIVEN}(?:non-negative |positive |natural |whole )?)"
        money = r"(?: of money)?(?: between \d+ and \d+)?"
        plain = digits if "year" in bare else slot
        places.append((rf"{article}(?:{each}){money}(?!'){ENDS}", plain, None))
        places.append((rf"{_VERB} (?:{each}){ENDS}", rf"\g<verb> {slot}", None))
    nouns = "|".join(noun for noun in nouns.split("|") if noun not in _BARE)
    if not nouns:
        return places
    sized = rf" of (?:the|an?) {_GIVEN}(?P<noun>size|length|width|height|age|degree|order)"
    if words.split()[-1] in ("size", "length", "width", "height", "degree", "order"):
        places.append((rf"{sized}{ENDS}", rf" of \g<noun> {slot}", rf"< of \g<noun> {slot}>"))
    thing = rf"(?P<article>\b(?:an?|the)) {_GIVEN}(?P<noun>{_MORE}(?:{nouns}))(?!'| of){ENDS}"
    places.append((thing, rf"\g<article> \g<noun> of {said}", rf"\g<article> \g<noun>< of {said}>"))
    return places


def _list_places(name: str, nouns: str, schema: JsonSchema) -> list[Place]:
    slot = f"({{{name}}})" if schema.get("type") == "object" else f"{{{name}}}"
    if not nouns:
        return []
    several = "|".join(noun for noun in nouns.split("|") if is_plural(noun)) or nouns
    if "people" in nouns.split("|"):
        people = rf" (?P<lead>with|to|for) (?:other |some |several )?people{ENDS}"
        return [(people, rf" \g<lead> {slot}", rf"< \g<lead> {slot}>")]
    # `the median of numeric data`: what kind of data it takes need not be said to who has some.
    data = (
        r"(?P<lead>\A\w+|\b(?:of|to|with|among|from|in|for)) (?:[\w-]+ or )?(?:\w+(?:al|ic) )?data"
    )
    if "data" in nouns.split("|"):
        said = (rf"{data}{ENDS}", rf"\g<lead> {slot}", rf"\g<lead> the data< {slot}>")
        return [said, *_spoken_lists(slot, several)]
    return _spoken_lists(slot, several)


def _spoken_lists(slot: str, several: str) -> list[Place]:
    return [
        (rf"\b(?:an?|the) {_GIVEN}(?:list|series|sequence|set|array|collection|sample) of "
         rf"(?P<noun>{_MORE}(?:{several})){ENDS}", rf"the \g<noun> {slot}", None),
        (rf"\b(?:the|these) (?:given|specified|provided) (?P<noun>{several}){ENDS}",
         rf"the \g<noun> {slot}", None),
        (r"(?P<lead>\A\w+|\b(?:of|to|with|among|from|in)) (?:the |some |several |other "
         rf"|one or more )?{_GIVEN}(?P<noun>{several})(?!'){ENDS}",
         rf"\g<lead> the \g<noun> {slot}", None),
        (rf"\b(?:an?|the) {_GIVEN}(?:list|series|sequence|sample|data|dataset)(?! of){ENDS}", slot,
         None),
    ]  # fmt: skip


def _symbol_places(name: str, schema: JsonSchema, task: str, fitting: list[str]) -> list[Place]:
    slot = f"{{{name}}}"
    places: list[Place] = []
    if schema.get("type") == "integer" and name not in ("a", "i"):
        places.append((rf"\b{name}-?th\b", f"{{{name}:ordinal}}", None))
    lone = len(re.findall(rf"\b{name}\b(?!-)", task)) == 1
    joint = r"(?:and|by|to|from|plus|minus|times|over|modulo|mod|into|or)"
    for other in fitting:
        if other != name and is_symbol(other) and (name != "a" or lone):
            also = rf"(?:{other}\b|\{{{other})"  # a slot may stand there already
            places += [
                (rf"\b{name}(?= {joint} {also})", slot, None),
                (rf"(?P<lead>(?:\b{other}|\}}) {joint}) {name}\b(?!')", rf"\g<lead> {slot}", None),
            ]
    if lone and name not in ("a", "i"):
        before = (
            r"of|at|by|to|whether|if|from|than|for|number|integer|value|last|first|top|exponent"
        )
        places.append((rf"(?<!')\b(?P<lead>{before}) {name}\b(?!'|-)", rf"\g<lead> {slot}", None))
        places.append((rf"{_VERB} {name}\b(?!'|-)", rf"\g<verb> {slot}", None))
    return places


def _article_of(noun: str) -> str:
    return "an" if noun[:1].lower() in "aeio" else "a"
