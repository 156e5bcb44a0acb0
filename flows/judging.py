"""The judges of a run, measured before it begins; what was measured is never measured again."""

import logging
from collections.abc import Iterator, Sequence

from api_registry.errors import BudgetError
from api_registry.execution.pool import RunnerPool
from api_registry.registry import digest, load_apis
from api_registry.types import Api
from data.identity import canonical_json
from data.identity import digest as text_digest
from data.judging import Judging, audit_of, judge_line, read_judging, write_judging
from data.run_folder import RunFolder
from data.shards import ShardManifest, row_batches, shard_path
from flows.config import CATALOG, RunConfig
from generators.embedded.generator import EmbeddedGenerator
from generators.types import BudgetSpent
from verifiers.judge.calibration import calibrate
from verifiers.judge.families import related
from verifiers.judge.known_records import KINDS, KnownRecords, known_records
from verifiers.judge.opening import Panel
from verifiers.judge.prompting import prompts_name

logger = logging.getLogger("callforge")

_POOR = 0.2
"""AC1 under which a judge's verdicts say little."""
_SEED = 1 << 32
"""Apart from the run's own seed, so that no record of the run is among those tried."""


async def judging_of(
    panel: Panel | None, config: RunConfig, folder: RunFolder, apis: Sequence[Api], pool: RunnerPool
) -> Judging | None:
    """Return what is known of the judges: as found in the run's folder, or measured now.

    A finished run has no `panel`, as it asks nobody.
    Raises `BudgetError` where there is no budget for it.
    """
    judges = config.judge.judges
    key = _key(config, apis) if judges else ""
    known = read_judging(folder.path)
    if known is not None and known.key == key:
        return known
    if panel is None:
        return None
    model = config.generator.llm.model if config.generator.name == "llm" else ""
    relatives = tuple(judge.name for judge in judges if model and related(judge.name, model))
    judging = Judging(
        key=key,
        version=prompts_name(),
        judges=tuple(judge.name for judge in judges),
        samples=config.judge.samples,
        vote=config.judge.vote,
        self_judged=relatives,
    )
    if config.judge.calibration:
        records = await _known(config, apis, pool)
        try:
            measured = await calibrate(panel.verifier, panel.auditor, records.records)
        except BudgetSpent as spent:
            raise BudgetError(
                f"the budget was spent while the judges were calibrated: {spent}; the same command "
                "with a larger one goes on from here, or `judge.calibration` asks for less"
            ) from None
        faulty = sum(case.fault is not None for case in records.records)
        judging = judging.model_copy(
            update={
                "clean": len(records.records) - faulty,
                "faulty": faulty,
                "calibrations": measured,
                "unseen": records.unseen,
            }
        )
    _warn(judging)
    write_judging(folder.path, judging)
    return judging


def audited(
    judging: Judging | None,
    config: RunConfig,
    folder: RunFolder,
    manifests: Sequence[ShardManifest],
) -> Judging | None:
    """Add what the auditor found, as the kept rows say, and write it down."""
    auditor = config.judge.auditor
    if judging is None or auditor is None:
        return judging

    def rows() -> Iterator[dict[str, str]]:
        for manifest in manifests:
            path = shard_path(folder.shards, "kept", manifest.shard)
            for batch in row_batches(path, ["annotations"]):
                yield from batch

    found = judging.model_copy(update={"audit": audit_of(auditor.name, rows())})
    if found != judging:
        write_judging(folder.path, found)
    return found


async def _known(config: RunConfig, apis: Sequence[Api], pool: RunnerPool) -> KnownRecords:
    """Records over the run's own APIs, or over the shipped ones where these give too few."""
    count, seed = config.judge.calibration, (config.seed or 0) + _SEED
    records = await known_records(apis, pool, count=count, seed=seed)
    if len(records.records) >= count:
        return records
    shipped = load_apis([CATALOG]).apis
    async with RunnerPool(shipped, config.execution) as other:
        return await known_records(shipped, other, count=count, seed=seed)


def _key(config: RunConfig, apis: Sequence[Api]) -> str:
    """Hash of everything that the measurement depends on."""
    facts = {
        "judge": config.judge.facts(),
        "version": prompts_name(),
        "calibration": config.judge.calibration,
        "generator": config.generator.facts(),
        "records": [EmbeddedGenerator.name, *KINDS],
        "apis": digest(apis),
        "seed": config.seed or 0,
    }
    return text_digest(canonical_json(facts))


def _warn(judging: Judging) -> None:
    for name in judging.self_judged:
        logger.warning(
            "judge `%s` is of the generator's own family: the run is marked self_judged", name
        )
    for calibration in judging.calibrations:
        if calibration.judge and calibration.ac1 < _POOR:
            logger.warning("%s: its verdicts say little", judge_line(calibration))
