"""What `callforge up` refuses before it starts anything, and what it makes of its options."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from api_registry.errors import UsageError
from flows.deploying.database import connection_url
from flows.deploying.deployments import chained, read_deployments
from flows.deploying.place import Place
from tests.deploying.running_up import BIN, clone


def refused(folder: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    done = subprocess.run(
        [BIN / "callforge", "up", *arguments],
        cwd=folder, env=os.environ | environment, capture_output=True, text=True,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def test_a_busy_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        code, said = refused(clone(tmp_path), "--port", port)
    assert (code, f"127.0.0.1:{port}" in said, "--port" in said) == (1, True, True)


def test_a_second_one_in_the_same_folder_is_refused_with_the_address_of_the_first(
    tmp_path: Path,
) -> None:
    place = Place(clone(tmp_path))
    with place.held():
        place.address.write_text("http://127.0.0.1:4200/api")
        assert place.url() == "http://127.0.0.1:4200/api"
        code, said = refused(tmp_path, "--port", "0")
        assert place.url() == "http://127.0.0.1:4200/api", "the first is still found"
    assert (code, "http://127.0.0.1:4200/api" in said) == (1, True)
    assert place.url() is None


def test_the_address_of_one_that_was_killed_is_not_taken_for_a_running_one(tmp_path: Path) -> None:
    code = (
        "import os, pathlib; from flows.deploying.place import Place\n"
        f"place = Place(pathlib.Path({str(tmp_path)!r}))\n"
        "with place.held():\n"
        "    place.address.write_text('http://127.0.0.1:4200/api')\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == -9
    assert Place(tmp_path).address.exists()
    assert Place(tmp_path).url() is None


@pytest.mark.parametrize(
    "given", ["mysql://me:s3cret@host/db", "s3cret", "postgresql://", "postgresql:///s3cret"]
)
def test_another_database_is_refused_without_repeating_its_password(
    given: str, tmp_path: Path
) -> None:
    code, said = refused(clone(tmp_path), CALLFORGE_DATABASE=given)
    assert (code, "s3cret" in said, "postgresql://USER:PASSWORD@HOST/NAME" in said) == (
        2, False, True,
    )  # fmt: skip


def test_the_database_is_sqlite_in_the_folder_unless_one_is_named(tmp_path: Path) -> None:
    place = Place(tmp_path)
    assert connection_url(None, place).endswith("/.callforge/prefect/prefect.db")
    for scheme in ("postgres", "postgresql", "postgresql+asyncpg"):
        url = connection_url(f"{scheme}://me:a%2Fb@host:5432/db", place)
        assert url == "postgresql+asyncpg://me:a%2Fb@host:5432/db"


@pytest.mark.parametrize(
    ("place", "told"),
    [("somebody/tools", {"repo": "somebody/tools"}), ("s3://bucket/x", {"to": "s3://bucket/x"})],
)
def test_options_switch_triggers_on_and_fill_them_in(place: str, told: dict[str, str]) -> None:
    shipped = read_deployments()
    switched = chained(shipped, publish_to=place, finetune=None)
    triggers = {
        trigger["name"]: trigger
        for deployment in switched["deployments"]
        for trigger in deployment.get("triggers", [])
    }
    assert {name for name, trigger in triggers.items() if trigger["enabled"]} == {
        "publish-what-generate-fc-made"
    }
    config = triggers["publish-what-generate-fc-made"]["parameters"]["config"]
    assert config == {"run": "{{ event.payload.folder }}"} | told
    assert chained(shipped, publish_to=None, finetune=None) == shipped


def test_a_chain_without_its_deployment_is_refused() -> None:
    with pytest.raises(UsageError, match="evaluate-fc, finetune-fc"):
        chained({"deployments": [{"name": "publish-fc"}]}, publish_to=None, finetune="model")
