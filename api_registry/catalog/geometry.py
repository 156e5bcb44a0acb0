"""Lengths, areas, volumes and angles of geometric figures."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field

from api_registry.decorator import api

LengthUnit = Literal["millimetres", "centimetres", "metres", "inches", "feet"]
Polygon = Literal["triangle", "square", "pentagon", "hexagon", "heptagon", "decagon"]

_CORNERS: dict[Polygon, int] = {
    "triangle": 3,
    "square": 4,
    "pentagon": 5,
    "hexagon": 6,
    "heptagon": 7,
    "decagon": 10,
}


@api(
    category="geometry",
    examples=[
        {"radius": 4.0, "height": 12.0},
        {"radius": 2.5, "height": 30.0, "unit": "inches"},
        {"radius": 1.5, "height": 3.0, "unit": "metres"},
    ],
    phrasings=[
        "[work out|calculate] the volume of a cylinder< with a radius of {radius}>"
        "< at a height of {height}><, all in {unit}>",
        "compute how much space is inside a [pipe|tube|round tank]< with a radius of {radius}>"
        "< for a length of {height}><, measured in {unit}>",
        "find the [volume and surface|surface and volume] of [a cylinder|a drum]< that has a"
        " radius "
        "of {radius}>< with a height of {height}>",
        "what is the volume of a [cylinder|round tin]< with radius {radius}>"
        "< at a height of {height}>< in {unit}>?",
        "how much [fits into|can i pour into] a cylinder< with a radius of {radius}>"
        "< filled to a height of {height}><, everything in {unit}>?",
        "i am [building|painting] a round column< with a radius of {radius}>"
        "< at a height of {height}>< in {unit}> and need its volume and surface.",
    ],
)
def cylinder_volume(
    radius: Annotated[float, Field(ge=0.5, le=100)],
    height: Annotated[float, Field(ge=0.5, le=200)],
    unit: LengthUnit = "centimetres",
) -> dict[str, float | str]:
    """Calculate the volume and surface of a cylinder.

    Args:
        radius: Radius of the base.
        height: Height of the cylinder.
        unit: Unit of both lengths.

    Returns:
        Volume and total surface, and the unit they are based on.
    """
    base = math.pi * radius**2
    return {
        "volume": round(base * height, 3),
        "surface": round(2 * base + 2 * math.pi * radius * height, 3),
        "unit": unit,
    }


@api(
    category="geometry",
    examples=[
        {"first_leg": 3.0, "second_leg": 4.0},
        {"first_leg": 5.5, "second_leg": 12.0},
        {"first_leg": 40.0, "second_leg": 9.0},
    ],
    phrasings=[
        "[find|work out] the [hypotenuse|longest side] of a right triangle"
        "< with one leg of {first_leg}>< with the other leg at {second_leg}>",
        "[solve|work out all sides of|complete] the right-angled triangle< with a short side of"
        " {first_leg}>"
        "< with the other short side of {second_leg}>",
        "calculate the [diagonal|diagonal and angles] of a [rectangle|screen]< that is"
        " {first_leg} wide>"
        "< with a height of {second_leg}>",
        "how long is the [hypotenuse|longest side|slanted side] of a right triangle< with a base"
        " of {first_leg}>"
        "< for a height of {second_leg}>?",
        "what [are the angles|are the angles and sides|is the area] of a right triangle< with one"
        " leg measuring {first_leg}>"
        "< with the other measuring {second_leg}>?",
        "i [have|am cutting|am drawing] a right triangle< with a first leg of {first_leg}>"
        "< with a second leg of {second_leg}> and need the third side.",
    ],
)
def right_triangle(
    first_leg: Annotated[float, Field(ge=0.5, le=500)],
    second_leg: Annotated[float, Field(ge=0.5, le=500)],
) -> dict[str, float]:
    """Solve a right triangle from its two legs.

    Args:
        first_leg: Length of one leg.
        second_leg: Length of the other leg.

    Returns:
        Hypotenuse, area, perimeter and both acute angles in degrees.
    """
    hypotenuse = math.hypot(first_leg, second_leg)
    angle = math.degrees(math.atan2(first_leg, second_leg))
    return {
        "hypotenuse": round(hypotenuse, 4),
        "area": round(first_leg * second_leg / 2, 4),
        "perimeter": round(first_leg + second_leg + hypotenuse, 4),
        "angle_opposite_first": round(angle, 2),
        "angle_opposite_second": round(90 - angle, 2),
    }


@api(
    category="geometry",
    examples=[
        {"shape": "hexagon", "side_length": 6.0},
        {"shape": "triangle", "side_length": 12.5, "unit": "inches"},
        {"shape": "pentagon", "side_length": 3.0, "unit": "metres"},
    ],
    phrasings=[
        "[calculate|work out] the area of a regular {shape}< with sides of {side_length}>"
        "<, measured in {unit}>",
        "find the [area and perimeter|perimeter and area] of [an equal-sided figure|a figure with"
        " equal sides]"
        "< shaped like a {shape}>< with a side length of {side_length}>",
        "[compute|find out] how big a [tile|paving stone] is< if it is a regular {shape}>< with"
        " an edge of {side_length}>"
        "<, in {unit}>",
        "what [area does|surface does] a regular {shape} cover< with a side of {side_length}>"
        "<, given in {unit}>?",
        "how large is a [flower bed|table top|pond]< in the form of a {shape}>"
        "< with sides of {side_length}>?",
        "i [want to|am going to|have to] lay out a regular {shape}< with each side {side_length}"
        " long>"
        "<, all in {unit}> and need to know its area.",
    ],
)
def regular_polygon(
    shape: Polygon,
    side_length: Annotated[float, Field(ge=0.5, le=100)],
    unit: LengthUnit = "centimetres",
) -> dict[str, float | str]:
    """Calculate area, perimeter and angles of a regular polygon.

    Args:
        shape: Kind of polygon.
        side_length: Length of each side.
        unit: Unit of the side length.

    Returns:
        Area, perimeter, inner angle in degrees and the unit of length.
    """
    corners = _CORNERS[shape]
    area = corners * side_length**2 / (4 * math.tan(math.pi / corners))
    return {
        "area": round(area, 3),
        "perimeter": round(corners * side_length, 3),
        "inner_angle": round(180 * (corners - 2) / corners, 3),
        "unit": unit,
    }


@api(
    category="geometry",
    examples=[
        {"shadow_length": 12.0, "sun_angle": 40.0},
        {"shadow_length": 3.5, "sun_angle": 62.0},
        {"shadow_length": 55.0, "sun_angle": 25.5},
    ],
    phrasings=[
        "[work out|estimate] the height of a [tree|tower] from its shadow"
        "< of {shadow_length} metres>< with the sun at {sun_angle} degrees>",
        "find how tall a [pole|building|lamp post] is< if its shadow is {shadow_length} metres"
        " long>"
        "< when the sun stands at {sun_angle} degrees>",
        "calculate the height of [an object|a statue|a crane]< that throws a shadow of"
        " {shadow_length} m>"
        "< with a sun angle of {sun_angle} degrees>",
        "how [tall|high] is a [tree|wind turbine]< with a shadow of {shadow_length} metres>"
        "< when the sun is {sun_angle} degrees above the horizon>?",
        "what is the height of a [mast|chimney|cliff]< casting {shadow_length} metres of shadow>"
        "< at a sun elevation of {sun_angle} degrees>?",
        "i measured the shadow of a [flagpole|church tower|spruce]< at {shadow_length} metres>"
        "< with the sun at {sun_angle} degrees> and want to know how tall it is.",
    ],
)
def height_from_shadow(
    shadow_length: Annotated[float, Field(ge=0.5, le=200)],
    sun_angle: Annotated[float, Field(ge=5, le=80)],
) -> dict[str, float]:
    """Estimate the height of an object from its shadow.

    Args:
        shadow_length: Length of the shadow in metres.
        sun_angle: Height of the sun above the horizon in degrees.

    Returns:
        The height and the distance from the tip of the shadow to the top, in metres.
    """
    angle = math.radians(sun_angle)
    return {
        "height": round(shadow_length * math.tan(angle), 2),
        "line_of_sight": round(shadow_length / math.cos(angle), 2),
    }


@api(
    category="geometry",
    examples=[
        {"rise": 0.6, "run": 7.2},
        {"rise": 2.0, "run": 15.0},
        {"rise": 12.0, "run": 100.0},
    ],
    phrasings=[
        "[calculate|work out] the slope of a [ramp|loading ramp]< that climbs {rise} metres>"
        "< over a distance of {run} metres>",
        "[find out|check] how steep a [path|road] is< with a rise of {rise} metres>"
        "< along {run} metres of ground>",
        "find the [angle|gradient] of a [roof|staircase]< with a height gain of {rise} m>"
        "< on a horizontal length of {run} m>",
        "what is the [gradient|incline|angle] of a wheelchair ramp< rising {rise} metres>"
        "< across {run} metres>?",
        "how steep is [a hill|a slope|a ski run]< that goes up {rise} metres>< within {run}"
        " metres>?",
        "i'm [planning|building|paving] a driveway< going up {rise} metres>< over {run} metres>"
        " and need the slope.",
    ],
)
def ramp_slope(
    rise: Annotated[float, Field(ge=0.1, le=12)],
    run: Annotated[float, Field(ge=7, le=300)],
) -> dict[str, float]:
    """Calculate how steep a ramp is.

    Args:
        rise: Height gained in metres.
        run: Horizontal length in metres.

    Returns:
        Angle in degrees, grade in percent and length along the surface.
    """
    return {
        "angle": round(math.degrees(math.atan2(rise, run)), 2),
        "grade_percent": round(100 * rise / run, 2),
        "surface_length": round(math.hypot(rise, run), 3),
    }


@api(
    category="geometry",
    examples=[
        {"length": 40.0, "width": 30.0, "height": 25.0},
        {"length": 120.0, "width": 60.0, "height": 75.5, "unit": "inches"},
        {"length": 8.0, "width": 5.0, "height": 2.4, "unit": "metres"},
    ],
    phrasings=[
        "[calculate|work out] the volume of a box< {length} long>< with a width of {width}>"
        "< at a height of {height}><, all in {unit}>",
        "find the longest [stick|rod] that fits into a [crate|carton]< with a length of {length}>"
        "< with a width of {width}>< at a height of {height}>",
        "size up a [box|parcel]<, {length} long><, {width} wide><, {height} high>"
        "<, everything in {unit}>",
        "how much [space|room] is in a box< with a length of {length}>< with a width of {width}>"
        "< with a height of {height}><, measured in {unit}>?",
        "what is the [surface|diagonal|volume] of a chest< with a length of {length}>"
        "< with {width} as its width>< with {height} as its height>?",
        "i need the volume [and the surface |]of a [container|fish tank]<, {length} in length>"
        "<, {width} in width><, {height} in height><, in {unit}>.",
    ],
)
def box_dimensions(
    length: Annotated[float, Field(ge=1, le=300)],
    width: Annotated[float, Field(ge=1, le=300)],
    height: Annotated[float, Field(ge=1, le=300)],
    unit: LengthUnit = "centimetres",
) -> dict[str, float | str]:
    """Calculate volume, surface and diagonal of a rectangular box.

    Args:
        length: Length of the box.
        width: Width of the box.
        height: Height of the box.
        unit: Unit of the three lengths.

    Returns:
        Volume, surface, space diagonal and the unit they are based on.
    """
    surface = 2 * (length * width + length * height + width * height)
    return {
        "volume": round(length * width * height, 3),
        "surface": round(surface, 3),
        "diagonal": round(math.sqrt(length**2 + width**2 + height**2), 3),
        "unit": unit,
    }
