"""A panoramic-like picture of a mouth that nobody has: for the demo, drawn when it is loaded."""

from __future__ import annotations

import io
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

WIDTH, HEIGHT = 1400, 700
TEETH = 16
BITE = 348
"""The line between the jaws."""
GRAIN = 0.4


def panorama(random: Random, *, missing: frozenset[int] = frozenset(), filled: frozenset[int] = frozenset()) -> bytes:
    """A PNG. `missing` and `filled` are places of the lower row, 0 at the left."""
    image = Image.new("L", (WIDTH, HEIGHT), 18)
    draw = ImageDraw.Draw(image)
    _jaws(draw)
    image = image.filter(ImageFilter.GaussianBlur(26))
    draw = ImageDraw.Draw(image)
    for place in range(TEETH):
        _tooth(draw, place, -1, random, is_filled=False)
        if place not in missing:
            _tooth(draw, place, 1, random, is_filled=place in filled)
    image = image.filter(ImageFilter.GaussianBlur(2.2))
    noise = Image.frombytes("L", (WIDTH, HEIGHT), random.randbytes(WIDTH * HEIGHT)).filter(ImageFilter.GaussianBlur(1))
    image = ImageChops.add(image, noise.point(lambda value: value * GRAIN), scale=1, offset=-int(127 * GRAIN))
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def _jaws(draw: ImageDraw.ImageDraw) -> None:
    """Bone: the band of each jaw, the branches at the sides, the chin and the nose."""
    draw.ellipse((90, 120, WIDTH - 90, 520), fill=58)
    draw.pieslice((60, -80, WIDTH - 60, HEIGHT - 20), 10, 170, fill=74)
    for side in (0, WIDTH - 180):
        draw.rounded_rectangle((side, 120, side + 180, 560), 70, fill=82)
    draw.ellipse((WIDTH / 2 - 120, 60, WIDTH / 2 + 120, 240), fill=30)
    draw.rectangle((150, BITE - 10, WIDTH - 150, BITE + 10), fill=14)


def _tooth(draw: ImageDraw.ImageDraw, place: int, way: int, random: Random, *, is_filled: bool) -> None:
    """One tooth: crown at the bite, roots away from it. `way` is -1 above, 1 below."""
    side = abs(place - (TEETH - 1) / 2) / (TEETH / 2)
    wide = 25 + 15 * side
    x = WIDTH / 2 + (place - (TEETH - 1) / 2) * 66
    y = BITE + way * 14 - 46 * side**2
    crown, root = 62 - 8 * side, (130 - 26 * side) * random.uniform(0.92, 1.06)
    bright = random.randint(176, 200)
    roots = (-0.5, 0.5) if side > 0.55 else (0.0,)
    for offset in roots:
        at, half = x + offset * wide, wide * (0.34 if len(roots) > 1 else 0.55)
        tip = y + way * (crown + root)
        neck, end = y + way * crown * 0.8, half * 0.4
        draw.polygon([(at - half, neck), (at + half, neck), (at + end, tip), (at - end, tip)], fill=bright - 42)
        draw.line([(at, y + way * crown * 0.6), (at, tip - way * 14)], fill=bright - 92, width=4)
    top, bottom = sorted((y, y + way * crown))
    draw.rounded_rectangle((x - wide, top, x + wide, bottom), 15, fill=bright)
    draw.ellipse((x - 8, (top + bottom) / 2 - 11, x + 8, (top + bottom) / 2 + 11), fill=bright - 74)
    if is_filled:
        draw.ellipse((x - wide * 0.6, y + way * 4 - 9, x + wide * 0.6, y + way * 4 + 15), fill=252)
