"""From the plans of a request to the messages that a model is sent."""

from typing import Any

from api_registry.types import Tool, tool_of
from data.identity import compact_json, tool_json
from generators.llm.delimiting import delimited
from generators.llm.variety import manner_of
from generators.prompts import generator_prompt, prompt
from generators.types import DraftPlan, Example, Mistake
from generators.variants import shown_name


def messages(
    plans: tuple[DraftPlan, ...],
    *,
    thoughts: bool,
    mistake: Mistake | None = None,
    examples: tuple[Example, ...] = (),
) -> list[dict[str, str]]:
    """The static prompt first, then examples, then the tasks.

    A task that is done again has its mistake after it.
    """
    tasks = [
        f"## Task {place}\n<task>{_escaped(compact_json(_task(plan)))}</task>\n"
        f"<tools>[{','.join(_escaped(tool_json(tool)) for tool in plan.tools)}]</tools>"
        for place, plan in enumerate(plans, start=1)
    ]
    asked = "one pair" if len(plans) == 1 else f"{len(plans)} pairs, in the order of the tasks"
    shown = [f"## Example\n{_escaped(compact_json(_pair(example)))}" for example in examples]
    closing = f"Write {asked}." + (" Give a thought with each." if thoughts else "")
    return [
        {"role": "system", "content": generator_prompt()},
        {"role": "user", "content": "\n\n".join([*shown, *tasks, *_again(mistake), closing])},
    ]


def _again(mistake: Mistake | None) -> list[str]:
    if mistake is None:
        return []
    return [prompt("again"), delimited("mistake", compact_json(mistake.model_dump()))]


def _task(plan: DraftPlan) -> dict[str, Any]:
    """What the plan says about one pair, in the words that the prompt explains."""
    manner = manner_of(plan.seed)
    task: dict[str, Any] = {"style": plan.style}
    if plan.style == "irrelevant":
        if plan.targets:
            about = tool_of(plan.targets[0])
            task["about"] = _shown(about)
    else:
        names = {tool.api: tool.name for tool in plan.tools}
        task["call"] = [names[api.name] for api in plan.targets]
    if plan.missing is not None:
        task["leave_out"] = shown_name(plan.targets[0], plan.missing, plan.tools)
    if plan.context is not None:
        task["system"] = plan.context.system_text()
    task |= {"tone": plan.register_name, "length": manner.length, "persona": manner.persona}
    if manner.typos:
        task["typos"] = "one or two slips, none in a value"
    if plan.language != "en":
        task["language"] = plan.language
    return task


def _pair(example: Example) -> dict[str, Any]:
    pair: dict[str, Any] = {"query": example.query, "answers": example.answers}
    return pair if example.answers else pair | {"reply": example.reply}


def _shown(tool: Tool) -> dict[str, Any]:
    return {"name": tool.name, "description": tool.description, "parameters": tool.parameters}


def _escaped(text: str) -> str:
    """JSON in which no text can end the tags around it."""
    return text.replace("<", "\\u003c")
