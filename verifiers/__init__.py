"""What a draft must pass: format, execution, semantic; each a verdict with a reason.

Also call matching (`verifiers.matching`), and all of it as a reward.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from verifiers.rewards import Reward, reward, trl_reward

__all__ = ["Reward", "reward", "trl_reward"]


def __getattr__(name: str) -> Any:
    """Load the rewards when they are asked for: every check would load them otherwise."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from verifiers import rewards

    return getattr(rewards, name)
