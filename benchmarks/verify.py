"""The audit's speed and exactness: `python benchmarks/verify.py [--rows 60000]`.

Audits (format and semantic) a file of `planted_rows.py`: xLAM's format, an error of a known kind in
every fifth row; asks of every row whether the verdict is the expected one. Also audits the first
half alone, to compare peak memory: caches are full by then. Exits 1 when an aim is missed.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

# Run as a file, Python would take the folder of benchmarks for the packages beside it.
sys.path[0] = str(Path(__file__).parent.parent)

from benchmarks.planted_rows import Row, write_rows

AIM_ROWS_PER_S = 5_000
AIM_MEMORY_RATIO = 1.1

_AUDIT = """
import json, resource, sys, time
from pathlib import Path
from flows.audit import AuditConfig, audit

def own_peak_mib():
    # ru_maxrss would count what the process that started this one had in memory.
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024

if __name__ == "__main__":
    result = audit(AuditConfig(file=sys.argv[1], out=sys.argv[2]), lambda rows, passed: None)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = time.process_time() + children.ru_utime + children.ru_stime
    print(json.dumps([result.rows, result.seconds, cpu, own_peak_mib(), children.ru_maxrss / 1024]))
"""


def audited(rows: Path, verdicts: Path) -> list[float]:
    """Audit a file in a process of its own.

    Returns rows, seconds, CPU seconds of all its processes (start included), its peak MiB, and its
    largest child's.
    """
    script = rows.with_name("audit_it.py")
    script.write_text(_AUDIT)
    done = subprocess.run(
        [sys.executable, str(script), str(rows), str(verdicts)],
        env={**os.environ, "PYTHONPATH": sys.path[0]},
        check=True,
        capture_output=True,
        text=True,
    )
    figures: list[float] = json.loads(done.stdout)
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=60_000)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path, verdicts = Path(folder) / "rows.jsonl", Path(folder) / "verdicts.jsonl"
        expected = write_rows(path, options.rows, options.seed)
        lines = path.read_bytes().splitlines(keepends=True)
        few = Path(folder) / "few.jsonl"
        few.write_bytes(b"".join(lines[: len(lines) // 2]))
        size = path.stat().st_size
        _, _, _, *memory_few = audited(few, verdicts)
        rows, seconds, cpu, *memory = audited(path, verdicts)
        found = [_found(json.loads(line)) for line in verdicts.open(encoding="utf-8")]
    wrong = _compare(expected, found)
    speed = rows / seconds
    ratio = max(after / before for after, before in zip(memory, memory_few, strict=True))
    print(
        f"\n{int(rows):,} rows, {size / 2**20:.0f} MiB, in {seconds:.1f} s: "
        f"{speed:,.0f} rows/s (aim {AIM_ROWS_PER_S:,}); "
        f"{1000 * cpu / rows:.2f} ms CPU per row, all processes together"
    )
    print(
        f"peak memory: {memory[0]:.0f} MiB, {memory[1]:.0f} MiB per process; "
        f"{ratio:.2f} of that for half of the rows (aim {AIM_MEMORY_RATIO})"
    )
    print(f"rows with another verdict than planted: {wrong} (aim 0)")
    slow = options.rows >= 20_000 and (speed < AIM_ROWS_PER_S or ratio > AIM_MEMORY_RATIO)
    return int(bool(wrong) or slow)


def _found(verdict: Row) -> str:
    return "passed" if verdict["passed"] else f"{verdict['stage']}/{verdict['reason']}"


def _compare(expected: list[str], found: list[str]) -> int:
    """Print a line per kind; return how many rows have another verdict than expected."""
    assert len(expected) == len(found)
    planted, right = Counter(expected), Counter()
    others: dict[str, Counter[str]] = {}
    for wanted, got in zip(expected, found, strict=True):
        if wanted == got:
            right[wanted] += 1
        else:
            others.setdefault(wanted, Counter())[got] += 1
    print(f"{'planted':34}{'rows':>8}{'found so':>10}  others")
    for kind, count in sorted(planted.items()):
        shown = ", ".join(f"{other} {n}" for other, n in others.get(kind, Counter()).items())
        print(f"{kind:34}{count:>8,}{right[kind]:>10,}  {shown}")
    return len(expected) - right.total()


if __name__ == "__main__":
    sys.exit(main())
