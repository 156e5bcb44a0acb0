"""Which values fit a text parameter: by its name, else by what its description speaks of."""

import re
from functools import lru_cache

from generators.embedded.nesting import humanise

_CLUES: dict[str, str] = {
    "issue": "issue, bug, pull request",
    "image url": "image url, photo url, picture url, avatar url, avatar",
    "category": "category",
    "pharmacy": "pharmacy",
    "hospital": "hospital, clinic",
    "card": "credit card, card",
    "password": "password, passphrase",
    "restaurant": "restaurant",
    "hotel": "hotel",
    "column": "column, field name, column name, field",
    "airport": "airport, airport code, iata, departure airport, arrival airport",
    "csv": "csv",
    "yaml": "yaml",
    "xml": "xml",
    "movie": "movie, film",
    "song": "song, track",
    "book": "book",
    "repository": "repository, repo",
    "branch": "branch, branch name",
    "email": (
        "recipient, sender, email, mail, e mail, mail address, email address, username or email"
    ),
    "phone": "phone, phone number, telephone, tel, mobile, mobile number, fax",
    "isbn": "isbn",
    "query string": "qs, query string",
    "iban": "iban",
    "mac": "mac address, mac",
    "hex": "hex, hex color, hex colour, color code, colour code",
    "country code": "country code",
    "language code": "language code",
    "currency": "currency, currency code",
    "timezone": "timezone, time zone, tz, timezone name",
    "segment": "segment, audience",
    "warehouse": "warehouse, depot",
    "door": "door, gate",
    "spot": "window, speaker, lamp, sensor, camera",
    "pin": "pin, pin code, passcode",
    "last four": "last4, last four, last four digits",
    "locale": "locale",
    "encoding": "encoding, charset, char set",
    "postcode": "postcode, postal, zip, zipcode, postal code, post code, zip code",
    "street": "street",
    "country": "country, nation, nationality",
    "weekday": "weekday, weekday name, day of week, day of the week",
    "month": "month",
    "city": (
        "taken in, located in, based in, "
        "city, town, location, place, origin, destination, from city, to city, start location"
    ),
    "state": "state, region",
    "first name": (
        "people, friend, member, roommate, child, first name, given name, nickname, middle name"
    ),
    "username": "username",
    "user": "login, handle",
    "company": (
        "company, organization, organisation, employer, vendor, brand, manufacturer, "
        "supplier, client, bank, merchant, publisher, store, shop"
    ),
    "ticker": "ticker, symbol, stock, isin",
    "regex": "regex, regexp, pattern",
    "json": "json",
    "network": "network, cidr, subnet, subnet mask",
    "ip": "ip, ip address",
    "domain": "hostname, domain, host",
    "version": "version",
    "sku": "sku",
    "instruction": "instructions, special instructions, delivery instructions",
    "separator": "separator, sep, delimiter",
    "prefix": "prefix, indent",
    "extension": "extension, suffix",
    "expression": "expression, formula, equation, math expression",
    "html": "html, markup",
    "letter": "character, char, letter, chr",
    "product": "product, item, goods, article, product name, item name, gift",
    "file": "file, filename, path, filepath, file path, attachment, csv file",
    "url": "url, uri, link, website, web page, webpage, site, homepage",
    "address": "address, street address, pickup, dropoff, drop off, destination address",
    "language": "language, lang",
    "color": "color, colour, adjective",
    "team": "team, team name, club, opponent",
    "genre": "genre",
    "food": "dish, recipe, food, meal, pizza, menu item",
    "ingredient": "ingredient",
    "title": "title, subject, event, subject line, meeting, appointment",
    "tag": "tag, tags",
    "label": "label",
    "log": "log file, log, logfile",
    "topic": "keyword, query, topic, search, search term, search query, keywords, interest",
    "id": (
        "product code, item code, promo code, coupon code, discount code, id, code, number, "
        "reference, tracking number, order, invoice, ticket, account, "
        "reservation, booking, serial number, confirmation number"
    ),
    "iso date": "date, day",
    "clock": "time, time of day",
    "word": "word, key, needle, substring, term, anagram, vocabulary, noun, verb, palindrome",
    "text": (
        "text, s, str, txt, sentence, message, content, body, note, comment, description, string, "
        "paragraph, document, prompt, summary, line, caption, bio, feedback, review, "
        "question, answer, reply, story, tweet, post, greeting, haystack"
    ),
    "person": (
        "person, name, author, user, customer, attendee, full name, employee, patient, "
        "student, teacher, guest, contact, friend, colleague, owner, manager, assignee, "
        "driver, player, participant, doctor, candidate, applicant, actor, director"
    ),
    "surname": "last name, surname, family name",
    "artist": "artist, singer, band, musician, composer",
    "album": "album",
    "playlist": "playlist",
    "room": "room",
    "meeting room": "meeting room, conference room",
    "service": "service, microservice, deployment, container, pod",
    "server": "server, machine, instance, node",
    "namespace": "namespace",
    "environment": "environment, env",
    "device": "device, appliance",
    "project": "project",
    "task": "task, todo, chore, reminder",
    "activity": "activity, exercise, workout, hobby",
    "sport": "sport",
    "topping": "topping",
    "route": "avoid",
    "exchange": "exchange",
    "crypto": "crypto, coin, cryptocurrency",
    "header": "header, mime type, user agent",
    "breed": "breed",
    "animal": "animal, species, pet",
    "plant": "plant",
    "medicine": "medicine, medication, drug",
    "symptom": "symptom",
    "disease": "disease, condition, diagnosis",
    "element": "element",
    "formula": "chemical formula, molecule, compound",
    "planet": "planet",
    "course": "course, class name",
    "school": "school, university, college",
    "department": "department",
    "job": "job, occupation, position, job title, role, profession",
    "skill": "skill",
    "vehicle": "vehicle, car, car model",
    "plate": "license plate, plate",
    "flight": "flight, flight number",
    "airline": "airline",
    "carrier": "carrier, courier",
    "station": "station, stop",
    "holiday": "holiday",
    "channel": "channel",
    "table": "table",
    "sql": "sql, sql query",
    "code": "source code, snippet",
    "command": "command, cmd",
    "folder": "folder, directory, dir",
    "file format": "file format, output format",
    "image": "image, photo, picture",
    "coordinates": "coordinates",
    "vat": "vat number, vat id, tax id",
    "bic": "bic, swift",
    "ssn": "ssn, social security number",
    "vin": "vin",
    "barcode": "barcode, ean, upc",
    "doi": "doi",
    "hash": "hash, checksum, digest",
    "algorithm": "algorithm",
    "token": "token, api key, secret",
    "morse": "morse, morse code",
    "binary": "binary, bits, bit string",
    "roman": "roman, roman numeral, numeral",
    "base64": "base64",
    "dna": "dna, gene, sequence",
    "date format": "date format, fmt, strftime",
    "cron": "cron, cron expression",
    "headline": "headline, slug",
    "unit": "unit",
    "allergen": "allergen, allergy",
    "cuisine": "cuisine",
    "dietary": "diet, dietary",
    "drink": "drink, beverage",
    "size": "size",
    "status": "status",
    "priority": "priority",
    "reason": "reason, cause",
    "request": "special request, request, amenity",
    "occasion": "occasion",
    "landmark": "landmark, poi",
    "column sort": "sort by, order by, sort key",
    "variable": "metric, variable",
    "fraction": "fraction",
    "complex": "complex number",
    "name of a thing": "instrument",
}
"""Topic → words that name it, in parameters and in what is said of them."""
_TOPIC_OF = {clue: topic for topic, clues in _CLUES.items() for clue in clues.split(", ")}
_WHOLE = {
    "what": "task",
    "about": "errand",
    "to": "email",
    "cc": "email",
    "bcc": "email",
    "q": "topic",
    "start": "city",
    "end": "city",
}
"""Names that are clues only where nothing stands beside them."""
_SAYS_LITTLE = frozenset(
    "name number code value text string s str x data input arg content key item id raw line"
    " chars".split()
)
"""Names after which the task has to be asked: the `number` of a card or of an order."""
_OF_THE_TASK = frozenset("title subject path file filename src source".split())
_HELD = frozenset("issue book movie song headline task image log".split())
"""Topics of a task that say what a title or file is of."""
_WRITTEN = frozenset(
    "isbn html json csv xml yaml url morse binary roman base64 dna hex expression sql code email"
    " phone iban card fraction complex mac ip network version regex barcode doi vin bic vat"
    " clock username password cron command number".split()
) | {"query string", "iso date"}
"""Topics whose values are written in a form of their own, though they are text."""
_LONGEST = 3
_NAMED = re.compile(r"(?:the )?(?:new )?name (?:of|for) (?:the|an?|this|your) (?:new )?(\w+)", re.I)
_HEAD_ENDS = re.compile(r"[,.;:(]| (?:of|for|in|to|that|which|from|with|on|at|as|by|used|is|are) ")


@lru_cache(maxsize=20_000)
def topic_of(name: str, description: str = "", task: str = "") -> str | None:
    """The topic of a text parameter's values; None if nothing says what they are.

    Args:
        name: The parameter's name; its last words say most: a `to_currency` is a currency.
        description: What is said of the parameter.
        task: What is said of the function; asked where the name says little.
    """
    words = _words(name)
    if words[-1:] and words[-1] in _OF_THE_TASK and (told := _of_task(task)) in _HELD:
        return told
    if " ".join(words) in _WHOLE:
        return _WHOLE[" ".join(words)]
    if words[-1:] == ["name"] and len(words) > 1:
        qualified = next((t for size in (3, 2) if (t := _topic(words[-size:]))), None)
        if found := qualified or _last(words[:-1]):
            return found
    if words == ["name"] and (thing := _NAMED.match(description)):
        named = _topic(_words(thing[1])[-1:])
        if thing[1].lower() not in ("person", "user", "customer") and named != "person":
            return named or "label"
    vague = len(words) == 1 and words[0] in _SAYS_LITTLE
    said = _of_text(description)
    if vague:
        told = said if said not in (None, "text", "person") else _of_task(task) or said
        own = _TOPIC_OF.get(words[0])
        if own == "text" and told not in _WRITTEN:
            return own
        if words == ["name"]:
            spoken = told if told not in (None, "text", "id", "topic", "word") else None
            return spoken or said or ("label" if task else "person")
        if told not in (None, "text", "word", "id", "person") or words[0] in (
            "value",
            "input",
            "arg",
            "x",
        ):
            return told or _TOPIC_OF.get(words[0])
        return _TOPIC_OF.get(words[0], told)
    return _last(words) or _anywhere(words) or said


def _of_task(task: str) -> str | None:
    """The topic of what a function works on; its verb says nothing."""
    return _of_text(" ".join(task.split()[1:]))


def _of_text(text: str) -> str | None:
    """The topic of the thing that a text begins with, else of any that it speaks of."""
    head = _words(_HEAD_ENDS.split(text, maxsplit=1)[0])
    if found := _last(head):
        if head[-1] not in _SAYS_LITTLE:
            return found
        # An `ISBN number` is an ISBN.
        said = [word for word in _words(text) if word not in _SAYS_LITTLE]
        return _last(head[:-1]) or _anywhere(said) or found
    return _anywhere(_words(text))


def _last(words: list[str]) -> str | None:
    for length in range(_LONGEST, 0, -1):
        if len(words) >= length and (found := _topic(words[-length:])):
            return found
    return None


def _anywhere(words: list[str]) -> str | None:
    for length in range(_LONGEST, 0, -1):
        for start in range(len(words) - length + 1):
            if found := _topic(words[start : start + length]):
                return found
    return None


def _topic(words: list[str]) -> str | None:
    text = " ".join(words)
    singular = re.sub(r"(?:(?<=[sxz])|(?<=[cs]h))es$|(?<!s)s$", "", text)
    if text.endswith("ies"):
        singular = f"{text[:-3]}y"
    return _TOPIC_OF.get(text) or _TOPIC_OF.get(singular)


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", humanise(text))
