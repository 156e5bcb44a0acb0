"""The process that trains: what it is started with, what it says, and that it ends."""

import os
import sys
import threading
import time
from pathlib import Path

import pytest
import yaml

from api_registry.errors import TrainingError, UsageError
from flows.training.config import FinetuneConfig
from flows.training.launching import CONFIGURATIONS, Launch, Stopped, configuration, launch_of, run

SHIPPED = sorted(path.stem for path in CONFIGURATIONS.glob("*.yaml"))


def started(
    code: str, tmp_path: Path, stop: threading.Event | None = None
) -> tuple[list[str], list[object]]:
    """Run Python code as a training; returns the lines and events that were heard."""
    said: list[str] = []
    heard: list[object] = []
    launch = Launch((sys.executable, "-c", code), {**os.environ, "PYTHONUNBUFFERED": "1"})

    def say(line: str) -> None:
        said.append(line)
        if line.startswith("pid") and stop is not None:
            stop.set()

    with (tmp_path / "hold").open("w") as hold:
        log = tmp_path / "training.log"
        try:
            run(launch, log, say, heard.append, hold=hold.fileno(), stop=stop)
        finally:
            assert [line for line in log.read_text().splitlines() if line] == said
    return said, heard


def test_lines_are_passed_on_and_logged_and_events_are_not_lines(tmp_path: Path) -> None:
    code = """print("one"); print('\\x1e{"step": 3}'); print("two")"""
    assert started(code, tmp_path) == (["one", "two"], [{"step": 3}])


def test_a_failed_training_tells_its_last_words_and_its_cause(tmp_path: Path) -> None:
    code = "print('begun'); raise MemoryError('no room for the batch')"
    with pytest.raises(TrainingError) as failed:
        started(code, tmp_path)
    assert "exit code 1" in str(failed.value)
    assert "most likely: MemoryError: no room for the batch" in str(failed.value)


def test_a_training_that_is_wanted_no_more_has_ended_when_its_call_has(tmp_path: Path) -> None:
    code = "import os, time; print('pid', os.getpid()); time.sleep(600)"
    stop = threading.Event()
    began = time.monotonic()
    with pytest.raises(Stopped):
        started(code, tmp_path, stop)
    pid = int((tmp_path / "training.log").read_text().split()[1])
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert time.monotonic() - began < 500


def test_the_same_command_is_for_a_cpu_one_gpu_and_eight() -> None:
    cpu, one, eight, sharded = (
        list(launch_of(FinetuneConfig(model="m", accelerate=name), ["OUT", "0"], gpus).argv)
        for name, gpus in (("", 0), ("", 1), ("", 8), ("fsdp2", 8))
    )
    for argv in (cpu, one, eight, sharded):
        assert argv[1:3] == ["-m", "accelerate.commands.launch"]
        assert argv[-4:] == ["--module", "flows.training", "OUT", "0"]
    assert "--cpu" in cpu and "--cpu" not in one
    assert one[one.index("--num_processes") + 1] == "1"
    assert eight[eight.index("--num_processes") + 1] == "8"
    assert "--multi_gpu" in eight and "--multi_gpu" not in one
    assert sharded[sharded.index("--config_file") + 1].endswith("accelerate/fsdp2.yaml")


def test_a_configuration_is_shipped_or_a_file(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("distributed_type: 'NO'")
    assert configuration(str(own)) == own
    assert SHIPPED == ["fsdp2", "multi-gpu", "zero2", "zero3"]
    with pytest.raises(UsageError, match="`nine`: expected a file, or one of fsdp2, multi-gpu"):
        configuration("nine")


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.filterwarnings("default")
def test_accelerate_reads_each_shipped_configuration(name: str) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    from accelerate.commands.config.config_args import load_config_from_file
    from accelerate.commands.launch import _validate_launch_command, launch_command_parser

    path = str(configuration(name))
    found = load_config_from_file(path)
    written = yaml.safe_load(Path(path).read_text())
    assert str(found.distributed_type).endswith(written["distributed_type"])
    assert (found.num_processes, found.mixed_precision) == (8, "bf16")
    arguments = launch_command_parser().parse_args(["--config_file", path, "--module", "m"])
    arguments, *_ = _validate_launch_command(arguments)
    assert (arguments.num_processes, arguments.mixed_precision) == (8, "bf16")
    if name == "fsdp2":
        assert (arguments.use_fsdp, arguments.fsdp_version) == (True, 2)
        assert arguments.fsdp_state_dict_type == "FULL_STATE_DICT"
    if name.startswith("zero"):
        assert (arguments.use_deepspeed, arguments.zero_stage) == (True, int(name[-1]))
