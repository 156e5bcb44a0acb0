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
        self._answers = 0
        self._in_flight = 0
        self._clock = clock
        self._started = clock()

    @property
    def cost(self) -> float:
        """Spent so far, in the currency of the prices."""
        tokens = self.tokens
        return self.config.price(tokens["prompt_tokens"], tokens["completion_tokens"]) or 0.0

    def begin_request(self) -> None:
        """Count a request about to be sent. Raises `BudgetSpent` where it may not be."""
        if spent := self.spent():
            raise BudgetSpent(spent)
        self.requests += 1
        self._in_flight += 1

    def end_request(self, usage: dict[str, int] | None) -> None:
        """Count what a request's answer cost; None where none came."""
        self._in_flight -= 1
        if usage is not None:
            self._answers += 1
            self.tokens["prompt_tokens"] += usage.get("prompt_tokens", 0)
            self.tokens["completion_tokens"] += usage.get("completion_tokens", 0)

    def spent(self) -> str | None:
        """Which budget is used up, in words; None while none is.

        Requests under way count with the mean of those answered: hundreds of them at once must not
        carry a run far beyond its budget.
        """
        config = self.config
        if config.max_requests is not None and self.requests >= config.max_requests:
            return f"{self.requests:,} requests (--max-requests)"
        expected = 1 + self._in_flight / self._answers if self._answers else 1.0
        tokens = self.tokens.total()
        if config.max_tokens_total is not None and tokens * expected >= config.max_tokens_total:
            return f"{config.max_tokens_total:,} tokens (--max-tokens-total)"
        if config.max_cost is not None and self.cost * expected >= config.max_cost:
            return f"a cost of {config.max_cost:g} (--max-cost)"
        minutes = (self._clock() - self._started) / 60
        if config.max_minutes is not None and minutes >= config.max_minutes:
            return f"{config.max_minutes:g} minutes (--max-minutes)"
        return None
