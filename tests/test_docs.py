"""What the documents say is true: every snippet runs, every generated page is current."""

import json
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import typer

from api_registry.registry import load_apis
from flows.cli import app
from generators.embedded.phrasing import parse
from generators.embedded.template import STYLES
from generators.fake_server import FakeSettings, running
from generators.vllm_server.settings import preset_names, read_preset
from tests.conftest import SmallRun
from verifiers.reasons_page import PAGE, page

ROOT = Path(__file__).parent.parent


def snippets(document: str, language: str) -> list[str]:
    text = (ROOT / document).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def run_python(code: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(ROOT), "HOME": str(folder), "PATH": ""},
    )
    return done.stdout


def callforge(folder: Path, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flows.cli", *arguments],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(ROOT), "HOME": str(folder), "PATH": ""},
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_functions_shown_in_the_documents_are_offered(document: str, tmp_path: Path) -> None:
    [code] = [text for text in snippets(document, "python") if text.startswith("# my_tools.py")]
    (tmp_path / "my_tools.py").write_text(code)
    loaded = load_apis([str(tmp_path / "my_tools.py")])
    assert len(loaded.apis) == 1
    assert not loaded.skipped


def commands_of_the_readme() -> list[list[str]]:
    lines = [line for block in snippets("README.md", "bash") for line in block.splitlines()]
    return [
        shlex.split(line.partition("#")[0])[1:] for line in lines if line.startswith("callforge ")
    ]


def needs_what_a_test_lacks(command: list[str]) -> bool:
    """Whether it asks for a GPU, the Hub, a bucket or the extra `train`, or does not end."""
    there = {"--preset", "--finetune", "--runner", "examples/closed_loop/workshop.toml"}
    return command[0] in {"finetune", "serve", "up"} or bool(there & set(command))


def test_the_commands_of_the_readme_are_ones() -> None:
    known = typer.main.get_group(app).commands
    for name, *arguments in commands_of_the_readme():
        if name not in {"apis", "up"}:
            # Raises where an option is unknown or lacks its value; runs nothing.
            known[name].make_context(name, arguments)
    assert {"apis", "up"} <= known.keys()


def test_the_commands_of_the_readme_work(tmp_path: Path) -> None:
    [code] = [text for text in snippets("README.md", "python") if text.startswith("# my_tools.py")]
    (tmp_path / "my_tools.py").write_text(code)
    commands = [one for one in commands_of_the_readme() if not needs_what_a_test_lacks(one)]
    assert [command[0] for command in commands] == [
        *("apis", "apis", "generate", "generate"),
        *("review", "export", "publish", "evaluate", "verify", "import"),
    ]
    with running(FakeSettings(models=("writer", "judge"))) as server:
        for command in commands:
            callforge(
                tmp_path,
                *(part.replace("http://127.0.0.1:8000/v1", server.url) for part in command),
            )
    assert (tmp_path / "published/rent/README.md").exists()


def test_the_preset_of_the_readme_is_one() -> None:
    [line] = [line for text in snippets("README.md", "bash") for line in text.splitlines()
              if "--preset" in line]  # fmt: skip
    assert line.split()[line.split().index("--preset") + 1] in preset_names()


def test_the_reading_snippet_of_the_readme_runs(small_run: SmallRun, tmp_path: Path) -> None:
    (tmp_path / "runs").symlink_to(small_run.result.folder.path.parent)
    [code] = [text for text in snippets("README.md", "python") if "load_dataset" in text]
    assert "'role': 'user'" in run_python(code, tmp_path)


def test_the_example_config_is_valid() -> None:
    from flows.config import read_config

    config = read_config(ROOT / "examples" / "planted_faults.toml", {})
    assert (config.name, config.generator.faults) == ("planted-faults", 0.15)


def test_the_page_of_reasons_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m verifiers.reasons_page"


def test_the_phrasing_page_shows_templates_that_parse_and_every_style() -> None:
    text = (ROOT / "docs/phrasings.md").read_text(encoding="utf-8")
    [code] = snippets("docs/phrasings.md", "python")
    templates = re.findall(r'^\s{8}"(.*)",$', code, re.MULTILINE)
    assert len(templates) == 3
    assert {parse(template).kind for template in templates} == {
        "imperative",
        "question",
        "statement",
    }
    assert all(f"`{style}`" in text for style in STYLES)


def test_the_audit_page_shows_a_row_and_its_verdict_and_its_commands_work(
    small_run: SmallRun, tmp_path: Path
) -> None:
    row, verdict = (json.loads(text) for text in snippets("docs/verify.md", "json"))
    [tools] = [text for text in snippets("README.md", "python") if text.startswith("# my_tools.py")]
    (tmp_path / "my_tools.py").write_text(tools)
    (tmp_path / "rows.jsonl").write_text(json.dumps(row))
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "rows.parquet")
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs/my-run").symlink_to(small_run.result.folder.path)
    [commands] = snippets("docs/verify.md", "bash")
    for line in commands.splitlines():
        callforge(tmp_path, *line.partition("#")[0].split()[1:])
    assert json.loads((tmp_path / "verdicts.jsonl").read_text()) == verdict


def test_the_settings_and_commands_of_the_data_set_page_work(tmp_path: Path) -> None:
    from flows.config import RunConfig, read_config

    # A table must not be opened again after those within it.
    settings = sorted(snippets("docs/dataset.md", "toml"), key=lambda text: text.partition("]")[0])
    (tmp_path / "all.toml").write_text("\n".join(settings))
    numbers = tomllib.loads(
        "\n".join(settings).replace("# tool_c", "tool_c").replace("# call_c", "call_c")
    )
    assert RunConfig.model_validate(numbers).plan.tool_counts[4] == 0.5
    # The page shows the defaults.
    assert read_config(tmp_path / "all.toml", {}) == RunConfig()
    [row, _] = (json.loads(text) for text in snippets("docs/verify.md", "json"))
    (tmp_path / "rows.jsonl").write_text(json.dumps(row))
    for line in "\n".join(snippets("docs/dataset.md", "bash")).splitlines():
        if line.startswith(("callforge decontaminate", "callforge import")):
            callforge(tmp_path, *line.partition("#")[0].split()[1:])
    assert (tmp_path / "kept.jsonl").exists()
    assert "license: cc-by-4.0" in (tmp_path / "runs/theirs/dataset/README.md").read_text()


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) < 200


def test_links_between_documents_lead_somewhere() -> None:
    pages = sorted(f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md"))
    for document in ("README.md", "CONTRIBUTING.md", *pages):
        text = (ROOT / document).read_text(encoding="utf-8")
        for target in re.findall(r"\]\((?!http)([^)#]+)\)", text):
            assert (ROOT / document).parent.joinpath(target).exists(), f"{document}: {target}"


def test_the_commands_of_the_page_on_models_parse() -> None:
    commands = [
        shlex.split(line.partition("#")[0])
        for block in snippets("docs/models.md", "bash")
        for line in block.splitlines()
    ]
    targets = [command[1] for command in commands if command[0] == "make"]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert targets == ["vllm", "vllm-cpu", "test-vllm"]
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)
    ours = [command[1:] for command in commands if command[0] == "callforge"]
    assert {arguments[0] for arguments in ours} == {"generate", "serve"}
    known = typer.main.get_group(app).commands
    for name, *arguments in ours:
        # Raises where an option is unknown or lacks its value; runs nothing.
        known[name].make_context(name, arguments)


def test_the_page_on_models_has_the_models_of_the_presets() -> None:
    text = (ROOT / "docs/models.md").read_text(encoding="utf-8")
    for name in preset_names():
        assert f"| `{name}` | [{read_preset(name)['model'].partition('/')[2]}](" in text


def test_the_matching_and_the_reward_shown_in_the_evaluation_page_run(tmp_path: Path) -> None:
    matching, rewarding = snippets("docs/evaluation.md", "python")
    assert run_python(matching, tmp_path).splitlines() == [
        "Match(valid=True, error_type=None, error='')", "type_error:simple", "False",
    ]  # fmt: skip
    assert run_python(rewarding, tmp_path).splitlines() == [
        "Reward(format=1.0, match=0.0, arguments=0.5, execution=None)", "1.0",
    ]  # fmt: skip


def test_the_scoring_shown_in_the_evaluation_page_works(tmp_path: Path) -> None:
    scored = ROOT / "tests" / "flows" / "scored"
    for name in ("predictions.jsonl", "rows.jsonl"):
        (tmp_path / name).write_bytes((scored / name).read_bytes())
    commands = [
        line.split("#")[0].split()
        for block in snippets("docs/evaluation.md", "bash")
        for line in block.splitlines()
        if line.startswith("callforge score")
    ]
    assert len(commands) == 4
    callforge(tmp_path, *commands[1][1:])
    assert (tmp_path / "outcomes.jsonl").read_text().count("\n") == 16
    assert "Wrong answers" in (tmp_path / "errors.html").read_text()
    (tmp_path / "my_tools.py").write_text(
        "def weather(city: str, days: int = 1) -> str:\n"
        '    """Tell the weather."""\n'
        '    return f"{city}: {min(days, 3)}"\n'
    )
    callforge(tmp_path, *commands[2][1:], "--out", "executed.jsonl")
    assert (tmp_path / "executed.jsonl").read_text().count('"same_results":true') == 4
    (tmp_path / "result").mkdir()
    (tmp_path / "result" / "my-model").write_bytes((scored / "bfcl_result.jsonl").read_bytes())
    callforge(tmp_path, *commands[3][1:-1], str(scored / "bfcl"))
