"""Which models a run asks: none when it is finished, else those given or one served by itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from data.run_folder import RunFolder
from flows.config import RunConfig
from generators.build import GeneratorConfig
from generators.vllm_server.server import serving
from verifiers.judge.settings import JudgeConfig

LOG = "vllm.log"
"""In the run's folder: what the server said."""


@asynccontextmanager
async def models_ready(
    config: RunConfig, folder: RunFolder, *, finished: bool
) -> AsyncIterator[RunConfig]:
    """The configuration with models that can be asked, as long as the body runs.

    A finished run asks nobody: no server is started, and none needs to be there. Raises
    `ServerError` where a server of one's own cannot be started or ends too early.
    """
    if finished:
        nobody = {"generator": GeneratorConfig(), "judge": JudgeConfig()}
        yield config.model_copy(update=nobody)
    elif config.serve.model:
        async with serving(config.serve, folder.path / LOG) as server:
            endpoint = config.endpoint.model_copy(update={"base_urls": (server.url,)})
            yield config.model_copy(update={"endpoint": endpoint})
    else:
        yield config
