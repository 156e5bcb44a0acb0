"""Checks of numbers, codes and addresses that people copy and type."""

from __future__ import annotations

import ipaddress
import math
import re
from typing import Annotated, Literal

from pydantic import Field

from api_registry.decorator import api

_IBAN_LENGTH = {
    "AT": 20,
    "BE": 16,
    "CH": 21,
    "DE": 22,
    "DK": 18,
    "ES": 24,
    "FR": 27,
    "GB": 22,
    "IE": 22,
    "IT": 27,
    "NL": 18,
    "NO": 15,
    "PL": 28,
    "PT": 25,
    "SE": 24,
}
_CARDS = (
    ("American Express", r"3[47]\d{13}"),
    ("Visa", r"4\d{12}(\d{3})?"),
    ("Mastercard", r"(5[1-5]\d{2}|2[2-7]\d{2})\d{12}"),
    ("Discover", r"6(011|5\d{2})\d{12}"),
)
_POSTCODES = {
    "Austria": r"[1-9]\d{3}",
    "Canada": r"[ABCEGHJ-NPRSTVXY]\d[A-Z] ?\d[A-Z]\d",
    "France": r"\d{5}",
    "Germany": r"\d{5}",
    "Netherlands": r"[1-9]\d{3} ?[A-Z]{2}",
    "United Kingdom": r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}",
    "United States": r"\d{5}(-\d{4})?",
}


@api(
    category="validation",
    examples=[
        {"card_number": "4111 1111 1111 1111"},
        {"card_number": "5555 5555 5555 4444"},
        {"card_number": "3782 822463 10006"},
    ],
    phrasings=[
        "[check|test] whether a [credit card number|card number] is valid<, namely {card_number}>",
        "verify my card number< {card_number}>",
        "find out which [brand|company] a credit card belongs to< with the number {card_number}>",
        "is the credit card number< {card_number}> [valid|a real one]?",
        "does the [check digit|checksum] of a card number fit<, if it reads {card_number}>?",
        "a customer gave us a card number< of {card_number}> and i want to know if it can be right.",
    ],
)
def check_card_number(
    card_number: Annotated[
        str,
        Field(
            examples=[
                "4111 1111 1111 1111",
                "5555 5555 5555 4444",
                "3782 822463 10006",
                "6011 1111 1111 1117",
                "4012 8888 8888 1881",
                "5105 1051 0510 5100",
                "4111 1111 1111 1112",
                "4222 2222 2222 2220",
                "5454 5454 5454 5454",
            ]
        ),
    ],
) -> dict[str, bool | str]:
    """Check a credit card number with the Luhn checksum.

    Args:
        card_number: Card number to check.

    Returns:
        Whether the checksum fits, and the card brand.
    """
    digits = re.sub(r"\D", "", card_number)
    total = 0
    for place, char in enumerate(reversed(digits)):
        digit = int(char) * (1 + place % 2)
        total += digit - 9 if digit > 9 else digit
    brand = next((name for name, rule in _CARDS if re.fullmatch(rule, digits)), "unknown")
    return {"valid": 12 <= len(digits) <= 19 and total % 10 == 0, "brand": brand}


@api(
    category="validation",
    examples=[
        {"iban": "DE89 3704 0044 0532 0130 00"},
        {"iban": "GB29 NWBK 6016 1331 9268 19"},
        {"iban": "AT61 1904 3002 3457 3201"},
    ],
    phrasings=[
        "[check|verify] the bank account [number|code]< {iban}>",
        "validate [an IBAN|the IBAN on my invoice]<, which is {iban}>",
        "test [if|whether] there is a typo in a bank account number<, namely {iban}>",
        "is the IBAN< {iban}> [correct|valid]?",
        "did i mistype the IBAN of my [landlord|supplier]<, which is {iban} on my form>?",
        "i have to make a transfer to an IBAN< reading {iban}> and want it checked first.",
    ],
)
def check_iban(
    iban: Annotated[
        str,
        Field(
            examples=[
                "DE89 3704 0044 0532 0130 00",
                "GB29 NWBK 6016 1331 9268 19",
                "AT61 1904 3002 3457 3201",
                "FR14 2004 1010 0505 0001 3M02 606",
                "NL91 ABNA 0417 1643 00",
                "CH93 0076 2011 6238 5295 7",
                "ES91 2100 0418 4502 0005 1332",
                "BE68 5390 0754 7034",
                "DE89 3704 0044 0532 0130 01",
                "IE29 AIBK 9311 5212 3456 78",
            ]
        ),
    ],
) -> dict[str, bool | str]:
    """Check an international bank account number.

    Args:
        iban: Account number to check.

    Returns:
        Whether the number is valid, its country code and what was found.
    """
    code = re.sub(r"\s", "", iban).upper()
    country = code[:2]
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{10,30}", code):
        return {"valid": False, "country": country, "finding": "wrong format"}
    if len(code) != _IBAN_LENGTH.get(country, len(code)):
        return {"valid": False, "country": country, "finding": "wrong length"}
    if int("".join(str(int(char, 36)) for char in code[4:] + code[:4])) % 97 != 1:
        return {"valid": False, "country": country, "finding": "wrong checksum"}
    return {"valid": True, "country": country, "finding": "no errors"}


@api(
    category="validation",
    examples=[
        {"isbn": "978-0-306-40615-7"},
        {"isbn": "0-14-043915-8"},
        {"isbn": "978-3-16-148410-0"},
    ],
    phrasings=[
        "[check|validate] the ISBN of [a book|my book]<, namely {isbn}>",
        "verify the book number< {isbn}>",
        "tell me whether the ISBN< {isbn}> has the right check digit",
        "is the ISBN [on the cover|in my list]<, {isbn},> valid?",
        "does a book with the number {isbn} [exist on paper|have a correct ISBN]?",
        "i copied an ISBN [from a catalogue|off a book cover]<, it says {isbn},> and want to know "
        "if it is valid.",
    ],
)
def check_isbn(
    isbn: Annotated[
        str,
        Field(
            examples=[
                "978-0-306-40615-7",
                "978-3-16-148410-0",
                "0-306-40615-2",
                "978-0-14-143951-8",
                "978-1-4028-9462-6",
                "0-8044-2957-X",
                "978-0-306-40615-8",
                "979-10-90636-07-1",
                "0-19-853453-1",
            ]
        ),
    ],
) -> dict[str, bool | str]:
    """Check the number of a book.

    Args:
        isbn: Book number to check.

    Returns:
        Whether the number is valid and its kind.
    """
    code = re.sub(r"[\s-]", "", isbn).upper()
    if re.fullmatch(r"\d{9}[\dX]", code):
        total = sum((10 - i) * (10 if c == "X" else int(c)) for i, c in enumerate(code))
        return {"valid": total % 11 == 0, "kind": "ISBN-10"}
    if re.fullmatch(r"97[89]\d{10}", code):
        total = sum((3 if i % 2 else 1) * int(c) for i, c in enumerate(code))
        return {"valid": total % 10 == 0, "kind": "ISBN-13"}
    return {"valid": False, "kind": "none"}


@api(
    category="validation",
    examples=[
        {"password": "correct horse battery"},
        {"password": "Summer2024!", "minimum_length": 12},
        {"password": "qwerty123", "require_symbol": True},
    ],
    phrasings=[
        "[rate|check] the strength of my password<, which is {password:quoted}>"
        "< with at least {minimum_length} characters required>",
        "test a [new |]password for me<, namely {password:quoted}>"
        "<{require_symbol=true:, with a special character being a must}"
        "{require_symbol=false:, where special characters are not needed}>",
        "judge how safe a password is<, if it reads {password:quoted}>",
        "how strong is [my|a] password< like {password:quoted}>"
        "< if the rule is {minimum_length} characters or more>?",
        "is {password:quoted} a [good|safe] password"
        "<{require_symbol=true: if it must have a symbol}{require_symbol=false: if symbols are "
        "optional}>?",
        "i'm thinking of a new password< such as {password:quoted}> and want to know if it is good "
        "enough< for a minimum of {minimum_length} characters>.",
    ],
)
def check_password(
    password: Annotated[
        str,
        Field(
            examples=[
                "correct horse battery",
                "Summer2024!",
                "qwerty123",
                "Tr0ub4dor&3",
                "blue-Lamp-77-river",
                "letmein",
                "Zx9#kLm2Qp",
                "myCatIsCalledTom",
                "Vienna1990",
                "pa55word!",
            ]
        ),
    ],
    minimum_length: Annotated[int, Field(ge=6, le=20)] = 8,
    require_symbol: bool = False,
) -> dict[str, bool | float | str]:
    """Rate the strength of a password.

    Args:
        password: Password to rate.
        minimum_length: Shortest length that is accepted.
        require_symbol: Whether a special character is needed.

    Returns:
        Whether the rules are met, the entropy in bits and a rating.
    """
    symbol = re.search(r"[^A-Za-z0-9]", password) is not None
    pool = sum(
        size
        for pattern, size in ((r"[a-z]", 26), (r"[A-Z]", 26), (r"\d", 10), (r"[^A-Za-z0-9]", 33))
        if re.search(pattern, password)
    )
    bits = len(password) * math.log2(pool) if pool else 0.0
    rating = "weak" if bits < 50 else "fair" if bits < 70 else "strong"
    return {
        "accepted": len(password) >= minimum_length and (symbol or not require_symbol),
        "entropy_bits": round(bits, 1),
        "rating": rating,
    }


@api(
    category="validation",
    examples=[
        {"postcode": "1010", "country": "Austria"},
        {"postcode": "SW1A 1AA", "country": "United Kingdom"},
        {"postcode": "90210", "country": "United States"},
    ],
    phrasings=[
        "[check|verify] the postcode {postcode}< for {country}>",
        "find out whether a postcode< written {postcode}> is possible< in {country}>",
        "validate the [postal code|postcode] of an address<, namely {postcode}><, for {country}>",
        "is {postcode} a valid [postcode|postal code]< in {country}>?",
        "could an address< with the postcode {postcode}> be [right|real]< for {country}>?",
        "i'm addressing a parcel< with the postcode {postcode}>< to {country}> and want to be sure "
        "the postcode is well-formed.",
    ],
)
def check_postcode(
    postcode: Annotated[
        str,
        Field(
            examples=[
                "1010",
                "SW1A 1AA",
                "90210",
                "K1A 0B1",
                "75008",
                "1012 AB",
                "10115",
                "M1 4BT",
                "60614-2231",
                "8010",
            ]
        ),
    ],
    country: Literal[
        "Austria",
        "Canada",
        "France",
        "Germany",
        "Netherlands",
        "United Kingdom",
        "United States",
    ],
) -> dict[str, bool | str]:
    """Check whether a postcode has the form used in a country.

    Args:
        postcode: Postcode to check.
        country: Country of the address.

    Returns:
        Whether it fits, and the postcode in capital letters.
    """
    code = " ".join(postcode.split()).upper()
    return {"valid": re.fullmatch(_POSTCODES[country], code) is not None, "postcode": code}


@api(
    category="validation",
    examples=[
        {"address": "192.168.1.20"},
        {"address": "8.8.8.8"},
        {"address": "2001:db8::1"},
    ],
    phrasings=[
        "[check|validate] the [network|IP] address< {address}>",
        "tell me [if|whether] an IP address is well-formed<, namely {address}>",
        "find out whether an IP address is private or public< when it reads {address}>",
        "is the IP address< {address}> [valid|a proper one]?",
        "what kind of IP address [is this|do i have here]<: {address}>?",
        "i found an IP address in my log< that reads {address}> and want to know if it is valid.",
    ],
)
def check_ip_address(
    address: Annotated[
        str,
        Field(
            examples=[
                "192.168.1.20",
                "8.8.8.8",
                "2001:db8::1",
                "10.0.0.256",
                "172.16.4.1",
                "fe80::1",
                "127.0.0.1",
                "203.0.113.7",
                "1.1.1",
            ]
        ),
    ],
) -> dict[str, bool | str]:
    """Check an IP address and tell its kind.

    Args:
        address: Address to check.

    Returns:
        Whether it is valid, its version and its reach.
    """
    try:
        found = ipaddress.ip_address(address.strip())
    except ValueError:
        return {"valid": False, "version": "none", "reach": "none"}
    if found.is_loopback:
        reach = "this computer"
    elif found.is_link_local:
        reach = "local link"
    else:
        reach = "private" if found.is_private else "public"
    return {"valid": True, "version": f"IPv{found.version}", "reach": reach}
