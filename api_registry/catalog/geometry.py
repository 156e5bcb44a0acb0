"""Lengths, areas, volumes and positions of geometric figures."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field

from api_registry.decorator import api

LengthUnit = Literal["millimetres", "centimetres", "metres", "inches", "feet"]


@api(
    category="geometry",
    examples=[
        {"radius": 4.0, "height": 12.0},
        {"radius": 2.5, "height": 30.0, "shape": "cone"},
        {"radius": 10.0, "height": 7.5, "shape": "cylinder", "unit": "metres"},
    ],
    phrasings=[
        "[work out|calculate] the volume of a {shape=cylinder:cylinder}{shape=cone:cone}"
        "< with radius {radius}>< with height {height}>< in {unit}>",
        "compute how much space is inside a round {shape=cylinder:cylinder}{shape=cone:cone}"
        "< with a radius of {radius}>< at a height of {height}>< measured in {unit}>",
        "find the [volume and surface|surface and volume] of a {shape=cylinder:cylinder}"
        "{shape=cone:cone}< that has a radius of {radius}>< with a height of {height}>",
        "what is the volume of a {shape=cylinder:cylinder}{shape=cone:cone}< of radius {radius}>"
        "< with a height of {height}>< in {unit}>?",
        "how much [fits into|can i pour into] a {shape=cylinder:cylinder}{shape=cone:cone}"
        "< with a radius of {radius}>< that is {height} high>?",
        "i am building a {shape=cylinder:cylinder}{shape=cone:cone}< with radius {radius}>"
        "< with height {height}>< in {unit}> and need its volume.",
    ],
)
def round_body_volume(
    radius: Annotated[float, Field(ge=0.5, le=100)],
    height: Annotated[float, Field(ge=0.5, le=200)],
    shape: Literal["cylinder", "cone"],
    unit: LengthUnit = "centimetres",
) -> dict[str, float | str]:
    """Calculate the volume and surface of a cylinder or cone.

    Args:
        radius: Radius of the base.
        height: Height of the body.
        shape: Shape of the body.
        unit: Unit of both lengths.

    Returns:
        Volume and total surface with the unit they are based on.
    """
    base = math.pi * radius**2
    if shape == "cylinder":
        volume, surface = base * height, 2 * base + 2 * math.pi * radius * height
    else:
        volume = base * height / 3
        surface = base + math.pi * radius * math.hypot(radius, height)
    return {"volume": round(volume, 3), "surface": round(surface, 3), "unit": unit}
