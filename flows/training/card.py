"""The card of an adapter: what the Hub shows, made from records alone, no number by hand."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import yaml

from data.card import licences_of
from data.dataset_manifest import DatasetManifest
from data.licences import RANKS, strictest
from data.markdown import fenced, percent, table
from flows.evaluation.comparison import Comparison
from flows.training.record import StageRecord, TrainingRecord

_HUB = re.compile(r"[\w.-]+/[\w.-]+")
_SETTINGS = (
    "method", "lora", "format", "learning_rate", "schedule", "warmup", "weight_decay", "epochs",
    "batch_size", "gradient_accumulation", "max_length", "packing", "precision", "seed",
)  # fmt: skip
"""What is shown of the settings, where it is set."""


def adapter_card(
    record: TrainingRecord,
    manifests: Mapping[str, DatasetManifest],
    *,
    comparison: Comparison | None = None,
    base_license: str | None = None,
    published: str | None = None,
) -> str:
    """Return Markdown with the YAML header that the Hub reads.

    Args:
        record: Of the training.
        manifests: Run by the path that the record has → manifest of its data set.
        comparison: Scores before and after, where somebody asked.
        base_license: Of the model that was trained, where it is known.
        published: Name on the Hub of the run's data set, where it went there.
    """
    licence = licence_of(manifests.values(), base_license)
    parts = [
        f"---\n{yaml.safe_dump(_header(record, licence, published), sort_keys=False)}---",
        f"# {_title(record)}",
        _lead(record, manifests),
        _scores(comparison),
        _data(record, manifests),
        _training(record),
        _use(record),
        _making(record),
        _limits(record, licence, comparison),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def licence_of(manifests: Iterable[DatasetManifest], base: str | None) -> str:
    """The most restrictive of the data's terms and the model's; `unknown` where one is."""
    found = {licence for manifest in manifests for licence in licences_of(manifest)}
    return strictest(found | {base or "unknown"})


def public_name(place: str) -> str:
    """A name on the Hub as it is, a path's last part: where things lie here is nobody's business.

    What exists as a folder is a path, and so is what begins like one.
    """
    hub = _HUB.fullmatch(place) and not place.startswith((".", "/", "~"))
    return place if hub else place.rstrip("/").rpartition("/")[2]


def public_record(record: TrainingRecord) -> dict[str, Any]:
    """The record without places of this machine."""
    said: dict[str, Any] = _without_places(record.model_dump(mode="json"))
    return said


def _without_places(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_places(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_places(item) for item in value]
    if not isinstance(value, str):
        return value
    return re.sub(r"(?<![\w/.~-])[~.]{0,2}/(?:[\w.@+-]+/)*([\w.@+-]+)/?", r"\1", value)


def _header(record: TrainingRecord, licence: str, published: str | None) -> dict[str, object]:
    known = {"license": licence} if licence in RANKS else {
        "license": "other", "license_name": licence,
    }  # fmt: skip
    sets = [source.path for source in record.data if source.run is None]
    named = [*([published] if published else []), *(name for name in sets if _HUB.fullmatch(name))]
    adapter = record.result == "adapter"
    return {
        **known,
        "library_name": "peft" if adapter else "transformers",
        "base_model": public_name(record.model),
        "base_model_relation": "adapter" if adapter else "finetune",
        **({"datasets": named} if named else {}),
        "pipeline_tag": "text-generation",
        "tags": [
            "function-calling",
            "tool-use",
            *(["lora"] if adapter else []),
            *sorted({stage.kind for stage in record.stages}),
            "trl",
            "callforge",
        ],
    }


def _title(record: TrainingRecord) -> str:
    what = "an adapter for" if record.result == "adapter" else "a fine-tuned"
    return f"Function calling: {what} {public_name(record.model)}"


def _lead(record: TrainingRecord, manifests: Mapping[str, DatasetManifest]) -> str:
    rows = sum(stage.train.used for stage in record.stages)
    verified = (
        "calls were checked against their tools' schemas, run where the tools have code, and "
        "compared with their queries before anything was trained on them"
    )
    own = f": {verified}" if len(manifests) == len(record.data) else ""
    return (
        f"`{public_name(record.model)}`, fine-tuned by Callforge on {rows:,} rows with function "
        f"calls{own}."
    )


def _scores(comparison: Comparison | None) -> str:
    if comparison is None:
        return ""
    lines: list[Sequence[object]] = [
        (
            variant,
            metric.replace("_", " "),
            f"{change.n:,}",
            f"{change.before:.1%}",
            f"{change.after:.1%}",
            f"{100 * change.difference:+.1f} [{100 * change.low:+.1f}, {100 * change.high:+.1f}]",
        )
        for variant, found in comparison.scores.items()
        for metric, change in found.items()
    ]
    head = ("variant", "score", "questions", "before", "after", "difference, 95 % interval")
    return (
        f"## Scores before and after\n\nOn {comparison.questions:,} rows of the split "
        f"`{comparison.split}`, none of which was trained on; `exact` is the share with the right "
        f"calls and no others, or rightly none.\n\n{table(head, lines)}"
    )


def _data(record: TrainingRecord, manifests: Mapping[str, DatasetManifest]) -> str:
    lines: list[Sequence[object]] = []
    for source in record.data:
        manifest = manifests.get(source.path)
        funnel = manifest.funnel if manifest else None
        lines.append(
            (
                public_name(source.path if source.run is None else f"./{source.path}"),
                f"{source.weight:g}",
                f"{funnel.drafts:,}" if funnel else "",
                f"{funnel.kept:,} ({percent(funnel.kept, funnel.drafts)})" if funnel else "",
                f"{funnel.splits.get('train', 0):,}" if funnel else "",
                manifest.generator if manifest else "",
                source.commit or source.digest[:16],
            )
        )
    head = ("source", "weight", "drafts", "kept", "train rows", "generator", "content")
    return f"## Data\n\n{table(head, lines)}"


def _training(record: TrainingRecord) -> str:
    head = (
        "stage", "rows used", "left out", "examples", "tokens", "steps", "epochs", "chosen step",
        "held-out loss", "trained parameters",
    )  # fmt: skip
    stages = [(f"{n}: {s.kind}", *_stage(s)) for n, s in enumerate(record.stages, 1)]
    settings = [
        (name.replace("_", " "), _said(record.config.get(name)))
        for name in _SETTINGS
        if record.config.get(name) not in (None, "", [], {})
    ]
    return "\n\n".join(["## Training", table(head, stages), table(("setting", "value"), settings)])


def _stage(stage: StageRecord) -> tuple[str, ...]:
    loss = "" if stage.chosen_loss is None else f"{stage.chosen_loss:.4f}"
    return (
        f"{stage.train.used:,}", f"{sum(stage.train.left_out.values()):,}",
        f"{stage.train.examples:,}", f"{stage.train.tokens:,}", f"{stage.steps:,}",
        f"{stage.epochs:g}", f"{stage.chosen_step:,}", loss,
        f"{stage.trainable:,} of {stage.parameters:,}",
    )  # fmt: skip


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_said(item)}" for key, item in value.items() if item not in ([],))
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


def _use(record: TrainingRecord) -> str:
    base = public_name(record.model)
    if record.result != "adapter":
        return "## Use\n\n" + fenced("callforge serve --model ./this-model", "bash")
    code = (
        "from peft import PeftModel\n"
        "from transformers import AutoModelForCausalLM\n\n"
        f'model = AutoModelForCausalLM.from_pretrained("{base}")\n'
        'model = PeftModel.from_pretrained(model, "THIS REPOSITORY OR FOLDER")'
    )
    serve = f"callforge serve --model {base} --adapter ./this-adapter"
    return f"## Use\n\n{fenced(code, 'python')}\n\n{fenced(serve, 'bash')}"


def _making(record: TrainingRecord) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in record.versions.items())
    facts: list[Sequence[object]] = [
        ("identity", record.identity),
        ("versions", versions),
        ("device", ", ".join(sorted({stage.device for stage in record.stages}))),
        ("seconds", f"{record.seconds:,.0f}"),
    ]
    command = _without_places(record.command)
    return f"## How it was made\n\n{fenced(command, '')}\n\n{table(('', ''), facts)}"


def _limits(record: TrainingRecord, licence: str, comparison: Comparison | None) -> str:
    limits = [
        "It has learned the functions of its training data best; unseen ones, and unseen wordings, "
        "gain less.",
        "What the model could do besides calling functions has not been measured again.",
    ]
    if comparison is None:
        limits.insert(0, "It has not been evaluated.")
    if licence not in RANKS:
        limits.append(
            "Its licence is not known, as that of its model or of some data is not: look there."
        )
    return "## Limits\n\n" + "\n".join(f"- {limit}" for limit in limits)
