"""A whole fine-tuning: rows found and prepared here, each stage trained in a process of its own."""

import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from api_registry.errors import UsageError
from data.identity import digest
from data.shards import file_digest, write_atomically
from flows.training.config import FinetuneConfig
from flows.training.curves import PLOT, draw
from flows.training.extra import require_extra, versions
from flows.training.folder import TrainingFolder
from flows.training.launching import Event, Hear, Launch, Say, launch_of, run
from flows.training.record import FILE, StageRecord, TrainingRecord
from flows.training.sources import Found, find_source

_WHOLE_BYTES = 64 * 2**20
"""Files of a model up to this size are hashed whole, larger ones by their first bytes and size."""


def finetune(
    config: FinetuneConfig,
    out: Path | None = None,
    *,
    command: str = "callforge finetune",
    say: Say = lambda line: None,
    hear: Hear = lambda event: None,
    stop: threading.Event | None = None,
) -> TrainingRecord:
    """Train, or go on where an interrupted training stopped; a finished one is only read.

    The folder gets `adapter/` (`model/` where all weights are trained), `training.json`, `loss.png`
    and `training.log`. The training's process ends before this returns or raises.

    Args:
        config: What to train, and on what.
        out: Folder of the result; `config.out`, or `adapters/<data>-<model>`.
        command: The command line, for the record.
        say: Told each line for people.
        hear: Told each event: `stage`, `step` of `steps`, `loss`, `eval_loss`, and the like.
        stop: Ends the training when it is set; the call raises `Stopped`.

    Raises `UsageError` where something can be seen not to work before it begins, and
    `TrainingError` where the training itself fails.
    """
    started = time.monotonic()
    require_extra()
    refuse_incomplete(config)
    sources = found_sources(config)
    model_files = _model_files(config)
    facts = {
        **config.facts(),
        **({"model": "a folder"} if model_files else {}),
        "data_content": _content(sources),
        "model_content": digest(str(sorted(model_files.items()))),
    }
    folder = TrainingFolder(Path(out or config.out or default_out(config)))
    with folder.opened(config, facts) as (identity, hold):
        if (known := folder.finished()) is not None:
            say(f"{folder.path} is finished: nothing to train. Another --out trains again.")
            return _merged(config, folder, known, say)
        findings, gpus = checked(config, sources, folder, say)
        stages = tuple(
            _trained(config, folder, number, launch_of(config, (), gpus), say, hear, hold, stop)
            for number in range(len(config.whole_stages()))
        )
        name = "model" if config.method == "full" else "adapter"
        write_atomically(folder.path / PLOT, draw(stages))
        record = TrainingRecord(
            identity=identity,
            command=command,
            config=config.model_dump(mode="json"),
            model=config.model,
            model_files=model_files,
            data=tuple({found.record.path: found.record for found in _flat(sources)}.values()),
            versions={"python": sys.version.split()[0], **versions()},
            preflight=findings,
            stages=stages,
            result=name,
            seconds=round(time.monotonic() - started, 1),
        )
        write_atomically(folder.path / FILE, record.model_dump_json(indent=1).encode() + b"\n")
        shutil.rmtree(folder.path / "prepared", ignore_errors=True)
        return _merged(config, folder, record, say)


def check(config: FinetuneConfig, say: Say = lambda line: None) -> Mapping[str, str]:
    """Do all that comes before a training, and nothing of it; returns what was found.

    Raises `UsageError` as `finetune` does.
    """
    require_extra()
    refuse_incomplete(config)
    with tempfile.TemporaryDirectory(prefix="callforge-finetune-") as place:
        findings, _ = checked(config, found_sources(config), TrainingFolder(Path(place)), say)
    return findings


def refuse_incomplete(config: FinetuneConfig) -> None:
    """Raise `UsageError` where nothing says what to train, or on what."""
    if not config.model:
        raise UsageError("no model to train: add --model FOLDER, or its name on the Hub")
    if any(not stage.data for stage in config.whole_stages()):
        raise UsageError("nothing to train on: name a run, a data set or a file of rows")


def default_out(config: FinetuneConfig) -> Path:
    """Where a training goes that was given no folder."""
    data = config.whole_stages()[0].data[0].path
    return Path("adapters") / f"{_slug(data)}-{_slug(config.model)}"


def checked(
    config: FinetuneConfig, sources: tuple[tuple[Found, ...], ...], folder: TrainingFolder, say: Say
) -> tuple[dict[str, str], int]:
    """Check all that can be, and prepare the rows; returns what was found, and the GPUs.

    Raises `UsageError`.
    """
    from flows.training.models import load_tokenizer
    from flows.training.preflight import (
        fit_findings,
        refuse_device,
        rows_findings,
        template_findings,
    )
    from flows.training.prepare import prepare
    from flows.training.templates import choose_template

    gpus = refuse_device(config)
    tokenizer = load_tokenizer(config)
    template = choose_template(tokenizer, config.format)
    findings = template_findings(template)
    longest = 0
    for number, stage in enumerate(config.whole_stages()):
        train, held_out = prepare(
            stage, sources[number], template.renderer, folder.prepared(number)
        )
        findings |= rows_findings(number, stage.kind, train, held_out)
        longest = max(longest, train.lengths.longest, held_out.lengths.longest)
    findings |= fit_findings(config, tokenizer, template, longest, gpus)
    for name, found in findings.items():
        say(f"{name}: {found}")
    return findings, gpus


def _trained(
    config: FinetuneConfig,
    folder: TrainingFolder,
    number: int,
    launch: Launch,
    say: Say,
    hear: Hear,
    hold: int,
    stop: threading.Event | None,
) -> StageRecord:
    """Train one stage, unless it is done."""
    if (done := folder.stage(number)) is not None:
        return done
    if checkpoint := folder.last_checkpoint(number):
        say(f"going on from {checkpoint}")
    own = Launch((*launch.argv, str(folder.path.resolve()), str(number)), launch.environment)

    def heard(event: Event) -> None:
        if line := _told(event):
            say(line)
        hear(event)

    run(own, folder.log, say, heard, hold=hold, stop=stop)
    found = folder.stage(number)
    assert found is not None, "written by a training that ended well"  # noqa: S101
    return found


def _told(event: Event) -> str:
    """An event in words; empty where it says nothing to people."""
    losses = {"loss": "loss", "eval_loss": "held-out loss"}
    found = next((f"{losses[key]} {event[key]:.4f}" for key in losses if key in event), "")
    return f"step {event['step']:,} of {event['steps']:,}: {found}" if found else ""


def _merged(
    config: FinetuneConfig, folder: TrainingFolder, record: TrainingRecord, say: Say
) -> TrainingRecord:
    """Merge the adapter into the model, if that is asked for and not done; returns the record."""
    if not config.merge or record.merged is not None:
        return record
    from flows.training.models import merge

    say("merging the adapter into the model")
    merge(config.model, config.revision, folder.path / record.result, folder.path / "merged")
    merged = record.model_copy(update={"merged": "merged"})
    write_atomically(folder.path / FILE, merged.model_dump_json(indent=1).encode() + b"\n")
    return merged


def found_sources(config: FinetuneConfig) -> tuple[tuple[Found, ...], ...]:
    """The sources of each stage. Raises `UsageError` for what is not there."""
    return tuple(
        tuple(find_source(source) for source in stage.data) for stage in config.whole_stages()
    )


def _flat(sources: tuple[tuple[Found, ...], ...]) -> list[Found]:
    return [found for stage in sources for found in stage]


def _content(sources: tuple[tuple[Found, ...], ...]) -> list[list[str]]:
    return [[found.record.digest for found in stage] for stage in sources]


def _model_files(config: FinetuneConfig) -> dict[str, str]:
    """What a local model's files are known by; none for a model of the Hub, which has a name."""
    place = Path(config.model).expanduser()
    if not place.is_dir():
        return {}
    return {path.name: _fingerprint(path) for path in sorted(place.glob("*")) if path.is_file()}


def _fingerprint(path: Path) -> str:
    size = path.stat().st_size
    if size <= _WHOLE_BYTES:
        return file_digest(path) or ""
    with path.open("rb") as file:
        return f"{size} bytes, {digest(file.read(2**20).hex())}"


def _slug(name: str) -> str:
    last = Path(name).name
    return "".join(c if c.isalnum() or c in "-_." else "-" for c in last).strip("-.") or "model"
