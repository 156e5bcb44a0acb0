"""Everyday money sums: loans, savings, discounts, bills and investments."""

import math
from typing import Annotated, Literal

from pydantic import Field

from api_registry.catalog._words import said
from api_registry.decorator import api

Rate = Annotated[float, Field(ge=0.5, le=15)]
Compounding = Literal["yearly", "quarterly", "monthly", "daily"]

_PERIODS: dict[Compounding, int] = {"yearly": 1, "quarterly": 4, "monthly": 12, "daily": 365}
_COMPOUNDED = said(
    "compounding",
    {
        "yearly": " [compounded once a year|with interest added yearly]",
        "quarterly": " [compounded every quarter|with interest added four times a year]",
        "monthly": " [compounded every month|with interest added monthly]",
        "daily": " [compounded every day|with interest added daily]",
    },
)


@api(
    category="finance",
    examples=[
        {"loan_amount": 250000, "annual_rate": 3.5, "years": 30},
        {"loan_amount": 18000, "annual_rate": 6, "years": 5, "down_payment": 2000},
        {"loan_amount": 9500, "annual_rate": 7.9, "years": 3},
    ],
    phrasings=[
        "[work out|calculate] the monthly [payment|instalment] on a loan< of {loan_amount:money}>"
        " at {annual_rate:percent} over {years} years<, after putting {down_payment:money} down>",
        "figure out what i'd pay [each|per] month [if i borrow|on a loan of] {loan_amount:money}"
        "< at {annual_rate:percent}> for {years} years",
        "find the monthly cost of [a mortgage|a car loan|a loan] of {loan_amount:money} with"
        " interest of {annual_rate:percent}< paid back over {years} years>",
        "how [much|high] is the [monthly payment|monthly instalment] on {loan_amount:money}"
        " borrowed at {annual_rate:percent}< for {years} years>"
        "< if i pay {down_payment:money} up front>?",
        "what will [the bank charge me|i owe|i pay the bank] every month for a mortgage"
        "< of {loan_amount:money}> running {years} years at {annual_rate:percent}?",
        "we're [looking at|thinking of|being offered] a loan of {loan_amount:money} over {years}"
        " years"
        "< at {annual_rate:percent}> and want to know the monthly payment.",
    ],
)
def loan_payment(
    loan_amount: Annotated[float, Field(ge=5000, le=600_000)],
    annual_rate: Rate,
    years: Annotated[int, Field(ge=2, le=35)],
    down_payment: Annotated[float, Field(ge=0, le=4000)] = 0,
) -> dict[str, float]:
    """Calculate the monthly payment of a loan that is paid back in equal instalments.

    Args:
        loan_amount: Amount of the loan.
        annual_rate: Yearly interest rate in percent.
        years: Years until the loan is paid back.
        down_payment: Part of the amount that is paid at once.

    Returns:
        The monthly payment, all payments together, and the interest in them.
    """
    borrowed = loan_amount - down_payment
    monthly_rate = annual_rate / 1200
    payment = borrowed * monthly_rate / (1 - (1 + monthly_rate) ** (-12 * years))
    total = payment * 12 * years
    return {
        "monthly_payment": round(payment, 2),
        "total_paid": round(total, 2),
        "total_interest": round(total - borrowed, 2),
    }


@api(
    category="finance",
    examples=[
        {"deposit": 5000, "annual_rate": 4, "years": 10},
        {"deposit": 12000, "annual_rate": 3.25, "years": 6, "compounding": "quarterly"},
        {"deposit": 1500, "annual_rate": 5, "years": 20, "monthly_deposit": 100},
    ],
    phrasings=[
        "[work out|calculate] what a deposit< of {deposit:money}> grows to in {years} years"
        f" at {{annual_rate:percent}}{_COMPOUNDED}",
        "project my savings[| account| balance] starting from {deposit:money} at"
        " {annual_rate:percent}< over {years} years><, adding {monthly_deposit:money} a month>",
        f"find the future value of {{deposit:money}} [invested|put away]"
        f"< at {{annual_rate:percent}}> for {{years}} years{_COMPOUNDED}",
        "how much will {deposit:money} [be worth|have grown to]< after {years} years>"
        f" at {{annual_rate:percent}} interest{_COMPOUNDED}?",
        "what do i end up with if i [save|invest|set aside] {deposit:money}"
        "< at {annual_rate:percent} a year> for {years} years"
        "< and pay in another {monthly_deposit:money} every month>?",
        "i [opened|am opening|just started] a savings account< with {deposit:money}> that pays"
        " {annual_rate:percent}, and i'd like to see the balance in {years} years"
        "< with {monthly_deposit:money} going in each month>.",
    ],
)
def compound_growth(
    deposit: Annotated[float, Field(ge=100, le=60_000)],
    annual_rate: Rate,
    years: Annotated[int, Field(ge=2, le=40)],
    compounding: Compounding = "yearly",
    monthly_deposit: Annotated[float, Field(ge=0, le=900)] = 0,
) -> dict[str, float]:
    """Calculate what savings grow to with compound interest and monthly deposits.

    Args:
        deposit: Amount paid in at the start.
        annual_rate: Yearly interest rate in percent.
        years: Number of years.
        compounding: How often interest is added.
        monthly_deposit: Amount paid in at the end of every month.

    Returns:
        The final balance, all deposits together, and the interest earned.
    """
    periods = _PERIODS[compounding]
    per_month = (1 + annual_rate / 100 / periods) ** (periods / 12)
    months = 12 * years
    balance = deposit * per_month**months
    balance += monthly_deposit * (per_month**months - 1) / (per_month - 1)
    paid_in = deposit + monthly_deposit * months
    return {
        "balance": round(balance, 2),
        "paid_in": round(paid_in, 2),
        "interest": round(balance - paid_in, 2),
    }


@api(
    category="finance",
    examples=[
        {"principal": 2000, "annual_rate": 5, "days": 90},
        {"principal": 750, "annual_rate": 8.5, "days": 30, "year_basis": "360"},
        {"principal": 14000, "annual_rate": 3, "days": 180, "year_basis": "365"},
    ],
    phrasings=[
        "[calculate|work out] the simple interest on {principal:money}< at {annual_rate:percent}>"
        " for {days} days{year_basis=360:, using a 360-day year}{year_basis=365:,"
        " using a calendar year}",
        "find [how much|what] interest [builds up|accrues] on< {principal:money} of> debt"
        " at {annual_rate:percent} over {days} days, without compounding",
        "[check|compute] the late-payment interest on an invoice of {principal:money} charged at"
        " {annual_rate:percent} a year< and {days} days overdue>"
        "{year_basis=360: on a bank year of twelve equal months}",
        "how much [plain|simple] interest does {principal:money} [earn|cost] at"
        " {annual_rate:percent} a year< in {days} days>?",
        "what [interest is due|simple interest do i owe] on {principal:money}"
        "< at a rate of {annual_rate:percent}> after {days} days"
        "{year_basis=360: if the bank counts 360 days a year}?",
        "i lent [a friend|my brother|my neighbour] some money<, {principal:money} in all>, for"
        " {days} days at {annual_rate:percent} simple interest, and want to know what i'm owed.",
    ],
)
def simple_interest(
    principal: Annotated[float, Field(ge=50, le=40_000)],
    annual_rate: Rate,
    days: Annotated[int, Field(ge=5, le=365)],
    year_basis: Literal["360", "365"] = "365",
) -> dict[str, float]:
    """Calculate interest for a number of days without compounding.

    Args:
        principal: Amount that bears interest.
        annual_rate: Yearly interest rate in percent.
        days: Number of days.
        year_basis: Days that count as one year.

    Returns:
        The interest, and the amount with interest.
    """
    interest = principal * annual_rate / 100 * days / int(year_basis)
    return {"interest": round(interest, 2), "total": round(principal + interest, 2)}


@api(
    category="finance",
    examples=[
        {"bill_total": 86.4, "people": 4},
        {"bill_total": 132, "people": 3, "tip_percent": 18},
        {"bill_total": 57.9, "people": 2, "tip_percent": 10, "round_up": True},
    ],
    phrasings=[
        "split a [restaurant |dinner |]bill< of {bill_total:money}> between {people} people"
        "< with a {tip_percent:percent} tip>"
        "{round_up=true:, rounding everyone up to whole dollars}",
        "divide {bill_total:money}[ evenly|] [among|between]< {people}> friends"
        "{round_up=true: and round each share up}",
        "work out [each person's share|what everyone pays] of [a tab|a check|a bill] of"
        " {bill_total:money}"
        "< for {people} people><, leaving {tip_percent:percent} for the waiter>",
        "how much does each of us [owe|pay] if there is a [bill|tab]"
        " of {bill_total:money}< for {people} of us>< with {tip_percent:percent} on top for the"
        " tip>?",
        "what's [my|one] share of a bill< of {bill_total:money}> [for|split among] {people} people"
        "{round_up=true: when everybody rounds up to a full dollar}"
        "{round_up=false: down to the cent}?",
        "[lunch|dinner|the taxi] came to {bill_total:money} and we were {people} people,"
        " so i need to know what each of us owes< including a tip of {tip_percent:percent}>.",
    ],
)
def split_bill(
    bill_total: Annotated[float, Field(ge=15, le=600)],
    people: Annotated[int, Field(ge=2, le=12)],
    tip_percent: Annotated[float, Field(ge=0, le=30, examples=[5, 8, 10, 12, 15, 18, 20, 25])] = 0,
    round_up: bool = False,
) -> dict[str, float]:
    """Split a bill evenly, with a tip.

    Args:
        bill_total: Amount of the bill.
        people: Number of people who share the bill.
        tip_percent: Tip in percent of the bill.
        round_up: Whether every share is rounded up to a whole amount.

    Returns:
        The share of each person, the tip, and what all pay together.
    """
    tip = bill_total * tip_percent / 100
    share = (bill_total + tip) / people
    share = float(math.ceil(share)) if round_up else round(share, 2)
    return {"share": share, "tip": round(tip, 2), "collected": round(share * people, 2)}


@api(
    category="finance",
    examples=[
        {"price": 120, "discounts": [20]},
        {"price": 899, "discounts": [15, 10], "sales_tax": 8},
        {"price": 45.5, "discounts": [30, 5]},
    ],
    phrasings=[
        "[work out|calculate] the [final|sale] price of something that costs {price:money} with"
        " successive discounts of {discounts} percent< plus {sales_tax:percent} sales tax>",
        "take< {discounts} percent> off [a price of |]{price:money}[, one after the other,|]"
        " and find what is left[ to pay|]",
        "[find out|check] what i pay for an item< priced at {price:money}> once"
        " {discounts} percent [comes|is taken] off< and {sales_tax:percent} tax is added>",
        "how much is a [jacket|phone|sofa|bike] at {price:money} once it is reduced"
        "< by {discounts} percent>< and a sales tax of {sales_tax:percent}>?",
        "what do i [really |actually |]pay for [shoes|headphones|a lamp]< marked {price:money}> if"
        " the shop takes off {discounts} percent?",
        "the [tag|website|catalogue] says {price:money}, but there's a reduction"
        "< of {discounts} percent> and i'd like to know the final price"
        "< with {sales_tax:percent} tax included>.",
    ],
)
def discounted_price(
    price: Annotated[float, Field(ge=10, le=3000)],
    discounts: Annotated[
        list[Annotated[float, Field(ge=1, le=60, examples=[5, 10, 15, 20, 25, 30, 40, 50])]],
        Field(min_length=1, max_length=3),
    ],
    sales_tax: Annotated[float, Field(ge=0, le=25, examples=[5, 6.5, 7, 8.25, 9, 10, 20])] = 0,
) -> dict[str, float]:
    """Calculate a price after discounts in percent, taken one after the other, and sales tax.

    Args:
        price: Price before any discount.
        discounts: Discounts in percent.
        sales_tax: Sales tax in percent, added after the discounts.

    Returns:
        The price to pay, the amount saved before tax, and the discounts as a single one.
    """
    left = math.prod(1 - discount / 100 for discount in discounts)
    reduced = price * left
    return {
        "final_price": round(reduced * (1 + sales_tax / 100), 2),
        "saved": round(price - reduced, 2),
        "effective_discount": round((1 - left) * 100, 2),
    }


@api(
    category="finance",
    examples=[
        {"balance": 3200, "annual_rate": 19.9, "monthly_payment": 200},
        {"balance": 1500, "annual_rate": 24, "monthly_payment": 150},
        {"balance": 4800, "annual_rate": 12.5, "monthly_payment": 400},
    ],
    phrasings=[
        "[work out|calculate] [how long|how many months] it takes to [clear|pay off] a credit card"
        "< with {balance:money} on it> at {annual_rate:percent} paying {monthly_payment:money}"
        " a month",
        "plan [the payoff|the repayment] of {balance:money} in card debt< at {annual_rate:percent}>"
        " with {monthly_payment:money} [each|every|per] month",
        "[find|estimate|work out] when i'll be debt free if i owe {balance:money} at"
        " {annual_rate:percent}"
        "< and pay back {monthly_payment:money} a month>",
        "how [long|many months|much time] until a balance of {balance:money} is gone at"
        " {annual_rate:percent}"
        " interest< if i pay {monthly_payment:money} monthly>?",
        "when is my [credit card|store card|debt]< of {balance:money}> paid off with monthly"
        " payments of {monthly_payment:money} and a yearly rate of {annual_rate:percent}?",
        "i [owe|still owe|have run up] {balance:money} on my card<, charged at"
        " {annual_rate:percent}>, can spare {monthly_payment:money} a month and want to know when"
        " it's gone.",
    ],
)
def debt_payoff_time(
    balance: Annotated[float, Field(ge=600, le=5000)],
    annual_rate: Annotated[float, Field(ge=5, le=28)],
    monthly_payment: Annotated[float, Field(ge=130, le=550)],
) -> dict[str, float]:
    """Calculate how long a debt takes to clear with a fixed payment every month.

    Args:
        balance: Amount owed.
        annual_rate: Yearly interest rate in percent.
        monthly_payment: Amount paid back every month.

    Returns:
        Months until nothing is owed, and the interest paid on the way.
    """
    months, owed, interest = 0, balance, 0.0
    if monthly_payment <= balance * annual_rate / 1200:
        raise ValueError(f"a payment of {monthly_payment} does not even cover the interest")
    while owed > 0.005:
        charged = owed * annual_rate / 1200
        interest += charged
        owed = owed + charged - min(monthly_payment, owed + charged)
        months += 1
    return {"months": months, "total_interest": round(interest, 2)}


@api(
    category="finance",
    examples=[
        {"fixed_costs": 12000, "unit_cost": 8, "unit_price": 65},
        {"fixed_costs": 3500, "unit_cost": 2.5, "unit_price": 60, "target_profit": 5000},
        {"fixed_costs": 800, "unit_cost": 15, "unit_price": 52},
    ],
    phrasings=[
        "[work out|calculate] how many units [i must|we have to] sell to break even with fixed"
        " costs of {fixed_costs:money}, a unit cost of {unit_cost:money}"
        "< and a price of {unit_price:money}>",
        "find the break-even point [of a product|of a stall|for my business] selling at"
        " {unit_price:money}< that costs {unit_cost:money} to make> with {fixed_costs:money} in"
        " overheads< and {target_profit:money} of profit to reach>",
        "[figure out|estimate|determine] the sales needed to cover overheads< of"
        " {fixed_costs:money}> when"
        " every piece costs {unit_cost:money} and sells for {unit_price:money}",
        "how many do [we|i] have to sell at {unit_price:money} apiece to cover"
        " {fixed_costs:money} in fixed costs< if each one costs us {unit_cost:money}>"
        "< and we want to earn {target_profit:money}>?",
        "what [quantity|number of sales] pays for {fixed_costs:money} of [rent and"
        " wages|overheads] when one"
        " item costs {unit_cost:money}[ to make|]< and goes for {unit_price:money}>?",
        "[our|my] fixed costs are [high|considerable]<, {fixed_costs:money}>, a piece costs"
        " {unit_cost:money} and sells for {unit_price:money}, so i need the break-even quantity"
        "< for a profit of {target_profit:money}>.",
    ],
)
def break_even_units(
    fixed_costs: Annotated[float, Field(ge=300, le=40_000)],
    unit_cost: Annotated[float, Field(ge=1, le=40)],
    unit_price: Annotated[float, Field(ge=45, le=250)],
    target_profit: Annotated[float, Field(ge=0, le=9000)] = 0,
) -> dict[str, float]:
    """Calculate how many units must be sold to cover all costs.

    Args:
        fixed_costs: Costs that do not depend on sales.
        unit_cost: Cost of making one unit.
        unit_price: Selling price of one unit.
        target_profit: Profit to reach on top.

    Returns:
        Units to sell, their revenue, and what each contributes to the fixed costs.
    """
    margin = unit_price - unit_cost
    if margin <= 0:
        raise ValueError("the price of a unit must be above its cost")
    units = math.ceil((fixed_costs + target_profit) / margin)
    return {"units": units, "revenue": round(units * unit_price, 2), "margin": round(margin, 2)}
