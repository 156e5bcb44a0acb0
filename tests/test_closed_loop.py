"""The closed loop of `examples/closed_loop/`, through the real flow, and its base model."""

import importlib
import json
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


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_rows_verified_from_new_functions_teach_the_model_to_call_them(tmp_path: Path) -> None:
    pytest.importorskip("trl", reason="trl is not installed")
    closed_loop = importlib.import_module("examples.closed_loop.closed_loop")
    loop = importlib.import_module("examples.closed_loop.loop")

    found = closed_loop.close_the_loop(tmp_path, controls=("permuted",))

    assert found.before.n == found.after.n == found.controls["permuted"].n == 200
    assert found.before.value < 0.05
    assert found.after.value > 0.40
    assert found.controls["permuted"].value < 0.05
    # Nothing of the test was in training.
    trained, asked = found.trained_on, loop.rows_of(found.run, "test")
    for key in ("id", "group", "query"):
        assert not {row[key] for row in trained} & {row[key] for row in asked}
    [record] = json.loads((tmp_path / "trained" / "verified" / "training.json").read_text())[
        "stages"
    ]
    assert record["train"]["rows"] == len(trained)
