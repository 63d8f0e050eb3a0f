"""From the standings of one stage to the seeds of the next."""

import json
import os
from collections import Counter
from fractions import Fraction
from itertools import permutations
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tournaments.engine
from tests.engine.playing import planned, unhurried
from tournaments.engine import (
    EngineError,
    EntrantId,
    Explanation,
    Kind,
    Outcome,
    Result,
    Seed,
    Standing,
    fold,
    group_views,
    inner_outer,
)
from tournaments.engine.carry_over import CarryOver, EarlierMatch, carry_over
from tournaments.engine.links import (
    LOSERS,
    WINNERS,
    BestOfRank,
    Criterion,
    Link,
    Origin,
    Ranks,
    link_labels,
    link_seeds,
    match_groups,
)
from tournaments.engine.separation import keep_apart

FUZZ = int(os.environ.get("ENGINE_FUZZ", "150"))
DATA = Path(tournaments.engine.__file__).parents[3] / "shared" / "data" / "openfootball"
TOP_2 = (Ranks(1, 2),)
POINTS = (Criterion("points"), Criterion("score_diff"), Criterion("score_for"))


def row(entrant: str, place: int = 0, **values: int | Fraction) -> Standing:
    return Standing(EntrantId(entrant), place, False, True, tuple(values.items()), Explanation("x"))


def group(name: str, size: int, played: int = 3) -> tuple[Standing, ...]:
    """A1, A2 … with 9, 6, 3, 0 points."""
    return tuple(row(f"{name}{rank}", rank, points=3 * (size - rank), PLAYED=played) for rank in range(1, size + 1))


def groups(names: str, size: int = 4) -> dict[str, tuple[Standing, ...]]:
    return {name: group(name, size) for name in names}


def seeds(link: Link, standings: dict[str, tuple[Standing, ...]]) -> str:
    return " ".join(seed.entrant for seed in link_seeds(link, standings))


def labels(link: Link, sizes: dict[str, int]) -> str:
    return " ".join(f"{origin.group or '?'}{origin.rank}" for origin in link_labels(link, sizes))


def first_round(names: list[str]) -> list[str]:
    """The matches of a full bracket in its order from top to bottom."""
    order = [names[seed - 1] for seed in inner_outer(len(names))]
    return [f"{a}-{b}" for a, b in zip(order[::2], order[1::2], strict=True)]


ROUND_OF_16 = ["A1-B2", "C1-D2", "E1-F2", "G1-H2", "B1-A2", "D1-C2", "F1-E2", "H1-G2"]


def test_cross_is_the_round_of_16_of_the_world_cup() -> None:
    link = Link(TOP_2, "cross")
    assert first_round(seeds(link, groups("ABCDEFGH")).split()) == ROUND_OF_16
    assert first_round(labels(link, dict.fromkeys("ABCDEFGH", 4)).split()) == ROUND_OF_16


@pytest.mark.parametrize(
    ("names", "ranks", "expected"),
    [
        ("AB", 2, ["A1-B2", "B1-A2"]),
        ("ABCD", 2, ["A1-B2", "C1-D2", "B1-A2", "D1-C2"]),
        ("AB", 4, ["A1-B4", "B2-A3", "B1-A4", "A2-B3"]),
        ("ABCD", 4, ["A1-B4", "B2-A3", "C1-D4", "D2-C3", "B1-A4", "A2-B3", "D1-C4", "C2-D3"]),
    ],
)
def test_cross_works_for_all_full_brackets(names: str, ranks: int, expected: list[str]) -> None:
    standings = groups(names)
    found = seeds(Link((Ranks(1, ranks),), "cross"), standings).split()
    assert first_round(found) == expected
    assert [name[1] for name in found] == sorted(name[1] for name in found)


class WorldCup:
    def __init__(self) -> None:
        if not DATA.is_dir():
            pytest.skip("the real records are not on this machine: ../shared/data/openfootball")
        tables = json.loads((DATA / "2018_worldcup.standings.json").read_text(encoding="utf-8"))
        self.matches: list[dict[str, Any]] = json.loads((DATA / "2018_worldcup.json").read_text(encoding="utf-8"))[
            "matches"
        ]
        self.groups = {
            table["name"][-1]: tuple(
                row(
                    line["team"]["name"],
                    line["pos"],
                    points=2 * line["pts"],
                    PLAYED=line["played"],
                    score_diff=line["goals_for"] - line["goals_against"],
                    score_for=line["goals_for"],
                )
                for line in table["standings"]
            )
            for table in tables["groups"]
        }

    def round(self, name: str) -> list[dict[str, Any]]:
        return [match for match in self.matches if match["round"] == name]


def winner(match: dict[str, Any]) -> str:
    score = match["score"]
    ours, theirs = score.get("p") or score.get("et") or score["ft"]
    return str(match["team1"] if ours > theirs else match["team2"])


def test_the_real_knockout_stage_of_2018_comes_out_of_the_real_groups() -> None:
    """Every pairing from the round of 16 to the final, in the bracket of the seeds."""
    cup = WorldCup()
    alive = [str(seed.entrant) for seed in link_seeds(Link(TOP_2, "cross"), cup.groups)]
    bracket = [alive[seed - 1] for seed in inner_outer(16)]
    for name in ("Round of 16", "Quarter-finals", "Semi-finals", "Final"):
        played = {frozenset((match["team1"], match["team2"])): winner(match) for match in cup.round(name)}
        pairs = [frozenset(pair) for pair in zip(bracket[::2], bracket[1::2], strict=True)]
        assert set(pairs) == set(played)
        bracket = [played[pair] for pair in pairs]
    assert bracket == ["France"]


def test_the_real_groups_by_points_and_goals() -> None:
    """Uruguay 9 points +5, Croatia 9 +6, Belgium 9 +7: the seeds 1 to 3 are exact."""
    found = link_seeds(Link(TOP_2, "by_rank", POINTS, apart_until=2), WorldCup().groups)
    assert [seed.entrant for seed in found[:5]] == ["Belgium", "Croatia", "Uruguay", "Brazil", "France"]
    assert [seed.origin.rank for seed in found] == [1] * 8 + [2] * 8
    origin = {seed.entrant: seed.origin.group for seed in found}
    for pair in zip(found, reversed(found), strict=True):
        assert origin[pair[0].entrant] != origin[pair[1].entrant]


def test_by_rank_without_criteria_follows_the_groups() -> None:
    assert seeds(Link(TOP_2), groups("ABC")) == "A1 B1 C1 A2 B2 C2"
    assert seeds(Link((Ranks(2, 3),)), groups("BA")) == "B2 A2 B3 A3"
    assert labels(Link(TOP_2), dict.fromkeys("ABC", 4)) == "A1 B1 C1 A2 B2 C2"


def test_criteria_compare_per_match_in_groups_of_different_sizes() -> None:
    """7 points of 4 matches are fewer a match than 6 of 3, though more in all."""
    standings = {
        "A": (row("a", 1, points=7, PLAYED=4), row("x", 2, points=1, PLAYED=4)),
        "B": (row("b", 1, points=6, PLAYED=3), row("y", 2, points=0, PLAYED=3)),
        "C": (row("c", 1, points=0, PLAYED=0), row("z", 2, points=0, PLAYED=0)),
    }
    assert seeds(Link((WINNERS,), "by_rank", (Criterion("points"),)), standings) == "b a c"
    assert seeds(Link((WINNERS,), "by_rank", (Criterion("points", per_match=False),)), standings) == "a b c"
    fewest = (Criterion("points", per_match=False, lowest_first=True),)
    assert seeds(Link((WINNERS,), "by_rank", fewest), standings) == "c b a"


THIRDS = {
    name: (row(f"{name}1", 1, points=9, PLAYED=3), row(f"{name}2", 2, points=6, PLAYED=3), third)
    for name, third in {
        "A": row("A3", 3, points=3, PLAYED=3, score_diff=-1),
        "B": row("B3", 3, points=4, PLAYED=3, score_diff=0),
        "C": row("C3", 3, points=3, PLAYED=3, score_diff=2),
        "D": row("D3", 3, points=Fraction(7, 2), PLAYED=3, score_diff=0),
    }.items()
}


def test_the_best_of_a_rank_go_on_after_the_better_ranks() -> None:
    link = Link((Ranks(1, 2), BestOfRank(3, 3)), "by_rank", (Criterion("points"), Criterion("score_diff")))
    standings = {
        name: tuple(
            Standing(r.entrant, r.place, False, True, (("score_diff", 0), *r.values), r.explain) for r in THIRDS[name]
        )
        for name in "ABCD"
    }
    assert seeds(link, standings) == "A1 B1 C1 D1 A2 B2 C2 D2 B3 D3 C3"
    assert labels(link, dict.fromkeys("ABCD", 3)) == "?1 ?1 ?1 ?1 ?2 ?2 ?2 ?2 ?3 ?3 ?3"
    assert link_labels(link, dict.fromkeys("ABCD", 3))[-1] == Origin(None, 3, 3)


def test_a_tie_in_every_criterion_at_the_cut_is_not_decided_by_the_name_of_the_group() -> None:
    link = Link((BestOfRank(3, 3),), "by_rank", (Criterion("points"),))
    with pytest.raises(EngineError) as refused:
        link_seeds(link, THIRDS)
    assert refused.value.code == "unresolved_tie"
    assert refused.value.params == {"rank": 3, "entrants": ("A3", "C3")}
    both = Link((BestOfRank(3, 4),), "by_rank", (Criterion("points"),))
    assert seeds(both, THIRDS) == "B3 D3 A3 C3"


def test_a_shared_place_at_the_cut_is_refused() -> None:
    standings = {"A": (row("a", 1), row("b", 2), row("c", 2), row("d", 4))}
    with pytest.raises(EngineError) as refused:
        link_seeds(Link(TOP_2), standings)
    assert refused.value.params == {"group": "A", "rank": 2, "entrants": ("b", "c")}
    assert seeds(Link((Ranks(1, 3),)), standings) == "a b c"
    assert seeds(Link((Ranks(1, 1), Ranks(2, 3))), standings) == "a b c"


def test_winners_and_losers_of_matches() -> None:
    decided = match_groups({"W1.1": (EntrantId("a"), EntrantId("d")), "W1.2": (EntrantId("c"), EntrantId("b"))})
    assert [seed.entrant for seed in link_seeds(Link((WINNERS,)), decided)] == ["a", "c"]
    assert [seed.entrant for seed in link_seeds(Link((LOSERS,)), decided)] == ["d", "b"]
    assert link_labels(Link((LOSERS,)), {"W1.1": 2, "W1.2": 2}) == (Origin("W1.1", 2), Origin("W1.2", 2))


def test_manual_seeds_are_taken_as_listed() -> None:
    listed = (Origin("B", 1), Origin("A", 1), Origin("A", 2), Origin("B", 2))
    assert seeds(Link(TOP_2, "manual", manual=listed), groups("AB")) == "B1 A1 A2 B2"
    for wrong in (listed[:3], (*listed, Origin("C", 1)), (*listed[:3], Origin("A", 1))):
        with pytest.raises(EngineError, match="invalid_link"):
            link_seeds(Link(TOP_2, "manual", manual=wrong), groups("AB"))


def test_seeds_say_where_they_come_from_and_whether_they_were_moved() -> None:
    """In rounds 1 and 2 the upper half is A1, D1 and the seeds 5 and 8, due to A2 and D2: B2 and C2 come instead."""
    found = link_seeds(Link(TOP_2, apart_until=2), groups("ABCD"))
    assert [seed.seed for seed in found] == list(range(1, 9))
    assert all(seed.explain.code == "seeded" for seed in found)
    found = link_seeds(Link(TOP_2, apart_until=3), groups("ABCD"))
    assert [seed.entrant for seed in found] == ["A1", "B1", "C1", "D1", "B2", "A2", "D2", "C2"]
    assert found[4].explain == Explanation("moved", (("group", "B"), ("rank", 2), ("due", 6)))
    assert found[0].explain == Explanation("seeded", (("group", "A"), ("rank", 1)))
    assert [origin.group for origin in link_labels(Link(TOP_2, apart_until=3), dict.fromkeys("ABCD", 4))] == [
        seed.origin.group for seed in found
    ]


def rounds_apart(names: list[str]) -> int:
    """The first round in which two of one group can meet; the number of rounds + 1 if they cannot."""
    size = 1 << max(1, (len(names) - 1).bit_length())
    order = [names[seed - 1] if seed <= len(names) else "" for seed in inner_outer(size)]
    width, round_ = 1, 0
    while width <= size:
        blocks = (Counter(filter(None, order[first : first + width])) for first in range(0, size, width))
        if any(count > 1 for block in blocks for count in block.values()):
            return round_
        width, round_ = width * 2, round_ + 1
    return round_


def best_by_trying(names: list[str], ranks: list[int], until: int) -> tuple[int, ...] | None:
    """The preferred order among all: for each rank the seeds moved and then the order itself, the best rank first."""
    best: tuple[object, tuple[int, ...]] | None = None
    tiers = [[seed for seed in range(1, len(names) + 1) if ranks[seed - 1] == rank] for rank in sorted(set(ranks))]

    def extend(tier: int, had: dict[int, int], key: tuple[object, ...]) -> None:
        nonlocal best
        if tier == len(tiers):
            order = tuple(had[seed] for seed in range(1, len(names) + 1))
            if rounds_apart([names[due - 1] for due in order]) >= until and (best is None or (key, order) < best):
                best = key, order
            return
        for order in permutations(tiers[tier]):
            moved = sum(abs(seed - due) for seed, due in zip(tiers[tier], order, strict=True))
            extend(tier + 1, had | dict(zip(tiers[tier], order, strict=True)), (*key, moved, order))

    extend(0, {}, ())
    return None if best is None else best[1]


def test_groups_are_kept_apart_with_the_fewest_seeds_moved() -> None:
    """Against all orders. Groups of several sizes, full brackets and byes, seeds of equal rank anywhere."""
    random = Random(16)
    impossible = moved = 0
    for _ in range(FUZZ):
        sizes = random.choice(
            [(2, 2), (2, 2, 2), (2, 2, 2, 2), (3, 3), (3, 2, 2), (2, 1, 1), (3, 3, 1), (1, 2, 3), (4, 3)]
        )
        field = [(rank, name) for name, size in zip("ABCD", sizes, strict=False) for rank in range(1, size + 1)]
        random.shuffle(field)
        if random.random() < 0.7:
            field.sort(key=lambda entry: entry[0])
        names, ranks, until = [name for _, name in field], [rank for rank, _ in field], random.randint(1, 4)
        expected = best_by_trying(names, ranks, until)
        if expected is None:
            impossible += 1
            with pytest.raises(EngineError, match="infeasible_constraints"):
                keep_apart(names, ranks, until)
        else:
            moved += expected != tuple(range(1, len(names) + 1))
            assert keep_apart(names, ranks, until) == expected
    assert impossible
    assert moved


@unhurried
@given(st.sampled_from([2, 4, 8, 16, 32]), st.sampled_from([1, 2, 4]), st.integers(0, 2**32), st.data())
def test_full_brackets_can_always_be_kept_apart(count: int, ranks: int, number: int, data: st.DataObject) -> None:
    """If every group sends as many, they can be kept apart as long as there are sections enough."""
    total = count * ranks
    until = data.draw(st.integers(1, 1 + max(0, (total // ranks).bit_length() - 1)))
    random = Random(number)
    names, tiers = [], []
    for rank in range(ranks):
        names += random.sample([f"g{index}" for index in range(count)], count)
        tiers += [rank + 1] * count
    order = keep_apart(names, tiers, until)
    assert sorted(order) == list(range(1, total + 1))
    assert [tiers[due - 1] for due in order] == tiers
    assert rounds_apart([names[due - 1] for due in order]) >= until


def test_too_many_of_one_group_are_named() -> None:
    with pytest.raises(EngineError) as refused:
        link_seeds(Link((Ranks(1, 4),), apart_until=3), groups("AB"))
    assert refused.value.code == "infeasible_constraints"
    assert refused.value.params == {"group": "A", "entrants": 4, "sections": 2}


def test_labels_are_the_seeds_of_the_finished_groups() -> None:
    for link in (Link(TOP_2), Link(TOP_2, "cross"), Link(TOP_2, apart_until=2), Link(TOP_2, "cross", apart_until=2)):
        for names in ("AB", "ABCD", "ABCDEFGH"):
            standings = groups(names)
            known = link_labels(link, {name: len(rows) for name, rows in standings.items()})
            assert known == tuple(seed.origin for seed in link_seeds(link, standings))
            assert [f"{origin.group}{origin.rank}" for origin in known] == seeds(link, standings).split()


def test_cross_already_keeps_groups_apart_until_the_final() -> None:
    link = Link(TOP_2, "cross", apart_until=4)
    assert seeds(link, groups("ABCDEFGH")) == seeds(Link(TOP_2, "cross"), groups("ABCDEFGH"))


GOOD = groups("AB")
BAD_ORIGINS: list[object] = ["A1", Origin("A", 0), Origin(None, 1), Origin("A", 1, 1), Origin([], 1)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("link", "reason"),
    [
        (None, "not_a_link"),
        (Link(()), "selectors"),
        (Link([Ranks(1, 2)]), "selectors"),  # type: ignore[arg-type]
        (Link(("top",)), "selectors"),  # type: ignore[arg-type]
        (Link((Ranks(0, 1),)), "selectors"),
        (Link((Ranks(2, 1),)), "selectors"),
        (Link((Ranks(1, True),)), "selectors"),
        (Link((Ranks(1, float("nan")),)), "selectors"),  # type: ignore[arg-type]
        (Link((Ranks(1, 10**9),)), "selectors"),
        (Link((BestOfRank(1, 0),), criteria=POINTS), "selectors"),
        (Link((BestOfRank(1, 1),)), "criteria"),
        (Link(TOP_2, criteria=("points",)), "criteria"),  # type: ignore[arg-type]
        (Link(TOP_2, criteria=None), "criteria"),  # type: ignore[arg-type]
        (Link(TOP_2, criteria=(Criterion(1),)), "criteria"),  # type: ignore[arg-type]
        (Link(TOP_2, "best"), "seeding"),
        (Link(TOP_2, None), "seeding"),  # type: ignore[arg-type]
        (Link(TOP_2, "manual"), "manual"),
        (Link(TOP_2, "cross", manual=(Origin("A", 1),)), "manual"),
        *[(Link(TOP_2, "manual", manual=(origin,)), "manual") for origin in BAD_ORIGINS],  # type: ignore[arg-type]
        (Link(TOP_2, apart_until=0), "apart_until"),
        (Link(TOP_2, apart_until=2.0), "apart_until"),  # type: ignore[arg-type]
        (Link(TOP_2, apart_until=99), "apart_until"),
        (Link((Ranks(1, 2), Ranks(2, 3))), "rank"),
        (Link((Ranks(5, 5),)), "rank"),
        (Link((BestOfRank(2, 3),), criteria=POINTS), "rank"),
        (Link((Ranks(1, 3),), "cross"), "cross"),
        (Link((Ranks(1, 1),), "cross"), "cross"),
    ],
)
def test_nonsense_links_are_refused(link: object, reason: str) -> None:
    for use, given_groups in ((link_seeds, GOOD), (link_labels, {"A": 4, "B": 4})):
        with pytest.raises(EngineError) as refused:
            use(link, given_groups)  # type: ignore[operator]
        assert refused.value.code == "invalid_link"
        assert refused.value.params["reason"] == reason


@pytest.mark.parametrize("names", ["A", "ABC", "ABCDEF"])
def test_cross_needs_a_power_of_two_of_groups(names: str) -> None:
    with pytest.raises(EngineError, match="invalid_link"):
        link_seeds(Link(TOP_2, "cross"), groups(names))


@pytest.mark.parametrize(
    ("standings", "code"),
    [
        (None, "invalid_groups"),
        ([], "invalid_groups"),
        ({}, "invalid_groups"),
        ({"A": ()}, "invalid_groups"),
        ({"A": None}, "invalid_groups"),
        ({1: group("A", 2)}, "invalid_groups"),
        ({"A": ("a", "b")}, "invalid_groups"),
        ({"A": (row("a"), row(None))}, "invalid_groups"),  # type: ignore[arg-type]
        ({"A": group("A", 2), "B": group("A", 2)}, "duplicate_entrant"),
        ({"A": (Standing(EntrantId("a"), 1, False, True, ("points",), Explanation("x")), row("b"))}, "invalid_groups"),  # type: ignore[arg-type]
        ({"A": (row("a", 1, PLAYED=1), row("b", 2, PLAYED=1))}, "invalid_groups"),
        ({"A": (row("a", 1, points=1), row("b", 2, points=0))}, "invalid_groups"),
        ({"A": (row("a", 1, points=1.5, PLAYED=1), row("b", 2, points=0, PLAYED=1))}, "invalid_groups"),  # type: ignore[arg-type]
    ],
)
def test_nonsense_standings_are_refused(standings: object, code: str) -> None:
    with pytest.raises(EngineError) as refused:
        link_seeds(Link(TOP_2, criteria=(Criterion("points"),)), standings)  # type: ignore[arg-type]
    assert refused.value.code == code


@pytest.mark.parametrize("sizes", [None, {}, {"A": 0}, {"A": True}, {"A": "4"}, {1: 4}, {"A": 10**9}])
def test_nonsense_sizes_are_refused(sizes: object) -> None:
    with pytest.raises(EngineError, match="invalid_groups"):
        link_labels(Link(TOP_2), sizes)  # type: ignore[arg-type]


@pytest.mark.parametrize("decided", [None, {"W1.1": "ab"}, {"W1.1": ("a",)}, {"W1.1": ("a", None)}])
def test_nonsense_matches_are_refused(decided: object) -> None:
    with pytest.raises(EngineError, match="invalid_groups"):
        match_groups(decided)  # type: ignore[arg-type]


A, B, C = EntrantId("a"), EntrantId("b"), EntrantId("c")
EARLIER = (EarlierMatch(A, B, (2, 0), (2, 1)), EarlierMatch(B, C, (1, 1)), EarlierMatch(A, C, (0, 2)))


@pytest.mark.parametrize(
    ("mode", "points", "matches"),
    [
        ("none", {"a": 0, "b": 0}, ()),
        ("points", {"a": 2, "b": 1}, ()),
        (CarryOver.HEAD_TO_HEAD, {"a": 2, "b": 0}, EARLIER[:1]),
    ],
)
def test_what_is_carried_over(mode: str, points: dict[str, int], matches: tuple[EarlierMatch, ...]) -> None:
    carried = carry_over(mode, [A, B], {A: 2, B: 1, C: 3}, EARLIER)
    assert (dict(carried.points), carried.matches) == (points, matches)


@pytest.mark.parametrize(
    ("mode", "advancing", "points", "matches", "code"),
    [
        ("all", [A], {A: 1}, (), "invalid_option"),
        (None, [A], {A: 1}, (), "invalid_option"),
        ("points", "a", {A: 1}, (), "invalid_entrant"),
        ("points", [1], {A: 1}, (), "invalid_entrant"),
        ("points", [A, A], {A: 1}, (), "duplicate_entrant"),
        ("points", [A, B], {A: 1}, (), "missing_entrant"),
        ("points", [A], {A: 1.5}, (), "invalid_score"),
        ("points", [A], None, (), "invalid_score"),
        ("head_to_head", [A], {}, None, "invalid_score"),
        ("head_to_head", [A], {}, ["a-b"], "invalid_score"),
        ("head_to_head", [A], {}, [EarlierMatch(A, A, (1, 1))], "invalid_score"),
        ("head_to_head", [A], {}, [EarlierMatch(A, B, (1,))], "invalid_score"),  # type: ignore[arg-type]
    ],
)
def test_nonsense_is_not_carried_over(
    mode: object, advancing: object, points: object, matches: object, code: str
) -> None:
    with pytest.raises(EngineError) as refused:
        carry_over(mode, advancing, points, matches)  # type: ignore[arg-type]
    assert refused.value.code == code


def test_the_best_second_of_groups_of_different_sizes_goes_on() -> None:
    """Straight from the standings of a stage: 3 points of two matches are more than 4 of three."""
    plan = planned("groups", 7, group_count=2, groups=((1, 4, 5, 6), (2, 3, 7)), seeding="manual")
    events = []
    for spec in plan.matches:
        a, b = (plan.seeds[slot.number - 1] for slot in (spec.a, spec.b) if isinstance(slot, Seed))
        level = {a, b} in ({"4", "5"}, {"5", "6"})
        outcome = Outcome(None, Kind.DRAW) if level else Outcome(min(a, b))
        events.append(Result(spec.id, outcome))
    groups = {group.name: group.standings for group in group_views(fold(plan, events))}
    assert [dict(row.values)["PLAYED"] for rows in groups.values() for row in rows] == [3, 3, 3, 3, 2, 2, 2]
    selectors = (WINNERS, BestOfRank(2, 1))
    per_match = link_seeds(Link(selectors, criteria=(Criterion("POINTS"),)), groups)
    assert [seed.entrant for seed in per_match] == ["1", "2", "3"]
    in_all = link_seeds(Link(selectors, criteria=(Criterion("POINTS", per_match=False),)), groups)
    assert [seed.entrant for seed in in_all] == ["1", "2", "4"]
