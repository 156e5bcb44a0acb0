"""An OpenAI-compatible endpoint without a model: for trying the pipeline, for tests and benchmarks.

python -m generators.fake_server --port 8000 --latency 0.2 --fault 429=0.05
"""

from generators.fake_server.faults import FAULTS
from generators.fake_server.server import FakeServer, running
from generators.fake_server.settings import FakeSettings

__all__ = ["FAULTS", "FakeServer", "FakeSettings", "running"]
