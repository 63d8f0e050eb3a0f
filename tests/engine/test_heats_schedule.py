"""Who plays in which lobby, and who goes on."""

from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.playing import numbered, unhurried
from tournaments.engine.errors import EngineError
from tournaments.engine.heats import (
    SUPER,
    HeatResult,
    HeatRow,
    group_round_robin,
    heat_id,
    heat_standings,
    lobby_round,
    qualified,
    snake,
)
from tournaments.engine.types import EntrantId, MatchId, Standing


def test_heat_ids() -> None:
    assert heat_id(3, 2) == "H3.G2"
    assert heat_id(3, 2, 4) == "R4.H3.G2"


def test_snake_deals_forwards_and_backwards() -> None:
    assert snake(numbered(9), 3) == (("1", "6", "7"), ("2", "5", "8"), ("3", "4", "9"))
    assert snake(numbered(8), 3) == (("1", "6", "7"), ("2", "5", "8"), ("3", "4"))
    assert snake(numbered(16), 4)[0] == ("1", "8", "9", "16")


@unhurried
@given(st.integers(1, 60), st.integers(1, 60))
def test_snaked_lobbies_are_even_and_hold_everyone_once(entrants: int, lobbies: int) -> None:
    lobbies = min(lobbies, entrants)
    dealt = snake(numbered(entrants), lobbies)
    sizes = [len(lobby) for lobby in dealt]
    assert max(sizes) - min(sizes) <= 1
    assert sorted(int(entrant) for lobby in dealt for entrant in lobby) == list(range(1, entrants + 1))
    assert [lobby[0] for lobby in dealt] == [str(n) for n in range(1, lobbies + 1)]


def test_a_round_of_lobbies_plays_the_first_games_first() -> None:
    heats = lobby_round(numbered(5), 3, games=2, round_=2)
    assert [(heat.id, heat.entrants) for heat in heats] == [
        ("R2.H1.G1", ("1", "4", "5")),
        ("R2.H2.G1", ("2", "3")),
        ("R2.H1.G2", ("1", "4", "5")),
        ("R2.H2.G2", ("2", "3")),
    ]
    assert [heat.id for heat in lobby_round(numbered(3), 20, games=2)] == ["H1.G1", "H1.G2"]


def test_three_groups_play_ab_ac_bc() -> None:
    groups = [["a1", "a2"], ["b1", "b2"], ["c1", "c2"]]
    heats = group_round_robin(groups, games=2)  # type: ignore[arg-type]
    assert [heat.id for heat in heats] == ["H1.G1", "H1.G2", "H2.G1", "H2.G2", "H3.G1", "H3.G2"]
    assert [heat.entrants[0][0] + heat.entrants[2][0] for heat in heats[::2]] == ["ab", "ac", "bc"]
    days = group_round_robin(groups, games=1, cycles=2)  # type: ignore[arg-type]
    assert [(heat.id, heat.round) for heat in days[2:4]] == [("R1.H3.G1", 1), ("R2.H1.G1", 2)]


@unhurried
@given(st.integers(2, 8), st.integers(1, 3), st.integers(1, 3), st.integers(1, 3))
def test_every_pair_of_groups_meets_equally_often(groups: int, size: int, games: int, cycles: int) -> None:
    lobbies = snake(numbered(groups * size), groups)
    group_of = {entrant: number for number, lobby in enumerate(lobbies) for entrant in lobby}
    heats = group_round_robin(lobbies, games, cycles)
    assert len({heat.id for heat in heats}) == len(heats)
    meetings = Counter(tuple(sorted({group_of[entrant] for entrant in heat.entrants})) for heat in heats)
    assert meetings == dict.fromkeys(combinations(range(groups), 2), games * cycles)
    assert all(len(heat.entrants) == 2 * size for heat in heats)


def table(*names: str, alive: int = 0) -> tuple[Standing, ...]:
    """Standings in which each of the names is one place behind the one before."""
    rows = tuple(HeatRow(EntrantId(name), place) for place, name in enumerate(names, 1))
    return heat_standings([EntrantId(name) for name in names], [HeatResult(MatchId("H1.G1"), rows)], SUPER)


def test_the_best_of_each_lobby_and_the_best_others_go_on() -> None:
    overall = table("a1", "a2", "a3", "b1", "b2", "b3")
    who = qualified([table("a1", "a2", "a3"), table("b1", "b2", "b3")], overall, per_lobby=1, wildcards=2)
    assert (who.direct, who.wildcards, who.tied_at_cut) == (("a1", "b1"), ("a2", "a3"), ())
    nobody = qualified([table("a1"), table("b1")], table("b1", "a1"), per_lobby=0, wildcards=1)
    assert (nobody.direct, nobody.wildcards) == ((), ("b1",))


def test_a_tie_across_a_cut_is_reported() -> None:
    tied = heat_standings([EntrantId(name) for name in ("a", "b", "c")], [], SUPER)
    who = qualified([tied], tied, per_lobby=1, wildcards=1)
    assert (who.direct, who.wildcards, who.tied_at_cut) == (("a",), ("b",), ("a", "b", "c"))
    inside = qualified([tied], tied, per_lobby=3, wildcards=0)
    assert inside.tied_at_cut == ()


def refusal(call: object, *args: object, **options: object) -> str:
    with pytest.raises(EngineError) as refused:
        call(*args, **options)  # type: ignore[operator]
    return refused.value.code


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((["1", "2"], 0), "invalid_size"), ((["1", "2"], 3), "invalid_size"), ((["1", "2"], True), "invalid_size"),
        ((["1", "2"], 1.0), "invalid_size"), ((["1", "1"], 1), "duplicate_entrant"), (("12", 1), "invalid_entrant"),
        (([1, 2], 1), "invalid_entrant"), (([], 1), "invalid_size"),
    ],
)  # fmt: skip
def test_snake_refuses(arguments: tuple[object, ...], code: str) -> None:
    assert refusal(snake, *arguments) == code


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (([], 4, 1), "too_few_entrants"), ((["1"], 0, 1), "invalid_size"), ((["1"], 129, 1), "invalid_size"),
        ((["1"], 4, 0), "invalid_size"), ((["1"], 4, 1001), "invalid_size"), ((["1"], 4, 1, -1), "invalid_size"),
        ((["1"], 4, 1, 1.5), "invalid_size"), ((["1"], 4, 1, None), "invalid_size"),
        ((numbered(100), 1, 1000), "invalid_size"),
    ],
)  # fmt: skip
def test_lobby_rounds_refuse(arguments: tuple[object, ...], code: str) -> None:
    assert refusal(lobby_round, *arguments) == code


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (([["1"]], 1), "too_few_entrants"), (([["1"], []], 1), "too_few_entrants"), (("12", 1), "invalid_entrant"),
        (([["1"], "2"], 1), "invalid_entrant"), (([["1"], ["1"]], 1), "duplicate_entrant"),
        (([["1"], ["2"]], 0), "invalid_size"), (([["1"], ["2"]], 1, 0), "invalid_size"),
        (([["1"], ["2"]], 1000, 1000), "invalid_size"), ((None, 1), "invalid_entrant"),
        (([numbered(129)[:65], [f"x{n}" for n in range(64)]], 1), "too_many_entrants"),
    ],
)  # fmt: skip
def test_group_round_robin_refuses(arguments: tuple[object, ...], code: str) -> None:
    assert refusal(group_round_robin, *arguments) == code


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (([table("a")], table("a"), 2, 0), "invalid_size"), (([table("a")], table("a"), 1, 1), "invalid_size"),
        (([table("a")], table("a"), -1, 0), "invalid_size"), (([table("a")], table("a"), 0, -1), "invalid_size"),
        (([table("a")], table("a"), 0.0, 0), "invalid_size"), (([], (), 1, 0), "invalid_size"),
        (([table("a")], table("b"), 0, 0), "missing_entrant"), (([table("a")], (), 0, 0), "missing_entrant"),
        (([table("a")], table("a", "b"), 0, 0), "unknown_entrant"),
        (([table("a"), table("a")], table("a"), 0, 0), "duplicate_entrant"),
        (("a", table("a"), 0, 0), "invalid_entrant"), (([["a"]], table("a"), 0, 0), "invalid_entrant"),
        (([table("a")], None, 0, 0), "invalid_entrant"),
    ],
)  # fmt: skip
def test_qualification_refuses(arguments: tuple[object, ...], code: str) -> None:
    assert refusal(qualified, *arguments) == code
