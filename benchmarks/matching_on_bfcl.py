"""Call matching against `bfcl-eval` itself: `python benchmarks/matching_on_bfcl.py --bfcl ENV`.

Every single-turn Python question of BFCL (2,351): its own answers fed back, in `--each` choices
among the allowed values, then each with mutations of the kinds below. `match_calls(mode="bfcl")`
must give the verdict and, where calls are wrong, the error type that `bfcl-eval` gives. `ENV` is
a virtual environment of its own:

    python3 -m venv /tmp/bfcl && /tmp/bfcl/bin/pip install --no-deps bfcl-eval
    python benchmarks/matching_on_bfcl.py --bfcl /tmp/bfcl

Exits 1 when a verdict differs, 2 when there is no `bfcl-eval`.
"""

import argparse
import copy
import json
import random
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

# Run as a file, Python would take the verifiers' benchmark for the package `verifiers`.
sys.path[0] = str(Path(__file__).parent.parent)

from flows.evaluation.questions import read_bfcl
from verifiers.matching import match_calls

Calls = list[dict[str, dict[str, Any]]]
Mutation = Callable[[Calls, dict[str, Any], random.Random], Any]


def questions(data: Path) -> Iterator[dict[str, Any]]:
    """Those with answers, as BFCL has them: what `bfcl-eval` is given as well."""
    for question in read_bfcl(data).questions:
        if question.expected:
            yield {
                "category": question.category,
                "tools": list(question.functions),
                "expected": list(question.expected),
            }


def chosen(value: Any, rng: random.Random) -> Any:
    """One of the allowed values, in objects and lists of objects as well."""
    if isinstance(value, list):
        return [chosen(item, rng) for item in value]
    if isinstance(value, dict) and all(isinstance(part, list) for part in value.values()):
        picked = {key: rng.choice(part) for key, part in value.items() if part}
        return {key: chosen(part, rng) for key, part in picked.items() if part != ""}
    return value


def right_calls(case: dict[str, Any], rng: random.Random) -> Calls:
    calls: Calls = []
    for entry in case["expected"]:
        [(name, allowed)] = entry.items()
        made = {}
        for key, values in allowed.items():
            if "" in values and rng.random() < 0.5:
                continue
            options = [value for value in values if value != ""]
            if options:
                made[key] = chosen(rng.choice(options), rng)
        calls.append({name: made})
    return calls


def changed(change: Callable[[Any, random.Random], Any]) -> Mutation:
    """One argument changed; `change` returns ... where it does not apply."""

    def mutate(calls: Calls, case: dict[str, Any], rng: random.Random) -> bool:
        places = [(made, key) for call in calls for made in call.values() for key in made]
        rng.shuffle(places)
        for made, key in places:
            new = change(made[key], rng)
            if new is not ...:
                made[key] = new
                return True
        return False

    return mutate


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def wrong_type(value: Any, rng: random.Random) -> Any:
    return rng.choice([str(value), [value], {"value": value}, None, True, 7, 7.5, "", [], {}])


def other_value(value: Any, rng: random.Random) -> Any:
    if isinstance(value, bool):
        return not value
    if is_number(value):
        return value + rng.choice((1, -1, 10))
    return f"{value} x" if isinstance(value, str) else ...


def spelling(value: Any, rng: random.Random) -> Any:
    if isinstance(value, list):
        return [spelling(item, rng) if isinstance(item, str) else item for item in value] or ...
    if not isinstance(value, str) or not value:
        return ...
    return rng.choice(
        [value.upper(), value.replace(" ", ""), value.replace(" ", "_"), f"{value}.", f"*{value}*",
         value.replace('"', "'"), value.replace("'", '"'), value.replace(",", ""), f"{value}!",
         value.replace("-", "/"), f"({value})", value.replace("é", "e"), value.title()]
    )  # fmt: skip


def nested(value: Any, rng: random.Random) -> Any:
    """A list or object changed inside."""
    new = copy.deepcopy(value)
    if isinstance(new, list) and new:
        place = rng.randrange(len(new))
        kind = rng.randrange(6)
        if kind == 0:
            new.pop(place)
        elif kind == 1:
            new.insert(place, new[place])
        elif kind == 2:
            rng.shuffle(new)
        elif kind == 3 and isinstance(new[place], dict):
            new[place] = nested(new[place], rng)
        else:
            new[place] = rng.choice([wrong_type, other_value, spelling, number_kind])(
                new[place], rng
            )
        return ... if any(item is ... for item in new) else new
    if isinstance(new, dict) and new:
        key = rng.choice(list(new))
        kind = rng.randrange(4)
        if kind == 0:
            del new[key]
        elif kind == 1:
            new["surprise"] = new[key]
        elif kind == 2 and isinstance(new[key], dict | list):
            new[key] = nested(new[key], rng)
        else:
            new[key] = rng.choice([wrong_type, other_value, spelling, number_kind])(new[key], rng)
        return ... if any(item is ... for item in new.values()) else new
    return ...


def number_kind(value: Any, rng: random.Random) -> Any:
    """An integer for a float, a float for an integer, a boolean for either, and back."""
    if isinstance(value, bool):
        return rng.choice([int(value), float(value), str(value)])
    if isinstance(value, int):
        return rng.choice([float(value), bool(value), str(value)])
    if isinstance(value, float):
        return rng.choice([int(value), bool(value), str(value)])
    return ...


def missing(calls: Calls, case: dict[str, Any], rng: random.Random) -> bool:
    [made] = rng.choice(calls).values()
    return bool(made) and made.pop(rng.choice(list(made)), None) is not ...


def extra(calls: Calls, case: dict[str, Any], rng: random.Random) -> bool:
    [(name, made)] = rng.choice(calls).items()
    known = [p for t in case["tools"] if t["name"] == name for p in t["parameters"]["properties"]]
    unused = [key for key in known if key not in made] + ["surprise"]
    made[rng.choice(unused)] = rng.choice([1, "x", True, [], {}, 2.5])
    return True


def empty_text(calls: Calls, case: dict[str, Any], rng: random.Random) -> bool:
    """The mark of an optional parameter given as a value, or an empty list or object."""
    entry = rng.randrange(min(len(calls), len(case["expected"])))
    [allowed], [made] = case["expected"][entry].values(), calls[entry].values()
    optional = [key for key, values in allowed.items() if "" in values]
    if optional:
        made[rng.choice(optional)] = rng.choice(["", [], {}, None])
    return bool(optional)


def argument_order(calls: Calls, case: dict[str, Any], rng: random.Random) -> bool:
    for call in calls:
        [(name, made)] = call.items()
        items = list(made.items())
        rng.shuffle(items)
        call[name] = dict(items)
    return True


def call_order(calls: Calls, case: dict[str, Any], rng: random.Random) -> bool:
    rng.shuffle(calls)
    return len(calls) > 1


def call_count(calls: Calls, case: dict[str, Any], rng: random.Random) -> bool:
    if rng.random() < 0.5:
        calls.pop(rng.randrange(len(calls)))
    else:
        calls.insert(rng.randrange(len(calls) + 1), copy.deepcopy(rng.choice(calls)))
    return True


def repeated_call(calls: Calls, case: dict[str, Any], rng: random.Random) -> bool:
    """One call in the place of another: the count is right, the set is not."""
    calls[rng.randrange(len(calls))] = copy.deepcopy(rng.choice(calls))
    return len(calls) > 1


def other_name(calls: Calls, case: dict[str, Any], rng: random.Random) -> bool:
    call = rng.choice(calls)
    [(name, made)] = list(call.items())
    names = [t["name"] for t in case["tools"]]
    call.clear()
    call[rng.choice([*names, name.replace(".", "_"), name.upper(), f"{name}_", "nothing"])] = made
    return True


MUTATIONS: dict[str, Mutation] = {
    "wrong type": changed(wrong_type), "other value": changed(other_value),
    "int, float, bool": changed(number_kind), "case and punctuation": changed(spelling),
    "nested change": changed(nested), "missing argument": missing, "extra argument": extra,
    "optional as empty": empty_text, "argument order": argument_order, "call order": call_order,
    "call count": call_count, "repeated call": repeated_call, "other name": other_name,
}  # fmt: skip


def cases(data: Path, each: int, seed: int) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, case in enumerate(questions(data)):
        rng = random.Random(f"{seed}/{number}")
        for choice in range(each):
            calls = right_calls(case, rng)
            for kind in ("fed back", "dots as _", *MUTATIONS, "two at once"):
                mutated = copy.deepcopy(calls)
                if kind == "two at once":
                    for mutation in rng.sample(list(MUTATIONS.values()), 2):
                        if mutated:
                            mutation(mutated, case, rng)
                elif kind in MUTATIONS and not MUTATIONS[kind](mutated, case, rng):
                    continue
                dots = kind == "dots as _" or (choice + number) % 5 == 0
                if kind == "dots as _":
                    mutated = [
                        {n.replace(".", "_"): m for n, m in call.items()} for call in mutated
                    ]
                yield kind, {**case, "predicted": mutated, "underscore_to_dot": dots}


def reference(python: Path, lines: list[str]) -> list[dict[str, Any]]:
    script = Path(__file__).with_name("bfcl_reference.py")
    done = subprocess.run(
        [str(python), str(script)],
        input="\n".join(lines), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"bfcl-eval did not run: {done.stderr[-500:]}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def measure(data: Path, python: Path, each: int, seed: int) -> bool:
    made = list(cases(data, each, seed))
    theirs = reference(python, [json.dumps(case) for _, case in made])
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    types: Counter[str] = Counter()
    shown = 0
    for (kind, case), verdict in zip(made, theirs, strict=True):
        ours = match_calls(
            case["predicted"], case["expected"], case["tools"], mode="bfcl",
            underscore_to_dot=case["underscore_to_dot"],
        )  # fmt: skip
        counts[kind]["cases"] += 1
        if "raised" in verdict:
            counts[kind]["theirs raised"] += 1
            counts[kind]["accepted though theirs raised"] += ours.valid
            continue
        types["valid" if verdict["valid"] else verdict["error_type"]] += 1
        counts[kind]["valid"] += verdict["valid"]
        wanted = (verdict["valid"], None if verdict["valid"] else verdict["error_type"])
        if (ours.valid, ours.error_type) != wanted:
            counts[kind]["different"] += 1
            if shown < 10:
                shown += 1
                print(f"{kind}: theirs {wanted}, ours {ours}\n  {json.dumps(case)[:1500]}")
    columns = ("cases", "valid", "different", "theirs raised", "accepted though theirs raised")
    print(f"{'kind':24}" + "".join(f"{column:>15.14}" for column in columns))
    for kind, count in counts.items():
        print(f"{kind:24}" + "".join(f"{count[column]:>15,}" for column in columns))
    print("\nerror types met: " + ", ".join(f"{kind} {n:,}" for kind, n in types.most_common()))
    compared = sum(types.values())
    different = sum(count["different"] for count in counts.values())
    print(f"{compared:,} verdicts compared, {different} differ: "
          f"{1 - different / compared:.3%} agree (aim 100 %)")  # fmt: skip
    return different == 0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bfcl", type=Path, required=True, help="virtual environment of bfcl-eval")
    parser.add_argument("--each", type=int, default=2, help="choices of right calls per question")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    found = sorted(arguments.bfcl.glob("lib/python3*/site-packages/bfcl_eval/data"))
    if not found:
        parser.error(f"--bfcl `{arguments.bfcl}` holds no bfcl_eval; see --help")
    python = arguments.bfcl / "bin" / "python"
    sys.exit(0 if measure(found[0], python, arguments.each, arguments.seed) else 1)


if __name__ == "__main__":
    main()
