"""Plain-text chores: counting, case, slugs, sorting, comparing, reading time."""

import re
import unicodedata
from collections import Counter
from typing import Annotated, Literal

from pydantic import Field

from api_registry.catalog._words import said
from api_registry.decorator import api

_SENTENCES = [
    "Rain in the north, sunshine on the coast.",
    "Please send the signed copy before Friday. Thanks!",
    "Our new release fixes the login bug and speeds up search.",
    "Nobody expected the small team to win. They did anyway.",
    "Fresh basil, ripe tomatoes and good bread are all you need.",
    "Is the museum open on Monday? I could not find its hours.",
    "She planted twelve apple trees behind the old barn.",
    "Keep the receipt. The jacket may not fit.",
]
_TITLES = [
    "the quiet harbour",
    "Notes from a Small Kitchen",
    "winter sale starts now",
    "How We Cut Our Hosting Bill",
    "ten tips for better sleep",
    "Café Müller Reopens in May",
    "quarterly report and outlook",
    "Why I Stopped Using Spreadsheets",
    "My First Marathon",
]
_REPEATING = [
    "the dog chased the cat and the cat chased the mouse",
    "row, row, row your boat gently down the stream",
    "a rose is a rose is a rose",
    "we came, we saw, we left and we never came back to the sea",
    "if it rains it pours, and when it pours the river rises",
    "good bread needs good flour, good water and good patience",
    "tea for two and two for tea, me for you and you for me",
    "the more you practise the more the practice pays",
]
_WORD_LIST = Annotated[
    list[
        Annotated[
            str,
            Field(
                examples="pear fig banana kiwi apricot lantern harbor velvet orchard oak willow "
                "copper zinc silver tiger otter lynx heron".split()
            ),
        ]
    ],
    Field(min_length=2, max_length=12),
]
_UNIT = said(
    "unit",
    {
        "words": "words",
        "characters": "characters",
        "letters": "letters[| of the alphabet]",
        "sentences": "sentences",
        "vowels": "vowels",
    },
)
_CASE = said(
    "case",
    {
        "upper": "[all caps|capital letters|upper case]",
        "lower": "[lower case|small letters]",
        "title": "[title case|headline style]",
        "sentence": "[sentence case|ordinary sentence style]",
        "snake": "[snake case|snake case for a variable name]",
        "camel": "[camel case|camel case for a variable name]",
    },
)
_ORDER = (
    "{order=ascending:[ from A to Z| in alphabetical order| alphabetically]}"
    "{order=descending:[ from Z to A| in reverse alphabetical order]}"
)
_BY_LENGTH = "{by_length=true:[ by length first|, grouping words of the same length]}"
_PACE = (
    "{pace=slow:[ at a slow pace| for a slow reader]}{pace=average: at normal speed}"
    "{pace=fast:[ at a fast pace| for a quick reader]}"
)


@api(
    category="text",
    examples=[
        {"text": "Rain in the north, sunshine on the coast.", "unit": "words"},
        {"text": "Keep the receipt. The jacket may not fit.", "unit": "sentences"},
        {"text": "She planted twelve apple trees behind the old barn.", "unit": "vowels"},
    ],
    phrasings=[
        f"count the {_UNIT} in {{text:quoted}}",
        f"[work out|check] how many {_UNIT} [there are|i have]< in the text {{text:quoted}}>",
        f"[measure|check|find] the length of {{text:quoted}}< in {_UNIT}>",
        f"how many {_UNIT} [does|will] {{text:quoted}} [have|contain]?",
        f"how [long|big] is [the line |]{{text:quoted}}< in {_UNIT}>?",
        f"[my form|the contest|the portal] limits the number of {_UNIT}, so they need counting"
        "< in {text:quoted}>.",
    ],
)
def count_in_text(
    text: Annotated[str, Field(min_length=1, examples=_SENTENCES)],
    unit: Literal["words", "characters", "letters", "sentences", "vowels"],
) -> int:
    """Count the words, characters, letters, sentences or vowels of a text.

    Args:
        text: Text to look at.
        unit: What to count.
    """
    if unit == "words":
        return len(re.findall(r"\w+(?:['’-]\w+)*", text))
    if unit == "sentences":
        return len([part for part in re.split(r"[.!?]+(?:\s|$)", text) if part.strip()])
    if unit == "letters":
        return sum(character.isalpha() for character in text)
    if unit == "vowels":
        return sum(character in "aeiou" for character in _plain(text).lower())
    return len(text)


def _plain(text: str) -> str:
    """Drop accents."""
    split = unicodedata.normalize("NFKD", text)
    return "".join(character for character in split if not unicodedata.combining(character))


@api(
    category="text",
    examples=[
        {"text": "the quiet harbour", "case": "title"},
        {"text": "My First Marathon", "case": "snake"},
        {"text": "winter sale starts now", "case": "upper"},
    ],
    phrasings=[
        f"[put|rewrite|write] {{text:quoted}}< in {_CASE}>",
        f"[change|convert] [the heading|the phrase|this line]< {{text:quoted}}> to {_CASE}",
        f"[format|set] {{text:quoted}} in {_CASE}",
        f"what does {{text:quoted}} [look like|become|turn into] in {_CASE}?",
        f"how do i [write|spell|type] {{text:quoted}}< in {_CASE}>?",
        f"i have a [poster|slide|button label]< that says {{text:quoted}}> and it has to be in"
        f" {_CASE}.",
    ],
)
def change_case(
    text: Annotated[str, Field(min_length=1, examples=_TITLES)],
    case: Literal["upper", "lower", "title", "sentence", "snake", "camel"],
) -> str:
    """Rewrite a text in upper, lower, title, sentence, snake or camel case.

    Args:
        text: Text to rewrite.
        case: Case to write it in.
    """
    words = re.findall(r"\w+", _plain(text.replace("'", "")).lower())
    if case == "snake":
        return "_".join(words)
    if case == "camel":
        return "".join(word if index == 0 else word.title() for index, word in enumerate(words))
    if case == "title":
        return " ".join(word[:1].upper() + word[1:].lower() for word in text.split())
    if case == "sentence":
        return text[:1].upper() + text[1:].lower()
    return text.upper() if case == "upper" else text.lower()


@api(
    category="text",
    examples=[
        {"title": "How We Cut Our Hosting Bill"},
        {"title": "Café Müller Reopens in May", "max_length": 20},
        {"title": "ten tips for better sleep", "separator": "underscore"},
    ],
    phrasings=[
        "[make|create] a [web address|URL slug|slug] for [the post|the article|a page]"
        "< titled {title:quoted}>< of {max_length} characters at most>",
        "turn {title:quoted} into a [URL slug|slug]"
        "{separator=underscore: with underscores between the words}"
        "{separator=hyphen: with hyphens between the words}",
        "[generate|build] the [page address|slug] of my [blog post|article] {title:quoted}"
        "<, no longer than {max_length} characters>",
        "what [slug|page address|URL ending] should i use< for the headline {title:quoted}>"
        "{separator=underscore: when the site uses underscores}?",
        "what would be a [good|clean|safe] URL slug for {title:quoted}"
        "< if the limit is {max_length} characters>?",
        "i'm [publishing|posting|uploading] a piece< called {title:quoted}> and need a slug for it"
        "{separator=underscore:, joined by underscores}.",
    ],
)
def make_slug(
    title: Annotated[str, Field(min_length=1, examples=_TITLES)],
    max_length: Annotated[int, Field(ge=15, le=80)] = 60,
    separator: Literal["hyphen", "underscore"] = "hyphen",
) -> str:
    """Make a short address for a web page from its title, without cutting words.

    Args:
        title: Title of the page.
        max_length: Greatest length in characters.
        separator: Character between the words.
    """
    mark = "-" if separator == "hyphen" else "_"
    words = re.findall(r"[a-z0-9]+", _plain(title).lower().replace("'", ""))
    slug = mark.join(words)
    while len(slug) > max_length and len(words) > 1:
        words.pop()
        slug = mark.join(words)
    return slug[:max_length]


@api(
    category="text",
    examples=[
        {"words": ["pear", "fig", "banana"], "order": "ascending"},
        {"words": ["tiger", "otter", "lynx", "heron"], "order": "descending"},
        {"words": ["oak", "willow", "zinc"], "order": "ascending", "by_length": True},
    ],
    phrasings=[
        f"[sort|arrange|order] [the words |]{{words}}<{_ORDER}>{_BY_LENGTH}",
        f"put [these words|this list|my list]<, {{words}},> in order{_ORDER}",
        f"[alphabetise|sort] {{words}}, going{_ORDER}{_BY_LENGTH}",
        f"how [do|would] {{words}} [come out|line up] [when|if] sorted<{_ORDER}>{_BY_LENGTH}?",
        f"in what order do [the entries|my words]< {{words}}> go when they run{_ORDER}?",
        f"i have a [list|glossary|column]< with {{words}}> and it needs sorting{_ORDER}"
        f"{_BY_LENGTH}.",
    ],
)
def sort_words(
    words: _WORD_LIST,
    order: Literal["ascending", "descending"],
    by_length: bool = False,
) -> list[str]:
    """Sort words alphabetically, forwards or backwards.

    Args:
        words: Words to sort.
        order: Direction of the order.
        by_length: Whether length counts before the alphabet.
    """

    def key(word: str) -> tuple[int, str, str]:
        return (len(word) if by_length else 0, _plain(word).casefold(), word)

    return sorted(words, key=key, reverse=order == "descending")


@api(
    category="text",
    examples=[
        {"word": "kitten", "other_word": "sitting"},
        {"word": "Flower", "other_word": "flour", "ignore_case": True},
        {"word": "recieve", "other_word": "receive"},
    ],
    phrasings=[
        "[compute|work out] the edit distance between {word:quoted}< and {other_word:quoted}>"
        "{ignore_case=true:, ignoring capitals}",
        "[check|measure] how [similar|different] {other_word:quoted} is"
        "< compared to {word:quoted}>{ignore_case=true: regardless of upper and lower case}",
        "count the [typos|changed letters|edits] that [separate|divide] {word:quoted}"
        " from {other_word:quoted}",
        "how many [edits|keystrokes|letter changes] does it take to get< from"
        " {word:quoted}> to {other_word:quoted}?",
        "how [close|similar] is {word:quoted} in spelling< to {other_word:quoted}>"
        "{ignore_case=true: if capitals don't matter}?",
        "[someone|a customer|my student] typed {word:quoted} and i'd like to know how [far|many"
        " letters] off that is< from {other_word:quoted}>.",
    ],
)
def edit_distance(
    word: Annotated[
        str,
        Field(
            min_length=1,
            examples="planet plane Plant plank plain plaster Placid flame slant".split(),
        ),
    ],
    other_word: Annotated[
        str,
        Field(
            min_length=1,
            examples="planets plan Player planer plate place Plaque clan slate".split(),
        ),
    ],
    ignore_case: bool = False,
) -> dict[str, float]:
    """Count the letters to insert, delete or replace to turn one word into another.

    Args:
        word: Word to start from.
        other_word: Word to arrive at.
        ignore_case: Whether upper and lower case are the same.

    Returns:
        The number of edits, and a similarity between 0 and 1.
    """
    first, second = (word.lower(), other_word.lower()) if ignore_case else (word, other_word)
    row = list(range(len(second) + 1))
    for index, letter in enumerate(first, start=1):
        diagonal, row[0] = row[0], index
        for column, other in enumerate(second, start=1):
            replaced = diagonal + (letter != other)
            diagonal = row[column]
            row[column] = min(replaced, row[column] + 1, row[column - 1] + 1)
    longest = max(len(first), len(second), 1)
    return {"edits": row[-1], "similarity": round(1 - row[-1] / longest, 3)}


@api(
    category="text",
    examples=[
        {"text": "a rose is a rose is a rose"},
        {"text": "the dog chased the cat and the cat chased the mouse", "how_many": 2},
        {"text": "the more you practise the more the practice pays", "min_letters": 4},
    ],
    phrasings=[
        "[find|list] the< {how_many}> most [common|frequent] words in {text:quoted}"
        "<, leaving out words under {min_letters} letters>",
        "[count|check] which words [repeat|come up|return] most often< in {text:quoted}>",
        "[analyse|go through] {text:quoted} and rank the< top {how_many}> words by how often they"
        " appear",
        "[which|what]< {how_many}> words [come up|appear|occur] most often in {text:quoted}"
        "< if i only count words of {min_letters} letters or more>?",
        "what do i [repeat|say] most often in [my verse|this line|my draft]< {text:quoted}>?",
        "[i keep repeating myself|my editor says i repeat words], so i want the"
        "< {how_many}> most used ones< in {text:quoted}>.",
    ],
)
def most_common_words(
    text: Annotated[str, Field(min_length=1, examples=_REPEATING)],
    how_many: Annotated[int, Field(ge=2, le=6)] = 3,
    min_letters: Annotated[int, Field(ge=1, le=10, examples=[3, 4, 5])] = 1,
) -> list[dict[str, str | int]]:
    """Find the words that occur most often in a text.

    Args:
        text: Text to look through.
        how_many: Number of words to return.
        min_letters: Fewest letters that a word must have.

    Returns:
        Words with their counts, most frequent first.
    """
    words = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", text.lower())
    counts = Counter(word for word in words if len(word) >= min_letters)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [{"word": word, "count": count} for word, count in ranked[:how_many]]


@api(
    category="text",
    examples=[
        {"word_count": 1200},
        {"word_count": 85000, "pace": "fast"},
        {"word_count": 900, "pace": "slow", "aloud": True},
    ],
    phrasings=[
        f"[estimate|work out] the reading time of [an article|a report|a text]< with {{word_count}}"
        f" words>{{aloud=true: read aloud}}{_PACE}",
        f"[calculate|figure out] how long [a text|a chapter|an essay] of {{word_count}} words takes"
        f" to [read|get through]{_PACE}",
        "[check|find out] how many minutes [my speech|our script|the story] will take"
        "{aloud=true: spoken aloud}{aloud=false: when read silently}< at {word_count} words>",
        f"how long does it take to [read|go through] {{word_count}} words"
        f"{{aloud=true: [aloud|out loud]}}{_PACE}?",
        f"how much time should i plan for reading [a book|a manuscript|a paper]< that has"
        f" {{word_count}} words>{_PACE}?",
        "[my talk|the newsletter|my thesis chapter] has [grown a lot|got long]<, {word_count} words"
        " by now,> and i need its reading time{aloud=true: when presented aloud}.",
    ],
)
def reading_time(
    word_count: Annotated[int, Field(ge=150, le=120_000)],
    pace: Literal["slow", "average", "fast"] = "average",
    aloud: bool = False,
) -> dict[str, int | float]:
    """Estimate how long a text takes to read, from its number of words.

    Args:
        word_count: Number of words.
        pace: Speed of the reader.
        aloud: Whether it is read aloud.

    Returns:
        The words per minute assumed, and the time in minutes and as hours and minutes.
    """
    per_minute = {"slow": 180, "average": 238, "fast": 350}[pace]
    if aloud:
        per_minute = {"slow": 120, "average": 150, "fast": 180}[pace]
    minutes = word_count / per_minute
    hours, rest = divmod(round(minutes), 60)
    return {
        "words_per_minute": per_minute,
        "minutes": round(minutes, 1),
        "hours_part": hours,
        "minutes_part": rest,
    }
