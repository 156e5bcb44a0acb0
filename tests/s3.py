"""An S3-compatible server on this machine."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import s3fs
from moto.moto_api._internal import moto_api_backend
from moto.server import ThreadedMotoServer

BUCKET = "runs"


@contextmanager
def s3_server() -> Iterator[dict[str, str]]:
    """Serve a bucket named `runs`; yields the environment that leads to it, which is set here."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    # What buckets hold belongs to the process, not to the server: another test's would be there.
    moto_api_backend.reset()
    server.start()
    host, port = server.get_host_and_port()
    environment = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "stand-in",
        "AWS_SECRET_ACCESS_KEY": "stand-in",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    try:
        with patch.dict(os.environ, environment):
            s3fs.S3FileSystem.clear_instance_cache()
            s3fs.S3FileSystem().mkdir(BUCKET)
            yield environment
            s3fs.S3FileSystem.clear_instance_cache()
    finally:
        server.stop()
