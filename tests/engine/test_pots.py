"""The draw from pots: limits hold, no step leads to a dead end, and the protocol can be repeated."""

import os
from collections import Counter
from functools import cache
from itertools import permutations
from random import Random

import pytest

from tournaments.engine import DrawRng, EngineError, EntrantId
from tournaments.engine.pots import Ball, PotDraw, Tag, TagLimit, draw_pots

FUZZ = int(os.environ.get("ENGINE_FUZZ", "40"))
ONE_REGION = (TagLimit("region", 1),)


def ball(name: str, *regions: str) -> Ball:
    return Ball(EntrantId(name), tuple(("region", region) for region in regions))


def plain_pots(groups: int, pots: int, short: int = 0) -> list[list[Ball]]:
    names = [f"t{number:03}" for number in range(groups * pots - short)]
    return [[ball(name) for name in names[first : first + groups]] for first in range(0, len(names), groups)]


def breaks_limit(balls: list[Ball], limits: dict[tuple[str, str | None], int]) -> bool:
    counts = Counter(tag for member in balls for tag in set(member.tags))
    return any(
        count > limits.get((kind, value), limits.get((kind, None), count)) for (kind, value), count in counts.items()
    )


def completable(groups: list[list[Ball]], waiting: list[list[Ball]], limits: dict[tuple[str, str | None], int]) -> bool:
    """By trying everything: ``waiting`` are the balls still in each pot, the pot under way first."""

    @cache
    def possible(filled: tuple[tuple[Ball, ...], ...], pot: int, open_groups: tuple[int, ...]) -> bool:
        if pot == len(waiting):
            return True
        for order in permutations(open_groups, len(waiting[pot])):
            after = [list(group) for group in filled]
            for member, group in zip(waiting[pot], order, strict=True):
                after[group].append(member)
            if not any(breaks_limit(group, limits) for group in after) and possible(
                tuple(map(tuple, after)), pot + 1, tuple(range(len(groups)))
            ):
                return True
        return False

    size = max(map(len, groups)) if groups else 0
    vacant = tuple(at for at, group in enumerate(groups) if len(group) < size or len(set(map(len, groups))) == 1)
    return possible(tuple(map(tuple, groups)), 0, vacant)


def follow(pots: list[list[Ball]], groups: int, limits: tuple[TagLimit, ...], draw: PotDraw) -> None:
    """Play the protocol again beside a search of everything: every step must offer exactly the completable groups."""
    rules = {(limit.kind, limit.value): limit.most for limit in limits}
    of = {member.entrant: member for pot in pots for member in pot}
    filled: list[list[Ball]] = [[] for _ in range(groups)]
    left = [list(pot) for pot in pots]
    for step in draw.steps:
        member = of[step.entrant]
        left[step.pot - 1].remove(member)
        expected = []
        for group in range(groups):
            if len(filled[group]) == step.pot:
                continue
            trial = [list(held) for held in filled]
            trial[group].append(member)
            rest = left[step.pot - 1 :] if left[step.pot - 1] else left[step.pot :]
            if not breaks_limit(trial[group], rules) and completable(trial, rest, rules):
                expected.append(group + 1)
        assert list(step.possible) == expected
        assert step.group in step.possible
        filled[step.group - 1].append(member)
    assert draw.groups == tuple(tuple(member.entrant for member in held) for held in filled)


def attempt(
    pots: list[list[Ball]], groups: int, limits: tuple[TagLimit, ...], draw_seed: bytes
) -> PotDraw | EngineError:
    try:
        return draw_pots(pots, groups, limits, draw_seed)
    except EngineError as error:
        return error


def small_draw(random: Random) -> tuple[list[list[Ball]], int, tuple[TagLimit, ...]]:
    groups, count = random.choice([(2, 2), (3, 2), (3, 3), (4, 2), (2, 4), (4, 3), (3, 4), (5, 2)])
    regions, clubs = random.randint(2, 4), random.randint(3, 6)
    pots = []
    for pot in plain_pots(groups, count, random.randrange(groups)):
        tags = [(("region", f"r{random.randrange(regions)}"), ("club", f"c{random.randrange(clubs)}")) for _ in pot]
        pots.append(
            [
                Ball(it.entrant, tuple(tag for tag in both if random.random() < 0.8))
                for it, both in zip(pot, tags, strict=True)
            ]
        )
    general = (TagLimit("region", random.randint(1, 2)), TagLimit("club", random.randint(1, 2)))
    return pots, groups, (*general, TagLimit("region", 2, "r0"))[: random.randint(1, 3)]


def test_every_step_offers_exactly_the_groups_from_which_the_draw_can_be_finished() -> None:
    random = Random(11)
    outcomes: Counter[str] = Counter()
    for number in range(10 * FUZZ):
        pots, groups, limits = small_draw(random)
        draw = attempt(pots, groups, limits, b"%d" % number)
        if isinstance(draw, EngineError):
            assert draw.code == "infeasible_constraints"
            outcomes["tag" if "tag" in draw.params else "tags"] += 1
            check_certificate(draw, pots, limits)
        else:
            outcomes["drawn"] += 1
            follow(pots, groups, limits, draw)
    assert set(outcomes) == {"drawn", "tag", "tags"}


def check_certificate(error: EngineError, pots: list[list[Ball]], limits: tuple[TagLimit, ...]) -> None:
    """The entrants it names cannot be placed even alone, and if no tag is to blame, any one fewer can be."""
    rules = {(limit.kind, limit.value): limit.most for limit in limits}
    names, groups = error.params["entrants"], error.params["groups"]
    assert isinstance(names, tuple)
    assert isinstance(groups, int)
    core = [[member for member in pot if member.entrant in names] for pot in pots]
    alone = [pot for pot in core if pot]
    assert not completable_apart(alone, groups, rules)
    if "tag" in error.params:
        assert error.params["places"] < len(names)
        assert all(error.params["tag"] in member.tags for pot in alone for member in pot)
    else:
        for missing in names:
            fewer = [[member for member in pot if member.entrant != missing] for pot in alone]
            assert completable_apart([pot for pot in fewer if pot], groups, rules)


def completable_apart(pots: list[list[Ball]], groups: int, rules: dict[tuple[str, str | None], int]) -> bool:
    """Like ``completable`` from empty groups, for pots of any size."""
    if not pots:
        return True
    filled: set[tuple[tuple[Ball, ...], ...]] = {tuple(() for _ in range(groups))}
    for pot in pots:
        following = set()
        for state in filled:
            for order in permutations(range(groups), len(pot)):
                after = [list(held) for held in state]
                for member, group in zip(pot, order, strict=True):
                    after[group].append(member)
                if not any(breaks_limit(held, rules) for held in after):
                    following.add(tuple(sorted((tuple(held) for held in after), key=repr)))
        filled = following
    return bool(filled)


def random_draw(random: Random) -> tuple[list[list[Ball]], int, tuple[TagLimit, ...]]:
    groups, count = random.choice([4, 6, 8, 12, 16]), random.randint(2, 5)
    pots = []
    for pot in plain_pots(groups, count, random.randrange(groups)):
        pots.append(
            [
                Ball(
                    member.entrant,
                    (
                        ("region", f"r{random.randrange(6)}"),
                        ("club", f"c{random.randrange(2 * groups)}"),
                    ),
                )
                for member in pot
            ]
        )
    return pots, groups, (TagLimit("region", 2), TagLimit("club", 1))


def test_random_draws_keep_every_limit() -> None:
    random = Random(2018)
    drawn = 0
    for _ in range(FUZZ):
        pots, groups, limits = random_draw(random)
        draw = attempt(pots, groups, limits, random.randbytes(8))
        if isinstance(draw, EngineError):
            assert draw.code == "infeasible_constraints"
            continue
        drawn += 1
        of = {member.entrant: member for pot in pots for member in pot}
        rules = {(limit.kind, limit.value): limit.most for limit in limits}
        assert sorted(name for group in draw.groups for name in group) == sorted(of)
        for held in draw.groups:
            members = [of[name] for name in held]
            assert not breaks_limit(members, rules)
            assert [sum(member in pot for member in members) for pot in pots[:-1]] == [1] * (len(pots) - 1)
            assert sum(member in pots[-1] for member in members) <= 1
    assert drawn >= FUZZ // 4


def test_the_last_ball_can_force_the_first() -> None:
    """Two regions twice in two groups: after the first pot every other step is forced."""
    pots = [[ball("a", "x"), ball("b", "y")], [ball("c", "x"), ball("d", "y")]]
    draw = draw_pots(pots, 2, ONE_REGION, b"seed")
    assert sorted(map(sorted, draw.groups)) == [["a", "d"], ["b", "c"]]
    assert [len(step.possible) for step in draw.steps] == [2, 1, 1, 1]


def test_a_ball_leaves_the_group_that_a_later_ball_needs() -> None:
    """q has no region but must not take the only group in which p could still play."""
    pots = [[ball("a", "x"), ball("b", "y"), ball("c", "z")], [ball("p", "x", "y"), ball("q"), ball("r")]]
    for number in range(20):
        draw = draw_pots(pots, 3, ONE_REGION, b"%d" % number)
        home = next(group for group in draw.groups if "c" in group)
        assert home == ("c", "p")


def test_a_limit_for_one_value_takes_the_place_of_the_general_one() -> None:
    pots = [[ball("a", "EU"), ball("b", "EU")], [ball("c", "EU"), ball("d", "EU")]]
    limits = (TagLimit("region", 1), TagLimit("region", 2, "EU"))
    assert len(draw_pots(pots, 2, limits, b"seed").steps) == 4
    with pytest.raises(EngineError) as refused:
        draw_pots(pots, 2, ONE_REGION, b"seed")
    assert refused.value.params == {
        "tag": ("region", "EU"),
        "entrants": ("a", "b", "c", "d"),
        "groups": 2,
        "most": 1,
        "places": 2,
    }


def test_a_contradiction_of_several_tags_names_a_smallest_set() -> None:
    """p cannot play with a, b; c is free for it, but q needs c as well."""
    pots = [
        [ball("a", "x"), ball("b", "y"), ball("c", "z"), ball("d", "w")],
        [ball("p", "x", "y", "w"), ball("q", "x", "y", "w"), ball("r"), ball("s")],
    ]
    with pytest.raises(EngineError) as refused:
        draw_pots(pots, 4, ONE_REGION, b"seed")
    assert refused.value.code == "infeasible_constraints"
    check_certificate(refused.value, pots, ONE_REGION)
    assert refused.value.params["entrants"] == ("a", "b", "d", "p", "q")
    assert refused.value.params["tags"] == (("region", "w"), ("region", "x"), ("region", "y"))


def test_the_protocol_follows_from_the_published_seed() -> None:
    """Without limits the stream can be followed by hand: ball by ball, then group by group."""
    pots = plain_pots(4, 2, short=1)
    draw = draw_pots(pots, 4, (), b"secret")
    rng = DrawRng(b"secret", "pots")
    for number, pot in enumerate(pots, start=1):
        names = sorted(member.entrant for member in pot)
        vacant = [1, 2, 3, 4]
        for step in [step for step in draw.steps if step.pot == number]:
            assert step.entrant == names.pop(rng.below(len(names)))
            assert list(step.possible) == vacant
            assert step.group == vacant.pop(rng.below(len(vacant)))


def test_the_order_of_balls_and_limits_does_not_matter() -> None:
    random = Random(7)
    pots, groups, limits = random_draw(random)
    expected = draw_pots(pots, groups, limits, b"seed")
    mixed = [random.sample(pot, len(pot)) for pot in pots]
    assert draw_pots(mixed, groups, limits[::-1], b"seed") == expected
    assert draw_pots(pots, groups, limits, b"other") != expected
    assert draw_pots(pots, groups, limits, b"seed", "final|pots") != expected


def test_tags_without_a_limit_change_nothing() -> None:
    pots = plain_pots(8, 4)
    tagged = [[Ball(member.entrant, (("club", "same"),)) for member in pot] for pot in pots]
    assert draw_pots(tagged, 8, ONE_REGION, b"seed") == draw_pots(pots, 8, (), b"seed")


TAGS: list[object] = ["x", ("x",), (("x",),), (("x", 1),), [("x", "y")], None]


@pytest.mark.parametrize(
    ("pots", "groups", "limits", "code"),
    [
        (plain_pots(2, 2), 0, (), "invalid_size"),
        (plain_pots(2, 2), True, (), "invalid_size"),
        (plain_pots(2, 2), 2.0, (), "invalid_size"),
        (plain_pots(2, 2), 3, (), "invalid_pots"),
        (plain_pots(2, 2), 1, (), "invalid_pots"),
        (plain_pots(2, 1), 2, (), "invalid_pots"),
        ([], 2, (), "invalid_pots"),
        (None, 2, (), "invalid_pots"),
        ("ab", 2, (), "invalid_pots"),
        ([[ball("a"), ball("b")], []], 2, (), "invalid_pots"),
        ([[ball("a"), ball("b")], [ball("a")]], 2, (), "duplicate_entrant"),
        ([[ball("a"), ball("")], [ball("c")]], 2, (), "invalid_pots"),
        ([[ball("a"), "b"], [ball("c")]], 2, (), "invalid_pots"),
        (plain_pots(129, 2), 129, (), "too_many_entrants"),
        *[([[Ball(EntrantId("a"), tags)], [ball("b")]], 1, (), "invalid_pots") for tags in TAGS],  # type: ignore[arg-type]
        *[
            (plain_pots(2, 2), 2, limits, "invalid_limit")
            for limits in (
                None,
                {"region": 1},
                ("region",),
                (TagLimit("region", 0),),
                (TagLimit("region", True),),
                (TagLimit("region", 1.0),),  # type: ignore[arg-type]
                (TagLimit(None, 1),),  # type: ignore[arg-type]
                (TagLimit("region", 1, 1),),  # type: ignore[arg-type]
                (TagLimit("region", 1), TagLimit("region", 2)),
            )
        ],
    ],
)
def test_nonsense_is_refused_with_a_code(pots: object, groups: object, limits: object, code: str) -> None:
    with pytest.raises(EngineError) as refused:
        draw_pots(pots, groups, limits, b"seed")  # type: ignore[arg-type]
    assert refused.value.code == code


@pytest.mark.parametrize(("draw_seed", "code"), [(b"", "draw_seed_required"), ("secret", "invalid_draw_seed")])
def test_a_draw_needs_a_seed(draw_seed: bytes, code: str) -> None:
    with pytest.raises(EngineError) as refused:
        draw_pots(plain_pots(2, 2), 2, (), draw_seed)
    assert refused.value.code == code


def test_a_draw_of_32_groups_is_possible() -> None:
    random = Random(32)
    names: list[tuple[str, tuple[Tag, ...]]] = [
        (f"t{number:03}", (("club", f"c{random.randrange(70)}"),)) for number in range(128)
    ]
    pots = [[Ball(EntrantId(name), tags) for name, tags in names[first : first + 32]] for first in range(0, 128, 32)]
    draw = draw_pots(pots, 32, (TagLimit("club", 1),), b"seed")
    assert len(draw.steps) == 128


def test_a_search_that_takes_too_long_is_refused_with_a_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tournaments.engine.pots.MAX_SEARCH", 3)
    pots = [[ball(f"{pot}{value}", value) for value in "wxyz"] for pot in "abcd"]
    assert isinstance(attempt(pots, 4, (), b"seed"), PotDraw)
    refused = attempt(pots, 4, ONE_REGION, b"seed")
    assert isinstance(refused, EngineError)
    assert (refused.code, refused.params) == ("search_too_long", {"limit": 3})
