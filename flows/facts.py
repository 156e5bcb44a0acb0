"""What determines a run's content, and so its identity."""

from collections.abc import Sequence

from api_registry.registry import digest
from api_registry.types import Api
from data.schema import SCHEMA_VERSION
from flows.config import RunConfig
from generators.build import closer_version_of, version_of
from verifiers.judge.prompting import prompts_name


def run_facts(config: RunConfig, apis: Sequence[Api]) -> dict[str, object]:
    """What determines a run's content; everything else may differ between two resumes of it."""
    judges = (
        {"judge": config.judge.facts(), "judge_version": prompts_name()}
        if config.judge.models
        else {}
    )
    closing = {"closer": closer_version_of(config.generator)} if config.plan.final_answer else {}
    return {
        "schema_version": SCHEMA_VERSION,
        "seed": config.seed or 0,
        "apis": digest(apis),
        "plan": config.plan.facts(),
        "generator": config.generator.facts(),
        "generator_version": version_of(config.generator),
        "checks": config.checks.model_dump(mode="json"),
        "shard_size": config.output.shard_size,
        **judges,
        **closing,
        # Quotas of rows are refilled by what was kept: another plan than that of so many drafts.
        **({"refilled": True} if config.kept is not None else {}),
    }
