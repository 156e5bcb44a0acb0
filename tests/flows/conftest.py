"""Shared by the tests of flows and commands."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.cli import main


@pytest.fixture
def callforge(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., tuple[int, str, str]]:
    """Run the command line in an empty folder; returns exit code, output and errors."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["callforge", *arguments])
        code: object = 0
        try:
            main()
        except SystemExit as stop:
            code = stop.code
        captured = capsys.readouterr()
        assert isinstance(code, int | None)
        return code or 0, captured.out, captured.err

    return call
