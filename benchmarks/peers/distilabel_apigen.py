"""distilabel's APIGen pipeline, for `saturation.py --distilabel PYTHON` in `benchmarks/`.

Runs under an interpreter of its own that has `distilabel[openai]`, and imports nothing of ours:
APIGenGenerator → APIGenExecutionChecker → APIGenSemanticChecker, two requests for each row, one
pair each as that generator keeps the first alone, over its own `OpenAILLM`. The last line printed
is JSON: requests, seconds and requests/s of the whole call, CPU seconds of all its processes, and
the MiB of the largest.
"""

import argparse
import json
import os
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

TOOL = {
    "name": "days_between",
    "description": "Count the days from one date to a later one.",
    "parameters": {
        "first": {"type": "string", "description": "Date to count from, as YYYY-MM-DD."},
        "last": {"type": "string", "description": "Date to count to, as YYYY-MM-DD."},
    },
}
FUNCTION = '''
from datetime import date


def days_between(first: str, last: str) -> int:
    """Count the days from one date to a later one."""
    return (date.fromisoformat(last) - date.fromisoformat(first)).days
'''
EXAMPLE = (
    "QUERY:\nHow many days are there from 1 to 31 May 2024?\nANSWER:\n"
    '[{"name": "days_between", "arguments": {"first": "2024-05-01", "last": "2024-05-31"}}]'
)


def rows(count: int) -> list[dict[str, str]]:
    """What the generator is asked about; the number makes each prompt another one."""
    return [
        {
            "examples": EXAMPLE,
            "func_name": TOOL["name"],
            "func_desc": f"{TOOL['description']} Case {index}.",
            "tools": json.dumps([TOOL]),
        }
        for index in range(count)
    ]


def pipeline(url: str, count: int, batch: int, folder: Path) -> Any:
    """The three steps as distilabel's documents chain them."""
    from distilabel.models import OpenAILLM
    from distilabel.pipeline import Pipeline
    from distilabel.steps import LoadDataFromDicts
    from distilabel.steps.tasks import (
        APIGenExecutionChecker,
        APIGenGenerator,
        APIGenSemanticChecker,
    )

    def llm() -> Any:
        # What waits in the server's queue must not be asked for again.
        return OpenAILLM(
            model="fake-model",
            base_url=f"{url}/v1",
            api_key="none",
            timeout=3600,
            generation_kwargs={"max_new_tokens": 512},
        )

    library = folder / "library.py"
    library.write_text(FUNCTION, encoding="utf-8")
    with Pipeline(name="apigen", cache_dir=folder / "cache") as made:
        load = LoadDataFromDicts(data=rows(count), batch_size=batch)
        generate = APIGenGenerator(llm=llm(), number=1, input_batch_size=batch)
        execute = APIGenExecutionChecker(libpath=str(library), input_batch_size=batch)
        judge = APIGenSemanticChecker(llm=llm(), input_batch_size=batch)
        load >> generate >> execute >> judge
    return made


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--url", required=True, help="of the server, without /v1")
    parser.add_argument("--requests", type=int, default=300)
    parser.add_argument("--batch", type=int, default=256, help="rows of each step's batches")
    arguments = parser.parse_args()
    os.environ |= {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
    os.environ.setdefault("DISTILABEL_LOG_LEVEL", "ERROR")
    count = arguments.requests // 2
    with tempfile.TemporaryDirectory() as folder:
        made = pipeline(arguments.url, count, arguments.batch, Path(folder))
        began = time.monotonic()
        data = made.run(use_cache=False)["default"]["train"]
        seconds = time.monotonic() - began
        passed = sum(map(bool, data["keep_row_after_semantic_check"]))
    if passed < count:
        raise SystemExit(f"{passed} of {count} rows passed every check; all were expected to")
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    figures = {
        "requests": 2 * count,
        "seconds": seconds,
        "rate": 2 * count / seconds,
        "cpu": sum(usage.ru_utime + usage.ru_stime for usage in usages),
        "peak_mib": max(usage.ru_maxrss for usage in usages) / 1024,
    }
    print("\n" + json.dumps(figures))


if __name__ == "__main__":
    main()
