"""The format stage: do the calls fit the tools that were offered?"""

from api_registry import schema_check
from api_registry.schema_check import check_arguments
from data.types import Sample, Stage, Verdict
from verifiers import pairs


class FormatVerifier:
    """Each call names an offered tool, and its arguments fit the tool's schema exactly."""

    stage: Stage = "format"
    REASONS = {
        **pairs.REASONS,
        **schema_check.REASONS,
        "unknown_tool": "a call to a tool that was not offered",
    }

    async def check(self, sample: Sample) -> Sample:
        """Add one verdict; no value is ever coerced to fit."""
        tools = {tool.name: tool for tool in sample.tools}
        for call in sample.calls:
            tool = tools.get(call.name)
            if tool is None:
                detail = f"{call.id}: no tool `{call.name}`; offered: {', '.join(tools) or 'none'}"[
                    :300
                ]
                return sample.with_verdict(_failed("unknown_tool", detail, call.id))
            problem = check_arguments(tool, call.arguments)
            if problem is not None:
                detail = f"{call.id}.arguments{problem.path}: {problem.message}"
                return sample.with_verdict(_failed(problem.reason, detail, call.id))
        return sample.with_verdict(_PASSED)


_PASSED = Verdict(stage="format", passed=True)


def _failed(reason: str, detail: str, call: str) -> Verdict:
    return Verdict(stage="format", passed=False, reason=reason, detail=detail, call=call)
