"""Dice, chess, words and ratings."""

import random
from typing import Annotated, Literal

from pydantic import Field

from api_registry.decorator import api

DiceCount = Annotated[int, Field(ge=2, le=6)]
Sides = Literal[4, 6, 8, 10, 12, 20]
Square = Annotated[
    str,
    Field(
        pattern="^[a-h][1-8]$",
        examples=["e4", "a1", "h8", "d5", "g7", "b3", "c6", "f2", "h1", "e7", "a6", "d4"],
    ),
]

_LETTER_POINTS = {
    letter: points
    for points, letters in {
        1: "aeilnorstu", 2: "dg", 3: "bcmp", 4: "fhvwy", 5: "k", 8: "jx", 10: "qz",
    }.items()
    for letter in letters
}  # fmt: skip
_STRAIGHT = ((1, 0), (-1, 0), (0, 1), (0, -1))
_DIAGONAL = ((1, 1), (1, -1), (-1, 1), (-1, -1))
_JUMPS = ((1, 2), (2, 1), (2, -1), (1, -2), (-1, -2), (-2, -1), (-2, 1), (-1, 2))


@api(
    category="games",
    examples=[
        {"dice_count": 2, "sides": 6, "target_total": 9, "comparison": "at_least"},
        {"dice_count": 3, "sides": 6, "target_total": 10, "comparison": "exactly"},
        {"dice_count": 4, "sides": 8, "target_total": 12, "comparison": "at_most"},
    ],
    phrasings=[
        "[calculate|work out|find] the [odds|chances|probability] of rolling "
        "{comparison=at_least:at least}{comparison=at_most:at most}{comparison=exactly:exactly} "
        "{target_total} with {dice_count} dice<, each with {sides} sides>",
        "[tell me|compute] how likely a total of {target_total}{comparison=at_least: or more}"
        "{comparison=at_most: or less}{comparison=exactly: exactly} is [on|with]< {dice_count}> "
        "{sides}-sided dice",
        "[work out|give me] the chance that {dice_count} {sides}-sided dice [total|add up to]"
        "< {comparison=at_least:at least}{comparison=at_most:no more than}"
        "{comparison=exactly:exactly}> {target_total}",
        "[find|calculate] the chance that the sum of {dice_count} {sides}-sided dice is "
        "{comparison=at_least:no lower than}{comparison=at_most:no higher than}"
        "{comparison=exactly:exactly} [my target|the number i need]<, {target_total}>",
        "what are the [odds|chances|prospects] of getting {comparison=at_least:no less than }"
        "{comparison=at_most:no more than }{comparison=exactly:exactly }{target_total} "
        "from {dice_count} {sides}-sided dice?",
        "how [probable|likely|realistic] is it to roll {comparison=at_least:no less than}"
        "{comparison=at_most:no more than}{comparison=exactly:exactly} {target_total} on "
        "{dice_count} dice with {sides} sides each?",
        "[in our game|to win|to hit the dragon] i have to roll {comparison=at_least:at least}"
        "{comparison=at_most:at most}{comparison=exactly:exactly} {target_total} with {dice_count} "
        "{sides}-sided dice and [i want|i'd like] to know my chances.",
    ],
)
def dice_odds(
    dice_count: DiceCount,
    sides: Sides,
    target_total: Annotated[int, Field(ge=4, le=40)],
    comparison: Literal["at_least", "at_most", "exactly"],
) -> dict[str, int | float]:
    """Calculate the chance that several dice reach a total.

    Args:
        dice_count: Number of dice that are rolled together.
        sides: Number of sides of each die.
        target_total: Total to compare the dice with.
        comparison: How the dice must compare with the total.
    """
    ways = {0: 1}
    for _ in range(dice_count):
        further: dict[int, int] = {}
        for total, count in ways.items():
            for face in range(1, sides + 1):
                further[total + face] = further.get(total + face, 0) + count
        ways = further
    exactly = ways.get(target_total, 0)
    below = sum(count for total, count in ways.items() if total < target_total)
    outcomes = sum(ways.values())
    favourable = {
        "exactly": exactly,
        "at_most": below + exactly,
        "at_least": outcomes - below,
    }[comparison]
    return {
        "favourable": favourable,
        "outcomes": outcomes,
        "probability": round(favourable / outcomes, 6),
    }


@api(
    category="games",
    examples=[
        {"dice_count": 3, "sides": 6, "seed": 42},
        {"dice_count": 4, "sides": 6, "seed": 7, "drop_lowest": True},
        {"dice_count": 2, "sides": 20, "seed": 1234, "bonus": 5},
    ],
    phrasings=[
        "[roll|throw]< {dice_count}> {sides}-sided dice with [random |]seed {seed:digits}"
        "{drop_lowest=true:, dropping the lowest}< and add {bonus}>",
        "[simulate|do|make] a roll of {dice_count} dice< with {sides} sides each>, using "
        "{seed:digits} as the seed< and a bonus of {bonus}>",
        "[throw|toss|roll] {dice_count} {sides}-sided dice for me in a repeatable way"
        "<, seeded with {seed:digits}>{drop_lowest=true: and [leave out|discard] the worst one}",
        "what [do|would] i get [if|when] i [roll|throw] {dice_count} {sides}-sided dice with "
        "seed {seed:digits}"
        "{drop_lowest=true: and drop the lowest}?",
        "what [comes up|shows|lands] on {dice_count} {sides}-sided dice when the seed is "
        "{seed:digits}"
        "<, with {bonus} added>?",
        "[i need|my character needs|our game needs] a roll of {dice_count} {sides}-sided dice, "
        "seed {seed:digits}<, plus {bonus}>{drop_lowest=true:, without the lowest die}.",
    ],
)
def roll_dice(
    dice_count: DiceCount,
    sides: Sides,
    seed: Annotated[int, Field(ge=1, le=9999)],
    bonus: Annotated[int, Field(ge=1, le=10)] | None = None,
    drop_lowest: bool = False,
) -> dict[str, int | list[int]]:
    """Roll dice in a repeatable way: the same seed gives the same roll.

    Args:
        dice_count: Number of dice to roll.
        sides: Number of sides of each die.
        seed: Seed of the random generator.
        bonus: Number to add to the total.
        drop_lowest: Whether the lowest die does not count.
    """
    generator = random.Random(seed)
    rolls = [generator.randint(1, sides) for _ in range(dice_count)]
    counted = sorted(rolls)[1:] if drop_lowest else rolls
    return {"rolls": rolls, "total": sum(counted) + (bonus or 0)}


@api(
    category="games",
    examples=[{"square": "a1"}, {"square": "e4"}, {"square": "h1"}],
    phrasings=[
        "[tell me|find out|look up] the colour of a chess square<, namely {square}>",
        "[check|determine] whether {square} is a [light|white] or a [dark|black] square[ in chess|"
        " on a chessboard]",
        "[name|give me] the colour of [the square |]{square} on a chess board",
        "[what|which] colour is [the chess square |the square ]{square} on a chess board?",
        "is {square} a [light or a dark|white or a black|dark or a light] square on the "
        "chessboard?",
        "[i'm setting up my chess board|i'm playing blindfold chess] and [want|need] to know if "
        "{square} is light or dark.",
    ],
)
def chess_square_color(square: Square) -> str:
    """Tell whether a square of the chess board is light or dark.

    Args:
        square: Square by its file and rank, such as c5.
    """
    file, rank = _position(square)
    return "light" if (file + rank) % 2 else "dark"


@api(
    category="games",
    examples=[
        {"square": "b1", "piece": "knight"},
        {"square": "e4", "piece": "queen"},
        {"square": "h8", "piece": "king"},
    ],
    phrasings=[
        "[list|show me] the squares a {piece} can [reach|move to]< from {square}> on an empty "
        "chess board",
        "[find|work out] where a [chess piece|piece]<, a {piece},> on {square} can [go|move] in "
        "one [chess |]move",
        "[count|list] the moves of a {piece} [standing|placed] on {square} [in chess|on an empty "
        "board]",
        "where [can|could] a {piece} on {square} [move|go][ in chess| next|]?",
        "which [squares|fields] does a {piece} on {square} [attack|control|cover]?",
        "my {piece} [stands|sits] alone on {square} and i [want|need] to [know|see] every square "
        "it can move to.",
    ],
)
def chess_piece_moves(
    square: Square, piece: Literal["knight", "bishop", "rook", "queen", "king"]
) -> list[str]:
    """List the squares that a chess piece reaches in one move on an empty board.

    Args:
        square: Square where the piece stands, such as c5.
        piece: Kind of chess piece.
    """
    file, rank = _position(square)
    steps = {
        "knight": _JUMPS,
        "bishop": _DIAGONAL,
        "rook": _STRAIGHT,
        "queen": _STRAIGHT + _DIAGONAL,
        "king": _STRAIGHT + _DIAGONAL,
    }[piece]
    reach = 1 if piece in ("knight", "king") else 7
    reached = [
        (file + across * far, rank + up * far)
        for across, up in steps
        for far in range(1, reach + 1)
    ]
    return sorted(f"{'abcdefgh'[f]}{r + 1}" for f, r in reached if 0 <= f < 8 and 0 <= r < 8)


@api(
    category="games",
    examples=[
        {"word": "quiz"},
        {"word": "lantern", "bonus_square": "double_word"},
        {"word": "puzzles", "all_tiles_used": True},
    ],
    phrasings=[
        "[score|count] the word {word:quoted} [in|for] Scrabble"
        "{bonus_square=double_word: on a double word square}"
        "{bonus_square=triple_word: on a triple word square}",
        "[work out|tell me] how many [Scrabble points|points in Scrabble] a word is worth"
        "<, the word being {word:quoted}>",
        "[calculate|add up] the Scrabble [score|points] of {word:quoted}"
        "{bonus_square=double_word:, doubled by the square it lies on}"
        "{bonus_square=triple_word:, tripled by the square it lies on}"
        "{all_tiles_used=true:, with [the bonus for using all seven tiles|the bingo bonus]}",
        "how many [tile |]points is {word:quoted} [worth |]in Scrabble"
        "{bonus_square=double_word: if the word counts double}"
        "{bonus_square=triple_word: if the word counts triple}?",
        "what [score|points] would {word:quoted} [bring|get me|earn] in Scrabble"
        "{all_tiles_used=true: when it uses up all my tiles}?",
        "[i'm about to play|my sister just laid|i could play] {word:quoted} in Scrabble"
        "{bonus_square=double_word: across a double word square}"
        "{bonus_square=triple_word: across a triple word square} and [i want|we need] the score.",
    ],
)
def scrabble_score(
    word: Annotated[
        str,
        Field(
            pattern="^[A-Za-z]+$",
            max_length=15,
            examples=[
                "quiz",
                "lantern",
                "puzzles",
                "harbor",
                "zephyr",
                "jacket",
                "oxygen",
                "velvet",
                "crown",
                "wizard",
                "banjo",
                "kayak",
            ],
        ),
    ],
    bonus_square: Literal["double_word", "triple_word"] | None = None,
    all_tiles_used: bool = False,
) -> int:
    """Score a word by the letter values of English Scrabble.

    Args:
        word: Word that is played.
        bonus_square: Premium square that the word covers.
        all_tiles_used: Whether all seven tiles were laid, which brings 50 points.
    """  # fmt: skip
    if not (word.isascii() and word.isalpha()):
        raise ValueError(f"`{word}` holds something other than the letters a to z")
    points = sum(_LETTER_POINTS[letter] for letter in word.lower())
    factor = {None: 1, "double_word": 2, "triple_word": 3}[bonus_square]
    return points * factor + (50 if all_tiles_used else 0)


@api(
    category="games",
    examples=[
        {"player_rating": 1500, "opponent_rating": 1700, "result": "win"},
        {"player_rating": 2100, "opponent_rating": 1950, "result": "draw", "k_factor": 10},
        {"player_rating": 1200, "opponent_rating": 1210, "result": "loss"},
    ],
    phrasings=[
        "[calculate|work out] the new Elo rating of a player rated {player_rating:digits} after a "
        "{result=win:win}{result=draw:draw}{result=loss:loss} against [someone|an opponent]"
        "< rated {opponent_rating:digits}>< with a K-factor of {k_factor}>",
        "[update|adjust] my Elo rating< of {player_rating:digits}> after i "
        "{result=win:beat}{result=draw:drew against}{result=loss:lost to} "
        "[a player|someone] at {opponent_rating:digits}",
        "[find out|tell me] how my rating of {player_rating:digits} [changes|moves] after a game "
        "against a {opponent_rating:digits} player<{result=win: that i won}{result=draw: that "
        "ended in a draw}{result=loss: that i lost}><, K being {k_factor}>",
        "what [is|will be|would be] my Elo if i'm at {player_rating:digits} and "
        "{result=win:[win|prevail]}{result=draw:draw}{result=loss:lose} against "
        "{opponent_rating:digits}< at K {k_factor}>?",
        "how many Elo points does a {player_rating:digits} player {result=win:gain by beating}"
        "{result=draw:gain or lose by drawing with}{result=loss:lose by losing to} "
        "[one|someone|an opponent] rated {opponent_rating:digits}?",
        "[i just|last night i] {result=win:beat}{result=draw:drew with}{result=loss:lost to} a "
        "player rated {opponent_rating:digits}, i was at {player_rating:digits} before, and i "
        "[need|want] my new Elo rating.",
    ],
)
def elo_rating_change(
    player_rating: Annotated[int, Field(ge=1000, le=2400)],
    opponent_rating: Annotated[int, Field(ge=1000, le=2400)],
    result: Literal["win", "draw", "loss"],
    k_factor: Annotated[int, Field(ge=10, le=40, multiple_of=5)] = 20,
) -> dict[str, float]:
    """Calculate how a player's Elo rating changes after a game.

    Args:
        player_rating: Elo rating of the player before the game.
        opponent_rating: Elo rating of the opponent.
        result: Result of the game for the player.
        k_factor: Most points that one game can move.
    """
    expected = 1 / (1 + 10 ** ((opponent_rating - player_rating) / 400))
    change = k_factor * ({"win": 1.0, "draw": 0.5, "loss": 0.0}[result] - expected)
    return {
        "new_rating": round(player_rating + change, 1),
        "change": round(change, 1),
        "expected_score": round(expected, 4),
    }


def _position(square: str) -> tuple[int, int]:
    if len(square) != 2 or square[0] not in "abcdefgh" or square[1] not in "12345678":
        raise ValueError(f"`{square}` is no square; expected a letter a to h and a digit 1 to 8")
    return "abcdefgh".index(square[0]), int(square[1]) - 1
