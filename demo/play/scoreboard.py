"""The screenshot that proves a score, drawn on the spot."""

import io

from PIL import Image, ImageDraw, ImageFont

from demo.play.worldcup import Fixture

SIZE = (640, 360)
GRASS, STRIPE, CHALK, GOLD = "#14693f", "#187848", "#e8f5ee", "#f2b544"


def draw(fixture: Fixture, *, mark: str) -> bytes:
    """A PNG of the final whistle; ``mark`` makes two pictures of one score differ, as two screenshots do."""
    picture = Image.new("RGB", SIZE, GRASS)
    pen = ImageDraw.Draw(picture)
    width, height = SIZE
    for left in range(0, width, 160):
        pen.rectangle((left, 0, left + 80, height), fill=STRIPE)
    pen.line((width / 2, 0, width / 2, height), fill=CHALK, width=3)
    pen.ellipse((width / 2 - 90, height / 2 - 90, width / 2 + 90, height / 2 + 90), outline=CHALK, width=3)
    _write(pen, (width / 2, 44), fixture.round.replace("_", " ").upper(), 22, GOLD)
    _write(pen, (width / 4, 120), fixture.team1, 34, CHALK)
    _write(pen, (width * 3 / 4, 120), fixture.team2, 34, CHALK)
    _write(pen, (width / 4, 205), str(fixture.goals[0]), 96, CHALK)
    _write(pen, (width * 3 / 4, 205), str(fixture.goals[1]), 96, CHALK)
    if fixture.penalties:
        _write(pen, (width / 2, 290), "penalties {} : {}".format(*fixture.penalties), 26, GOLD)
    _write(pen, (width / 2, 335), f"{fixture.winner} win   {mark}", 18, CHALK)
    out = io.BytesIO()
    picture.save(out, format="PNG")
    return out.getvalue()


def _write(pen: ImageDraw.ImageDraw, place: tuple[float, float], text: str, size: int, colour: str) -> None:
    pen.text(place, text, font=ImageFont.load_default(size), fill=colour, anchor="mm")
