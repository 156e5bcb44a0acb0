"""The Prefect flow `publish-fc`: a finished run sent to the Hub or a store."""

import asyncio
from pathlib import Path

from prefect import flow, get_run_logger
from prefect.artifacts import acreate_link_artifact

from data.publishing.config import PublishConfig, Published
from data.run_folder import find_run
from flows.announcing import announce
from flows.publishing import publish_any


@flow(name="publish-fc", persist_result=False)
async def publish_fc(config: PublishConfig) -> Published:
    """Publish a run's data set, or an adapter; a retry goes on where the try before stopped."""
    result = await asyncio.to_thread(publish_any, config)
    announce("published", find_run(config.run, Path(config.runs)), place=result.place)
    get_run_logger().info("%d of %d files sent to %s", result.sent, result.files, result.place)
    if "://" in result.place:
        await acreate_link_artifact(result.place, key="published", description=result.tag or "")
    return result
