"""APIs that fail on their own examples are found before anything is sampled."""

import asyncio
from pathlib import Path

from api_registry.check import ExampleCheck, check_examples
from api_registry.execution.pool import RunnerPool
from api_registry.execution.settings import ExecutionConfig
from api_registry.registry import load_apis

APIS = '''
from api_registry.decorator import api

def plain(a: int) -> int:
    """Has no examples."""
    return a

@api(examples=[{"a": 1}, {"a": 2}])
def good(a: int) -> int:
    """Works."""
    return a

@api(examples=[{"a": 1}, {"b": 2}])
def misnamed(a: int) -> int:
    """Has an example that does not fit."""
    return a

@api(examples=[{"a": 1}, {"a": 0}])
def failing(a: int) -> float:
    """Raises on an example."""
    return 1 / a

@api(examples=[{"a": 1}])
def lying(a: int) -> str:
    """Promises something else."""
    return {"a": a}
'''


def test_every_api_is_checked_on_its_own_examples(tmp_path: Path) -> None:
    path = tmp_path / "checked_apis.py"
    path.write_text(APIS)
    apis = load_apis([str(path)]).apis

    async def run() -> list[ExampleCheck]:
        async with RunnerPool(apis, ExecutionConfig()) as pool:
            return await check_examples(apis, pool)

    plain, good, misnamed, failing, lying = asyncio.run(run())
    assert plain == ExampleCheck(api="plain", passed=True, detail="no examples")
    assert good == ExampleCheck(api="good", passed=True, detail="2 examples")
    assert (misnamed.passed, misnamed.detail[:10]) == (False, "example 2:")
    assert failing == ExampleCheck(
        api="failing",
        passed=False,
        detail="example 2: raised: ZeroDivisionError: division by zero",
    )
    assert lying.passed
    assert lying.detail.startswith(
        "1 example; example 1: the return hint is wrong: expected string"
    )
