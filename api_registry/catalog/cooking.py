"""Kitchen arithmetic: scaling, weighing, oven settings, cooking times, coffee and dough."""

import math
from datetime import time
from typing import Annotated, Literal

from pydantic import Field

from api_registry.decorator import api

Ingredient = Literal[
    "flour", "sugar", "brown sugar", "butter", "honey", "rice", "oats", "cocoa powder", "milk"
]
Meat = Literal["beef", "lamb", "venison", "veal", "duck"]
Quantity = Annotated[
    float, Field(gt=0, le=2000, examples=[0.5, 1.5, 2, 3, 75, 100, 120, 200, 250, 400, 500])
]
BrewMethod = Literal["filter", "french press", "espresso", "cold brew"]

_GRAMS_PER_CUP: dict[Ingredient, float] = {
    "flour": 125,
    "sugar": 200,
    "brown sugar": 213,
    "butter": 227,
    "honey": 340,
    "rice": 185,
    "oats": 90,
    "cocoa powder": 85,
    "milk": 245,
}
_CUPS = {"cup": 1.0, "tablespoon": 1 / 16, "teaspoon": 1 / 48}
_MINUTES_PER_KG: dict[Meat, tuple[float, float]] = {
    "beef": (40, 20),
    "lamb": (45, 20),
    "venison": (35, 15),
    "veal": (50, 25),
    "duck": (40, 20),
}
"""Minutes per kilogram, and minutes on top, for medium done meat at 180 °C."""
_DONENESS = {"rare": 0.75, "medium": 1.0, "well done": 1.25}
_WATER_PER_COFFEE: dict[BrewMethod, tuple[float, float]] = {
    "filter": (16.5, 240),
    "french press": (14.5, 240),
    "espresso": (2.0, 36),
    "cold brew": (8.0, 200),
}
"""Grams of water per gram of coffee, and millilitres of water per cup."""
_STRENGTH = {"mild": 0.85, "normal": 1.0, "strong": 1.2}

_METHOD = (
    "{method=filter:[filter|drip|pour-over] coffee}{method=french press:[French press|cafetière]"
    " coffee}{method=espresso:espresso}{method=cold brew:cold brew[| coffee]}"
)
_YOLK = "{yolk=soft:[soft-boiled|runny]}{yolk=medium:[medium-boiled|jammy]}{yolk=hard:hard-boiled}"
_FROM_FRIDGE = (
    "{from_fridge=true:[ straight from the fridge| that come out of the fridge]}"
    "{from_fridge=false: at room temperature}"
)
_LEAVEN = (
    "{leaven=yeast: with [dried yeast|instant yeast]}"
    "{leaven=sourdough: with a [sourdough|mature] starter}"
)


@api(
    category="cooking",
    examples=[
        {"amounts": [250, 2, 0.5], "recipe_servings": 4, "wanted_servings": 10},
        {"amounts": [500, 300], "recipe_servings": 6, "wanted_servings": 2},
        {"amounts": [120, 80, 1.5], "recipe_servings": 2, "wanted_servings": 8, "spare": True},
    ],
    phrasings=[
        "scale the [ingredient amounts|quantities] {amounts} from {recipe_servings}"
        " [servings|portions]< to {wanted_servings}>{spare=true:, with a little to spare}",
        "[adjust|resize|rewrite] a recipe< that uses {amounts}> for {wanted_servings} guests when"
        " it is"
        " written for {recipe_servings}",
        "work out [the new amounts|how much of everything i need] for {wanted_servings} people if"
        " the recipe lists {amounts}< for {recipe_servings}>{spare=true: and i want some"
        " leftovers}",
        "how much do i [need|take|use]< for {wanted_servings}> instead of {amounts} when the recipe"
        " serves {recipe_servings}?",
        "what do {amounts} [become|turn into] when a dish< for {recipe_servings}> has to feed"
        " {wanted_servings}{spare=true:, plus a bit extra}?",
        "[my grandmother's recipe|the cookbook|the menu] is for {recipe_servings} people<, lists"
        " {amounts}> and has to serve {wanted_servings}{spare=true:, plus a bit for big eaters}.",
    ],
)
def scale_recipe(
    amounts: Annotated[list[Quantity], Field(min_length=2, max_length=8)],
    recipe_servings: Annotated[int, Field(ge=2, le=8)],
    wanted_servings: Annotated[int, Field(ge=2, le=40)],
    spare: bool = False,
) -> dict[str, float | list[float]]:
    """Scale the amounts of a recipe to another number of servings.

    Args:
        amounts: Amounts of the ingredients, in the order of the recipe.
        recipe_servings: Number of servings in the recipe.
        wanted_servings: Number of servings to cook.
        spare: Whether to add a tenth on top.

    Returns:
        The new amounts, and the factor they were multiplied by.
    """
    factor = wanted_servings / recipe_servings * (1.1 if spare else 1)
    return {
        "amounts": [round(amount * factor, 2) for amount in amounts],
        "factor": round(factor, 3),
    }


@api(
    category="cooking",
    examples=[
        {"ingredient": "flour", "amount": 2.5, "measure": "cup"},
        {"ingredient": "honey", "amount": 3, "measure": "tablespoon"},
        {"ingredient": "cocoa powder", "amount": 4, "measure": "teaspoon", "weight_unit": "ounce"},
    ],
    phrasings=[
        "[weigh out|convert to weight|work out the weight of] {amount} {measure} of {ingredient}"
        "<, given in {weight_unit}>",
        "work out [how much|what] {amount}< {measure}> of {ingredient} [weighs|would weigh]"
        "< in {weight_unit}>",
        "find the weight of< {amount}> {measure} of {ingredient} for [my scale|a cake|a bread]",
        "how [heavy is|heavy are|much in weight is] {amount} {measure} of {ingredient}"
        "< in {weight_unit}>?",
        "what does the scale [show|have to show|say] for {amount} {measure}< of {ingredient}>"
        "< if it is set to {weight_unit}>?",
        "[the recipe|this cake|the cookie recipe] wants {amount} {measure}< of {ingredient}> and i"
        " only have a kitchen scale< that shows {weight_unit}>.",
    ],
)
def ingredient_weight(
    ingredient: Ingredient,
    amount: Annotated[
        float, Field(ge=0.25, le=48, examples=[1.5, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 10, 12])
    ],
    measure: Literal["cup", "tablespoon", "teaspoon"],
    weight_unit: Literal["gram", "ounce"] = "gram",
) -> float:
    """Convert cups or spoons of an ingredient to its weight.

    Args:
        ingredient: Ingredient to weigh.
        amount: Number of cups or spoons.
        measure: Measure that the amount is given in, US size.
        weight_unit: Unit of the weight.
    """
    grams = amount * _CUPS[measure] * _GRAMS_PER_CUP[ingredient]
    return round(grams if weight_unit == "gram" else grams / 28.349523125, 1)


@api(
    category="cooking",
    examples=[
        {"celsius": 180},
        {"celsius": 200, "fan_oven": True},
        {"celsius": 220, "fan_oven": False},
    ],
    phrasings=[
        "[find|look up] the [gas mark|oven setting] for [a recipe|a cake|a casserole]"
        "< at {celsius} °C>{fan_oven=true: in a fan oven}",
        "[work out|figure out] how to set my [oven|oven dial] for a bake"
        "< at {celsius} degrees Celsius>{fan_oven=true: with the fan running}",
        "translate the [baking|roasting|oven] temperature< of {celsius} degrees Celsius> into the"
        " setting of my{fan_oven=true: convection}{fan_oven=false: conventional} oven",
        "what [gas mark|oven setting] do i [use|need] for a recipe< at {celsius} °C>"
        "{fan_oven=true: when the fan is on}{fan_oven=false: without a fan}?",
        "how [hot|high] do i set [my|the] oven for a dish< that calls for {celsius} °C>"
        "{fan_oven=true: if it's a convection oven}?",
        "the [cookbook|packet|blog] gives the heat in Celsius<, {celsius} degrees,> but my oven has"
        " [a gas dial|a Fahrenheit dial]{fan_oven=true: and a fan}.",
    ],
)
def oven_setting(
    celsius: Annotated[int, Field(ge=120, le=250)], fan_oven: bool = False
) -> dict[str, float]:
    """Find how to set an oven for a recipe that gives degrees Celsius.

    Args:
        celsius: Temperature in degrees Celsius, for an oven without a fan.
        fan_oven: Whether the oven has a fan and needs less heat.

    Returns:
        Degrees Celsius and Fahrenheit to set, and the nearest gas mark.
    """
    setting = celsius - 20 if fan_oven else celsius
    fahrenheit = setting * 9 / 5 + 32
    mark = (fahrenheit - 250) / 25
    # Below gas mark 1 come a half and a quarter.
    gas_mark = float(round(mark)) if mark >= 0.75 else 0.5 if mark >= -0.5 else 0.25
    return {"celsius": setting, "fahrenheit": round(fahrenheit / 5) * 5, "gas_mark": gas_mark}


@api(
    category="cooking",
    examples=[
        {"meat": "beef", "weight_kg": 1.8, "serve_at": "19:00:00"},
        {"meat": "veal", "weight_kg": 2.2, "serve_at": "13:30:00", "resting_minutes": 20},
        {"meat": "lamb", "weight_kg": 2.5, "serve_at": "18:45:00", "doneness": "rare"},
    ],
    phrasings=[
        "[plan|time] [a|my] {meat} roast of {weight_kg} kg for a meal< at {serve_at}>"
        "<, {doneness} please><, with {resting_minutes:minutes} of rest>",
        "work out when the {meat}< of {weight_kg} kilos> has to go into the oven for [dinner|the"
        " table|our guests] at {serve_at}< if we like it {doneness}>",
        "find the [roasting time|time in the oven] for {weight_kg} kg< of {meat}> to be [eaten|"
        "served] at {serve_at}<, cooked {doneness}>",
        "when do i [start|put in] a {weight_kg} kg roast< of {meat}> [to eat|if we eat] at"
        " {serve_at}< and let it rest for {resting_minutes:minutes}>?",
        "how long does a [piece|joint|cut] of {meat}< weighing {weight_kg} kg> need, and when do i"
        " begin"
        " if we eat at {serve_at}?",
        "[we're having|i'm making|my parents want] roast {meat}, {weight_kg} kg of it, and it"
        " should be on the table< at {serve_at}>< and {doneness}>.",
    ],
)
def roasting_plan(
    meat: Meat,
    weight_kg: Annotated[float, Field(ge=1, le=6)],
    serve_at: time,
    doneness: Literal["rare", "medium", "well done"] = "medium",
    resting_minutes: Annotated[int, Field(ge=5, le=40)] = 15,
) -> dict[str, int | str]:
    """Plan when a roast goes into the oven at 180 °C so that it is ready in time.

    Args:
        meat: Kind of meat.
        weight_kg: Weight in kilograms.
        serve_at: Time at which it is served.
        doneness: How far the meat is cooked.
        resting_minutes: Minutes of rest after the oven.

    Returns:
        Minutes in the oven, and the times at which it goes in and comes out.
    """
    per_kg, extra = _MINUTES_PER_KG[meat]
    minutes = round((weight_kg * per_kg + extra) * _DONENESS[doneness])
    served = serve_at.hour * 60 + serve_at.minute
    return {
        "minutes_in_oven": minutes,
        "oven_in": _clock(served - resting_minutes - minutes),
        "oven_out": _clock(served - resting_minutes),
    }


def _clock(minute: int) -> str:
    hours, minutes = divmod(minute % 1440, 60)
    return f"{hours:02d}:{minutes:02d}"


@api(
    category="cooking",
    examples=[
        {"method": "filter", "cups": 4},
        {"method": "cold brew", "cups": 6, "strength": "strong"},
        {"method": "espresso", "cups": 2, "strength": "mild"},
    ],
    phrasings=[
        f"[measure out|work out] the [coffee and water|grounds and water] for< {{cups}} cups of>"
        f" {_METHOD}<, brewed to {{strength}} strength>",
        f"calculate how much coffee [to grind|i need|goes in] for {{cups}} [cups|servings]"
        f"< of {_METHOD}>{{strength=strong:, on the strong side}}{{strength=mild:, rather mild}}",
        f"[make|write] me a recipe for {_METHOD} [that fills|for]< {{cups}} cups>"
        "{strength=strong: and wakes people up}",
        f"how much [coffee|ground coffee] do i need for {{cups}} [cups|mugs]< of {_METHOD}>"
        "{strength=strong: if i like it strong}{strength=mild: if i like it weak}?",
        f"what [ratio|amount] of coffee and water [gives|makes]< {{cups}} cups of> {_METHOD}"
        "<, {strength} in taste>?",
        f"[guests are coming|the team is here|it's Sunday brunch] and i want to serve {{cups}} cups"
        f"< of {_METHOD}>{{strength=strong:, properly strong}}{{strength=mild:, not too strong}}.",
    ],
)
def coffee_recipe(
    method: BrewMethod,
    cups: Annotated[int, Field(ge=2, le=12)],
    strength: Literal["mild", "normal", "strong"] = "normal",
) -> dict[str, float]:
    """Calculate the ground coffee and the water for a number of cups.

    Args:
        method: Way of brewing.
        cups: Number of cups.
        strength: Strength of the coffee.

    Returns:
        Grams of coffee and millilitres of water.
    """
    ratio, millilitres = _WATER_PER_COFFEE[method]
    water = cups * millilitres
    return {"coffee_grams": round(water / ratio * _STRENGTH[strength], 1), "water_ml": water}


@api(
    category="cooking",
    examples=[
        {"yolk": "soft", "egg_size": "large"},
        {"yolk": "hard", "egg_size": "medium", "from_fridge": False},
        {"yolk": "medium", "egg_size": "small", "altitude_metres": 1500},
    ],
    phrasings=[
        f"[find|work out|check] the boiling time for {_YOLK} eggs< of {{egg_size}} size>"
        f"{_FROM_FRIDGE}",
        f"time my [breakfast|salad|picnic] eggs< so that they come out {_YOLK}>, {{egg_size}} ones"
        "<, up here at {altitude_metres} metres>",
        f"figure out how long to [boil|cook|simmer]< {{egg_size}}> eggs{_FROM_FRIDGE} to get them"
        f" {_YOLK}",
        f"how long do i [boil|cook] {{egg_size}} eggs{_FROM_FRIDGE}< to get them {_YOLK}>?",
        f"how many minutes does a {_YOLK} egg< of {{egg_size}} size> [need|take]"
        "< at {altitude_metres} metres above sea level>?",
        f"i'm boiling [some|a few|a pot of]< {{egg_size}}> eggs{_FROM_FRIDGE} and want them"
        f" {_YOLK}.",
    ],
)
def boiled_egg_time(
    yolk: Literal["soft", "medium", "hard"],
    egg_size: Literal["small", "medium", "large"],
    from_fridge: bool = True,
    altitude_metres: Annotated[
        int, Field(ge=0, le=3000, examples=[600, 900, 1200, 1500, 1800, 2200, 2600])
    ] = 0,
) -> dict[str, int | str]:
    """Calculate how long an egg boils, by the physics of heat flowing to the yolk.

    Args:
        yolk: Firmness of the yolk.
        egg_size: Size of the eggs.
        from_fridge: Whether the eggs are cold at the start.
        altitude_metres: Altitude in metres; water boils at less heat higher up.

    Returns:
        The time in seconds, and written as minutes and seconds.
    """
    mass = {"small": 47.0, "medium": 57.0, "large": 67.0}[egg_size]
    wanted = {"soft": 63.0, "medium": 71.0, "hard": 80.0}[yolk]
    start = 4.0 if from_fridge else 21.0
    boiling = 100 - altitude_metres / 300
    # Formula of C. D. H. Williams (University of Exeter), in minutes and grams.
    minutes = 0.451 * mass ** (2 / 3) * math.log(0.76 * (boiling - start) / (boiling - wanted))
    seconds = round(minutes * 60)
    return {"seconds": seconds, "clock": f"{seconds // 60}:{seconds % 60:02d}"}


@api(
    category="cooking",
    examples=[
        {"flour_grams": 500, "hydration": 70, "leaven": "yeast"},
        {"flour_grams": 1000, "hydration": 65, "leaven": "yeast", "salt": 1.8},
        {"flour_grams": 800, "hydration": 75, "leaven": "sourdough"},
    ],
    phrasings=[
        "[calculate|work out] a bread dough [from|using] {flour_grams:digits} g of flour"
        f"< at {{hydration:percent}} hydration>{_LEAVEN}<, salted at {{salt:percent}}>",
        f"write down the [water, salt and leaven|ingredient weights] for a loaf{_LEAVEN}"
        "< made of {flour_grams:digits} grams of flour> with {hydration:percent} water",
        "find the weights for a dough of {hydration:percent} hydration and {flour_grams:digits}"
        " grams of"
        " flour< raised with {leaven=yeast:[yeast|dried yeast]}"
        "{leaven=sourdough:[sourdough|a sourdough starter]}>",
        f"how much [water and salt|salt and water] [goes|belongs] with {{flour_grams}} g of flour"
        f"{_LEAVEN}< at {{hydration:percent}} hydration>?",
        f"what do i weigh out for a [pizza|bread|focaccia] dough{_LEAVEN}< from {{flour_grams}} g"
        f" of"
        " flour> if i want {hydration:percent} hydration< and {salt:percent} salt>?",
        "i have [a bag with|a jar with|exactly] {flour_grams:digits} grams of flour and want to"
        " bake"
        f" bread{_LEAVEN}< at {{hydration:percent}} hydration>< with {{salt:percent}} salt>.",
    ],
)
def bread_dough(
    flour_grams: Annotated[int, Field(ge=200, le=2000)],
    hydration: Annotated[int, Field(ge=55, le=90)],
    leaven: Literal["yeast", "sourdough"],
    salt: Annotated[float, Field(ge=1, le=3)] = 2,
) -> dict[str, float]:
    """Calculate the ingredients of a bread dough in baker's percentages.

    Args:
        flour_grams: Flour in grams, without the flour in a starter.
        hydration: Water in percent of all flour.
        leaven: What makes the dough rise.
        salt: Salt in percent of all flour.

    Returns:
        Grams of water, salt and leaven, and of the whole dough.
    """
    # A starter of equal parts flour and water, a fifth of the flour; or 0.7 % dried yeast.
    starter = flour_grams * 0.2 if leaven == "sourdough" else 0.0
    yeast = 0.0 if leaven == "sourdough" else flour_grams * 0.007
    flour = flour_grams + starter / 2
    water = flour * hydration / 100 - starter / 2
    salt_grams = flour * salt / 100
    return {
        "water_grams": round(water, 1),
        "salt_grams": round(salt_grams, 1),
        "leaven_grams": round(starter + yeast, 1),
        "dough_grams": round(flour_grams + water + salt_grams + starter + yeast, 1),
    }
