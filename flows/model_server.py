"""Which models a run asks: none when it is finished, else those given or one served by itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from data.run_folder import RunFolder
from data.shards import DamagedShard, read_manifest
from flows.config import RunConfig
from generators.build import GeneratorConfig
from generators.vllm_server.server import serving
from verifiers.judge.settings import JudgeConfig

LOG = "vllm.log"
"""In the run's folder: what the server said."""


@asynccontextmanager
async def models_ready(
    config: RunConfig, folder: RunFolder, identity: str
) -> AsyncIterator[RunConfig]:
    """The configuration with models that can be asked, as long as the body runs.

    A finished run asks nobody: no server is started, and none needs to be there. Raises
    `ServerError` where a server of one's own cannot be started or ends too early.
    """
    if is_finished(config, folder, identity):
        nobody = {"generator": GeneratorConfig(), "judge": JudgeConfig()}
        yield config.model_copy(update=nobody)
    elif config.serve.model:
        async with serving(config.serve, folder.path / LOG) as server:
            endpoint = config.endpoint.model_copy(update={"base_urls": (server.url,)})
            yield config.model_copy(update={"endpoint": endpoint})
    else:
        yield config


def is_finished(config: RunConfig, folder: RunFolder, identity: str) -> bool:
    """Whether every shard that is asked for is there and whole."""
    size = config.output.shard_size
    for index, first in enumerate(range(0, config.samples, size)):
        try:
            manifest = read_manifest(folder.shards, index)
        except DamagedShard:
            return False
        wanted = min(size, config.samples - first)
        if manifest is None or manifest.identity != identity or manifest.drafts < wanted:
            return False
    return True
