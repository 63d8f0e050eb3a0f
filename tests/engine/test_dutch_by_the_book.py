"""The Dutch system against the rules word for word, on small fields of the most awkward kind."""

import os
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.dutch_by_the_book import pair_by_the_book
from tests.engine.playing import unhurried
from tournaments.engine.swiss.dutch_bracket import pairs_of
from tournaments.engine.swiss.dutch_colour import allocate
from tournaments.engine.swiss.dutch_graph import PairingGraph
from tournaments.engine.swiss.dutch_player import Contestant, Float, Strength

CASES = int(os.environ.get("ENGINE_FUZZ", "500"))

HISTORIES: tuple[tuple[tuple[str, ...], int, str | None, Strength], ...] = (
    ((), 0, None, Strength.NONE),
    (("w",), 1, "b", Strength.STRONG),
    (("b",), -1, "w", Strength.STRONG),
    (("b", "w"), 0, "b", Strength.MILD),
    (("w", "b"), 0, "w", Strength.MILD),
    (("w", "w"), 2, "b", Strength.ABSOLUTE),
    (("b", "b"), -2, "w", Strength.ABSOLUTE),
    (("b", "w", "w"), 1, "b", Strength.ABSOLUTE),
    (("w", "b", "b"), -1, "w", Strength.ABSOLUTE),
    (("w", "w", "b", "w"), 2, "b", Strength.ABSOLUTE),
)


def awkward_field(rng: Random, size: int) -> list[Contestant]:
    """Few scores, many floats, colours that clash, many who have met: no tournament needs to have led here."""
    histories = rng.sample(HISTORIES, rng.randint(1, 4)) if rng.random() < 0.7 else list(HISTORIES)
    scores = rng.choice(((2,), (2, 1), (3, 2), (4, 2, 1), (5, 3, 2, 1)))
    met_share, float_share = rng.choice((0.0, 0.2, 0.4, 0.6)), rng.choice((0.0, 0.4, 0.8))
    met = {frozenset((one, two)) for two in range(1, size + 1) for one in range(1, two) if rng.random() < met_share}

    def floated() -> Float:
        return rng.choice((Float.DOWN, Float.UP)) if rng.random() < float_share else Float.NONE

    field = []
    for number in range(1, size + 1):
        colours, difference, preference, strength = rng.choice(histories)
        field.append(
            Contestant(
                number=number,
                points=rng.choice(scores),
                opponents=frozenset(other for pair in met if number in pair for other in pair if other != number),
                colours=colours,  # type: ignore[arg-type]
                difference=difference,
                preference=preference,  # type: ignore[arg-type]
                strength=strength,
                floats=(floated(), floated()),
                unplayed=rng.choice((0, 0, 1, 2)),
                may_take_bye=rng.random() < 0.8,
            )
        )
    return sorted(field, key=lambda player: (-player.points, player.number))


@given(seed=st.integers(0, 2**32 - 1), size=st.integers(2, 9))
@settings(unhurried, max_examples=CASES)
def test_small_fields_are_paired_by_the_book(seed: int, size: int) -> None:
    rng = Random(seed)
    field = awkward_field(rng, size)
    topscore = rng.choice((None, None, 0, 2))
    graph = PairingGraph(field, topscore, "w")
    expected = pair_by_the_book(field, topscore, "w")
    if not graph.settle_bye():
        assert expected is None
        return
    pairs = list(pairs_of(graph))
    games = [allocate(field[one], field[two], "w") for one, two in pairs]
    paired = {index for pair in pairs for index in pair}
    bye = [player.number for index, player in enumerate(field) if index not in paired]
    assert ({(game.white.number, game.black.number) for game in games}, bye[0] if bye else None) == expected
