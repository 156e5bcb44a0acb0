"""Requests that no tool serves: chat, opinions, writing, general knowledge."""

import random

from generators.embedded.lexicon import POOLS
from generators.embedded.phrasing import Piece, parse

_POOLS = {
    "topic": POOLS["topic"],
    "city": POOLS["city"],
    "food": POOLS["food"],
    "word": POOLS["word"],
    "person": POOLS["first name"],
    "animal": ("otter", "raven", "hedgehog", "octopus", "goat", "owl", "beaver", "lynx"),
    "figure": (
        "Ada Lovelace",
        "Leonardo da Vinci",
        "Marie Curie",
        "Hannibal",
        "Frida Kahlo",
        "Nikola Tesla",
        "Cleopatra",
        "Wangari Maathai",
    ),
    "mood": ("tired", "bored", "nervous", "proud", "stuck", "excited", "homesick"),
}
_TEMPLATES: tuple[str, ...] = (
    "write [a short|a funny|a] poem about [an|one] {animal} and a {word}",
    "tell me a [joke|story|fun fact] about {topic}",
    "what do you think about {topic}?",
    "do you [like|enjoy] {food}?",
    "who was {figure} and why does it matter?",
    "what was {figure} [famous|best known] for?",
    "i'm feeling {mood} today, any advice?",
    "suggest a [name|nickname] for my pet {animal}",
    "how do i cook {food} [for the first time|without a recipe]?",
    "explain {topic} to [a child|me like i'm five|a beginner]",
    "what's the history of {city}?",
    "is {city} [nice|worth a visit] in spring?",
    "recommend a book about {topic}",
    "help me write a birthday card for {person}",
    "what rhymes with {word}?",
    "why do people [love|hate] {food} so much?",
    "give me three ideas for a party with a {word} theme",
    "what is the meaning of the word {word}?",
    "draft a [text|letter] to {person} about {topic}",
    "who would win, an {animal} or a {animal}?",
    "what should i wear in {city} this week?",
    "my friend {person} never answers my messages, what should i do?",
    "sing me a song about a {word}",
    "compare {topic} and {topic} [for me|in two sentences]",
    "do you ever get {mood}?",
    "i can't decide between {food} and {food}, pick one.",
    "what are common mistakes people make with {topic}?",
    "invent a [superhero|villain] whose power has to do with a {word}",
    "how long has {topic} been popular?",
    "what would {figure} say about {topic}?",
    "translate the feeling of being {mood} into a metaphor",
    "summarise the life of {figure} in a [tweet|haiku]",
    "give me a pep talk, i'm {mood}",
    "what's your favourite thing about {city}?",
    "come up with a slogan for {topic}",
    "how would you describe {food} to an alien?",
    "i want to surprise {person} with something about {topic}, ideas?",
    "is it true that an {animal} can remember faces?",
    "what should i ask {person} on our first date?",
    "write the opening line of a novel set in {city}",
)


def small_talk(rng: random.Random) -> tuple[list[Piece], str]:
    """Return an off-topic request as pieces, and its kind."""
    phrasing = parse(rng.choice(_TEMPLATES))
    values = dict.fromkeys(phrasing.mentioned, "")
    pieces = phrasing.expand(rng, values, lambda name, style: rng.choice(_POOLS[name]))
    return pieces, phrasing.kind
