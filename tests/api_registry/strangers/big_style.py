"""A form with thirty parameters, and a hundred functions of which ten cannot be offered."""

import warnings
from typing import Any

_FIELDS = [f"field_{number}" for number in range(1, 31)]

exec(  # noqa: S102 - thirty parameters are easier made than written
    f"def submit_form({', '.join(f'{name}: int = {i}' for i, name in enumerate(_FIELDS))}) -> int:\n"
    f"    '''Submit a form with many fields.'''\n    return {' + '.join(_FIELDS)}"
)


def old_rate(amount: float) -> float:
    """Convert an amount at the old rate.

    .. deprecated:: 2.0
       Use something else.
    """
    warnings.warn("old_rate is deprecated", DeprecationWarning, stacklevel=2)
    return amount * 2


def anything(value: Any, *, strict: "bool" = False) -> str:
    """Name the type of a value."""
    return type(value).__name__
