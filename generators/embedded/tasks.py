"""From what a docstring says to what a person asks for: `Returns the area.` → `get the area`."""

import re
from functools import lru_cache

from generators.embedded.verbs import VERBS

_MARKUP = re.compile(r":[\w:.+-]+:(?=`)|[`*]{1,2}|~")
_QUOTED_NAME = re.compile(r"(?<!\w)['\"](\w+)['\"](?!\w)")
_PARENTHESES = re.compile(r"\s*[(\[][^()\[\]]*[)\]]")
_SENTENCE = re.compile(r"(?<!e\.g)(?<!i\.e)(?<!etc)(?<!vs)(?<!approx)[.!?](?:\s+(?=[^a-z])|\s*$)")
_ASIDES = re.compile(
    r"\s+(?:--?|–|—|->|=>)\s+.*|;.*|:(?=\W).*|:$|\s+such that .*"
    r"|, in-?place\b.*|,? (?:and keep it sorted )?assuming .*|, returning (?:an?|the) .*"
)
_PREAMBLE = re.compile(
    r"(?:given [^,]+, )?"
    r"(?:(?:this|the|a|an)(?: \w+)? (?:function|method|tool|api|endpoint|utility|helper)"
    r"(?: that| which| to| is used to| can be used to| will| can| allows (?:you|users) to"
    r"| lets you)? |use this(?: \w+)? to |used to |(?:simple |helper |utility )?(?:function|method"
    r"|tool|utility|helper) (?:to|that|which) |(?:[\w-]+ ){1,3}function to "
    r"|like \w+, but (?:also )?|allows? (?:you|users) to |lets you |this |you can )",
    re.IGNORECASE,
)
_GIVEN = re.compile(r"given [^,]+, ", re.IGNORECASE)
_CHECK = re.compile(
    r"(?:return|check|test|tell|determine|say)s? (?:true |whether or not |whether )?"
    r"(?:if and only if|iff|if|when|whether) (.+?)"
    r"(?:,? (?:and )?(?:false|none)\b.*|,? or not|,? (?:else|otherwise)\b.*)?$",
    re.IGNORECASE,
)
_TRUE = re.compile(
    r"true (?:if and only if|iff|if|when) (.+?)(?:,? (?:and )?(?:false|else|otherwise)\b.*)?$",
    re.IGNORECASE,
)
_CHECK_FOR = re.compile(
    r"returns? true for (.+?)(?:,? (?:and )?(?:false|else)\b.*)?$", re.IGNORECASE
)
_ASKED = frozenset("is are does do has have can was were should".split())
_QUESTION_WORDS = frozenset("how when which what where why who".split())
_DETERMINERS = frozenset(
    "a an the this that these those all any each every some one two its your my no more most both"
    " several up".split()
)
_PREPOSITIONS = frozenset("of for between in from with at by on".split())
_ALSO_NOUNS = frozenset(
    "charge cost count edit hash order page phase price query rank rate sample score search sound"
    " stock tax test time tip total trade vote work".split()
)
"""Verbs that are nouns before another noun."""
_AMOUNTS = frozenset("tip total tax cost price charge page rate".split())
_VERBAL = ("ify", "ise", "ize", "ate")
_ADJECTIVES = frozenset(
    "rolling moving running sliding remaining shipping opening closing building spelling heating"
    " cooking living meeting setting rating mapping ranking loading".split()
)
_NOUN_ENDS = ("tion", "ment", "ness", "ity", "ance", "ence", "ure", "ism", "ist", "logy")
_TELLS = re.compile(r"(give|tell|show)(?= (?:the|an?|what|how|when|where|whether|if|all)\b)")
_AND_RETURN = re.compile(r"\b(and|then) (?:return|yield|output|print)s?\b(?= \w)")
_OPTIONALLY = re.compile(
    r",? optionally (?:filter|restrict|limit|narrow|sort|group)\w* (?:by|to) .*"
    r"|,? optionally [^,.]*|,? with an optional [^,.]*|,? or (?:those|that|the ones?) of .*"
)
"""What a description says of arguments that need not be given."""
_USERS = (
    (r"\bthe (?:current )?user's\b", "my"),
    (r"\b(for|to|of) the (?:current )?user\b", r"\1 me"),
    (r"\A(remind|notify|alert|tell|ask|inform|warn)s? the (?:current )?user\b", r"\1 me"),
)
"""Who asks is the user: `add an event to the user's calendar`."""
_FOREIGN = frozenset(
    "der die das des eine eines einen ein und für mit von el los las una del para por con le les"
    " une du et pour avec dans il lo gli della uma os na het een van voor och för att med".split()
)
_EPONYMS = frozenset(
    "Levenshtein Fibonacci Pearson Spearman Euclidean Caesar Roman Gregorian Julian Manhattan"
    " Hamming Jaccard Shannon Bayesian Gaussian Poisson Bernoulli Fahrenheit Celsius Kelvin"
    " Haversine English Spanish French German Python Unix Markdown Monte Wikipedia Google GitHub"
    " Slack Spotify Bitcoin Ethereum Easter Earth Mars Moon Unicode Morse Luhn Base64 Black".split()
)
_ENGLISH = frozenset("the a an of to for and or in is with from by if it that on as be".split())
_IRREGULAR = {"does": "do", "goes": "go", "has": "have", "is": "be", "are": "be"}
_KEEPS_ES = ("ses", "shes", "ches", "xes", "zes", "oes")


@lru_cache(maxsize=20_000)
def task_of(description: str) -> str:
    """Return a description's first sentence as a task, in the imperative and lower case."""
    task = _AND_RETURN.sub(r"\1 give me", _imperative(description))
    task = _TELLS.sub(r"\1 me", task) if _TELLS.match(task) else task
    task = _OPTIONALLY.sub("", task)
    for pattern, words in _USERS:
        task = re.sub(pattern, words, task)
    return task


def _imperative(description: str) -> str:
    sentence = _first_sentence(description)
    if check := _CHECK.fullmatch(sentence) or _TRUE.fullmatch(sentence):
        return f"check whether {_lower_first(check[1])}"
    if check := _CHECK_FOR.fullmatch(sentence):
        return f"check for {_lower_first(check[1])}"
    words = sentence.split()
    if not words:
        return "do this"
    if words[0].lower() in _ASKED and len(words) > 2:
        return f"answer this: {_lower_first(sentence)}"
    if _is_foreign(words):
        return f'help with "{sentence}"'
    first = words[0].lower()
    if first in ("whether", "if"):
        return f"check whether {' '.join(words[1:])}"
    if first in _QUESTION_WORDS:
        return f"find out {_lower_first(sentence)}"
    verb = _verb(words)
    if verb is None:
        return f"get {_with_article(sentence)}"
    rest = " ".join(words[1:])
    if verb != first:
        rest = _same_form(rest)
    if verb in ("return", "yield") and rest:
        return f"get {_with_article(rest)}"
    return f"{verb} {rest}".strip()


@lru_cache(maxsize=20_000)
def thing_of(description: str) -> str | None:
    """The thing that a task gets, as in `what is the area of a circle?`; None if it gets none."""
    task = task_of(description)
    verb, _, thing = task.partition(" ")
    if verb not in ("get", "calculate", "compute", "determine", "find") or " and " in thing:
        return None
    if not thing.startswith(("the ", "a ", "an ")) or thing.startswith(("the list", "a list")):
        return None
    head = thing.split(" of ")[0].split(" for ")[0].split(" that ")[0]
    return None if head.endswith("s") and not head.endswith("ss") else thing


def base_form(word: str) -> str:
    """Return a verb without its third-person ending: `applies` → `apply`."""
    lower = word.lower()
    if lower in _IRREGULAR:
        return _IRREGULAR[lower]
    if lower.endswith("ies") and len(lower) > 4:
        return lower[:-3] + "y"
    if lower.endswith(_KEEPS_ES) and lower[:-1] not in VERBS:
        return lower[:-2]
    if lower.endswith("s") and not lower.endswith(("ss", "us", "is")):
        return lower[:-1]
    return lower


def _first_sentence(description: str) -> str:
    # A sentence may begin with a parameter's name, in lower case: "`rate` is yearly".
    description = re.split(r"(?<=\w)\. +(?=`\w+`)", description, maxsplit=1)[0]
    text = _QUOTED_NAME.sub(r"\1", _MARKUP.sub("", description))
    while (shorter := _PARENTHESES.sub("", text)) != text:
        text = shorter
    text = _SENTENCE.split(" ".join(text.split()), maxsplit=1)[0]
    text = re.sub(r"(?<=\w)_(?=\w)", " ", _ASIDES.sub("", text)).strip().rstrip(".,:!")
    text = _GIVEN.sub("", text) if _GIVEN.match(text) else text
    stripped = _PREAMBLE.sub("", text, count=1) if _PREAMBLE.match(text) else text
    return stripped if _verb(stripped.split()) is not None else text


def _verb(words: list[str]) -> str | None:
    """The base form of the verb that a sentence begins with; None if it begins with no verb."""
    if not words:
        return None
    first = words[0].lower()
    second = words[1].lower() if len(words) > 1 else ""
    if not first.isalpha() or second == "of" or first in _DETERMINERS:
        return None
    base = base_form(first)
    third = words[2] if len(words) > 2 else ""
    if base == first and (
        # `Edit distance between two strings`, but `Order prints of photos`
        (first in _ALSO_NOUNS and third in ("between", "of") and not second.endswith("s"))
        or (first in _AMOUNTS and third in ("for", "including"))  # `Tip amount for a bill`
        or (first in _AMOUNTS | {"return"} and second in ("on", "per"))  # `Return on investment`
    ):
        return None
    if base in VERBS:
        return base
    if first in VERBS:
        return first
    if first.endswith("ing"):
        stems = (first[:-3], first[:-3] + "e", first[:-4])
        stem = next((stem for stem in stems if stem in VERBS), None)
        return None if first in _ADJECTIVES else stem  # `Rolling mean of a series` is a thing
    if base == first and second in ("a", "an", "the") and not first.endswith(_NOUN_ENDS):
        return base  # `Ping a host`: no noun stands before an article
    likely = base.endswith(_VERBAL) and second not in _PREPOSITIONS
    # `Bin data into a histogram`: something is made into something.
    made = "into" in words[2:4] and second not in _PREPOSITIONS
    return base if likely or made or second in _DETERMINERS else None


def _same_form(rest: str) -> str:
    """The verbs after the first, joined to it, in its form: `… and returns` → `… and return`."""

    def plain(match: re.Match[str]) -> str:
        base = base_form(match[2])
        return f"{match[1]}{base}" if base in VERBS else match[0]

    return re.sub(r"((?:, |\band |\bor |\bthen |\balso )+)(\w+s)\b", plain, rest)


def _with_article(thing: str) -> str:
    words = thing.split()
    first = words[0].lower()
    named = "'s" in words[0] or words[0][:1].isdigit()
    if first in _DETERMINERS or first in _QUESTION_WORDS or named or first == "whether":
        return thing if named else _lower_first(thing)
    return f"the {_lower_first(thing)}"


def _lower_first(text: str) -> str:
    """Lower the first letter, unless it begins an abbreviation such as `CRC-32`."""
    word = text.split(" ")[0]
    if word in _EPONYMS:
        return text
    return text if sum(letter.isupper() for letter in word) > 1 else text[:1].lower() + text[1:]


def _is_foreign(words: list[str]) -> bool:
    lower = {word.lower() for word in words}
    if lower & _ENGLISH:
        return bool(lower & _FOREIGN) and len(lower & _FOREIGN) > len(lower & _ENGLISH)
    return bool(lower & _FOREIGN) or sum(not word.isascii() for word in words) * 2 > len(words)
