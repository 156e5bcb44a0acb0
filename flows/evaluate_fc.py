"""The Prefect flow `evaluate-fc`: an evaluation, with its scores as an artifact."""

from pathlib import Path

from prefect import flow, get_run_logger
from prefect.artifacts import acreate_table_artifact

from data.run_folder import find_data
from flows.evaluation.config import EvaluateConfig
from flows.evaluation.evaluate import Evaluation, evaluate
from flows.signals import take_back_sigterm

_RUNS = "runs"
"""Where a run is looked for that `data` names; a path may be anywhere."""


@flow(name="evaluate-fc", persist_result=False)
async def evaluate_fc(config: EvaluateConfig) -> Evaluation:
    """Ask a model the questions of a data set and score its answers; wrong ones are no failure."""
    take_back_sigterm()
    logger = get_run_logger()
    data = str(find_data(config.data, Path(_RUNS)))
    config = config.model_copy(update={"data": data})
    found = await evaluate(config, logger.info)
    await acreate_table_artifact(
        score_table(found), key="scores", description=f"{config.model} on {config.data}"
    )
    return found


def score_table(found: Evaluation) -> list[dict[str, str | int]]:
    """The scores as table rows: a row per variant and metric, with the interval."""
    return [
        {"variant": variant, "score": metric, "questions": score.n, "value": str(score)}
        for variant, scores in found.scores.items()
        for metric, score in scores.total.items()
    ]
