"""Verdicts of `bfcl-eval`'s own AST checker, for `benchmarks/matching_on_bfcl.py`.

It is run by the Python that has `bfcl-eval`, and stands alone: nothing of Callforge is there.
Reads a line of JSON per case (`category, tools, predicted, expected, underscore_to_dot`), writes
one per verdict (`valid, error_type`, or `raised`). The checker's module imports every model handler
and their libraries for one table, of which it reads one flag, so the table is put in its place.
"""

import json
import sys
import types

if "--help" in sys.argv:
    print(__doc__)
    sys.exit()

table = types.ModuleType("bfcl_eval.constants.model_config")
table.MODEL_CONFIG_MAPPING = {
    "plain": types.SimpleNamespace(underscore_to_dot=False),
    "underscores": types.SimpleNamespace(underscore_to_dot=True),
}
sys.modules[table.__name__] = table
for other in ("java", "js"):  # Java and JavaScript are checked by tree-sitter: not asked for
    name = f"bfcl_eval.eval_checker.ast_eval.type_convertor.{other}_type_converter"
    sys.modules[name] = types.ModuleType(name)
    setattr(sys.modules[name], f"{other}_type_converter", None)

from bfcl_eval.constants.enums import Language
from bfcl_eval.eval_checker.ast_eval.ast_checker import ast_checker

for line in sys.stdin:
    case = json.loads(line)
    model = "underscores" if case["underscore_to_dot"] else "plain"
    try:
        verdict = ast_checker(
            case["tools"], case["predicted"], case["expected"], Language.PYTHON,
            case["category"], model,
        )  # fmt: skip
        said = {"valid": verdict["valid"], "error_type": verdict.get("error_type")}
    except Exception as error:
        said = {"raised": f"{type(error).__name__}: {error}"}
    print(json.dumps(said))
