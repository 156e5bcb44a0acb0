"""Online-banking toolkit."""
from datetime import date
from decimal import Decimal
from typing import Literal, NewType, Optional

def get_balance(account: str, currency: str = "EUR") -> Decimal:
    """Returns the current balance of an account."""
    return Decimal(1)

def transfer(from_account: str, to_iban: str, amount: Decimal, reference: Optional[str] = None, execute_on: Optional[date] = None, instant: bool = False) -> dict:
    """Transfer money from one account to another.

    :param from_account: Account to debit
    :type from_account: str
    :param to_iban: IBAN of the recipient
    :param amount: Amount to transfer in euros
    :param reference: Payment reference shown to the recipient
    :param execute_on: Date on which to execute the transfer
    :param instant: Use an instant transfer
    """
    return {"id": 1}

def list_transactions(account: str, since: Optional[date] = None, until: Optional[date] = None, min_amount: Optional[float] = None, category: Optional[str] = None, limit: int = 20) -> list:
    """List the transactions of an account."""
    return []

def loan_payment(principal: float, annual_rate: float, years: int, extra_monthly: float = 0.0) -> float:
    """Calculates the monthly payment of an annuity loan.

    Args:
        principal (float): Loan amount.
        annual_rate (float): Annual interest rate in percent.
        years (int): Term in years.
        extra_monthly (float): Extra payment per month.
    """
    return 1.0

def freeze_card(card_last4: str, reason: Literal["lost", "stolen", "suspicious_activity"] = "lost"):
    """Freeze a card temporarily.

    Args:
        card_last4: Last four digits of the card number.
        reason: Reason for freezing.
    """
    return {"ok": 1}

def set_spending_limit(card_last4: str, limit: int, period: Literal["day", "week", "month"] = "month"):
    """Sets a spending limit for a card."""
    return {"ok": 1}

def exchange(amount: float, from_currency: str, to_currency: str, fee_pct: float = 0.5) -> float:
    """Exchange an amount of money between two currencies."""
    return amount

def is_valid_iban(iban: str) -> bool:
    """Check if an IBAN is valid."""
    return True

def open_savings_goal(name: str, target_amount: float, deadline: date, monthly_deposit: Optional[float] = None, round_ups: bool = False) -> dict:
    """Open a savings goal.

    Parameters
    ----------
    name : str
        Name of the goal.
    target_amount : float
        How much to save.
    deadline : date
        Date by which to reach the goal.
    monthly_deposit : float
        Amount to deposit each month.
    round_ups : bool
        Round up card purchases into the goal.
    """
    return {"ok": 1}

def dispute_charge(transaction_id: str, reason: str, amount: Optional[float] = None) -> dict:
    """Dispute a charge on the user's card statement."""
    return {"ok": 1}

def find_atm(city: Optional[str] = None, postcode: Optional[str] = None, wheelchair_accessible: bool = False, open_now: bool = False) -> list:
    """Find cash machines by city or postcode."""
    return []

def compound(principal: float, rate: float, n: int, t: float) -> float:
    """Compound interest. `rate` is yearly, `n` the number of compoundings per year, `t` in years."""
    return 1.0

def apply_for_overdraft(limit: float, income: float, employment: Literal["employed", "self-employed", "student", "retired"], accept_terms: bool) -> dict:
    """Apply for an overdraft on the current account."""
    return {"ok": 1}
