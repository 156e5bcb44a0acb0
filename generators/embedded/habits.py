"""Plants mistakes that a generator makes again and again. Off unless asked for.

A model's errors are no coin flips: asked again it gives the same wrong answer ("Too Consistent to
Detect", EMNLP 2025), and what it gets wrong depends on the tool, the parameter and the words of the
query. A `Habit` is such an error: one mistake with one tool, or one of its parameters, which shows
in most of the drafts whose query has a certain wording. `habits_of` draws the habits of a made-up
generator, `HabitualGenerator` plants them. `generators/embedded/faults.py` has the other errors:
those that are drawn anew for every draft.
"""

import copy
import json
import random
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from api_registry.types import Api, JsonSchema, Model, Tool
from generators.embedded.generator import phrasing_of, split_phrasings
from generators.types import Completion, DraftPlan, Generator, Request

Call = dict[str, Any]
_RATES = (0.5, 1.0)
"""A habit is what a generator does more often than not; nothing more is assumed of it."""
_FACTORS = (10, 12, 60, 100, 1000)


class Habit(Model):
    """One mistake that a generator makes in most of the drafts of one kind."""

    api: str
    """Name of the API that the draft calls first."""
    wording: str
    """The phrasing of its query, as the API's template has it."""
    parameter: str | None = None
    """Which argument is wrong; None where it is the call as a whole."""
    mistake: str
    """One of `MISTAKES`: of `CALL_MISTAKES` where it is the call that is wrong."""
    rate: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Share of those drafts in which it shows."""

    @model_validator(mode="after")
    def _known(self) -> Self:
        known = CALL_MISTAKES if self.parameter is None else VALUE_MISTAKES | ARGUMENT_MISTAKES
        if self.mistake not in known:
            raise ValueError(f"unknown mistake `{self.mistake}`; known: {', '.join(sorted(known))}")
        return self


def _is_number(schema: JsonSchema) -> bool:
    return schema.get("type") in ("integer", "number") and "enum" not in schema


def _is_text(schema: JsonSchema) -> bool:
    return schema.get("type") == "string" and "enum" not in schema and "format" not in schema


def _default(value: Any, name: str, schema: JsonSchema, rng: random.Random) -> Any:
    """What is filled in whatever the query says: the default, the first option, or about one."""
    if "default" in schema:
        return schema["default"]
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "boolean":
        return True
    return min(max(1, schema.get("minimum", 1)), schema.get("maximum", 1e9))


def _other_case(value: str, name: str, schema: JsonSchema, rng: random.Random) -> str:
    return value.lower() if value != value.lower() else value.capitalize()


def _day_off(value: str, name: str, schema: JsonSchema, rng: random.Random) -> str:
    return (date.fromisoformat(value) + timedelta(days=rng.choice((-1, 1)))).isoformat()


Fits = Callable[[JsonSchema], bool]
ValueMistake = Callable[[Any, str, JsonSchema, random.Random], Any]
VALUE_MISTAKES: dict[str, tuple[Fits, ValueMistake]] = {
    "number_as_text": (_is_number, lambda value, name, schema, rng: str(value)),
    "unconverted_unit": (
        _is_number,
        lambda value, name, schema, rng: value * rng.choice(_FACTORS),
    ),
    "off_by_one": (_is_number, lambda value, name, schema, rng: value + rng.choice((-1, 1))),
    "filled_default": (
        lambda schema: _is_number(schema) or "enum" in schema or schema.get("type") == "boolean",
        _default,
    ),
    "other_case": (_is_text, _other_case),
    "named_value": (
        _is_text,
        lambda value, name, schema, rng: f"{name.replace('_', ' ')} {value}",
    ),
    "day_off": (lambda schema: schema.get("format") == "date", _day_off),
}
"""Mistakes in a value: the schemas of the parameters they are made with, and how."""


def _renamed(call: Call, name: str, rng: random.Random) -> None:
    suffix = rng.choice(("_id", "_name", "_value"))
    call["arguments"] = {
        key + suffix if key == name else key: value for key, value in call["arguments"].items()
    }


def _left_out(call: Call, name: str, rng: random.Random) -> None:
    del call["arguments"][name]


def _swapped(call: Call, name: str, rng: random.Random) -> None:
    """Give the value to the next parameter of its type, and that one's back."""
    values = call["arguments"]
    others = [key for key, value in values.items() if type(value) is type(values[name])]
    other = others[(others.index(name) + 1) % len(others)]
    values[name], values[other] = values[other], values[name]


ARGUMENT_MISTAKES: dict[str, Callable[[Call, str, random.Random], None]] = {
    "renamed_parameter": _renamed,
    "left_out": _left_out,
    "swapped_arguments": _swapped,
}
"""Mistakes with an argument as a whole."""


def _neighbour(calls: list[Call], tool: Tool, tools: Sequence[Tool], rng: random.Random) -> None:
    """Call the offered tool that has most parameters in common, with the arguments it takes."""
    taken = {other.name: set(other.parameters.get("properties", {})) for other in tools}
    own = taken.pop(tool.name)
    alike = max(sorted(taken), key=lambda name: len(taken[name] & own), default=None)
    if alike is None or not taken[alike] & own:
        return
    given = calls[0]["arguments"]
    kept = {name: value for name, value in given.items() if name in taken[alike]}
    calls[0] = {"name": alike, "arguments": kept}


def _renamed_tool(calls: list[Call], tool: Tool, tools: Sequence[Tool], rng: random.Random) -> None:
    calls[0]["name"] = f"{rng.choice(('get', 'do', 'run'))}_{tool.name}"


def _repeated(calls: list[Call], tool: Tool, tools: Sequence[Tool], rng: random.Random) -> None:
    calls.append(copy.deepcopy(calls[0]))


CALL_MISTAKES: dict[str, Callable[[list[Call], Tool, Sequence[Tool], random.Random], None]] = {
    "neighbour_tool": _neighbour,
    "renamed_tool": _renamed_tool,
    "repeated_call": _repeated,
}
"""Mistakes with the call as a whole."""

MISTAKES = (*VALUE_MISTAKES, *ARGUMENT_MISTAKES, *CALL_MISTAKES)


def possible_mistakes(api: Api, parameter: str | None) -> tuple[str, ...]:
    """The mistakes that can be made with an API's parameter, or (None) with its whole call."""
    if parameter is None:
        return tuple(CALL_MISTAKES)
    properties = api.parameters.get("properties", {})
    schema = properties[parameter]
    found = [kind for kind, (fits, _) in VALUE_MISTAKES.items() if fits(schema)]
    alike = sum(other.get("type") == schema.get("type") for other in properties.values())
    found += [kind for kind in ARGUMENT_MISTAKES if kind != "swapped_arguments" or alike > 1]
    return tuple(found)


def habits_of(apis: Sequence[Api], share: float, seed: int) -> tuple[Habit, ...]:
    """Draw the habits of a generator that together show in about a share of the drafts.

    Which mistake it makes is decided once for every API and parameter (or whole call), evenly among
    those possible; with which parameter it errs in which wording, and how often, by the seed too.
    With a smaller share, the same seed has the first of the same habits.
    """
    places = [(api, text) for api in apis for text in split_phrasings(api)[0]]
    rng = random.Random(f"habits/{seed}")
    rng.shuffle(places)
    habits: list[Habit] = []
    reached = 0.0
    for api, wording in places:
        parameter = rng.choice((*api.parameters.get("properties", {}), None))
        own = random.Random(f"habit/{seed}/{api.name}/{parameter}")
        mistake = own.choice(possible_mistakes(api, parameter))
        rate = rng.uniform(*_RATES)
        more = reached + rate / (len(apis) * len(split_phrasings(api)[0]))
        if abs(more - share) > abs(reached - share):
            break
        reached = more
        habits.append(
            Habit(api=api.name, wording=wording, parameter=parameter, mistake=mistake, rate=rate)
        )
    return tuple(habits)


class HabitualGenerator:
    """A generator that makes the same mistakes again and again."""

    def __init__(self, inner: Generator, habits: Sequence[Habit], *, seed: int = 0) -> None:
        """Plant `habits`; the seed decides in which drafts they show, and the details of each."""
        self.inner = inner
        self.name = inner.name
        self.seed = seed
        self._habits = {(habit.api, habit.wording): habit for habit in habits}

    def shown(self, plan: DraftPlan, attempt: int = 0) -> Habit | None:
        """The habit meant to show in a draft; where it cannot be, the draft stays right."""
        if not (self._habits and plan.targets):
            return None
        habit = self._habits.get((plan.targets[0].name, phrasing_of(plan, attempt).text))
        if habit is None:
            return None
        drawn = random.Random(f"shown/{self.seed}/{plan.seed}/{attempt}").random()
        return habit if drawn < habit.rate else None

    async def draft(self, request: Request) -> Completion:
        """Answer as the inner generator does, with mistakes."""
        completion = await self.inner.draft(request)
        found = [self.shown(plan, request.attempt) for plan in request.plans]
        if not any(found):
            return completion
        answer = json.loads(completion.text)
        for plan, habit, pair in zip(request.plans, found, answer["pairs"], strict=True):
            if habit is not None and pair["answers"]:
                rng = random.Random(f"details/{self.seed}/{habit.api}/{habit.parameter}")
                make_mistake(habit, pair["answers"], plan, rng)
        return completion.model_copy(update={"text": json.dumps(answer, ensure_ascii=False)})


def make_mistake(habit: Habit, calls: list[Call], plan: DraftPlan, rng: random.Random) -> None:
    """Make the mistake in the first of a draft's calls, in place; nothing where it cannot be.

    `rng` decides details, such as the factor of a unit: seeded alike, they are always the same.
    """
    call = calls[0]
    tool = next((tool for tool in plan.tools if tool.name == call["name"]), None)
    if tool is None or tool.api != habit.api:
        return
    if habit.parameter is None:
        CALL_MISTAKES[habit.mistake](calls, tool, plan.tools, rng)
        return
    renamed = {original: shown for shown, original in tool.argument_names.items()}
    name = renamed.get(habit.parameter, habit.parameter)
    if name not in call["arguments"]:
        return
    if habit.mistake in ARGUMENT_MISTAKES:
        ARGUMENT_MISTAKES[habit.mistake](call, name, rng)
    else:
        _, other = VALUE_MISTAKES[habit.mistake]
        value, schema = call["arguments"][name], tool.parameters["properties"][name]
        call["arguments"][name] = other(value, name, schema, rng)
