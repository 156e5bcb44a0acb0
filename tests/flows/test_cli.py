"""The command line: what a user types, sees, and gets wrong."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Outcome = tuple[int, str, str]
TOOLS = '''
"""Tools of somebody's own."""

from datetime import date


def days_until(target: date, today: date) -> int:
    """Count the days from one date to a later one.

    Args:
        target: Date to count to.
        today: Date to count from.
    """
    return (target - today).days


def greet(name: str, polite: bool = False) -> str:
    """Write a greeting.

    Args:
        name: Name of the person.
        polite: Whether to be formal.
    """
    return f"Dear {name}" if polite else f"Hi {name}"


def undocumented(x: int) -> int:
    return x


def untyped(x):
    """Do something."""
    return x
'''


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    path = tmp_path / "my_tools.py"
    path.write_text(TOOLS)
    return path


def test_generate_prints_funnel_records_and_paths(
    callforge: Callable[..., Outcome], tools: Path, tmp_path: Path
) -> None:
    code, out, err = callforge(
        "generate", "--apis", "./my_tools.py", "--samples", "60", "--out", "out", "--name", "mine"
    )
    assert (code, err) == (0, "")
    assert "drafts" in out
    assert "kept" in out
    assert "call: " in out
    assert "out/mine/dataset" in out
    assert (tmp_path / "out/mine/shards/kept-00000.parquet").exists()


def test_the_same_command_again_says_that_the_run_is_complete(
    callforge: Callable[..., Outcome], tools: Path
) -> None:
    command = ("generate", "--apis", "./my_tools.py", "--samples", "30", "--name", "mine")
    assert callforge(*command)[0] == 0
    code, out, _ = callforge(*command)
    assert code == 0
    assert "Run `mine` is complete: nothing to make" in out


def test_a_config_file_and_options_are_one_model(
    callforge: Callable[..., Outcome], tools: Path, tmp_path: Path
) -> None:
    Path("run.toml").write_text(
        'samples = 500\napis = ["./my_tools.py"]\nname = "mine"\n'
        "[plan.shares]\nsimple = 1.0\n[output]\nout = 'there'\n"
    )
    code, _, err = callforge(
        "generate", "--config", "run.toml", "--samples", "20", "--shares", "simple=0.5,parallel=0.5"
    )
    assert (code, err) == (0, "")
    record = json.loads((tmp_path / "there/mine/run.json").read_text())
    assert record["config"]["samples"] == 20
    assert record["facts"]["plan"]["shares"] == {"simple": 0.5, "parallel": 0.5}


def test_apis_list_gives_json_for_machines(callforge: Callable[..., Outcome], tools: Path) -> None:
    code, out, _ = callforge("apis", "list", "./my_tools.py", "--json")
    listed = json.loads(out)
    assert code == 0
    assert set(listed) == {"apis", "skipped"}
    assert [set(api) for api in listed["apis"]] == [
        {"name", "description", "parameters", "category", "source"}
    ] * 2
    assert [api["name"] for api in listed["apis"]] == ["days_until", "greet"]
    assert listed["apis"][1]["parameters"] == {
        "type": "object",
        "properties": {
            "name": {"type": "string", "description": "Name of the person."},
            "polite": {
                "type": "boolean",
                "description": "Whether to be formal.",
                "default": False,
            },
        },
        "required": ["name"],
        "additionalProperties": False,
    }
    assert [skip["where"].rpartition(":")[2] for skip in listed["skipped"]] == [
        "undocumented",
        "untyped",
    ]
    assert all(skip["reason"] for skip in listed["skipped"])


def test_one_function_of_a_file_can_be_named(
    callforge: Callable[..., Outcome], tools: Path
) -> None:
    _, out, _ = callforge("apis", "list", "./my_tools.py:greet", "--json")
    assert [api["name"] for api in json.loads(out)["apis"]] == ["greet"]


def test_apis_check_runs_the_examples_and_fails_where_one_does(
    callforge: Callable[..., Outcome], tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text(
        "from api_registry.decorator import api\n"
        "@api(examples=[{'n': 0}, {'n': 2}])\n"
        "def invert(n: int) -> float:\n"
        '    """Divide one by a number."""\n'
        "    return 1 / n\n"
        "@api(examples=[{'n': 'x'}])\n"
        "def double(n: int) -> int:\n"
        '    """Double a number."""\n'
        "    return 2 * n\n"
        "def triple(n: int) -> int:\n"
        '    """Triple a number."""\n'
        "    return 3 * n\n"
    )
    code, out, _ = callforge("apis", "check", "./mine.py")
    assert code == 1
    assert "failed invert: example 1: raised: ZeroDivisionError: division by zero" in out
    assert 'failed double: example 1: n: expected integer, got string "x"' in out
    assert "ok     triple: no examples" in out
    assert "1 of 3 APIs" in out


def test_apis_show_prints_an_api_whole(callforge: Callable[..., Outcome], tools: Path) -> None:
    code, out, _ = callforge("apis", "show", "./my_tools.py:greet")
    assert code == 0
    assert "Write a greeting." in out
    assert '"polite"' in out


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--apis", "no.such.module"], 2, "module `no.such.module` cannot be found"),
        (["--apis", "./missing.py"], 2, "`./missing.py` is not there"),
        (["--apis", "./my_tools.py:nothing"], 2, "has no function `nothing`; it has: days_until"),
        (["--apis", "./broken.py"], 2, "`broken.py` raised on import at broken.py:2: ValueError"),
        (["--apis", "./exits.py"], 2, "raised on import at exits.py:2: SystemExit: 3"),
        (["--apis", "./syntax.py"], 2, "raised on import at syntax.py:1: SyntaxError"),
        (["--apis", "./empty.py"], 2, "no usable API in `./empty.py`"),
        (["--apis", "./clash.py"], 2, "`flows` is also the name of a package of Callforge"),
        (["--shares", "simple=0.5"], 2, "setting `plan`: shares sum to 0.5, expected 1"),
        (["--shares", "simple"], 2, "`simple` is not understood; expected STYLE=SHARE"),
        (["--shares", "sample=1"], 2, "setting `plan.shares.sample`"),
        (["--generator", "magic"], 2, "setting `generator.name`"),
        (["--base-url", "http://127.0.0.1:9/v1"], 2, "name of a model: add --model NAME"),
        (["--samples", "0"], 2, "setting `samples`: Input should be greater than or equal to 1"),
        (["--config", "none.toml"], 2, "--config `none.toml` cannot be read"),
        (["--config", "bad.toml"], 2, "--config `bad.toml` is not TOML"),
        (["--config", "key.toml"], 2, "unknown setting `plan.sahres` in `key.toml`; known there:"),
        (["--out", "a_file"], 1, "`a_file/mine` cannot be written"),
    ],
)
def test_bad_input_is_one_line_that_says_what_to_do(
    callforge: Callable[..., Outcome],
    tools: Path,
    tmp_path: Path,
    arguments: list[str],
    code: int,
    message: str,
) -> None:
    for name, text in {
        "broken.py": "x = 1\nraise ValueError('no licence\\nfound')\n",
        "exits.py": "import sys\nsys.exit(3)\n",
        "syntax.py": "def f(:\n",
        "empty.py": "x = 1\n",
        "clash.py": "import flows.mine\n",
        "bad.toml": "samples = \n",
        "key.toml": "[plan]\nsahres = 1\n",
        "a_file": "",
    }.items():
        (tmp_path / name).write_text(text)
    if "--apis" not in arguments:
        arguments = ["--apis", "./my_tools.py", *arguments]
    got, out, err = callforge("generate", "--samples", "20", "--name", "mine", *arguments)
    assert (got, out) == (code, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert message in err.replace(str(tmp_path) + "/", "")


def test_debug_shows_the_traceback(callforge: Callable[..., Outcome]) -> None:
    with pytest.raises(Exception, match=r"no\.such\.module"):
        callforge("generate", "--apis", "no.such.module", "--debug")


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, flows.cli; "
        "print([m for m in ('pyarrow', 'pandas', 'prefect', 'jsonschema', 'pydantic') "
        "if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_package_resolves_inside_the_repository() -> None:
    root = Path(__file__).parent.parent.parent
    for name in ("api_registry", "data", "generators", "verifiers", "flows"):
        module = __import__(name)
        assert Path(str(module.__file__)).parent.parent == root


def test_a_run_is_exported_by_name(callforge: Callable[..., Outcome]) -> None:
    assert callforge("generate", "--samples", "40", "--name", "small")[0] == 0
    code, out, _ = callforge("export", "small", "--format", "trl", "--out", "rows.jsonl")
    assert code == 0
    rows = Path("rows.jsonl").read_text(encoding="utf-8").splitlines()
    assert out == f"{len(rows)} rows (train) written to rows.jsonl\n"
    code, out, _ = callforge(
        "export", "runs/small", "--format", "xlam", "--out", "all.parquet", "--split", "all"
    )
    assert code == 0
    assert "train, " in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("none", "--format", "trl", "--out", "x.jsonl"), "no run `none`: expected a run"),
        (("small", "--format", "csv", "--out", "x.jsonl"), "expected one of openai, sharegpt, trl"),
    ],
)
def test_wrong_exports_are_refused_in_one_line(
    callforge: Callable[..., Outcome], arguments: tuple[str, ...], message: str
) -> None:
    code, _, error = callforge("export", *arguments)
    assert code == 2
    assert message in error


def test_benchmark_questions_are_taken_out(callforge: Callable[..., Outcome]) -> None:
    known = "Find the area of a triangle with a base of 10 units and height of 5 units."
    queries = [known, "Is my own question in here?", "How tall is the tower?"]
    Path("rows.jsonl").write_text("".join(json.dumps({"query": q}) + "\n" for q in queries))
    Path("mine.txt").write_text("is my own question in here\n")
    code, out, _ = callforge(
        *("decontaminate", "rows.jsonl", "--against", "mine.txt"),
        *("--out", "kept.jsonl", "--hits", "hits.jsonl"),
    )
    assert code == 0
    assert "1 kept in kept.jsonl\n2 hits in hits.jsonl (whole 2)\n" in out
    assert json.loads(Path("kept.jsonl").read_text()) == {"query": queries[2]}
    sources = [json.loads(line)["source"] for line in Path("hits.jsonl").read_text().splitlines()]
    assert sources == ["bfcl:simple_python_0", "mine:line 1"]


def test_report_writes_the_page_of_a_run_given_by_name_or_folder(
    callforge: Callable[..., Outcome], tools: Path, tmp_path: Path
) -> None:
    made = callforge("generate", "--apis", "./my_tools.py", "--samples", "40", "--name", "mine")
    assert "Report:   runs/mine/report.html" in made[1]
    page = tmp_path / "runs/mine/report.html"
    content = page.read_bytes()
    for arguments in (["mine"], ["runs/mine"], ["mine", "--out", "./runs"], [str(page.parent)]):
        page.unlink()
        code, out, err = callforge("report", *arguments)
        assert (code, err) == (0, "")
        assert Path(out.strip()).resolve() == page.resolve()
        assert page.read_bytes() == content


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["nothing"], 2, "no run `nothing`: expected a run's folder, or its name below --out"),
        (["nothing", "--out", "elsewhere"], 2, "there is no run in `elsewhere`"),
        (["other"], 2, "runs in `runs`: mine"),
        (["."], 2, "`.` is not a run's folder: it has no run.json"),
        ([""], 2, "no run ``"),
        (["runs/mine/report.html"], 2, "no run `runs/mine/report.html`"),
        (["damaged"], 1, "`runs/damaged/run.json` is damaged"),
    ],
)
def test_a_report_that_cannot_be_made_is_one_line(
    callforge: Callable[..., Outcome],
    tmp_path: Path,
    arguments: list[str],
    code: int,
    message: str,
) -> None:
    if arguments in (["other"], ["runs/mine/report.html"]):
        (tmp_path / "runs/mine").mkdir(parents=True)
        (tmp_path / "runs/mine/run.json").write_text("{}")
        (tmp_path / "runs/mine/report.html").write_text("old")
    (tmp_path / "runs/damaged").mkdir(parents=True)
    if arguments == ["damaged"]:
        (tmp_path / "runs/damaged/run.json").write_text("{")
    result = callforge("report", *arguments)
    assert result[0] == code
    assert result[1] == ""
    assert result[2].startswith("error: ")
    assert message in result[2]
    assert len(result[2].splitlines()) == 1


def test_an_api_without_examples_that_only_raises_is_told(
    callforge: Callable[..., tuple[int, str, str]],
) -> None:
    Path("shop.py").write_text(
        'def refund(order: str) -> str:\n    """Refund an order.\n\n    Args:\n'
        '        order: Its number.\n    """\n    raise RuntimeError("service is down")\n\n\n'
        'def greet(name: str) -> str:\n    """Greet.\n\n    Args:\n        name: Who.\n    """\n'
        '    return f"Hello {name}"\n'
    )
    code, out, _ = callforge("apis", "check", "./shop.py")
    assert code == 0  # values drawn without examples may be no right ones
    told = "no call drawn for it worked (RuntimeError: service is down): give it examples"
    assert f"refund: no examples; {told}" in out
    assert "greet: no examples\n" in out
