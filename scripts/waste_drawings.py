"""Draws pictures of waste: simple shapes in many colours, sizes and turns. They are drawings, not photographs.

They stand in for a data set until there is one: enough for a classifier to learn something that can be checked, and
free of anybody's rights. The same seed draws the same pictures.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from random import Random

from PIL import Image, ImageDraw

SIDE = 128
Colour = tuple[int, int, int]
Draw = Callable[[ImageDraw.ImageDraw, Random], None]
"""Draws one thing into a transparent square of SIDE pixels."""

BROWNS: Sequence[Colour] = ((121, 85, 58), (94, 66, 41), (150, 110, 60))
GREENS: Sequence[Colour] = ((76, 140, 50), (110, 165, 60), (60, 110, 45))
YELLOWS: Sequence[Colour] = ((225, 195, 70), (205, 160, 60))
GLASS: Sequence[Colour] = ((60, 140, 160), (90, 160, 215), (35, 120, 95))
METAL: Sequence[Colour] = ((176, 180, 186), (205, 208, 212))
CARTON: Sequence[Colour] = ((196, 154, 102), (180, 136, 88))
PAPER: Sequence[Colour] = ((238, 236, 228), (225, 222, 212))
INKS: Sequence[Colour] = ((200, 40, 45), (30, 70, 170), (235, 120, 30))
BAGS: Sequence[Colour] = ((35, 35, 40), (60, 60, 66), (90, 90, 98))
FOILS: Sequence[Colour] = ((205, 45, 130), (120, 40, 160), (230, 60, 60))
FOAMS: Sequence[Colour] = ((248, 248, 250), (236, 238, 242))
GROUNDS: Sequence[Colour] = ((214, 205, 190), (150, 160, 170), (120, 130, 110), (190, 170, 150), (90, 95, 105))


def seeded(seed: int) -> Random:
    """Chance that is the same every time."""
    return Random(seed)  # noqa: S311  # nothing is secret here


def picture(label: str, random: Random) -> Image.Image:
    """One thing of a class before a plain ground, with some grain."""
    ground = Image.new("RGB", (SIDE, SIDE), _like(random.choice(GROUNDS), random))
    thing = Image.new("RGBA", (SIDE, SIDE))
    random.choice(THINGS[label])(ImageDraw.Draw(thing), random)
    thing = thing.rotate(random.uniform(-40, 40), Image.Resampling.BILINEAR)
    side = random.randint(SIDE * 3 // 4, SIDE * 6 // 5)
    thing = thing.resize((side, side))
    corner = [(SIDE - side) // 2 + random.randint(-8, 8) for _ in range(2)]
    ground.paste(thing, (corner[0], corner[1]), thing)
    grain = Image.frombytes("L", (SIDE, SIDE), random.randbytes(SIDE * SIDE)).convert("RGB")
    return Image.blend(ground, grain, 0.06)


def _leaf(draw: ImageDraw.ImageDraw, random: Random) -> None:
    colour = _like(random.choice((*GREENS, *BROWNS)), random)
    half = random.randint(14, 26)
    draw.polygon([(64, 14), (64 + half, 58), (64, 112), (64 - half, 58)], colour)
    draw.ellipse((64 - half, 34, 64 + half, 96), colour)
    for height in range(30, 110, 14):
        draw.line((64, height + 10, 64 + half * 2 // 3, height - 4), _darker(colour), 2)
        draw.line((64, height + 10, 64 - half * 2 // 3, height - 4), _darker(colour), 2)
    draw.line((64, 14, 64, 122), _darker(colour), 3)


def _peel(draw: ImageDraw.ImageDraw, random: Random) -> None:
    colour = _like(random.choice(YELLOWS), random)
    for start in range(0, 360, random.choice((72, 90, 120))):
        draw.arc((18, 18, 110, 110), start, start + random.randint(40, 62), colour, random.randint(14, 24))
    for _ in range(12):
        _dot(draw, random, _like(random.choice(BROWNS), random), 3)
    draw.ellipse((50, 50, 78, 78), _darker(colour))


def _scraps(draw: ImageDraw.ImageDraw, random: Random) -> None:
    for _ in range(random.randint(40, 60)):
        _dot(draw, random, _like(random.choice((*BROWNS, *BROWNS, *GREENS, *YELLOWS)), random), random.randint(5, 11))


def _bottle(draw: ImageDraw.ImageDraw, random: Random) -> None:
    colour, half = _like(random.choice(GLASS), random), random.randint(15, 22)
    draw.rectangle((64 - half, 46, 64 + half, 118), colour)
    draw.polygon([(64 - half, 46), (58, 26), (70, 26), (64 + half, 46)], colour)
    draw.rectangle((57, 12, 71, 26), _like(random.choice(INKS), random))
    draw.rectangle((64 - half, 66, 64 + half, 92), _like(random.choice(PAPER), random))
    draw.rectangle((64 - half + 4, 50, 64 - half + 8, 114), _lighter(colour))


def _can(draw: ImageDraw.ImageDraw, random: Random) -> None:
    colour, half = _like(random.choice(METAL), random), random.randint(22, 30)
    draw.rectangle((64 - half, 26, 64 + half, 104), colour)
    draw.rectangle((64 - half, 44, 64 + half, 86), _like(random.choice(INKS), random))
    draw.ellipse((64 - half, 18, 64 + half, 34), _lighter(colour), _darker(colour))
    draw.rectangle((64 - half + 6, 34, 64 - half + 10, 102), _lighter(colour))


def _carton(draw: ImageDraw.ImageDraw, random: Random) -> None:
    colour, top = _like(random.choice(CARTON), random), random.randint(34, 48)
    draw.rectangle((22, top, 106, 108), colour)
    draw.polygon([(22, top), (38, top - 18), (122, top - 18), (106, top)], _lighter(colour))
    draw.polygon([(106, top), (122, top - 18), (122, 90), (106, 108)], _darker(colour))
    draw.rectangle((58, top, 70, 108), _lighter(colour))


def _newspaper(draw: ImageDraw.ImageDraw, random: Random) -> None:
    draw.rectangle((24, 16, 104, 114), _like(random.choice(PAPER), random))
    draw.rectangle((30, 22, 98, 32), (40, 40, 44))
    for height in range(40, 110, 5):
        draw.line((30, height, random.randint(54, 61), height), (110, 110, 116), 2)
        draw.line((67, height, random.randint(90, 98), height), (110, 110, 116), 2)


def _bag(draw: ImageDraw.ImageDraw, random: Random) -> None:
    colour = _like(random.choice(BAGS), random)
    rim = [(64 + _turn(angle, random.randint(40, 52), 0), 74 + _turn(angle, random.randint(34, 44), 90))
           for angle in range(0, 360, 24)]  # fmt: skip
    draw.polygon(rim, colour)
    draw.polygon([(64, 44), (44, 12), (62, 22), (86, 10)], colour)
    for _ in range(6):
        start = (random.randint(34, 94), random.randint(48, 100))
        draw.line((*start, start[0] + random.randint(-14, 14), start[1] + random.randint(6, 18)), _lighter(colour), 2)


def _packet(draw: ImageDraw.ImageDraw, random: Random) -> None:
    colour = _like(random.choice(FOILS), random)
    teeth = [(x, 14 + 6 * (x // 8 % 2)) for x in range(26, 104, 8)]
    draw.polygon([*teeth, *((x, 128 - y) for x, y in reversed(teeth))], colour)
    draw.rectangle((26, 22, 98, 28), _like(METAL[1], random))
    draw.rectangle((26, 100, 98, 106), _like(METAL[1], random))
    draw.ellipse((40, 44, 86, 80), _like(random.choice(YELLOWS), random))
    draw.line((34, random.randint(34, 44), 90, random.randint(84, 96)), _lighter(colour), 3)


def _cup(draw: ImageDraw.ImageDraw, random: Random) -> None:
    colour, foot = _like(random.choice(FOAMS), random), random.randint(18, 26)
    draw.polygon([(26, 24), (102, 24), (64 + foot, 112), (64 - foot, 112)], colour)
    draw.ellipse((26, 16, 102, 34), _darker(colour))
    draw.line((70, 26, random.randint(78, 96), 0), _like(random.choice(FOILS), random), 5)


THINGS: Mapping[str, Sequence[Draw]] = {
    "compost": (_leaf, _peel, _scraps),
    "landfill": (_bag, _packet, _cup),
    "recycling": (_bottle, _can, _carton, _newspaper),
}
"""What is drawn of each class."""


def _dot(draw: ImageDraw.ImageDraw, random: Random, colour: Colour, radius: int) -> None:
    angle, far = random.uniform(0, 360), random.uniform(0, 44)
    x, y = 64 + _turn(angle, far, 0), 64 + _turn(angle, far, 90)
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), colour)


def _turn(angle: float, far: float, quarter: int) -> int:
    return round(far * math.cos(math.radians(angle - quarter)))


def _like(colour: Colour, random: Random) -> Colour:
    light = random.randint(-18, 18)
    red, green, blue = (max(0, min(255, part + light + random.randint(-10, 10))) for part in colour)
    return red, green, blue


def _lighter(colour: Colour) -> Colour:
    return min(255, colour[0] + 40), min(255, colour[1] + 40), min(255, colour[2] + 40)


def _darker(colour: Colour) -> Colour:
    return max(0, colour[0] - 40), max(0, colour[1] - 40), max(0, colour[2] - 40)
