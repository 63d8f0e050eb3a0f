"""Tables to rank, written down game by game or made up at random."""

from collections.abc import Iterable, Sequence
from random import Random
from typing import Literal

from hypothesis import strategies as st

from tournaments.engine.ranking import Meeting, MeetingKind, Points, Record, Table, rank
from tournaments.engine.types import EntrantId, Standing

Game = tuple[int, str, str, int, int]
"""Round, entrant on side a, entrant on side b, and the score of the two."""

FOOTBALL = Points(win=6, draw=2, loss=0, bye=6)
LETTERS = "ABCDEFGHIJKL"


def games(text: str) -> list[Game]:
    """One game a round from a text like "A1-0B B2-2C": the entrants are single letters."""
    written = [(game[0], game[-1], *map(int, game[1:-1].split("-"))) for game in text.split()]
    return [(number, *game) for number, game in enumerate(written, start=1)]


def meetings_of(game: Game, counted: Literal["games", "score"], scheme: Points) -> tuple[Meeting, Meeting]:
    number, a, b, score_a, score_b = game
    results: tuple[Literal["win", "draw", "loss"], Literal["win", "draw", "loss"]]
    results = ("win", "loss") if score_a > score_b else ("loss", "win") if score_a < score_b else ("draw", "draw")
    worth = {"win": scheme.win, "draw": scheme.draw, "loss": scheme.loss}
    numbers = [(score_a, score_b, 0, 0), (score_b, score_a, 0, 0)]
    if counted == "score":
        numbers = [(0, 0, score_a, score_b), (0, 0, score_b, score_a)]
    return (
        Meeting(number, EntrantId(b), MeetingKind.PLAYED, worth[results[0]], results[0], *numbers[0], side="a"),
        Meeting(number, EntrantId(a), MeetingKind.PLAYED, worth[results[1]], results[1], *numbers[1], side="b"),
    )


def table_of(
    played: Iterable[Game],
    entrants: Sequence[str] = (),
    *,
    counted: Literal["games", "score"] = "games",
    scheme: Points | None = None,
    all_play_all: bool = True,
    legs: int = 1,
    penalties: dict[str, int] | None = None,
    adjustments: dict[str, int] | None = None,
) -> Table:
    """The table of the games; seeds are the positions among ``entrants``, or in alphabetical order without them."""
    schedule, scheme = sorted(played), scheme or Points()
    names = list(entrants) or sorted({name for _, a, b, *_ in schedule for name in (a, b)})
    rows: dict[str, list[Meeting]] = {name: [] for name in names}
    for game in schedule:
        own, other = meetings_of(game, counted, scheme)
        rows[game[1]].append(own)
        rows[game[2]].append(other)
    records = tuple(
        Record(
            EntrantId(name),
            seed,
            tuple(rows[name]),
            adjustment=(adjustments or {}).get(name, 0),
            penalty=(penalties or {}).get(name, 0),
        )
        for seed, name in enumerate(names, start=1)
    )
    return Table(records, max((game[0] for game in schedule), default=0), scheme, legs, all_play_all)


def places(standings: Sequence[Standing]) -> dict[str, int]:
    return {standing.entrant: standing.place for standing in standings}


def values(table: Table, code: str) -> dict[str, object]:
    """The value of one metric for every entrant that is not annulled."""
    return {row.entrant: dict(row.values)[code] for row in rank(table, [code]) if row.explain.code != "annulled"}


def explained(standings: Sequence[Standing], entrant: str) -> tuple[str, dict[str, str | int]]:
    (row,) = [standing for standing in standings if standing.entrant == entrant]
    return row.explain.code, dict(row.explain.params)


def swiss_at_random(rng: Random, entrants: int, rounds: int, all_played: bool) -> Table:
    """Rounds of random pairs without regard to scores; unless ``all_played`` also byes, forfeits and absences."""
    names = [EntrantId(LETTERS[number]) for number in range(entrants)]
    rows: dict[EntrantId, list[Meeting]] = {name: [] for name in names}
    for number in range(1, rounds + 1):
        order = rng.sample(names, entrants)
        if not all_played:
            while order and rng.random() < 0.2:
                kind = rng.choice((MeetingKind.ABSENT, MeetingKind.REQUESTED_BYE))
                points = rng.randrange(2) if kind is MeetingKind.REQUESTED_BYE else 0
                rows[order.pop()].append(Meeting(number, None, kind, points, "none"))
        if len(order) % 2:
            left_over = order.pop()
            if not all_played:
                rows[left_over].append(Meeting(number, None, MeetingKind.BYE, 2, "none"))
        for a, b in zip(order[::2], order[1::2], strict=True):
            own, other = meetings_at_random(rng, number, a, b, all_played)
            rows[a].append(own)
            rows[b].append(other)
    records = [Record(name, seed, tuple(rows[name])) for seed, name in enumerate(names, start=1)]
    rng.shuffle(records)
    return Table(tuple(records), rounds)


def meetings_at_random(
    rng: Random, number: int, a: EntrantId, b: EntrantId, all_played: bool
) -> tuple[Meeting, Meeting]:
    kind = MeetingKind.PLAYED
    if not all_played:
        kind = rng.choice((kind, kind, kind, MeetingKind.FORFEIT, MeetingKind.DOUBLE_FORFEIT))
    if kind is MeetingKind.DOUBLE_FORFEIT:
        return Meeting(number, b, kind, 0, "loss", side="a"), Meeting(number, a, kind, 0, "loss", side="b")
    if kind is MeetingKind.FORFEIT:
        return Meeting(number, b, kind, 2, "win", side="a"), Meeting(number, a, kind, 0, "loss", side="b")
    return meetings_of((number, a, b, rng.randrange(3), rng.randrange(3)), "games", Points())


@st.composite
def swiss_tables(draw: st.DrawFn, all_played: bool = False, most: int = 10) -> Table:
    entrants, rounds = draw(st.integers(1, most)), draw(st.integers(0, 6))
    return swiss_at_random(Random(draw(st.integers(0, 2**32))), entrants, rounds, all_played)


@st.composite
def round_robins(draw: st.DrawFn) -> Table:
    """Every pair once, in as many rounds as there are pairs, with few different scores so that ties abound."""
    names = LETTERS[: draw(st.integers(2, 7))]
    pairs = [(a, b) for position, a in enumerate(names) for b in names[position + 1 :]]
    scores = draw(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=len(pairs), max_size=len(pairs)))
    numbered = enumerate(zip(pairs, scores, strict=True), start=1)
    return table_of([(number, a, b, *score) for number, ((a, b), score) in numbered], names)
