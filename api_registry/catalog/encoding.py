"""Text encodings, checksums and classic ciphers."""

from __future__ import annotations

import base64
import hashlib
import html
import urllib.parse
import zlib
from typing import Annotated, Literal

from pydantic import Field

from api_registry.decorator import api

Text = Annotated[
    str,
    Field(
        examples=[
            "meet me at the station",
            "Good morning, Vienna!",
            "the parcel is under the bench",
            "Fish & Chips for two",
            "order 4711 has shipped",
            "see you on Friday",
            "The quick brown fox",
            "water the plants, please",
            "Café Central, table 7",
            "lunch is at half past twelve",
        ]
    ),
]

_MORSE: dict[str, str] = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyz0123456789",
        (
            ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- "
            "...- .-- -..- -.-- --.. ----- .---- ..--- ...-- ....- ..... -.... --... ---.. ----."
        ).split(),
        strict=True,
    )
)


@api(
    category="encoding",
    examples=[
        {"text": "meet me at the station", "encoding": "base64"},
        {"text": "Good morning, Vienna!", "encoding": "hex"},
        {"text": "Fish & Chips for two", "encoding": "percent encoding"},
    ],
    phrasings=[
        "encode [the text|the message] {text:quoted}< as {encoding}>",
        "[turn|convert] a short text into {encoding}<: {text:quoted}>",
        "write {text:quoted} in encoded form< using {encoding}>",
        "what does {text:quoted} look like [when encoded|once it is encoded]< in {encoding}>?",
        "what is the {encoding} form of my text<, which reads {text:quoted}>?",
        "i have to [send|store] my message< {text:quoted}> in encoded form< with {encoding}>.",
    ],
)
def encode_text(
    text: Text,
    encoding: Literal["base64", "base32", "hex", "percent encoding", "HTML entities"],
) -> dict[str, str | int]:
    """Encode a text for transport.

    Args:
        text: Text to encode.
        encoding: Encoding to use.

    Returns:
        The encoded text and its length.
    """
    data = text.encode("utf-8")
    if encoding == "base64":
        result = base64.b64encode(data).decode("ascii")
    elif encoding == "base32":
        result = base64.b32encode(data).decode("ascii")
    elif encoding == "hex":
        result = data.hex()
    elif encoding == "percent encoding":
        result = urllib.parse.quote(text, safe="")
    else:
        result = html.escape(text).encode("ascii", "xmlcharrefreplace").decode("ascii")
    return {"encoded": result, "length": len(result)}


@api(
    category="encoding",
    examples=[
        {"encoded": "aGVsbG8gd29ybGQ="},
        {"encoded": "U2VlIHlvdSBvbiBGcmlkYXk="},
        {"encoded": "NDcxMQ=="},
    ],
    phrasings=[
        "decode the base64 [text|string]< {encoded:quoted}>",
        "[turn|convert] this base64 code back into plain text<: {encoded:quoted}>",
        "find out what my base64 message says<, which reads {encoded:quoted}>",
        "what does the base64 [string|code]< {encoded:quoted}> say?",
        "which text is hidden in [a|this] base64 code<, namely {encoded:quoted}>?",
        "i was sent a base64 [message|code]< reading {encoded:quoted}> and want it in plain text.",
    ],
)
def decode_base64(
    encoded: Annotated[
        str,
        Field(
            examples=[
                "aGVsbG8gd29ybGQ=",
                "U2VlIHlvdSBvbiBGcmlkYXk=",
                "Z29vZCBsdWNr",
                "dGhlIGtleSBpcyB1bmRlciB0aGUgbWF0",
                "Q29mZmVlIGF0IG5vb24=",
                "bm8gc3VnYXIsIHBsZWFzZQ==",
                "NDcxMQ==",
                "c2VjcmV0IG1lZXRpbmc=",
                "V2llbg==",
            ]
        ),
    ],
) -> dict[str, str | int]:
    """Decode a base64 text.

    Args:
        encoded: Base64 code to decode.

    Returns:
        The plain text and its size in bytes; empty text if the code is not base64.
    """
    code = "".join(encoded.split())
    try:
        data = base64.b64decode(code + "=" * (-len(code) % 4), validate=True)
    except ValueError:
        return {"text": "", "bytes": 0}
    return {"text": data.decode("utf-8", "replace"), "bytes": len(data)}


@api(
    category="encoding",
    examples=[
        {"text": "order 4711 has shipped"},
        {"text": "The quick brown fox", "algorithm": "MD5"},
        {"text": "see you on Friday", "algorithm": "SHA-512"},
    ],
    phrasings=[
        "[compute|calculate] the [hash|digest] of [a text|my text]"
        "<, namely {text:quoted}><, with {algorithm}>",
        "hash [the text|my note]< {text:quoted}>< with {algorithm}>",
        "create a checksum for a [sentence|message]< reading {text:quoted}>< using {algorithm}>",
        "what is the hash [value |]of [the text|the message]< {text:quoted}>< under {algorithm}>?",
        "which checksum does a text have< by {algorithm}>< if it reads {text:quoted}>?",
        "i want to [check|verify] my note< {text:quoted}> and need its hash< by {algorithm}>.",
    ],
)
def hash_text(
    text: Text,
    algorithm: Literal["MD5", "SHA-1", "SHA-256", "SHA-512", "CRC-32"] = "SHA-256",
) -> dict[str, str | int]:
    """Compute the hash of a text.

    Args:
        text: Text to hash.
        algorithm: Hash algorithm.

    Returns:
        The hash in hexadecimal digits and its length in bits.
    """
    data = text.encode("utf-8")
    if algorithm == "CRC-32":
        digest = f"{zlib.crc32(data):08x}"
    else:
        name = algorithm.replace("-", "").lower()
        digest = hashlib.new(name, data, usedforsecurity=False).hexdigest()
    return {"hash": digest, "bits": 4 * len(digest)}


@api(
    category="encoding",
    examples=[
        {"text": "meet me at the station", "shift": 3},
        {"text": "the parcel is under the bench", "shift": 13},
        {"text": "see you on Friday", "shift": 5, "direction": "decrypt"},
    ],
    phrasings=[
        "shift the letters of [a message|my text]< that reads {text:quoted}>"
        "< by {shift} places in the alphabet>",
        "[run|put] the message {text:quoted} through a Caesar cipher< with a shift of {shift}>"
        "< to {direction} it>",
        "use a Caesar cipher< with a shift of {shift}>< to {direction} my text>"
        "< on the words {text:quoted}>",
        "what does {text:quoted} become in a Caesar cipher< with a shift of {shift}>?",
        "how does a Caesar cipher< with a shift of {shift}> change a text< like {text:quoted}>?",
        "i want to [hide|disguise] a message< reading {text:quoted}> with a Caesar cipher"
        "< that shifts by {shift} letters>.",
    ],
)
def caesar_cipher(
    text: Text,
    shift: Annotated[int, Field(ge=1, le=25)],
    direction: Literal["encrypt", "decrypt"] = "encrypt",
) -> dict[str, str | int]:
    """Shift the letters of a text along the alphabet.

    Args:
        text: Text to encrypt or decrypt.
        shift: Number of letters to move by.
        direction: Direction of the cipher.

    Returns:
        The shifted text and the number of letters changed.
    """
    step = shift if direction == "encrypt" else -shift
    changed = 0
    result = ""
    for char in text:
        if char.isascii() and char.isalpha():
            base = ord("a") if char.islower() else ord("A")
            result += chr((ord(char) - base + step) % 26 + base)
            changed += 1
        else:
            result += char
    return {"text": result, "letters_changed": changed}


@api(
    category="encoding",
    examples=[
        {"text": "meet me at the station"},
        {"text": "order 4711 has shipped"},
        {"text": "see you on Friday", "words_per_minute": 20},
    ],
    phrasings=[
        "translate [the words|the message]< {text:quoted}> into Morse code",
        "write [a telegram|my message] in Morse code<: {text:quoted}>",
        "[work out|find] the dots and dashes for a text< reading {text:quoted}>"
        "< when keyed at {words_per_minute} words per minute>",
        "how is a message [sent|written] in Morse code< if it says {text:quoted}>"
        "< at {words_per_minute} words a minute>?",
        "what is the Morse code for [my text|the text]< {text:quoted}>?",
        "i'd like to [send|tap out] a message in Morse code< at {words_per_minute} words a minute>"
        "<, the text being {text:quoted}>.",
    ],
)
def to_morse_code(
    text: Text,
    words_per_minute: Annotated[int, Field(ge=5, le=40)] = 15,
) -> dict[str, str | float]:
    """Translate a text into Morse code.

    Args:
        text: Text to translate.
        words_per_minute: Sending speed in words per minute.

    Returns:
        The code with words set apart by slashes, and the seconds it takes to send.
    """
    words = []
    for word in text.lower().replace("é", "e").split():
        letters = [_MORSE[char] for char in word if char in _MORSE]
        if letters:
            words.append(letters)
    units = 0
    for letters in words:
        units += sum(sum(1 if mark == "." else 3 for mark in code) for code in letters)
        units += sum(len(code) - 1 for code in letters) + 3 * (len(letters) - 1)
    units += 7 * max(len(words) - 1, 0)
    return {
        "code": " / ".join(" ".join(letters) for letters in words),
        "seconds": round(units * 1.2 / words_per_minute, 2),
    }


@api(
    category="encoding",
    examples=[
        {"number": 255, "base": "binary"},
        {"number": 1994, "base": "Roman numerals"},
        {"number": 3000, "base": "hexadecimal"},
    ],
    phrasings=[
        "[write|convert] the number {number}< in {base}>",
        "show [a number|my number] in {base}<, namely {number}>",
        "[express|give] the decimal number {number} in another notation<, namely {base}>",
        "what is {number}< in {base}>?",
        "how do i write {number}< in {base} notation>?",
        "i need [to write|to note down] a number< such as {number}> in another way"
        "< using {base}>.",
    ],
)
def number_notation(
    number: Annotated[int, Field(ge=1, le=3999)],
    base: Literal["binary", "octal", "hexadecimal", "Roman numerals"],
) -> dict[str, str | int]:
    """Write a whole number in another notation.

    Args:
        number: Number to write.
        base: Notation to write it in.

    Returns:
        The written number and how many characters it takes.
    """
    if base == "Roman numerals":
        values = (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1)
        symbols = "M CM D CD C XC L XL X IX V IV I".split()
        rest, result = number, ""
        for value, symbol in zip(values, symbols, strict=True):
            count, rest = divmod(rest, value)
            result += symbol * count
    else:
        result = format(number, {"binary": "b", "octal": "o", "hexadecimal": "X"}[base])
    return {"written": result, "characters": len(result)}
