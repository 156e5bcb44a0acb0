"""What the assistant says where no call is right: it cannot help, or asks what is missing."""

import random
from collections.abc import Sequence

from api_registry.types import Api, Tool
from generators.embedded.naming import label_of
from generators.embedded.nesting import humanise
from generators.embedded.tasks import task_of

_CANNOT = (
    "I can't {task} with the tools I have.",
    "None of the tools available to me can {task}.",
    "Sorry, there is no tool here that lets me {task}.",
    "I'm afraid I have no way to {task} right now.",
    "That would need a tool that can {task}, and I don't have one.",
    "I don't have a tool to {task}.",
    "To {task} I would need a tool that isn't offered here.",
    "My tools don't cover this: none of them can {task}.",
    "I looked through the tools I was given, but none can {task}.",
    "Unfortunately I'm not able to {task} here.",
)
_OFF_TOPIC = (
    "My tools can't help with that.",
    "None of the tools I have is made for this request.",
    "I'm sorry, that is outside what my tools can do.",
    "There is no tool here that fits your request.",
    "I can't do that with the tools I've been given.",
    "That isn't something the available tools can help with.",
    "The tools offered here don't cover that.",
    "I don't have a suitable tool for this.",
)
_INSTEAD = (
    "",
    "",
    " What I can do here is {offer}.",
    " I could {offer}, if that is of use.",
    " They are for other things, such as to {offer}.",
    " If you need me to {offer}, just say so.",
    " Is there anything else, for example to {offer}?",
)
_ASK = (
    "Could you tell me {label}?",
    "What is {label}?",
    "I still need {label}. Could you give it to me?",
    "To do that I need to know {label}.",
    "Happy to help. Please tell me {label}.",
    "Before I can go on, please let me know {label}.",
    "Sure, but one thing is missing: {label}. What should I use?",
    "I can do that once I know {label}.",
    "You haven't mentioned {label} yet. What should it be?",
    "Which value should I use for {label}?",
    "May I ask for {label}?",
    "One detail is missing: {label}.",
)


def refusal(target: Api | None, tools: Sequence[Tool], rng: random.Random) -> str:
    """Say plainly what the offered tools cannot do."""
    said = (
        rng.choice(_CANNOT).format(task=task_of(target.description))
        if target
        else (rng.choice(_OFF_TOPIC))
    )
    instead = rng.choice(_INSTEAD)
    if tools and instead:
        said += instead.format(offer=task_of(rng.choice(tools).description))
    return said


def question(api: Api, missing: str, rng: random.Random) -> str:
    """Ask for exactly the missing argument."""
    label = label_of(api, missing)
    if rng.random() < 0.3:
        schema = api.parameters["properties"][missing]
        options = schema.get("enum", ())
        if 1 < len(options) <= 4:
            names = [humanise(str(option)) for option in options]
            return f"{rng.choice(_ASK).format(label=label)} It can be " + (
                f"{', '.join(names[:-1])} or {names[-1]}."
            )
    return rng.choice(_ASK).format(label=label)
