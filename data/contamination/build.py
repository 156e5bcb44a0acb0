"""Makes the shipped tables again: `python -m data.contamination.build FOLDER`.

FOLDER is `bfcl_eval/data` of the installed package `bfcl-eval` (Apache-2.0).
"""

import json
import sys
from pathlib import Path

from data.contamination.questions import read_questions
from data.contamination.table import SHIPPED, QuestionTable
from data.set_figures import BFCL_TOOLS, tool_hash


def build(folder: Path) -> QuestionTable:
    """Hash all questions of BFCL's files."""
    table = QuestionTable()
    for path in sorted(folder.glob("BFCL_v*.json")):
        if "format_sensitivity" in path.name:
            continue  # names questions of the other files
        for source, text in read_questions(path):
            table.add(f"bfcl:{source.partition(':')[2]}", text)
    return table


def tool_hashes(folder: Path) -> list[str]:
    """Hash the names of all functions that BFCL's files offer."""
    names: set[str] = set()
    for path in sorted(folder.glob("BFCL_v*.json")):
        if "format_sensitivity" in path.name:
            continue
        for line in path.open(encoding="utf-8"):
            row = json.loads(line)
            names |= {tool["name"] for tool in row.get("function", []) if isinstance(tool, dict)}
    for path in sorted((folder / "multi_turn_func_doc").glob("*.json")):
        names |= {json.loads(line)["name"] for line in path.open(encoding="utf-8")}
    return sorted({tool_hash(name) for name in names})


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(f"{__doc__}\nusage: python -m data.contamination.build FOLDER")
    questions = build(Path(sys.argv[1]))
    questions.save(SHIPPED)
    BFCL_TOOLS.write_text("\n".join(tool_hashes(Path(sys.argv[1]))) + "\n", encoding="ascii")
    sys.stdout.write(
        f"{len(questions)} questions in {SHIPPED.name}, {SHIPPED.stat().st_size / 2**20:.1f} MiB\n"
    )
