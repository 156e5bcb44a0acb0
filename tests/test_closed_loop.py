"""The closed loop of `examples/closed_loop/`, through the real flow, and its base model."""

import importlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

torch: Any = pytest.importorskip("torch", reason="torch is not installed")
# What these libraries warn each other of is theirs to mend.
pytestmark = pytest.mark.filterwarnings("default")

EXAMPLE = Path(__file__).parents[1] / "examples" / "closed_loop"


def test_the_base_model_loads_and_is_what_its_record_says() -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(EXAMPLE / "base", dtype="auto")
    tokenizer = AutoTokenizer.from_pretrained(EXAMPLE / "base")
    built = json.loads((EXAMPLE / "base" / "built.json").read_text(encoding="utf-8"))
    assert sum(weights.numel() for weights in model.parameters()) == built["parameters"] < 1e6
    assert (EXAMPLE / "base" / "model.safetensors").stat().st_size < 2e6
    assert model.dtype == torch.float32
    assert built["exact_match_on_its_own_functions"] > 0.7
    # Single digits, and the same tokens wherever a value stands: that is what can be copied.
    assert tokenizer.tokenize("4071") == ["4", "0", "7", "1"]
    inside = tokenizer.tokenize('{"crate":"QX407"}')
    value = tokenizer.tokenize("QX407")
    assert any(inside[n : n + len(value)] == value for n in range(len(inside)))


def test_the_base_model_has_seen_none_of_the_functions_that_it_is_trained_on_later() -> None:
    from api_registry.registry import load_apis

    seen, new = (
        load_apis((str(EXAMPLE / f"{name}.py"),)).apis for name in ("base_tools", "workshop")
    )
    assert 3 <= len(new) <= 6
    assert not {api.name for api in seen} & {api.name for api in new}
    assert not {text for api in seen for text in api.phrasings} & {
        text for api in new for text in api.phrasings
    }


def test_the_commands_of_the_page_are_there_and_its_figures_those_of_the_base_model() -> None:
    from flows.config import read_config

    root = EXAMPLE.parents[1]
    page = (root / "docs" / "closed_loop.md").read_text(encoding="utf-8")
    lines = re.findall(r"^```bash\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    commands = [line.split() for line in "".join(lines).splitlines()]
    scripts = [word for command in commands for word in command if word.endswith(".py")]
    assert len(scripts) == 3
    assert all((root / script).is_file() for script in scripts)
    [settings] = [word for command in commands for word in command if word.endswith(".toml")]
    config = read_config(root / settings, {})
    assert (root / config.finetune.model / "config.json").is_file()
    assert all((root / spec).is_file() for spec in config.apis)
    built = json.loads((EXAMPLE / "base" / "built.json").read_text(encoding="utf-8"))
    assert f"{built['exact_match_on_its_own_functions']:.1%}".replace("%", " %") in page
    assert f"{sum(built['steps'].values())} steps" in " ".join(page.split())


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_rows_verified_from_new_functions_teach_the_model_to_call_them(tmp_path: Path) -> None:
    pytest.importorskip("trl", reason="trl is not installed")
    closed_loop = importlib.import_module("examples.closed_loop.closed_loop")
    loop = importlib.import_module("examples.closed_loop.loop")

    torch.set_num_threads(1)  # contended threads are ten times slower
    found = closed_loop.close_the_loop(tmp_path, controls=("permuted",), epochs=1.0)

    assert found.questions == 200
    assert found.before < 0.05
    assert found.after > 0.40
    assert found.controls["permuted"] < 0.05
    # Nothing of the test was in training.
    trained, asked = found.trained_on, loop.rows_of(found.run, "test")
    for key in ("id", "group", "query"):
        assert not {row[key] for row in trained} & {row[key] for row in asked}
    [record] = json.loads((found.run / "tuned" / "training.json").read_text(encoding="utf-8"))[
        "stages"
    ]
    assert record["train"]["rows"] == len(trained)
