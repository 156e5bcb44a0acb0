"""From settings to the command line and environment of vLLM's server."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from generators.vllm_server.command import server_command
from generators.vllm_server.installation import Installation
from generators.vllm_server.settings import ServeConfig, preset_names

GPU = Installation(Path("/v/bin/python"), "0.32.0", cpu=False)
CPU = Installation(Path("/v/bin/python"), "0.32.0", cpu=True)
START = ["/v/bin/python", "-P", "-m", "vllm.entrypoints.openai.api_server"]
LISTEN = ["--host", "127.0.0.1", "--port", "8123"]
FORM = ["--structured-outputs-config", '{"backend":"xgrammar","disable_any_whitespace":true}']


def argv(installation: Installation = GPU, **settings: Any) -> list[str]:
    """The command line, without what all of them begin with."""
    rendered = list(server_command(ServeConfig(**settings), installation, 8123, {}).argv)
    assert rendered[:4] == START
    return rendered[4:]


def named(model: str) -> list[str]:
    return ["--model", model, "--served-model-name", model, *LISTEN, *FORM]


def test_the_presets_render_these_command_lines() -> None:
    assert preset_names() == ["small", "medium", "large"]
    assert argv(preset="small") == [
        *named("Qwen/Qwen3-8B"),
        *["--quantization", "fp8", "--max-model-len", "16384", "--max-num-seqs", "256"],
        *["--default-chat-template-kwargs", '{"enable_thinking": false}'],
    ]
    assert argv(preset="medium") == [
        *named("Qwen/Qwen3-30B-A3B-Instruct-2507-FP8"),
        *["--max-model-len", "16384", "--max-num-seqs", "512"],
    ]
    assert argv(preset="large") == [
        *named("Qwen/Qwen3-235B-A22B-Instruct-2507-FP8"),
        *["--tensor-parallel-size", "4", "--max-model-len", "16384", "--max-num-seqs", "512"],
        *["--max-num-batched-tokens", "16384"],
    ]


def test_what_is_given_wins_over_a_preset_and_its_flags_stay() -> None:
    config = ServeConfig(preset="large", model="mine", tensor_parallel=8, args=("--seed", "1"))
    assert (config.model, config.tensor_parallel, config.max_num_seqs) == ("mine", 8, 512)
    assert config.args == ("--max-num-batched-tokens", "16384", "--seed", "1")
    assert ServeConfig.model_validate(config.model_dump()) == config


def test_every_setting_has_its_flag() -> None:
    assert argv(
        model="org/m",
        served_name="m",
        host="::1",
        tensor_parallel=2,
        data_parallel=3,
        quantization="awq",
        max_model_len=4096,
        max_num_seqs=32,
        gpu_memory=0.8,
        args=("--enable-expert-parallel",),
    ) == [
        *["--model", "org/m", "--served-model-name", "m", "--host", "::1", "--port", "8123"],
        *FORM,
        *["--tensor-parallel-size", "2", "--data-parallel-size", "3", "--quantization", "awq"],
        *["--max-model-len", "4096", "--max-num-seqs", "32", "--gpu-memory-utilization", "0.8"],
        "--enable-expert-parallel",
    ]


def test_a_cpu_build_gets_the_flags_that_it_needs() -> None:
    assert argv(CPU, model="m", gpu_memory=0.8) == [
        *named("m"),
        *["--enforce-eager", "--no-enable-chunked-prefill", "--max-num-batched-tokens", "8192"],
        *["--max-model-len", "8192", "--max-num-seqs", "64"],
    ]
    config = ServeConfig(model="m", cpu_cache_gib=2)
    assert server_command(config, CPU, 1, {}).environment["VLLM_CPU_KVCACHE_SPACE"] == "2"


@pytest.mark.parametrize(("said", "room"), [(16, "32"), (40, "64")])
def test_adapters_are_served_beside_the_model_with_room_for_their_rank(
    said: int, room: str, tmp_path: Path
) -> None:
    (tmp_path / "adapter_config.json").write_text('{"peft_type": "LORA", "r": 20}')
    place = str(tmp_path)
    rendered = argv(model="m", adapters={"a": place, "b": "org/b"}, max_lora_rank=said)
    assert rendered[len(named("m")) :] == [
        *["--enable-lora", "--max-lora-rank", room, "--lora-modules", f"a={place}", "b=org/b"]
    ]


def test_adapters_in_folders_say_their_rank_themselves(tmp_path: Path) -> None:
    inner = tmp_path / "tuned" / "adapter"
    inner.mkdir(parents=True)
    config = '{"peft_type": "LORA", "r": 4, "rank_pattern": {"q_proj": 60}}'
    (inner / "adapter_config.json").write_text(config)
    rendered = argv(model="m", adapters={"a": str(tmp_path / "tuned")})
    assert rendered[-4:] == ["--max-lora-rank", "64", "--lora-modules", f"a={inner}"]
    (inner / "adapter_config.json").write_text('{"peft_type": "LORA", "r": 4}')
    assert argv(model="m", adapters={"a": str(inner)})[-3] == "8"


def test_a_folder_is_named_by_its_last_part_and_asks_no_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("models/mine").mkdir(parents=True)
    config = ServeConfig(model="./models/mine")
    command = server_command(config, GPU, 1, {})
    assert command.argv[4:8] == (
        *("--model", str(tmp_path / "models/mine")),
        *("--served-model-name", "mine"),
    )
    assert command.environment["HF_HUB_OFFLINE"] == "1"


def test_the_environment_is_handed_on_without_keys_and_python_settings() -> None:
    given = {
        "PATH": "/bin",
        "HF_TOKEN": "t",
        "CUDA_VISIBLE_DEVICES": "0",
        "PYTHONPATH": "/here",
        "VIRTUAL_ENV": "/here/.venv",
        "OPENAI_API_KEY": "theirs",
        "CALLFORGE_API_KEY": "ours",
    }
    command = server_command(ServeConfig(model="m"), GPU, 1, given)
    assert command.environment == {
        "PATH": "/v/bin:/bin",
        "HF_TOKEN": "t",
        "CUDA_VISIBLE_DEVICES": "0",
        "VLLM_API_KEY": "ours",
        "VLLM_NO_USAGE_STATS": "1",
        "DO_NOT_TRACK": "1",
    }
    assert "ours" not in " ".join(command.argv)


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"preset": "huge"}, "unknown preset `huge`; known: small, medium, large"),
        ({"args": ["--api-key=x"]}, "`--api-key` would stand in logs: set CALLFORGE_API_KEY"),
        ({"args": ["--hf-token", "x"]}, "`--hf-token` would stand in logs"),
        ({"adapters": {"a": ""}}, "expected NAME=PATH"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        ServeConfig.model_validate({"model": "m"} | settings)
