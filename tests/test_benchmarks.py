"""The benchmarks run as the documents say, as files, and their figures come out."""

import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent / "benchmarks"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=False, cwd=FOLDER
    )


@pytest.mark.parametrize("script", sorted(FOLDER.rglob("*.py")), ids=lambda path: path.name)
def test_every_benchmark_explains_itself(script: Path) -> None:
    done = run(str(script), "--help")
    assert done.returncode == 0, done.stderr
    assert "benchmarks/" in done.stdout


def test_the_verifiers_catch_the_decidable_faults_and_nothing_else() -> None:
    done = run("verifiers.py", "--per-kind", "25", "--clean", "300")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "rejected: 0 (aim 0)" in done.stdout


def test_queries_are_as_varied_as_aimed_for() -> None:
    done = run("diversity.py", "--drafts", "4000")
    assert done.returncode == 0, done.stdout + done.stderr


def test_copies_are_found_and_nothing_else() -> None:
    done = run("dedup.py", "--rows", "3000")
    assert done.returncode == 0, done.stdout + done.stderr


def test_benchmark_questions_are_found_and_look_alikes_are_not() -> None:
    done = run("decontamination.py", "--clean", "500")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_pipeline_benchmark_prints_its_figures() -> None:
    done = run("pipeline.py", "--drafts", "200")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].split()[0] == "200"


def test_closing_answers_that_say_what_nothing_gives_are_caught() -> None:
    done = run("closing.py", "--records", "150")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "rejected: 0 (aim 0)" in done.stdout
