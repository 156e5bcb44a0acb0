"""Finding benchmark questions: `python benchmarks/decontamination.py [--clean 3000]`.

Questions written for this purpose are put in a table, as a benchmark's would be, and probes are
made of each: verbatim, case and punctuation changed, small talk around it, numbers changed. Beside
them stand look-alikes written by hand, about the same thing in other words or about another thing
in like words, and queries of the embedded generator against the shipped table of BFCL. Prints
recall by kind of probe, for short questions (under 13 words) and long ones, and false positives.
Exits 1 when an aim is missed.
"""

import argparse
import re
import sys
from collections.abc import Callable
from pathlib import Path

# Run as a file, Python would take its neighbour `verifiers.py` for the package of that name.
sys.path[0] = str(Path(__file__).parent.parent)

from api_registry.registry import load_apis
from data.contamination.table import RUN, SHIPPED, QuestionTable
from data.contamination.words import words_of
from flows.config import CATALOG
from generators.embedded.generator import write
from generators.plan import Plan
from generators.plan_config import PlanConfig

AIM_RECALL, AIM_FALSE = 0.98, 0.001

PAIRS: tuple[tuple[str, str], ...] = (
    (
        "Convert 150 euros to Japanese yen.",
        "How many Japanese yen do I get for my euros?",
    ),
    (
        "Set an alarm for 6:30 tomorrow morning.",
        "Set a timer for the eggs, 6 minutes.",
    ),
    (
        "What's the weather like in Oslo this weekend?",
        "What's the traffic like in Oslo on Sunday?",
    ),
    (
        "Find the roots of 3x^2 - 11x - 4 = 0.",
        "Find the slope of the line through (3, 11).",
    ),
    (
        "Book a table for 4 at 19:00 near the harbour.",
        "Is the table near the harbour taken at 19:00?",
    ),
    (
        "Play the album Blue Lines from track 3.",
        "Which track of Blue Lines is the longest?",
    ),
    (
        "How far is it from Porto to Vigo by train?",
        "How long does a train take to leave Porto?",
    ),
    (
        "Translate 'good evening, everybody' into Finnish.",
        "Say good evening to everybody in Finnish.",
    ),
    (
        "Compute the compound interest on 2,000 at 4% for 7 years.",
        "Explain how compound interest differs from simple interest over 7 years.",
    ),
    (
        "Remind me to water the plants every 3 days.",
        "How often should I water a cactus?",
    ),
    (
        "Turn the living room lights down to 20 percent.",
        "Are the living room lights on or off?",
    ),
    (
        "Delete all emails older than 90 days from Promotions.",
        "How many emails came into Promotions in the past 90 days?",
    ),
    (
        "I have a recipe for 6 people that asks for 450 grams of flour, 3 eggs and 200 "
        "millilitres of milk, and I need the amounts for 10 people instead.",
        "My recipe makes pancakes for 6 people; how much flour is usual, and does buttermilk "
        "work in place of the milk?",
    ),
    (
        "Could you look up flights from Lyon to Dublin on 14 March, returning on 21 March, "
        "for two adults and one child, with no more than one stop?",
        "We are two adults and one child and would like to know how much luggage we may take "
        "on a flight to Dublin with a stop in between.",
    ),
    (
        "Given a rectangle whose length is 12 metres and whose width is 7 metres, calculate "
        "the length of its diagonal and then the area of the circle around it.",
        "Calculate how many tiles of 12 by 7 centimetres cover a rectangle, and how much of "
        "the last row must be cut off.",
    ),
    (
        "Please move my dentist's appointment from Tuesday at 10 to the first free slot on "
        "Thursday afternoon and let Maria know about the change by message.",
        "When is my next appointment with the dentist, and is there anything else in my "
        "calendar on the same afternoon?",
    ),
    (
        "Search the customer database for all orders over 500 dollars that were placed in the"
        " last 30 days and have not been shipped yet, and export them as a CSV file.",
        "Count the customers in the database that ordered something for the first time this "
        "year, and group them by country.",
    ),
    (
        "Using the capital asset pricing model, what return should I expect from a stock with"
        " a beta of 1.3 if the risk-free rate is 2 percent and the market returns 9 percent?",
        "What does the beta of a stock tell me, and how would I estimate it from 36 months of"
        " returns of the stock and of the market?",
    ),
)
"""A question, and something that looks like it and is another."""

MORE = (
    "How tall is the Matterhorn?",
    "Tell me the way to the library.",
    "Add 17, 23 and 99 together, then divide the sum by 3 and round up.",
    "I need a password with 16 characters.",
    "Is the word 'level' a palindrome?",
    "Which day of the week was 4 July 1976?",
)
"""Clean questions that are like none of the above."""

_TALK = ("Hi there, hope you are well! ", " That would be great, thank you so much.")


def _other_numbers(text: str) -> str:
    return re.sub(r"\d+", lambda found: str(int(found[0]) * 3 + 7), text)


PROBES: dict[str, Callable[[str], str]] = {
    "verbatim": lambda text: text,
    "case": str.upper,
    "punctuation": lambda text: re.sub(r"[,.?]+(?= |$)", " ...", text),
    "small talk around": lambda text: _TALK[0] + text + _TALK[1],
    "numbers changed": _other_numbers,
    "talk and numbers": lambda text: _TALK[0] + _other_numbers(text) + _TALK[1],
}


def recall(table: QuestionTable) -> bool:
    """Print recall by kind of probe; whether the aim is met."""
    caught = asked = 0
    print(f"{'probe':20} {'short':>9} {'long':>9}")
    for kind, change in PROBES.items():
        counts = []
        for wanted in (True, False):
            questions = [text for text, _ in PAIRS if (len(words_of(text)) < RUN) == wanted]
            found = sum(table.find(change(text)) is not None for text in questions)
            counts.append(f"{found}/{len(questions)}")
            caught, asked = caught + found, asked + len(questions)
        print(f"{kind:20} {counts[0]:>9} {counts[1]:>9}")
    met = caught / asked >= AIM_RECALL
    print(f"recall {caught / asked:.4f} of {asked} probes (aim {AIM_RECALL})")
    return met


def false_positives(table: QuestionTable, clean: int) -> bool:
    """Print how many clean texts are called contaminated; whether the aim is met."""
    alike = [text for _, text in PAIRS] + list(MORE)
    wrong = [text for text in alike if table.find(text)]
    print(f"look-alikes taken for questions: {len(wrong)} of {len(alike)} (aim 0)")
    for text in wrong:
        print(f"  {text}")
    plan = Plan(load_apis([CATALOG]).apis, PlanConfig(), seed=11, shard_size=1000)
    shipped = QuestionTable.load(SHIPPED)
    queries = [write(plan(index)).query for index in range(clean)]
    hits = [(hit.kind, hit.source, text) for text in queries if (hit := shipped.find(text))]
    print(f"generated queries taken for BFCL's: {len(hits)} of {clean:,} (aim {AIM_FALSE:.1%})")
    for kind, source, text in hits[:10]:
        print(f"  {kind} {source}: {text}")
    return not wrong and len(hits) <= AIM_FALSE * clean


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clean", type=int, default=3000, help="generated queries to compare")
    options = parser.parse_args()
    table = QuestionTable()
    for number, (text, _) in enumerate(PAIRS):
        table.add(f"probe:{number}", text)
    met = [recall(table), false_positives(table, options.clean)]
    sys.exit(0 if all(met) else 1)


if __name__ == "__main__":
    main()
