"""The benchmarks run as the documents say, as files, and their figures come out."""

import json
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "benchmarks"
EXPLAIN = """
import contextlib, io, json, runpy, sys

told = {}
for script in sys.argv[1:]:
    sys.argv, out, code = [script, "--help"], io.StringIO(), None
    try:
        with contextlib.redirect_stdout(out):
            runpy.run_path(script, run_name="__main__")
    except SystemExit as stop:
        code = stop.code or 0
    except Exception as error:
        code = repr(error)
    told[script] = code, out.getvalue()
print(json.dumps(told))
"""
"""All of them in one process: what they import takes seconds, most of it the same."""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=False, cwd=FOLDER
    )


def test_every_benchmark_explains_itself() -> None:
    scripts = [str(path) for path in sorted(FOLDER.rglob("*.py"))]
    told = json.loads(run("-c", EXPLAIN, *scripts).stdout)
    assert set(told) == set(scripts)
    for script, (code, text) in told.items():
        assert code == 0 and "benchmarks/" in text, (script, code, text)


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
