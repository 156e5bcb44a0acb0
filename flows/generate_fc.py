"""The Prefect flow `generate-fc`: the pipeline with a task per shard and artifacts to look at."""

import hashlib
import json
import shlex
from typing import Any

from prefect import flow, get_run_logger, runtime, task
from prefect.artifacts import (
    acreate_link_artifact,
    acreate_markdown_artifact,
    acreate_progress_artifact,
    acreate_table_artifact,
    aupdate_progress_artifact,
)
from prefect.cache_policies import NO_CACHE
from prefect.logging.loggers import flow_run_logger

from data.card import funnel_markdown
from data.funnel import Funnel
from data.shards import ShardManifest
from flows import making
from flows.after_run import Stage
from flows.announcing import announce
from flows.clusters import cluster_of
from flows.config import RunConfig
from flows.deploying.pages import link_to
from flows.evaluation.comparison import Comparison
from flows.making import MakeShard, Progress
from flows.pipeline import RunResult, whole
from flows.records import record_text, sample_rows
from flows.signals import take_back_sigterm

_DEFAULT = RunConfig()
_KEYS = {"Data set": "data-set", "Report": "report-page"}


def say_how_to_go_on(flow: Any, flow_run: Any, state: Any) -> None:
    """Close the log of a run that failed with what to do; Prefect wants these three names."""
    retry = f"Retry (or `prefect flow-run retry {flow_run.id}`)"
    flow_run_logger(flow_run, flow).error(
        "Finished shards are kept. Once what is said above is mended, %s goes on from there.",
        retry if flow_run.deployment_id else "the same command",
    )


@flow(
    name="generate-fc",
    flow_run_name="generate-{config.generator.name}",
    persist_result=False,
    on_failure=[say_how_to_go_on],
)
async def generate_fc(config: RunConfig = _DEFAULT, command: str = "") -> RunResult:
    """Generate verified function-calling data from executable APIs.

    Args:
        config: What to make.
        command: The command line that makes this run, for the data set's card.
    """
    take_back_sigterm()
    config = _fresh(config)
    command = command or _command(config)
    progress = _ArtifactProgress(making.shown_progress.get(), rows=config.kept is not None)
    await progress.create()

    async def as_task(index: int, make: MakeShard) -> ShardManifest | None:
        # The manifest on disk is the only truth about what is done: no caching, no stored results.
        @task(
            name="shard",
            task_run_name=f"shard-{index:05d}",
            cache_policy=NO_CACHE,
            persist_result=False,
        )
        async def shard() -> ShardManifest | None:
            return await make()

        manifest = await shard()
        await progress.update()
        return manifest

    async def made(result: RunResult) -> None:
        await _report(result)
        announce("made", result.folder.path)

    async def stage_as_task(name: str, stage: Stage) -> Any:
        @task(name=name, task_run_name=name, cache_policy=NO_CACHE, persist_result=False)
        async def work() -> Any:
            return await stage()

        return await work()

    async with cluster_of(config.runner) as cluster:
        result = await whole(
            config,
            progress,
            command=command,
            wrap_shard=as_task,
            wrap_stage=stage_as_task,
            made=made,
            say=get_run_logger().info,
            cluster=cluster,
        )
    if result.after is not None and result.after.comparison is not None:
        await acreate_table_artifact(
            score_table(result.after.comparison), key="comparison", description="Before and after"
        )
    return result


def _fresh(config: RunConfig) -> RunConfig:
    """Give a deployment run without a name or seed its own, which a retry of it finds again."""
    if not runtime.deployment.id:
        return config
    digest = hashlib.sha256(str(runtime.flow_run.id).encode()).hexdigest()
    changes: dict[str, object] = {}
    if config.seed is None:
        changes["seed"] = int(digest[:12], 16)
    if config.name is None:
        changes["name"] = f"{config.generator.name}-{digest[:8]}"
    return config.model_copy(update=changes)


def _command(config: RunConfig) -> str:
    """The command that makes a deployment's run once more."""
    if not runtime.deployment.id:
        return ""
    given = json.dumps({"config": config.model_dump(mode="json", exclude_defaults=True)})
    return shlex.join(
        ["prefect", "deployment", "run", "generate-fc/generate-fc", "--params", given]
    )


async def _report(result: RunResult) -> None:
    """Put the funnel, as table and as page with sample records, beside the flow run."""
    funnel = result.manifest.funnel
    await acreate_table_artifact(funnel_table(funnel), key="funnel", description="Funnel")
    records = "\n\n".join(
        f"```\n{record_text(row)}\n```"
        for row in sample_rows(result.folder.dataset, result.manifest)
    )
    links = {"Data set": result.folder.dataset, "Report": result.report}
    known = {name: link_to(path) for name, path in links.items() if path is not None}
    await acreate_markdown_artifact(
        f"# {result.name}\n\n{funnel_markdown(funnel)}\n\n## Sample records\n\n{records}\n\n"
        + "\n\n".join(f"{name}: [{links[name]}]({link})" for name, link in known.items()),
        key="report",
        description=f"Report of {result.name}",
    )
    for name, link in known.items():
        await acreate_link_artifact(
            link,
            link_text=str(links[name]),
            key=_KEYS[name],
            description=f"{name} of {result.name}",
        )


def score_table(comparison: Comparison) -> list[dict[str, str | int]]:
    """Scores before and after as table rows, in per cent."""
    return [
        {
            "variant": variant,
            "score": metric,
            "questions": change.n,
            "before": f"{change.before:.1%}",
            "after": f"{change.after:.1%}",
            "difference": f"{100 * change.difference:+.1f}",
            "interval": f"{100 * change.low:+.1f} to {100 * change.high:+.1f}",
        }
        for variant, found in comparison.scores.items()
        for metric, change in found.items()
    ]


def funnel_table(funnel: Funnel) -> list[dict[str, str | int]]:
    """The funnel as table rows: drafts, each stage and reason, kept."""
    rows: list[dict[str, str | int]] = [{"stage": "drafts", "reason": "", "count": funnel.drafts}]
    for stage, reasons in funnel.rejected.items():
        rows += [{"stage": stage, "reason": key, "count": n} for key, n in reasons.items()]
    return [*rows, {"stage": "kept", "reason": "", "count": funnel.kept}]


class _ArtifactProgress:
    """Counts drafts for Prefect's progress artifact, and passes them on to the terminal."""

    def __init__(self, shown: Progress | None, *, rows: bool) -> None:
        self.shown, self.rows = shown, rows
        self.total = self.done = 0

    async def create(self) -> None:
        self.artifact = await acreate_progress_artifact(0.0, key="drafts", description="Drafts")

    async def update(self) -> None:
        share = min(self.done / max(self.total, 1), 1.0)
        await aupdate_progress_artifact(self.artifact, 100 * share)

    def start(self, total: int, done: int) -> None:
        self.total, self.done = total, done
        if self.shown:
            self.shown.start(total, done)

    def advance(self, drafts: int, kept: int) -> None:
        self.done += kept if self.rows else drafts
        if self.shown:
            self.shown.advance(drafts, kept)

    def finish(self) -> None:
        if self.shown:
            self.shown.finish()
