"""A Hub for tests: repositories of data sets and models over HTTP on this machine, as
`huggingface_hub` asks."""

import base64
import hashlib
import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

FIRST = "0" * 40
_LARGE = (".parquet", ".safetensors")


@dataclass
class Repo:
    """One repository: commits (id, title, files by name), tags, newest commit last."""

    private: bool
    commits: list[tuple[str, str, dict[str, bytes]]] = field(
        default_factory=lambda: [(FIRST, "initial commit", {})]
    )
    tags: dict[str, str] = field(default_factory=dict)

    def files(self, revision: str) -> dict[str, bytes] | None:
        wanted = self.tags.get(revision, revision)
        if wanted in ("main", "HEAD"):
            return self.commits[-1][2]
        return next((files for commit, _, files in self.commits if commit == wanted), None)

    def commit_of(self, revision: str) -> str:
        return self.tags.get(revision, self.commits[-1][0] if revision == "main" else revision)


class HubStandIn:
    """What the Hub knows; outlives a cut connection."""

    def __init__(self) -> None:
        self.repos: dict[str, Repo] = {}
        self.objects: dict[str, bytes] = {}
        self.uploads: list[str] = []
        """Digest of every large file that arrived whole, in order."""
        self.cut_after: int | None = None
        """Large files after which the next one is cut off in the middle; None: never."""
        self.cut = threading.Event()
        self.refuse: int | None = None
        """Status that every request gets instead of an answer."""
        self.url = ""

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Serve on a free port; gives the address."""
        hub = self

        class Handler(_Handler):
            stand_in = hub

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield self.url
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    stand_in: HubStandIn
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        pass

    def do_GET(self) -> None:
        self._route("GET")

    def do_HEAD(self) -> None:
        self._route("HEAD")

    def do_POST(self) -> None:
        self._route("POST")

    def do_PUT(self) -> None:
        digest = self.path.rpartition("/")[2]
        length = int(self.headers["Content-Length"])
        hub = self.stand_in
        if hub.cut_after is not None and len(hub.uploads) >= hub.cut_after:
            self.rfile.read(length // 2)
            hub.cut.set()
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        body = self.rfile.read(length)
        if hashlib.sha256(body).hexdigest() != digest:
            self._json({"error": "digest"}, 400)
            return
        hub.objects[digest] = body
        hub.uploads.append(digest)
        self._json({})

    def _route(self, method: str) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self._body = self.rfile.read(length)
        if self.stand_in.refuse is not None:
            self._json({"error": "no"}, self.stand_in.refuse)
            return
        path = unquote(self.path.partition("?")[0])
        for pattern, handle in _ROUTES:
            found = re.fullmatch(pattern, f"{method} {path}")
            if found:
                handle(self, **found.groupdict())
                return
        self._json({"error": f"no route for {method} {path}"}, 404)

    # -- answers -------------------------------------------------------------------------------

    def create(self) -> None:
        asked = json.loads(self._body)
        name = (
            f"{asked['organization']}/{asked['name']}"
            if asked.get("organization")
            else asked["name"]
        )
        status = 409 if name in self.stand_in.repos else 200
        private = asked.get("visibility") == "private" or bool(asked.get("private"))
        self.stand_in.repos.setdefault(name, Repo(private))
        self._json({"url": f"{self.stand_in.url}/datasets/{name}", "name": name}, status)

    def validate(self) -> None:
        self._json({"errors": [], "warnings": []})

    def refs(self, repo: str) -> None:
        known = self.stand_in.repos[repo]
        head = known.commits[-1][0]
        self._json(
            {
                "branches": [{"name": "main", "ref": "refs/heads/main", "targetCommit": head}],
                "converts": [],
                "tags": [
                    {"name": name, "ref": f"refs/tags/{name}", "targetCommit": commit}
                    for name, commit in known.tags.items()
                ],
            }
        )

    def commits(self, repo: str) -> None:
        self._json(
            [
                {
                    "id": commit,
                    "title": title,
                    "message": "",
                    "date": "2026-11-26T00:00:00.000Z",
                    "authors": [],
                }
                for commit, title, _ in reversed(self.stand_in.repos[repo].commits)
            ]
        )

    def preupload(self, repo: str) -> None:
        files = json.loads(self._body)["files"]
        self._json(
            {
                "files": [
                    {
                        "path": file["path"],
                        "uploadMode": "lfs" if file["path"].endswith(_LARGE) else "regular",
                        "shouldIgnore": False,
                    }
                    for file in files
                ]
            }
        )

    def batch(self, repo: str) -> None:
        hub = self.stand_in
        objects = []
        for entry in json.loads(self._body)["objects"]:
            answer: dict[str, Any] = {"oid": entry["oid"], "size": entry["size"]}
            if entry["oid"] not in hub.objects:
                answer["actions"] = {"upload": {"href": f"{hub.url}/objects/{entry['oid']}"}}
            objects.append(answer)
        self._json({"transfer": "basic", "objects": objects})

    def commit(self, repo: str) -> None:
        hub = self.stand_in
        known = hub.repos[repo]
        entries = [json.loads(line) for line in self._body.splitlines()]
        header = next(entry["value"] for entry in entries if entry["key"] == "header")
        if header.get("parentCommit") not in (None, known.commits[-1][0]):
            self._json({"error": "not the head"}, 412)
            return
        files = dict(known.commits[-1][2])
        for entry in entries:
            value = entry["value"]
            if entry["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif entry["key"] == "lfsFile":
                files[value["path"]] = hub.objects[value["oid"]]
            elif entry["key"] == "deletedFile":
                del files[value["path"]]
        number = hashlib.sha1(f"{repo}{len(known.commits)}".encode()).hexdigest()
        known.commits.append((number, header["summary"], files))
        url = f"{hub.url}/datasets/{repo}/commit/{number}"
        self._json({"success": True, "commitUrl": url, "commitOid": number, "hookOutput": ""})

    def tag(self, repo: str, revision: str) -> None:
        known = self.stand_in.repos[repo]
        known.tags[json.loads(self._body)["tag"]] = known.commit_of(revision)
        self._json({})

    def info(self, repo: str, revision: str = "main") -> None:
        known = self.stand_in.repos.get(repo)
        files = known.files(revision) if known else None
        if known is None or files is None:
            self._json({"error": "not found"}, 404, {"X-Error-Code": "RepoNotFound"})
            return
        self._json(
            {
                "id": repo,
                "sha": known.commit_of(revision),
                "private": known.private,
                "tags": [],
                "siblings": [{"rfilename": name} for name in sorted(files)],
                "lastModified": "2026-11-26T00:00:00.000Z",
            }
        )

    def tree(self, repo: str, revision: str, path: str | None) -> None:
        path = path or ""
        files = self.stand_in.repos[repo].files(revision) or {}
        if path.strip("/") and not any(name.startswith(path.strip("/") + "/") for name in files):
            self._json({"error": "not found"}, 404, {"X-Error-Code": "EntryNotFound"})
            return
        self._json([_entry(name, content) for name, content in sorted(files.items())])

    def paths(self, repo: str, revision: str) -> None:
        files = self.stand_in.repos[repo].files(revision) or {}
        asked = json.loads(self._body)["paths"]
        self._json([_entry(name, files[name]) for name in asked if name in files])

    def resolve(self, repo: str, revision: str, path: str) -> None:
        known = self.stand_in.repos[repo]
        content = (known.files(revision) or {}).get(path)
        if content is None:
            self._json({"error": "not found"}, 404, {"X-Error-Code": "EntryNotFound"})
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
        self.send_header("X-Repo-Commit", known.commit_of(revision))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    def _json(self, answer: Any, status: int = 200, headers: dict[str, str] | None = None) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _entry(name: str, content: bytes) -> dict[str, Any]:
    digest = hashlib.sha256(content).hexdigest()
    lfs = {"lfs": {"oid": digest, "size": len(content), "pointerSize": 134}}
    entry = {"type": "file", "path": name, "size": len(content), "oid": digest[:40]}
    return entry | (lfs if name.endswith(_LARGE) else {})


_REPO = r"(?P<repo>[^/]+/[^/]+)"
_KIND = r"(?:datasets|models)"
_OWN = r"(?:/datasets)?"
_ROUTES = (
    (r"POST /api/repos/create", _Handler.create),
    (r"POST /api/validate-yaml", _Handler.validate),
    (rf"GET /api/{_KIND}/{_REPO}/refs", _Handler.refs),
    (rf"GET /api/{_KIND}/{_REPO}/commits/main", _Handler.commits),
    (rf"POST /api/{_KIND}/{_REPO}/preupload/main", _Handler.preupload),
    (rf"POST {_OWN}/{_REPO}\.git/info/lfs/objects/batch", _Handler.batch),
    (rf"POST /api/{_KIND}/{_REPO}/commit/main", _Handler.commit),
    (rf"POST /api/{_KIND}/{_REPO}/tag/(?P<revision>[^/]+)", _Handler.tag),
    (rf"GET /api/{_KIND}/{_REPO}", _Handler.info),
    (rf"GET /api/{_KIND}/{_REPO}/revision/(?P<revision>[^/]+)", _Handler.info),
    (rf"GET /api/{_KIND}/{_REPO}/tree/(?P<revision>[^/]+)(?P<path>/.*)?", _Handler.tree),
    (rf"POST /api/{_KIND}/{_REPO}/paths-info/(?P<revision>[^/]+)", _Handler.paths),
    (rf"(?:GET|HEAD) {_OWN}/{_REPO}/resolve/(?P<revision>[^/]+)/(?P<path>.+)", _Handler.resolve),
)
