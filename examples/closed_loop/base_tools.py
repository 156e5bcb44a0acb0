"""What the base model is trained on: sixteen functions of an imaginary harbour and its town.

They only have to be many, unlike each other, and full of values that nobody could guess, so that
the model learns to copy. The functions that it is fine-tuned on later are others: `workshop.py`.
"""

from typing import Annotated

from pydantic import Field

from api_registry.decorator import api

Berth = Annotated[str, Field(pattern=r"^[A-Z]\d{2}$")]
Crate = Annotated[str, Field(pattern=r"^[A-Z]{2}\d{3}$")]
Ship = Annotated[str, Field(pattern=r"^[A-Z]{4}$")]
Ticket = Annotated[str, Field(pattern=r"^[A-Z]-\d{4}$")]
Word = Annotated[str, Field(pattern=r"^[a-z]{3,5}$")]
Number = Annotated[int, Field(ge=2, le=98)]
Small = Annotated[int, Field(ge=2, le=19)]

Answer = dict[str, str | int]


@api(
    category="ships",
    phrasings=[
        "moor {ship} at {berth}",
        "tie {ship} up at {berth}",
        "give {ship} the berth {berth}",
        "let {ship} lie at {berth}",
        "can {ship} be moored at {berth}?",
        "{berth} is free, so {ship} may moor there.",
    ],
)
def moor_ship(ship: Ship, berth: Berth) -> Answer:
    """Moor a ship at a berth.

    Args:
        ship: Call sign of the ship.
        berth: Number of the berth.
    """
    return {"moored": ship, "at": berth}


@api(
    category="ships",
    phrasings=[
        "load crate {crate} onto {ship}",
        "put crate {crate} on board of {ship}",
        "have {crate} loaded onto {ship}",
        "stow {crate} in the hold of {ship}",
        "could crate {crate} go with {ship}?",
        "{ship} should take crate {crate} along.",
    ],
)
def load_crate(crate: Crate, ship: Ship) -> Answer:
    """Load a crate onto a ship.

    Args:
        crate: Mark of the crate.
        ship: Call sign of the ship.
    """
    return {"loaded": crate, "onto": ship}


@api(
    category="ships",
    phrasings=[
        "fill the tank of {ship} with {litres:digits} litres",
        "pump {litres:digits} litres of fuel into {ship}",
        "refuel {ship} with {litres:digits} litres",
        "give {ship} {litres:digits} litres of diesel",
        "how soon can {ship} get {litres:digits} litres of fuel?",
        "{ship} is low on fuel and needs {litres:digits} litres.",
    ],
)
def refuel(ship: Ship, litres: Number) -> Answer:
    """Fill fuel into a ship.

    Args:
        ship: Call sign of the ship.
        litres: How much fuel.
    """
    return {"ship": ship, "litres": litres}


@api(
    category="ships",
    phrasings=[
        "call {count:digits} tugs for {ship}",
        "send {count:digits} tugs out to {ship}",
        "order {count:digits} tugs to help {ship}",
        "get {ship} towed by {count:digits} tugs",
        "would {count:digits} tugs be enough to bring in {ship}?",
        "{ship} waits outside for {count:digits} tugs.",
    ],
)
def call_tugs(ship: Ship, count: Small) -> Answer:
    """Call tugs for a ship.

    Args:
        ship: Call sign of the ship.
        count: How many tugs.
    """
    return {"ship": ship, "tugs": count}


@api(
    category="customs",
    phrasings=[
        "weigh crate {crate}",
        "put {crate} on the scales",
        "find out the weight of {crate}",
        "check how heavy crate {crate} is",
        "what does crate {crate} weigh?",
        "how many kilos does {crate} have?",
    ],
)
def weigh_crate(crate: Crate) -> Answer:
    """Weigh a crate.

    Args:
        crate: Mark of the crate.
    """
    return {"crate": crate, "kilograms": sum(map(ord, crate))}


@api(
    category="customs",
    phrasings=[
        "seal {crate} with the word {seal}",
        "close crate {crate} under the seal {seal}",
        "mark the seal of {crate} as {seal}",
        "use {seal} to seal crate {crate}",
        "may {crate} be sealed with {seal}?",
        "the seal of crate {crate} reads {seal}.",
    ],
)
def seal_crate(crate: Crate, seal: Word) -> Answer:
    """Seal a crate.

    Args:
        crate: Mark of the crate.
        seal: What the seal reads.
    """
    return {"crate": crate, "sealed": seal}


@api(
    category="customs",
    phrasings=[
        "declare {crate} as {goods} worth {euros:digits} euros",
        "write {euros:digits} euros of {goods} on the form of {crate}",
        "register crate {crate}: {goods}, {euros:digits} euros",
        "enter {goods} for {euros:digits} euros as what {crate} holds",
        "is {crate} with {goods} for {euros:digits} euros to be declared?",
        "crate {crate} holds {goods}, and that cost {euros:digits} euros.",
    ],
)
def declare_goods(crate: Crate, goods: Word, euros: Number) -> Answer:
    """Declare what a crate holds.

    Args:
        crate: Mark of the crate.
        goods: What is inside.
        euros: What it is worth.
    """
    return {"crate": crate, "goods": goods, "duty": euros // 5}


@api(
    category="customs",
    phrasings=[
        "release everything under ticket {ticket}",
        "let the goods of {ticket} go",
        "clear customs for {ticket}",
        "free what is held under {ticket}",
        "can ticket {ticket} be released now?",
        "the duty on {ticket} is paid.",
    ],
)
def release(ticket: Ticket) -> Answer:
    """Release goods that customs hold.

    Args:
        ticket: Number of the ticket.
    """
    return {"released": ticket}


@api(
    category="ferry",
    phrasings=[
        "book {seats:digits} places on ferry {ferry}",
        "reserve {seats:digits} seats on the {ferry}",
        "get us {seats:digits} tickets for ferry {ferry}",
        "keep {seats:digits} seats free on {ferry}",
        "are {seats:digits} places left on ferry {ferry}?",
        "we are {seats:digits} people for ferry {ferry}.",
    ],
)
def book_ferry(ferry: Berth, seats: Small) -> Answer:
    """Book seats on a ferry.

    Args:
        ferry: Number of the ferry.
        seats: How many seats.
    """
    return {"ferry": ferry, "seats": seats}


@api(
    category="ferry",
    phrasings=[
        "cancel {ticket}",
        "call off the trip with ticket {ticket}",
        "take back ticket {ticket}",
        "refund {ticket}",
        "could i return ticket {ticket}?",
        "i no longer need {ticket}.",
    ],
)
def cancel_trip(ticket: Ticket) -> Answer:
    """Cancel a trip.

    Args:
        ticket: Number of the ticket.
    """
    return {"cancelled": ticket}


@api(
    category="ferry",
    phrasings=[
        "delay ferry {ferry} by {minutes:digits} minutes because of {cause}",
        "hold the {ferry} back {minutes:digits} minutes, the reason is {cause}",
        "announce {minutes:digits} minutes of delay for {ferry} due to {cause}",
        "post that {cause} makes {ferry} {minutes:digits} minutes late",
        "will {cause} keep ferry {ferry} for {minutes:digits} minutes?",
        "with {cause}, ferry {ferry} leaves {minutes:digits} minutes later.",
    ],
)
def delay_ferry(ferry: Berth, minutes: Number, cause: Word) -> Answer:
    """Announce that a ferry is late.

    Args:
        ferry: Number of the ferry.
        minutes: How late it is.
        cause: Why.
    """
    return {"ferry": ferry, "late": minutes, "cause": cause}


@api(
    category="ferry",
    phrasings=[
        "move ticket {ticket} to ferry {ferry}",
        "change {ticket} so that it is for {ferry}",
        "rebook {ticket} onto the {ferry}",
        "put ticket {ticket} on ferry {ferry} instead",
        "is {ferry} possible with ticket {ticket}?",
        "with {ticket} i would rather take ferry {ferry}.",
    ],
)
def change_ferry(ticket: Ticket, ferry: Berth) -> Answer:
    """Change a ticket to another ferry.

    Args:
        ticket: Number of the ticket.
        ferry: Number of the ferry.
    """
    return {"ticket": ticket, "ferry": ferry}


@api(
    category="market",
    phrasings=[
        "sell {kilos:digits} kilos of {fish}",
        "put {kilos:digits} kilos of {fish} up for sale",
        "offer {kilos:digits} kilos {fish} at the market",
        "get rid of {kilos:digits} kilos of {fish}",
        "who buys {kilos:digits} kilos of {fish}?",
        "we caught {kilos:digits} kilos of {fish} to sell.",
    ],
)
def sell_fish(fish: Word, kilos: Number) -> Answer:
    """Sell fish at the market.

    Args:
        fish: Kind of fish.
        kilos: How much of it.
    """
    return {"fish": fish, "kilos": kilos}


@api(
    category="market",
    phrasings=[
        "set the price of {fish} to {euros:digits} euros",
        "make {fish} cost {euros:digits} euros",
        "price {fish} at {euros:digits} euros",
        "ask {euros:digits} euros for {fish} from now on",
        "can {fish} be {euros:digits} euros today?",
        "the new price for {fish} is {euros:digits} euros.",
    ],
)
def set_price(fish: Word, euros: Number) -> Answer:
    """Set the price of a kind of fish.

    Args:
        fish: Kind of fish.
        euros: Price of a kilo.
    """
    return {"fish": fish, "euros": euros}


@api(
    category="market",
    phrasings=[
        "rent stall {stall} for {days:digits} days to {trader}",
        "let {trader} have stall {stall} for {days:digits} days",
        "give stall {stall} to {trader}, {days:digits} days long",
        "note that {trader} takes {stall} for {days:digits} days",
        "could {trader} use stall {stall} for {days:digits} days?",
        "{trader} wants {stall} for {days:digits} days.",
    ],
)
def rent_stall(stall: Berth, days: Small, trader: Word) -> Answer:
    """Rent out a stall.

    Args:
        stall: Number of the stall.
        days: For how long.
        trader: Who rents it.
    """
    return {"stall": stall, "days": days, "trader": trader}


@api(
    category="market",
    phrasings=[
        "look up who trades at {stall}",
        "tell me whose stall {stall} is",
        "find the trader of stall {stall}",
        "show who has {stall}",
        "who is at stall {stall}?",
        "whose goods are on {stall}?",
    ],
)
def find_trader(stall: Berth) -> Answer:
    """Find out who trades at a stall.

    Args:
        stall: Number of the stall.
    """
    return {"stall": stall, "trader": f"trader {stall[1:]}"}
