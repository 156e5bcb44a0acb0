"""Checks of codes, addresses, passwords and written dates."""

import math
import re
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from api_registry.decorator import api

_IBAN_LENGTHS = {
    "AT": 20, "BE": 16, "CH": 21, "DE": 22, "DK": 18, "ES": 24, "FI": 18, "FR": 27, "GB": 22,
    "IE": 22, "IT": 27, "LU": 20, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "SE": 24,
}  # fmt: skip
_COUNTRY_CODES = {
    "Germany": "DE", "France": "FR", "Spain": "ES", "Italy": "IT", "Poland": "PL",
    "Portugal": "PT", "Ireland": "IE",
}  # fmt: skip
_COMMON_PASSWORDS = frozenset({"password", "letmein", "qwerty", "iloveyou", "welcome", "dragon"})


@api(
    category="validation",
    examples=[
        {"isbn": "978-0-306-40615-7"},
        {"isbn": "0-306-40615-2", "edition_format": "ISBN-10"},
        {"isbn": "978-3-16-148410-1"},
    ],
    phrasings=[
        "[check|verify|validate] the ISBN< {isbn}>",
        "[tell me|find out|check] whether {isbn} is a [valid|correct|genuine] "
        "book number<, in the form of {edition_format=ISBN-10:an ISBN-10}"
        "{edition_format=ISBN-13:an ISBN-13}>",
        "[check|test] [the check digit of|the book number] {isbn}"
        "< as {edition_format=ISBN-10:a ten-digit ISBN}{edition_format=ISBN-13:a thirteen-digit "
        "ISBN}>",
        "is {isbn} a [valid|proper|real] ISBN< by the rules of {edition_format}>?",
        "does the [ISBN|book number] {isbn} [have|end in] the right check digit?",
        "[the book cover says|i typed in|my catalogue lists] {isbn} and [i wonder|i want to know]"
        " if that's a [correct|valid] ISBN.",
    ],
)
def check_isbn(
    isbn: Annotated[
        str,
        Field(
            examples=[
                "978-0-306-40615-7",
                "0-306-40615-2",
                "978-3-16-148410-0",
                "978-3-16-148410-1",
                "9780143127796",
                "0-8044-2957-X",
                "978-1-4028-9462-6",
                "978-1-4028-9462-3",
                "0-19-852663-6",
                "9780262033840",
            ],
        ),
    ],
    edition_format: Literal["ISBN-10", "ISBN-13"] | None = None,
) -> dict[str, bool | str]:
    """Check the length and the check digit of an ISBN.

    Args:
        isbn: ISBN of the book, with or without hyphens.
        edition_format: Form that the ISBN must have, either of them unless given.
    """  # fmt: skip
    digits = re.sub(r"[\s-]", "", isbn).upper()
    if re.fullmatch(r"\d{9}[\dX]", digits):
        found = "ISBN-10"
        values = [10 if digit == "X" else int(digit) for digit in digits]
        total = sum((10 - index) * value for index, value in enumerate(values))
        correct_digit = total % 11 == 0
    elif re.fullmatch(r"97[89]\d{10}", digits):
        found = "ISBN-13"
        total = sum(int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(digits))
        correct_digit = total % 10 == 0
    else:
        return {"valid": False, "form": "none", "reason": "neither 10 nor 13 fitting digits"}
    if edition_format not in (None, found):
        return {"valid": False, "form": found, "reason": f"not an {edition_format}"}
    reason = "check digit fits" if correct_digit else "wrong check digit"
    return {"valid": correct_digit, "form": found, "reason": reason}


@api(
    category="validation",
    examples=[
        {"iban": "DE89 3704 0044 0532 0130 00"},
        {"iban": "GB82 WEST 1234 5698 7654 32", "expected_country": "Ireland"},
        {"iban": "FR14 2004 1010 0505 0001 3M02 607"},
    ],
    phrasings=[
        "[check|verify|validate] the IBAN< {iban}>< and make sure it's from {expected_country}>",
        "[tell me|find out] whether {iban} is a [valid|correct] IBAN"
        "< for an account in {expected_country}>",
        "[test|check] the bank account number {iban} [for typos|against its check digits]"
        "<, the account should be in {expected_country}>",
        "is {iban} a [valid|correct|proper] IBAN<, and does it belong to {expected_country}>?",
        "do the check digits of [the IBAN |the account |]{iban} [add up|make sense]?",
        "[a customer|my landlord|the supplier] gave me the IBAN {iban} and i [want|need] to know "
        "if it's [valid|right] before i pay.",
    ],
)
def check_iban(
    iban: Annotated[
        str,
        Field(
            examples=[
                "DE89 3704 0044 0532 0130 00",
                "GB82 WEST 1234 5698 7654 32",
                "FR14 2004 1010 0505 0001 3M02 607",
                "ES91 2100 0418 4502 0005 1332",
                "NL91 ABNA 0417 1643 00",
                "NL92 ABNA 0417 1643 00",
                "PT50 0002 0123 1234 5678 9015 4",
                "IT60 X054 2811 1010 0000 0123 456",
                "DE89 3704 0044 0532 0130 01",
            ],
        ),
    ],
    expected_country: Literal[
        "Germany", "France", "Spain", "Italy", "Poland", "Portugal", "Ireland"
    ]
    | None = None,
) -> dict[str, bool | str]:
    """Check the country, length and check digits of an IBAN.

    Args:
        iban: IBAN of the bank account, with or without spaces.
        expected_country: Country in which the account should be.
    """  # fmt: skip
    code = re.sub(r"\s", "", iban).upper()
    country = code[:2]
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{8,30}", code):
        return {"valid": False, "country": country, "reason": "not the form of an IBAN"}
    if country not in _IBAN_LENGTHS:
        return {"valid": False, "country": country, "reason": "country without a known length"}
    if len(code) != _IBAN_LENGTHS[country]:
        return {"valid": False, "country": country, "reason": "wrong length for the country"}
    digits = "".join(str(int(character, 36)) for character in code[4:] + code[:4])
    if int(digits) % 97 != 1:
        return {"valid": False, "country": country, "reason": "wrong check digits"}
    if expected_country and _COUNTRY_CODES[expected_country] != country:
        return {"valid": False, "country": country, "reason": f"not from {expected_country}"}
    return {"valid": True, "country": country, "reason": "check digits fit"}


@api(
    category="validation",
    examples=[
        {"card_number": "4111 1111 1111 1111"},
        {"card_number": "5500 0055 5555 5559"},
        {"card_number": "3782 822463 10006"},
    ],
    phrasings=[
        "[check|verify|validate] the [credit card|card] number< {card_number}>",
        "[tell me|find out] whether {card_number} passes the Luhn [check|test]",
        "[run|do] a Luhn check on [the card number |]{card_number}",
        "is {card_number} a [valid|possible|plausible] [credit card|card] number?",
        "[which|what] [card network|kind of card] does {card_number} belong to and is its check "
        "digit right?",
        "[a customer typed in|the form received|my test data has] {card_number} as the card number "
        "and [i want|i need] to know if it [could be valid|passes the checksum].",
    ],
)
def check_card_number(
    card_number: Annotated[
        str,
        Field(
            examples=[
                "4111 1111 1111 1111",
                "5500 0055 5555 5559",
                "3782 822463 10006",
                "4111 1111 1111 1112",
                "6011 0009 9013 9424",
                "5105 1051 0510 5100",
                "4012 8888 8888 1881",
                "3714 496353 98431",
                "5105 1051 0510 5106",
            ],
        ),
    ],
) -> dict[str, bool | str]:
    """Check a payment card number by the Luhn rule and name its network.

    Args:
        card_number: Card number, with or without spaces.
    """  # fmt: skip
    digits = re.sub(r"[\s-]", "", card_number)
    if not re.fullmatch(r"\d{12,19}", digits):
        return {"valid": False, "network": "unknown"}
    total = 0
    for index, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if index % 2 else 1)
        total += value - 9 if value > 9 else value
    networks = {
        "Visa": r"4",
        "Mastercard": r"5[1-5]|2[2-7]",
        "American Express": r"3[47]",
        "Discover": r"6011|65",
    }
    network = next((name for name, start in networks.items() if re.match(start, digits)), "unknown")
    return {"valid": total % 10 == 0, "network": network}


@api(
    category="validation",
    examples=[
        {"email": "maria.santos@example.com"},
        {"email": "team+news@example.org", "allow_plus_tag": False},
        {"email": "no..dots@example.com"},
    ],
    phrasings=[
        "[check|verify] [the spelling of|the syntax of|the form of] the e-mail address< {email}>"
        "{allow_plus_tag=false:, [not allowing|refusing] plus tags}",
        "[tell me|find out] whether {email} is a [well-formed|valid|correctly written] e-mail "
        "address{allow_plus_tag=false: without a plus tag}",
        "[validate|test|check] {email} as an e-mail address"
        "{allow_plus_tag=false: under rules that forbid plus signs}",
        "is {email} a [valid|proper|well-formed] e-mail address"
        "{allow_plus_tag=false: if plus tags are forbidden}?",
        "does {email} [look like|have the form of] a [real|correct] e-mail address?",
        "[someone signed up|a user registered|we have a subscriber] with {email} and i [need|want] "
        "to know if the address is written correctly.",
    ],
)
def check_email_address(
    email: Annotated[
        str,
        Field(
            examples=[
                "maria.santos@example.com",
                "j.okafor@example",
                "team+news@example.org",
                "no..dots@example.com",
                "hello@studio9.example",
                "priya.r@@example.net",
                "noah_fischer@mail.example.org",
                ".lead@example.com",
                "billing@northwind.example",
                "emma lind@example.com",
            ],
        ),
    ],
    allow_plus_tag: bool = True,
) -> dict[str, bool | str]:
    """Check whether an e-mail address is written correctly.

    Args:
        email: E-mail address to check.
        allow_plus_tag: Whether a tag after a plus sign is allowed before the `@`.
    """  # fmt: skip
    local, at, domain = email.rpartition("@")
    labels = domain.split(".")
    problem = "none"
    if not at or not local:
        problem = "something must stand on both sides of an @ sign"
    elif not re.fullmatch(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+", local):
        problem = "a character that is not allowed before the @ sign"
    elif local.startswith(".") or local.endswith(".") or ".." in local:
        problem = "a misplaced dot before the @ sign"
    elif not allow_plus_tag and "+" in local:
        problem = "a plus tag"
    elif len(labels) < 2:
        problem = "a domain without a dot"
    elif not all(re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?", part) for part in labels):
        problem = "a domain that is not well formed"
    return {"valid": problem == "none", "problem": problem, "domain": domain.lower()}


@api(
    category="validation",
    examples=[
        {"password": "Tr4vel-lamp!"},
        {"password": "letmein2024", "minimum_length": 14},
        {"password": "correct horse battery staple", "require_symbol": True},
    ],
    phrasings=[
        "[check|rate|judge] how strong the password< {password:quoted}> is"
        "<, asking for at least {minimum_length} characters>"
        "{require_symbol=true:, with a special character required}",
        "[tell me|find out] whether {password:quoted} is a [good|safe|strong] password"
        "{require_symbol=true: where symbols are mandatory}",
        "[test|check|try] the password {password:quoted} against our rules"
        "<, {minimum_length} characters or more>"
        "{require_symbol=true:, at least one symbol included}",
        "is {password:quoted} [strong|good|safe] enough as a password"
        "< when {minimum_length} characters are required>?",
        "how [secure|strong|safe] is the password {password:quoted}"
        "{require_symbol=true: if a special character is [a must|compulsory]}?",
        "[i'm thinking of using|my nephew uses|i came up with] {password:quoted} as a password and "
        "want to know how [safe|strong] it is.",
    ],
)
def check_password(
    password: Annotated[
        str,
        Field(
            min_length=1,
            examples=[
                "Tr4vel-lamp!",
                "letmein2024",
                "correct horse battery staple",
                "Summer2025",
                "qwerty12",
                "V9#mQ2xL!p",
                "blue-Otter-77",
                "banana",
                "Xk7wPz31rT",
                "dragonfly!!",
            ],
        ),
    ],
    minimum_length: Annotated[int, Field(ge=8, le=20)] = 10,
    require_symbol: bool = False,
) -> dict[str, str | float | bool | list[str]]:
    """Judge how strong a password is and list what is wrong with it.

    Args:
        password: Password to judge.
        minimum_length: Number of characters that it needs at least.
        require_symbol: Whether it must hold a character that is neither letter nor digit.
    """  # fmt: skip
    if not password:
        raise ValueError("`password` is empty")
    sizes = {r"[a-z]": 26, r"[A-Z]": 26, r"\d": 10, r"[^A-Za-z\d]": 33}
    alphabet = sum(size for kind, size in sizes.items() if re.search(kind, password))
    bits = len(password) * math.log2(alphabet)
    problems = []
    if len(password) < minimum_length:
        problems.append(f"shorter than {minimum_length} characters")
    if any(word in password.lower() for word in _COMMON_PASSWORDS):
        problems.append("contains a common password")
    if require_symbol and not re.search(r"[^A-Za-z\d]", password):
        problems.append("no special character")
    strength = "weak" if bits < 50 or problems else "fair" if bits < 70 else "strong"
    return {
        "strength": strength,
        "entropy_bits": round(bits, 1),
        "acceptable": not problems,
        "problems": problems,
    }


@api(
    category="validation",
    examples=[
        {"written_date": "31/04/2025", "order": "day_first"},
        {"written_date": "02-29-2024", "order": "month_first"},
        {"written_date": "2025.12.24", "order": "year_first"},
    ],
    phrasings=[
        "[check|verify|find out] whether {written_date:quoted} is a date that exists"
        "<, {order=day_first:[read day first|in European order]}"
        "{order=month_first:[read month first|in American order]}"
        "{order=year_first:read year first}>",
        "[validate|check|verify] the date< {written_date:quoted}>, {order=day_first:day before "
        "month}"
        "{order=month_first:month before day}{order=year_first:year at the front}",
        "[test|see] if {written_date:quoted} is a real [calendar day|date] "
        "{order=day_first:in day-month-year order}{order=month_first:in month-day-year order}"
        "{order=year_first:in year-month-day order}",
        "is {written_date:quoted} a [valid|real|possible] date "
        "{order=day_first:if the day comes first}{order=month_first:if the month comes first}"
        "{order=year_first:if the year comes first}?",
        "does {written_date:quoted} [exist|stand for a real day|make sense as a date], "
        "{order=day_first:read the European way}{order=month_first:read the American way}"
        "{order=year_first:with the year in front}?",
        "[the form says|a customer wrote|the certificate shows] {written_date:quoted}, "
        "{order=day_first:day first}{order=month_first:month first}{order=year_first:year first}, "
        "and i need to know whether that date is possible.",
    ],
)
def check_written_date(
    written_date: Annotated[
        str,
        Field(
            examples=[
                "31/04/2025",
                "02-29-2024",
                "2025.12.24",
                "29/02/2023",
                "12/11/2026",
                "2026-13-01",
                "06.07.2025",
                "30-02-2024",
                "2024/02/29",
                "11/31/2025",
            ],
        ),
    ],
    order: Literal["day_first", "month_first", "year_first"],
) -> dict[str, bool | str]:
    """Check whether a date written in digits exists in the calendar.

    Args:
        written_date: Date in digits, parted by dots, slashes or hyphens.
        order: Order of day, month and year.
    """  # fmt: skip
    parts = re.fullmatch(r"(\d{1,4})[./-](\d{1,2})[./-](\d{1,4})", written_date.strip())
    if not parts:
        return {"valid": False, "reason": "not three numbers"}
    one, two, three = (int(part) for part in parts.groups())
    year, month, day = {
        "day_first": (three, two, one),
        "month_first": (three, one, two),
        "year_first": (one, two, three),
    }[order]
    if not 1000 <= year <= 9999:
        return {"valid": False, "reason": "no year of four digits where one should stand"}
    try:
        return {"valid": True, "iso_date": date(year, month, day).isoformat()}
    except ValueError:
        return {"valid": False, "reason": "no such day or month"}
