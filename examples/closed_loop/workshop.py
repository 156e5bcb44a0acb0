"""Functions of a shared workshop, which the base model has never seen: a user's module.

callforge apis list examples/closed_loop/workshop.py
"""

from typing import Annotated

from pydantic import Field

from api_registry.decorator import api

Machine = Annotated[str, Field(pattern=r"^[A-Z]{2}-\d{2}$")]
Member = Annotated[str, Field(pattern=r"^[a-z]{4,5}$")]
Box = Annotated[str, Field(pattern=r"^[A-Z]\d{3}$")]
Count = Annotated[int, Field(ge=2, le=98)]


@api(
    category="machines",
    phrasings=[
        "reserve machine {machine} for {member}",
        "put {member} down for {machine}",
        "let {member} work on {machine}",
        "keep {machine} free for {member}",
        "may {member} have machine {machine} next?",
        "{member} would like to use {machine}.",
    ],
)
def reserve_machine(machine: Machine, member: Member) -> dict[str, str]:
    """Reserve a machine for a member.

    Args:
        machine: Number on the machine.
        member: Who is going to use it.
    """
    return {"machine": machine, "reserved_for": member}


@api(
    category="machines",
    phrasings=[
        "report {machine} as broken",
        "write down that {machine} is out of order",
        "have machine {machine} repaired",
        "close {machine} until somebody mends it",
        "could somebody look after {machine}, which is broken?",
        "machine {machine} does not start any more.",
    ],
)
def report_fault(machine: Machine) -> dict[str, str | bool]:
    """Report that a machine is broken.

    Args:
        machine: Number on the machine.
    """
    return {"machine": machine, "usable": False}


@api(
    category="stores",
    phrasings=[
        "take {quantity:digits} screws out of {box}",
        "get {quantity:digits} pieces from box {box}",
        "note that i took {quantity:digits} from {box}",
        "remove {quantity:digits} parts from {box}",
        "can i have {quantity:digits} bolts from box {box}?",
        "i used {quantity:digits} pieces of what was in {box}.",
    ],
)
def take_parts(box: Box, quantity: Count) -> dict[str, str | int]:
    """Take parts out of a box.

    Args:
        box: Label of the box.
        quantity: How many parts.
    """
    return {"box": box, "taken": quantity}


@api(
    category="stores",
    phrasings=[
        "order {quantity:digits} of what is in {box} for {member}",
        "buy {quantity:digits} more for box {box}, {member} pays",
        "let {member} pay for {quantity:digits} new parts in {box}",
        "refill {box} with {quantity:digits} pieces on the account of {member}",
        "could we get {quantity:digits} more into {box}, paid by {member}?",
        "{member} orders {quantity:digits} pieces for box {box}.",
    ],
)
def order_parts(box: Box, quantity: Count, member: Member) -> dict[str, str | int]:
    """Order parts for a box.

    Args:
        box: Label of the box.
        quantity: How many parts.
        member: Who pays for them.
    """
    return {"box": box, "ordered": quantity, "paid_by": member}
