"""Colours: notations, contrast, mixtures and harmonies."""

import colorsys
from typing import Annotated, Literal

from pydantic import Field

from api_registry.decorator import api

HexColor = Annotated[
    str,
    Field(
        pattern="^#[0-9A-Fa-f]{6}$",
        examples=[
            "#1E90FF", "#FF7F50", "#2E8B57", "#FFD700", "#4B0082", "#708090", "#F5F5DC",
            "#C71585", "#0F4C81", "#E63946", "#FFFFFF", "#222222",
        ],
    ),
]  # fmt: skip
Channel = Annotated[int, Field(ge=0, le=255)]


@api(
    category="colors",
    examples=[
        {"hex_color": "#1E90FF", "notation": "rgb"},
        {"hex_color": "#ffd700", "notation": "hsl"},
        {"hex_color": "#222222", "notation": "cmyk"},
    ],
    phrasings=[
        "[convert|change|translate] [the colour |]{hex_color}< to {notation=rgb:[RGB|red, green "
        "and blue]}{notation=hsl:[HSL|hue, saturation and lightness]}"
        "{notation=cmyk:[CMYK|printing inks]}>",
        "[give me|look up|work out] the {notation=rgb:RGB}{notation=hsl:HSL}{notation=cmyk:CMYK} "
        "values[ of the colour|]< {hex_color}>",
        "[express|write|note down] {hex_color} as {notation=rgb:[RGB|red, green and blue amounts]}"
        "{notation=hsl:[HSL|hue, saturation and lightness]}"
        "{notation=cmyk:[CMYK|cyan, magenta, yellow and black]}",
        "[so |]what[ is|'s] {hex_color} in "
        "{notation=rgb:RGB}{notation=hsl:HSL}{notation=cmyk:CMYK}?",
        "how [do i|would you|does one] write {hex_color} in {notation=rgb:RGB}{notation=hsl:HSL}"
        "{notation=cmyk:CMYK for the print shop}?",
        "[the brand colour|our background|the logo] is {hex_color} and i [need|want] it in "
        "{notation=rgb:RGB}{notation=hsl:HSL}{notation=cmyk:CMYK}.",
    ],
)
def convert_hex_color(
    hex_color: HexColor, notation: Literal["rgb", "hsl", "cmyk"]
) -> dict[str, float]:
    """Convert a hex colour code to RGB, HSL or CMYK.

    Args:
        hex_color: Colour as a hex code with leading `#`.
        notation: Colour notation to convert to.
    """
    red, green, blue = _channels(hex_color)
    if notation == "rgb":
        return {"red": red, "green": green, "blue": blue}
    if notation == "hsl":
        hue, lightness, saturation = colorsys.rgb_to_hls(red / 255, green / 255, blue / 255)
        return {
            "hue": round(hue * 360, 1),
            "saturation": round(saturation * 100, 1),
            "lightness": round(lightness * 100, 1),
        }
    key = 1 - max(red, green, blue) / 255
    light = 1 - key or 1.0
    return {
        "cyan": round((1 - red / 255 - key) / light * 100, 1),
        "magenta": round((1 - green / 255 - key) / light * 100, 1),
        "yellow": round((1 - blue / 255 - key) / light * 100, 1),
        "black": round(key * 100, 1),
    }


@api(
    category="colors",
    examples=[
        {"red": 255, "green": 127, "blue": 80},
        {"red": 0, "green": 0, "blue": 0},
        {"red": 30, "green": 144, "blue": 255, "lowercase": True},
    ],
    phrasings=[
        "[convert|turn] red {red}, green {green}< and blue {blue}> [into|to] a "
        "{lowercase=true:lowercase }hex [code|colour]",
        "[write|give me] the {lowercase=true:lowercase }hex code for [RGB|an RGB colour with] "
        "red {red}, green {green} and blue {blue}",
        "[get|find|work out] the hex code of a colour with blue {blue}<, green {green}>"
        "< and red {red}>{lowercase=true:, in small letters}",
        "what[ is|'s] the hex code [of|for] the colour with {red} red, {green} green and {blue} "
        "blue?",
        "which hex [colour|code] [do you get|results] from< red at {red},> green at {green} and "
        "blue at {blue}?",
        "[my sliders are|the picker is] at {red} for red, {green} for green and {blue} for blue, "
        "and [i need|i want] the hex code{lowercase=true: in lower case}.",
    ],
)
def rgb_to_hex(red: Channel, green: Channel, blue: Channel, lowercase: bool = False) -> str:
    """Write an RGB colour as a hex code.

    Args:
        red: Red amount from 0 to 255.
        green: Green amount from 0 to 255.
        blue: Blue amount from 0 to 255.
        lowercase: Whether to use small letters a to f.
    """
    code = _hex(red, green, blue)
    return code.lower() if lowercase else code


@api(
    category="colors",
    examples=[
        {"text_color": "#222222", "background_color": "#FFFFFF"},
        {"text_color": "#708090", "background_color": "#F5F5DC", "level": "AAA"},
        {"text_color": "#FFD700", "background_color": "#FFFFFF", "large_text": True},
    ],
    phrasings=[
        "[check|work out|calculate] the contrast of {text_color} text< on {background_color}>"
        "<, against the {level} [standard|level]>{large_text=true:, the text being large}",
        "[test|check|see] whether {large_text=true:[large|big] }text in {text_color} is readable "
        "on "
        "{background_color}< at level {level}>",
        "[find|tell me|get] the contrast ratio of< {text_color}> text on a {background_color} "
        "background",
        "does {text_color} on {background_color} [have enough contrast|pass the contrast "
        "check|stand out well enough]"
        "< for {level}>{large_text=true: with large text}?",
        "[what is|how high is] the contrast ratio [between|of] {text_color} "
        "{large_text=true:headline }text and a {background_color} background?",
        "[i'm putting|we want] {text_color} text on {background_color} and need to know if it's "
        "[legible|accessible]< under {level} rules>{large_text=true: in a large font}.",
    ],
)
def contrast_ratio(
    text_color: HexColor,
    background_color: HexColor,
    level: Literal["AA", "AAA"] = "AA",
    large_text: bool = False,
) -> dict[str, float | bool]:
    """Measure the contrast of text against its background by the WCAG rules.

    Args:
        text_color: Text colour as a hex code.
        background_color: Background colour as a hex code.
        level: WCAG conformance level to test against.
        large_text: Whether the text is large, for which less contrast is required.
    """
    first, second = _luminance(text_color), _luminance(background_color)
    ratio = (max(first, second) + 0.05) / (min(first, second) + 0.05)
    required = {"AA": 4.5, "AAA": 7.0}[level]
    if large_text:
        required = {"AA": 3.0, "AAA": 4.5}[level]
    return {"ratio": round(ratio, 2), "required": required, "passes": ratio >= required}


@api(
    category="colors",
    examples=[
        {"base_color": "#1E90FF", "added_color": "#FFFFFF", "added_percent": 30},
        {"base_color": "#E63946", "added_color": "#FFD700", "added_percent": 50},
        {"base_color": "#2E8B57", "added_color": "#222222", "added_percent": 10},
    ],
    phrasings=[
        "[mix|blend|stir] {added_percent:percent}< of {added_color}> into {base_color}",
        "[add|stir] {added_percent:percent} {added_color}< to {base_color}> and [show|give] me the "
        "[mix|resulting colour]",
        "[blend|mix|stir] some {added_color}<, {added_percent:percent} of it,> into {base_color}",
        "what [colour|shade|hex code] do i get when {base_color} is mixed with "
        "{added_percent:percent} "
        "{added_color}?",
        "which [shade|colour] [results|comes out] if i replace {added_percent:percent} of "
        "{base_color} with {added_color}?",
        "[i'm starting from|my base is] {base_color} and [want|need] the blend with "
        "{added_percent:percent} {added_color} [in it|added].",
    ],
)
def mix_colors(
    base_color: HexColor,
    added_color: HexColor,
    added_percent: Annotated[int, Field(ge=5, le=90)],
) -> str:
    """Blend one colour into another and return the hex code of the mixture.

    Args:
        base_color: Colour to start from, as a hex code.
        added_color: Colour to blend in, as a hex code.
        added_percent: Percentage of the mixture that the added colour makes up.
    """
    share = added_percent / 100
    pairs = zip(_channels(base_color), _channels(added_color), strict=True)
    red, green, blue = (round(base * (1 - share) + added * share) for base, added in pairs)
    return _hex(red, green, blue)


@api(
    category="colors",
    examples=[
        {"hex_color": "#1E90FF", "scheme": "complementary"},
        {"hex_color": "#E63946", "scheme": "triadic"},
        {"hex_color": "#2E8B57", "scheme": "analogous"},
    ],
    phrasings=[
        "[build|make|suggest] a palette from {hex_color}<, {scheme=analogous:with the neighbouring "
        "hues}{scheme=complementary:with its opposite}{scheme=triadic:three evenly spaced hues}"
        "{scheme=tetradic:four evenly spaced hues}>",
        "[find|get|show me] the {scheme=complementary:[opposite|complement]}"
        "{scheme=triadic:triadic colours}{scheme=tetradic:tetradic colours}"
        "{scheme=analogous:[neighbouring|analogous] colours} of {hex_color} on the colour wheel",
        "[list|show me|find] the colours that go with {hex_color} on the colour wheel"
        "<, using the {scheme} scheme>",
        "[which|what|exactly which] {scheme=complementary:complementary colour [goes|pairs]}"
        "{scheme=triadic:two colours [form|make] a triad}{scheme=tetradic:three colours "
        "[form|make] a tetrad}"
        "{scheme=analogous:analogous colours [go|fit in]} with {hex_color}?",
        "what would the {scheme} [scheme|palette] [around|based on]< {hex_color}> look like?",
        "[my main colour is|i'm painting the wall in|the logo uses] {hex_color} and i [want|need] "
        "the {scheme} palette [to match|for it].",
    ],
)
def color_harmony(
    hex_color: HexColor,
    scheme: Literal["complementary", "triadic", "tetradic", "analogous"],
) -> list[str]:
    """Build a colour harmony by turning a colour round the colour wheel.

    Args:
        hex_color: Colour to start from, as a hex code.
        scheme: Kind of harmony.
    """
    turns = {
        "complementary": (0, 180),
        "triadic": (0, 120, 240),
        "tetradic": (0, 90, 180, 270),
        "analogous": (-30, 0, 30),
    }[scheme]
    red, green, blue = (channel / 255 for channel in _channels(hex_color))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    palette = []
    for turn in turns:
        turned = colorsys.hls_to_rgb((hue + turn / 360) % 1, lightness, saturation)
        palette.append(_hex(*(round(channel * 255) for channel in turned)))
    return palette


def _channels(hex_color: str) -> tuple[int, int, int]:
    digits = hex_color.removeprefix("#")
    try:
        red, green, blue = bytes.fromhex(digits)
    except ValueError:
        raise ValueError(f"`{hex_color}` is no hex colour; expected a form like #A1B2C3") from None
    return red, green, blue


def _hex(red: int, green: int, blue: int) -> str:
    return f"#{red:02X}{green:02X}{blue:02X}"


def _luminance(hex_color: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    linear = [
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in (value / 255 for value in _channels(hex_color))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
