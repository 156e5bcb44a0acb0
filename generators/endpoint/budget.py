"""What a run has spent, and whether it may go on."""

from collections import Counter
from collections.abc import Callable
from time import monotonic

from generators.endpoint.settings import BudgetConfig
from generators.types import BudgetSpent


class Budget:
    """Counts requests, tokens, cost and minutes of this command against what is allowed."""

    def __init__(self, config: BudgetConfig, clock: Callable[[], float] = monotonic) -> None:
        self.config = config
        self.requests = 0
        self.tokens: Counter[str] = Counter()
        self._clock = clock
        self._started = clock()

    @property
    def cost(self) -> float:
        """Spent so far, in the currency of the prices."""
        return (
            self.tokens["prompt_tokens"] * self.config.price_prompt
            + self.tokens["completion_tokens"] * self.config.price_completion
        ) / 1e6

    def spend_request(self) -> None:
        """Count a request about to be sent. Raises `BudgetSpent` where it may not be."""
        if spent := self.spent():
            raise BudgetSpent(spent)
        self.requests += 1

    def spend_tokens(self, usage: dict[str, int]) -> None:
        """Count what an answer cost."""
        self.tokens["prompt_tokens"] += usage.get("prompt_tokens", 0)
        self.tokens["completion_tokens"] += usage.get("completion_tokens", 0)

    def spent(self) -> str | None:
        """Which budget is used up, in words; None while none is."""
        config = self.config
        if config.max_requests is not None and self.requests >= config.max_requests:
            return f"{self.requests:,} requests (--max-requests)"
        tokens = self.tokens.total()
        if config.max_tokens_total is not None and tokens >= config.max_tokens_total:
            return f"{tokens:,} tokens (--max-tokens-total)"
        if config.max_cost is not None and self.cost >= config.max_cost:
            return f"a cost of {self.cost:.2f} (--max-cost)"
        minutes = (self._clock() - self._started) / 60
        if config.max_minutes is not None and minutes >= config.max_minutes:
            return f"{minutes:.1f} minutes (--max-minutes)"
        return None
