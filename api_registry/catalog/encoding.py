"""Ways to write text and numbers in other characters."""

import base64
import binascii
import hashlib
import string
from typing import Annotated, Literal

from pydantic import Field

from api_registry.decorator import api

Plain = Annotated[
    str,
    Field(
        min_length=1,
        max_length=500,
        examples=[
            "meet me at the pier", "open sesame", "The eagle has landed", "blue lantern",
            "winter sale starts soon", "admin:letmein", "Good morning Vietnam", "hello world",
            "project nightingale", "see you at noon", "Ship the parcel today",
        ],
    ),
]  # fmt: skip

_ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"),
    (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip
_SIGNS = (
    ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- "
    "-..- -.-- --.. ----- .---- ..--- ...-- ....- ..... -.... --... ---.. ----."
)
_MORSE = dict(
    zip(
        string.ascii_uppercase + string.digits,
        _SIGNS.split(),
        strict=True,
    )
)


@api(
    category="encoding",
    examples=[
        {"text": "hello world"},
        {"text": "admin:letmein", "url_safe": True},
        {"text": "Grüße"},
    ],
    phrasings=[
        "[encode|convert|translate] {text:quoted} [to|into] {url_safe=true:URL-safe }Base64",
        "[give me|get] the {url_safe=true:URL-safe }Base64 [form|encoding|string]"
        "< of {text:quoted}>",
        "[turn|translate|change] {text:quoted} into {url_safe=true:[URL-safe|link-safe] }Base64",
        "[so |]what[ is|'s] {text:quoted} in {url_safe=true:URL-safe }Base64?",
        "how [do i|would one|can i] write {text:quoted} in Base64"
        "{url_safe=true: so that it can stand in a link}?",
        "[my config needs|the header wants|i need] {text:quoted} Base64-encoded"
        "{url_safe=true:, with the URL-safe alphabet}.",
    ],
)
def encode_base64(text: Plain, url_safe: bool = False) -> str:
    """Encode text as Base64.

    Args:
        text: Text to encode.
        url_safe: Whether to use the alphabet that is safe in URLs and file names.
    """
    data = text.encode()
    return (base64.urlsafe_b64encode(data) if url_safe else base64.b64encode(data)).decode()


@api(
    category="encoding",
    examples=[
        {"encoded": "aGVsbG8gd29ybGQ="},
        {"encoded": "b3BlbiBzZXNhbWU="},
        {"encoded": "Ymx1ZSBsYW50ZXJu"},
    ],
    phrasings=[
        "[decode|read] the Base64 [string|text]< {encoded}>",
        "[decode|translate back|unpack] {encoded} from Base64",
        "[turn|convert] {encoded} from Base64 back [in|]to [plain|readable] text",
        "what does {encoded} say [once|when|after] it's decoded from Base64?",
        "what's the [plain|original] text behind the Base64 [string|code] {encoded}?",
        "[i got|someone sent me|the log contains] {encoded}, which looks like Base64, and "
        "[i want|i'd like] to read it.",
    ],
)
def decode_base64(
    encoded: Annotated[
        str,
        Field(
            examples=[
                "aGVsbG8gd29ybGQ=",
                "b3BlbiBzZXNhbWU=",
                "Ymx1ZSBsYW50ZXJu",
                "c2VjcmV0IHNhdWNl",
                "bWVldCBhdCBub29u",
                "cmVkIHVtYnJlbGxh",
                "d2VsY29tZSBiYWNr",
                "bmV2ZXIgZ2l2ZSB1cA==",
                "dGhlIGtleSBpcyB1bmRlciB0aGUgbWF0",
                "Y29mZmVlIGJyZWFr",
            ],
        ),
    ],
) -> str:
    """Decode Base64 back to text; both the usual and the URL-safe alphabet are read.

    Args:
        encoded: Base64 string to decode.
    """  # fmt: skip
    usual = encoded.strip().translate(str.maketrans("-_", "+/"))
    try:
        return base64.b64decode(usual + "=" * (-len(usual) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise ValueError(f"`{encoded}` is no Base64 of UTF-8 text") from None


@api(
    category="encoding",
    examples=[
        {"text": "attack at dawn", "shift": 3, "direction": "encrypt"},
        {"text": "dwwdfn dw gdzq", "shift": 3, "direction": "decrypt"},
        {"text": "Hello, World!", "shift": 13, "direction": "encrypt"},
    ],
    phrasings=[
        "{direction=encrypt:[encrypt|encipher|scramble]}"
        "{direction=decrypt:[decrypt|decipher|unscramble]} {text:quoted} with a Caesar cipher< "
        "using a shift of {shift}>",
        "[apply|use] a [Caesar cipher|Caesar shift] on {text:quoted}, "
        "{direction=encrypt:shifting letters forward}"
        "{direction=decrypt:shifting letters back}< by {shift}>",
        "[use|take] a Caesar cipher with shift {shift} to {direction=encrypt:[encode|hide]}"
        "{direction=decrypt:[decode|reveal]} [my message|a message]<, {text:quoted}>",
        "run [my|this|the] text {text:quoted} through a Caesar cipher with a shift of {shift}"
        "<, {direction=encrypt:[encrypting|to encrypt]}{direction=decrypt:[decrypting|to decrypt]} "
        "it>",
        "[so |]what[ is|'s] {text:quoted} "
        "{direction=encrypt:encrypted}{direction=decrypt:decrypted} "
        "with a Caesar shift of {shift}?",
        "what do i get when i {direction=encrypt:encrypt}{direction=decrypt:decrypt} {text:quoted} "
        "with a Caesar cipher[ that moves letters| shifted| moving everything] by {shift}?",
        "[for a puzzle|for the treasure hunt|for my kids] i need {text:quoted} "
        "{direction=encrypt:encrypted}"
        "{direction=decrypt:decrypted} by a Caesar cipher with a shift of {shift}.",
    ],
)
def caesar_cipher(
    text: Plain,
    shift: Annotated[int, Field(ge=1, le=25)],
    direction: Literal["encrypt", "decrypt"],
) -> str:
    """Encrypt or decrypt text with a Caesar cipher.

    Args:
        text: Text to encrypt or decrypt.
        shift: Number of places in the alphabet that letters move.
        direction: Direction, to encrypt or to decrypt.
    """
    move = (shift if direction == "encrypt" else -shift) % 26
    small, large = string.ascii_lowercase, string.ascii_uppercase
    shifted = small[move:] + small[:move] + large[move:] + large[:move]
    return text.translate(str.maketrans(small + large, shifted))


@api(
    category="encoding",
    examples=[
        {"text": "SOS"},
        {"text": "meet at 9", "word_separator": "newline"},
        {"text": "hello world"},
    ],
    phrasings=[
        "[write|spell|put] {text:quoted} in Morse code"
        "{word_separator=slash: with [slashes|a slash] between words}"
        "{word_separator=newline: with every word on a line of its own}",
        "[translate|convert] {text:quoted} [in|]to Morse[ code|]"
        "{word_separator=newline:, one word per line}",
        "[give me|get|show me] the Morse code< for {text:quoted}>",
        "[so |]what[ is|'s] {text:quoted} in Morse code?",
        "how [do you|would i] tap out {text:quoted} in Morse[ code|]?",
        "[i want to|we need to|i'm trying to] signal {text:quoted} and need it in Morse code.",
    ],
)
def text_to_morse(text: Plain, word_separator: Literal["slash", "newline"] = "slash") -> str:
    """Translate text into Morse code; characters without a Morse sign are left out.

    Args:
        text: Text of letters, digits and spaces.
        word_separator: What to put between words, a slash or a new line.
    """
    words = (
        " ".join(_MORSE[letter] for letter in word if letter in _MORSE)
        for word in text.upper().split()
    )
    return ("\n" if word_separator == "newline" else " / ").join(word for word in words if word)


@api(
    category="encoding",
    examples=[
        {"number": 2026},
        {"number": 49, "lowercase": True},
        {"number": 3999},
    ],
    phrasings=[
        "[write|put down] {number:digits} [in|as|with] {lowercase=true:[lower-case|small] }"
        "Roman numerals",
        "[give me|get|find] the {lowercase=true:[lower-case|small] }Roman numeral< for "
        "{number:digits}>",
        "[turn|translate|change] {number:digits} into a {lowercase=true:lower-case }Roman numeral",
        "[so |]what[ is|'s] {number:digits} in Roman numerals{lowercase=true: with small letters}?",
        "how [do you|would the Romans|does one] write {number:digits}"
        "[ in Roman numerals| the Roman way]?",
        "[i'm engraving|i'm designing a sign that says|our chapter has the number] {number:digits} "
        "and [i want|i'd like] it [as a Roman numeral|in Roman numerals].",
    ],
)
def number_to_roman(number: Annotated[int, Field(ge=1, le=3999)], lowercase: bool = False) -> str:
    """Write a whole number as a Roman numeral.

    Args:
        number: Number from 1 to 3999.
        lowercase: Whether to use small letters.
    """
    if not 1 <= number <= 3999:
        raise ValueError("`number` must be from 1 to 3999")
    numeral = ""
    for value, sign in _ROMAN:
        numeral += sign * (number // value)
        number %= value
    return numeral.lower() if lowercase else numeral


@api(
    category="encoding",
    examples=[
        {"text": "hello world", "algorithm": "sha256"},
        {"text": "open sesame", "algorithm": "md5", "first_digits": 8},
        {"text": "blue lantern", "algorithm": "sha1"},
    ],
    phrasings=[
        "[compute|calculate|get] the< {algorithm=md5:MD5}{algorithm=sha1:SHA-1}"
        "{algorithm=sha256:SHA-256}{algorithm=sha512:SHA-512}> hash of {text:quoted}"
        "<, [only |just ]the first {first_digits} characters>",
        "[hash|fingerprint] {text:quoted} with {algorithm=md5:MD5}{algorithm=sha1:SHA-1}"
        "{algorithm=sha256:SHA-256}{algorithm=sha512:SHA-512}"
        "< and keep [only |]the first {first_digits} digits>",
        "[give me|work out] the {algorithm=md5:MD5}{algorithm=sha1:SHA-1}{algorithm=sha256:SHA-256}"
        "{algorithm=sha512:SHA-512} [checksum|digest]< of {text:quoted}>",
        "what[ is|'s] the {algorithm=md5:MD5}{algorithm=sha1:SHA-1}{algorithm=sha256:SHA-256}"
        "{algorithm=sha512:SHA-512} [hash|checksum] of {text:quoted}?",
        "which hash [does|would|will] {algorithm=md5:MD5}{algorithm=sha1:SHA-1}"
        "{algorithm=sha256:SHA-256}{algorithm=sha512:SHA-512} give for {text:quoted}"
        "<, cut to {first_digits} characters>?",
        "[i want to compare|i'm checking|i'm matching] fingerprints and need the "
        "{algorithm=md5:MD5}"
        "{algorithm=sha1:SHA-1}{algorithm=sha256:SHA-256}{algorithm=sha512:SHA-512} hash of "
        "{text:quoted}.",
    ],
)
def hash_text(
    text: Plain,
    algorithm: Literal["md5", "sha1", "sha256", "sha512"],
    first_digits: Annotated[int, Field(ge=6, le=32)] | None = None,
) -> str:
    """Compute a hash of text in hexadecimal digits.

    Args:
        text: Text to hash, as UTF-8.
        algorithm: Hash function to use.
        first_digits: Number of leading digits to keep, all unless given.
    """
    return hashlib.new(algorithm, text.encode(), usedforsecurity=False).hexdigest()[:first_digits]
