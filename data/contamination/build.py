"""Makes the shipped table again: `python -m data.contamination.build FOLDER`.

FOLDER is `bfcl_eval/data` of the installed package `bfcl-eval` (Apache-2.0).
"""

import sys
from pathlib import Path

from data.contamination.questions import read_questions
from data.contamination.table import SHIPPED, QuestionTable


def build(folder: Path) -> QuestionTable:
    """Hash all questions of BFCL's files."""
    table = QuestionTable()
    for path in sorted(folder.glob("BFCL_v*.json")):
        if "format_sensitivity" in path.name:
            continue  # names questions of the other files
        for source, text in read_questions(path):
            table.add(f"bfcl:{source.partition(':')[2]}", text)
    return table


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(f"{__doc__}\nusage: python -m data.contamination.build FOLDER")
    questions = build(Path(sys.argv[1]))
    questions.save(SHIPPED)
    sys.stdout.write(
        f"{len(questions)} questions in {SHIPPED.name}, {SHIPPED.stat().st_size / 2**20:.1f} MiB\n"
    )
