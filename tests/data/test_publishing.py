"""Publishing, end to end: over HTTP to a Hub on this machine, and to folders and stores."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import fsspec
import pyarrow.parquet as pq
import pytest

from api_registry.errors import StorageError, UsageError
from data.publishing.bundle import Bundle, bundle_of
from data.publishing.config import PublishConfig
from data.publishing.publish import publish
from data.publishing.secrets import environment_secrets, leaks
from data.publishing.store import publish_to_store
from data.shards import parquet_bytes
from tests.conftest import SmallRun
from tests.data.hub_stand_in import HubStandIn
from tests.filling_store import make_room

ROOT = Path(__file__).parent.parent.parent
REPO = "somebody/verified-calls"


@pytest.fixture
def run(small_run: SmallRun, tmp_path: Path) -> Path:
    """A copy of a finished run, to be changed freely."""
    copy = tmp_path / "runs" / "mine"
    copy.mkdir(parents=True)
    shutil.copytree(small_run.result.folder.dataset, copy / "dataset")
    shutil.copy(small_run.result.folder.path / "report.html", copy)
    return copy


def environment(url: str, home: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "HOME": str(home),
        "HF_HOME": str(home / "hf"),
        "HF_ENDPOINT": url,
        "HF_TOKEN": "stand-in",
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    }


def command(run: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "flows.cli", "publish", str(run), *options]


def published(run: Path, url: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(run, "--repo", REPO, *options),
        env=environment(url, run.parent),
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_run_is_published_as_one_commit_and_read_back(run: Path) -> None:
    hub = HubStandIn()
    with hub.serving() as url:
        done = published(run, url, "--private")
        assert done.returncode == 0, done.stderr
        repo = hub.repos[REPO]
        assert repo.private
        assert len(repo.commits) == 2
        files = repo.commits[-1][2]
        bundle = bundle_of(run)
        assert {name: len(content) for name, content in files.items()} == {
            file.name: file.path.stat().st_size for file in bundle.files
        }
        assert {"README.md", "manifest.json", "report.html"} < set(files)
        assert repo.tags == {bundle.tag: repo.commits[-1][0]}
        assert f"{len(bundle.files)} of {len(bundle.files)} files sent" in done.stdout

        code = (
            "from datasets import load_dataset\n"
            f"rows = load_dataset({REPO!r}, revision={bundle.tag!r})\n"
            "import json\n"
            "print(json.dumps({split: sorted(part['id']) for split, part in rows.items()}))"
        )
        read = subprocess.run(
            [sys.executable, "-c", code],
            env=environment(url, run.parent),
            capture_output=True,
            text=True,
            check=False,
        )
        assert read.returncode == 0, read.stderr[-2000:]
    expected = {
        split: sorted(
            identity
            for name in names
            for identity in pq.read_table(run / "dataset" / name)["id"].to_pylist()
        )
        for split, names in bundle.manifest.splits.items()
    }
    assert json.loads(read.stdout.splitlines()[-1]) == expected


def test_the_same_run_twice_makes_one_commit(run: Path) -> None:
    hub = HubStandIn()
    with hub.serving() as url:
        assert published(run, url).returncode == 0
        sent = list(hub.uploads)
        again = published(run, url)
        # A tag that was lost on the way is set again, without another commit.
        tags = dict(hub.repos[REPO].tags)
        hub.repos[REPO].tags.clear()
        third = published(run, url)
    assert again.returncode == third.returncode == 0, again.stderr + third.stderr
    assert "already: nothing to send" in again.stdout
    assert len(hub.repos[REPO].commits) == 2
    assert hub.uploads == sent
    assert hub.repos[REPO].tags == tags


def test_a_cut_connection_leaves_nothing_visible_and_the_next_try_goes_on(run: Path) -> None:
    hub = HubStandIn()
    hub.cut_after = 2
    with hub.serving() as url:
        process = subprocess.Popen(
            command(run, "--repo", REPO),
            env=environment(url, run.parent),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert hub.cut.wait(120)
        process.kill()
        process.wait()
        assert len(hub.repos[REPO].commits) == 1
        assert not hub.repos[REPO].tags
        hub.cut_after = None
        before = list(hub.uploads)
        done = published(run, url)
    assert done.returncode == 0, done.stderr
    assert len(before) >= 2
    assert len(hub.repos[REPO].commits) == 2
    # What had arrived was not sent again.
    assert (
        len(hub.uploads)
        == len(set(hub.uploads))
        == sum(map(len, bundle_of(run).manifest.splits.values()))
    )


def test_a_new_run_replaces_the_files_of_the_one_before(run: Path) -> None:
    hub = HubStandIn()
    with hub.serving() as url:
        assert published(run, url).returncode == 0
        hub.repos[REPO].commits[-1][2]["NOTES.md"] = b"somebody's own"
        hub.repos[REPO].commits[-1][2]["train-00007-of-00009.parquet"] = b"old"
        card = run / "dataset" / "README.md"
        card.write_text(card.read_text() + "\nAnother card.\n")
        assert published(run, url).returncode == 0
        # The report is drawn anew by later commands: that alone is nothing new to publish.
        (run / "report.html").write_text("another report")
        assert published(run, url).returncode == 0
    repo = hub.repos[REPO]
    assert len(repo.commits) == 3
    assert len(repo.tags) == 2
    assert "NOTES.md" in repo.commits[-1][2]
    assert "train-00007-of-00009.parquet" not in repo.commits[-1][2]


@pytest.mark.parametrize(
    ("status", "told"), [(401, "set HF_TOKEN"), (403, "may not write there"), (500, "try again")]
)
def test_a_hub_that_refuses_is_one_line(run: Path, status: int, told: str) -> None:
    hub = HubStandIn()
    hub.refuse = status
    with hub.serving() as url:
        done = published(run, url)
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_planted_secret_stops_everything_and_is_not_repeated(run: Path) -> None:
    secret = "hf_" + "aBcDeFgHiJ" * 4
    manifest = bundle_of(run).manifest
    name = next(iter(manifest.splits["train"]))
    rows = pq.read_table(run / "dataset" / name).to_pylist()
    rows[3]["query"] += f" My token is {secret}."
    content = parquet_bytes(rows)
    (run / "dataset" / name).write_bytes(content)
    record = manifest.splits["train"][name].model_copy(
        update={"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    )
    changed = manifest.model_copy(update={"splits": {**manifest.splits, "train": {name: record}}})
    (run / "dataset" / "manifest.json").write_text(changed.model_dump_json())
    hub = HubStandIn()
    with hub.serving() as url:
        done = published(run, url)
    assert done.returncode == 1
    assert f"`{name}`, row 3, query" in done.stderr
    assert "Hugging Face token" in done.stderr
    assert secret not in done.stderr
    assert not hub.repos


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("-----BEGIN RSA PRIVATE KEY-----", "private key"),
        ("key AKIAIOSFODNN7EXAMPLE here", "AWS access key"),
        ("ghp_" + "a1" * 18, "GitHub token"),
        ("sk-proj-" + "Ab1_" * 12, "OpenAI or Anthropic key"),
        ("AIza" + "B" * 35, "Google API key"),
        ("xoxb-123456789012-abcdefABCDEF", "Slack token"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkw.dozjgNryP4J3jVmN", "JSON web token"),
        ("postgres://user:hunter22@db.example.com/x", "password in an address"),
        ("it is correct-horse-battery", "value of MY_API_KEY"),
    ],
)
def test_secrets_are_known_by_their_form_or_value(tmp_path: Path, text: str, kind: str) -> None:
    path = tmp_path / "README.md"
    path.write_text(f"# Title\n\n{text}\n")
    known = environment_secrets({"MY_API_KEY": "correct-horse-battery", "EDITOR": "emacs-nox-foo"})
    [leak] = leaks("README.md", path, known)
    assert (leak.where, leak.kind) == ("line 3", kind)


def test_ordinary_data_holds_no_secrets(run: Path) -> None:
    for file in bundle_of(run).files:
        assert list(leaks(file.name, file.path, {})) == []
    assert environment_secrets({"SSH_KEY_FILE": "/etc/hostname", "TOKENIZERS": "true"}) == {}


@pytest.mark.parametrize("scheme", ["", "file://", "memory://"])
def test_any_folder_or_store_takes_a_run_and_a_second_try_sends_nothing(
    run: Path, tmp_path: Path, scheme: str
) -> None:
    url = f"{scheme}{tmp_path}/out/set"
    first = publish(PublishConfig(run=str(run), to=url))
    again = publish(PublishConfig(run=str(run), to=url))
    assert first.sent == first.files
    assert again.sent == 0
    files, root = fsspec.core.url_to_fs(url)
    names = {entry.rpartition("/")[2] for entry in files.ls(root, detail=False)}
    assert names == {file.name for file in bundle_of(run).files}


def test_a_store_that_fails_in_the_middle_has_no_manifest_until_all_is_there(
    run: Path, tmp_path: Path
) -> None:
    make_room(3)
    bundle, url = bundle_of(run), f"filling://{tmp_path}/set"
    with pytest.raises(StorageError, match="goes on from what is there"):
        publish_to_store(bundle, url)
    files, root = fsspec.core.url_to_fs(url)
    assert not files.exists(f"{root}/manifest.json")
    make_room(100)
    assert publish_to_store(bundle, url).sent == len(bundle.files) - 3
    assert files.exists(f"{root}/manifest.json")
    # Another content: the old manifest vouches for nothing while files change.
    (run / "report.html").write_text("another")
    make_room(0)
    with pytest.raises(StorageError):
        publish_to_store(bundle_of(run), url)
    assert not files.exists(f"{root}/manifest.json")


def test_what_is_missing_or_damaged_is_not_published(run: Path, tmp_path: Path) -> None:
    (run / "dataset" / "README.md").unlink()
    with pytest.raises(StorageError, match=r"README\.md"):
        bundle_of(run)
    shutil.rmtree(run / "dataset")
    with pytest.raises(StorageError, match="the run's own command makes it again"):
        bundle_of(run)
    with pytest.raises(UsageError, match="cannot be opened"):
        publish_to_store(Bundle("x", ()), "nowhere://x")


def test_an_incompatible_licence_is_refused(run: Path) -> None:
    manifest = bundle_of(run).manifest
    changed = manifest.model_copy(update={"licenses": {"mit": 3, "cc-by-nd-4.0": 1}})
    (run / "dataset" / "manifest.json").write_text(changed.model_dump_json())
    with pytest.raises(UsageError, match="may not be published as part"):
        bundle_of(run)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ([], "name one place"),
        (["--repo", "a/b", "--to", "x"], "name one place"),
        (["--repo", "nothing"], "expected USER/NAME"),
        (["--to", "x", "--private"], "private is for"),
    ],
)
def test_a_place_must_be_named_once(run: Path, options: list[str], problem: str) -> None:
    done = subprocess.run(
        command(run, *options),
        env=environment("http://127.0.0.1:9", run.parent),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert problem in done.stderr
