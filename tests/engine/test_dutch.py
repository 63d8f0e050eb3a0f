"""The Dutch system: real rounds reproduced, the rules word for word on small fields, and what must always hold."""

import os
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tournaments.engine
from tests.engine.playing import unhurried
from tournaments.engine.errors import EngineError, ErrorCode
from tournaments.engine.swiss.dutch import MAX_PLAYERS, DutchPairing, DutchPlayer, DutchRound, pair_dutch
from tournaments.engine.swiss.dutch_player import Colour, Float, Strength, contestants
from tournaments.engine.trf import TrfTournament, read_trf
from tournaments.engine.types import Explanation

REPORTS = Path(tournaments.engine.__file__).parents[3] / "shared" / "data" / "trf" / "generated"
CASES = int(os.environ.get("ENGINE_FUZZ", "150"))
WORTH = {"1": 2, "+": 2, "U": 2, "=": 1, "H": 1}

seeds = st.integers(0, 2**32 - 1)
fuzzed = settings(unhurried, max_examples=CASES)


def round_of(text: str) -> DutchRound:
    """ "5 w 1" is a game, "U" a bye, "H" half a point without a game, "+" a win without one, "Z" nothing."""
    if " " not in text:
        return DutchRound(points=WORTH.get(text, 0), bye=text == "U")
    opponent, colour, result = text.split()
    return DutchRound(int(opponent), "w" if colour == "w" else "b", WORTH.get(result, 0))


def field_of(*lines: str, absent: tuple[int, ...] = ()) -> list[DutchPlayer]:
    """Players 1, 2, … from one line of comma-separated rounds each."""
    return [
        DutchPlayer(number, tuple(round_of(text.strip()) for text in line.split(",") if text), number not in absent)
        for number, line in enumerate(lines, start=1)
    ]


def before_round(report: TrfTournament, round_number: int) -> list[DutchPlayer]:
    players = []
    for player in report.players:
        played = (
            f"{game.opponent} {game.colour} {game.result}" if game.result in ("1", "0", "=") else game.result
            for game in player.rounds[: round_number - 1]
        )
        now = player.rounds[round_number - 1]
        active = now.opponent is not None or now.result == "U"
        players.append(DutchPlayer(player.number, tuple(map(round_of, played)), active))
    return players


def reports() -> list[tuple[str, TrfTournament]]:
    paths = sorted(REPORTS.glob("*.trf"))
    if not paths:
        pytest.skip(f"no report files in {REPORTS}")
    return [(path.name, read_trf(path.read_bytes().decode())) for path in paths]


def test_every_round_of_the_generated_tournaments_is_reproduced() -> None:
    checked = 0
    for name, report in reports():
        first_colour = report.players[0].rounds[0].colour
        assert first_colour is not None
        for number in range(1, report.rounds + 1):
            now = [(player.number, player.rounds[number - 1]) for player in report.players]
            pairing = pair_dutch(before_round(report, number), number, report.rounds, first_colour)
            assert set(pairing.pairs) == {(one, game.opponent) for one, game in now if game.colour == "w"}, (
                name,
                number,
            )
            assert [pairing.bye or 0] == ([one for one, game in now if game.result == "U"] or [0]), (name, number)
            checked += 1
    assert checked == 120


def test_the_bye_goes_to_the_lowest_score_even_at_the_cost_of_a_pair() -> None:
    field = field_of(
        "4 w 1,2 b 1", "5 b 1,1 w 0", "6 w 1,4 b 1", "1 b 0,3 w 0", "2 w 0,6 b 1", "3 b 0,5 w 0", absent=(4,)
    )
    pairing = pair_dutch(field, 3, 3, "w")
    assert (pairing.pairs, pairing.bye) == (((1, 5), (3, 2)), 6)


def test_the_bye_goes_to_who_has_played_more() -> None:
    pairing = pair_dutch(field_of("3 w 1", "4 b 1", "1 b 0", "2 w 0", "Z"), 2, 3, "w")
    assert (pairing.pairs, pairing.bye) == (((2, 1), (3, 5)), 4)
    assert pairing.why == (Explanation("dutch_bye", (("player", 4), ("points", 0), ("unplayed", 0))),)


@pytest.mark.parametrize("first_colour", ["w", "b"])
def test_the_first_round_meets_the_other_half_in_alternating_colours(first_colour: Colour) -> None:
    pairing = pair_dutch(field_of(*[""] * 7), 1, 5, first_colour)
    games = [(1, 4), (2, 5), (3, 6)]
    turned = [(one, two) if (one % 2 == 1) is (first_colour == "w") else (two, one) for one, two in games]
    assert pairing == DutchPairing(
        tuple(turned), 7, (Explanation("dutch_bye", (("player", 7), ("points", 0), ("unplayed", 0))),)
    )


def test_nobody_is_told_apart_by_the_order_of_the_list() -> None:
    assert pair_dutch(field_of("", "")[::-1], 1, 1, "w").pairs == ((1, 2),)


def test_one_player_takes_the_bye() -> None:
    assert (pair_dutch(field_of(""), 1, 1, "w").pairs, pair_dutch(field_of(""), 1, 1, "w").bye) == ((), 1)


@pytest.mark.parametrize("barred", ["U", "+"])
def test_who_scored_a_win_without_playing_takes_no_bye(barred: str) -> None:
    pairing = pair_dutch(field_of("Z", "H", barred), 2, 5, "w")
    assert pairing.bye == 1
    with pytest.raises(EngineError) as caught:
        pair_dutch(field_of("Z", "H", barred, absent=(1, 2)), 2, 5, "w")
    assert caught.value.code is ErrorCode.NO_LEGAL_PAIRING


def test_a_forfeited_game_may_be_played_later() -> None:
    assert pair_dutch(field_of("+", "Z"), 2, 2, "w").pairs == ((1, 2),)


def test_players_who_have_met_are_not_paired_again() -> None:
    with pytest.raises(EngineError) as caught:
        pair_dutch(field_of("2 w 1", "1 b 0"), 2, 2, "w")
    assert (caught.value.code, caught.value.params) == (ErrorCode.NO_LEGAL_PAIRING, {"round": 2})


def test_equal_absolute_preferences_meet_only_with_a_topscorer_in_the_last_round() -> None:
    field = field_of("3 w 1,4 w 1", "4 w 1,3 w 1", "1 b 0,2 b 0", "2 b 0,1 b 0", absent=(3, 4))
    with pytest.raises(EngineError) as caught:
        pair_dutch(field, 3, 4, "w")
    assert caught.value.code is ErrorCode.NO_LEGAL_PAIRING
    assert pair_dutch(field, 3, 3, "w").pairs == ((2, 1),)
    low = field_of("3 w 0,4 w 0", "4 w 1,3 w 0", "1 b 1,2 b 1", "2 b 0,1 b 1", absent=(3, 4))
    with pytest.raises(EngineError):
        pair_dutch(low, 3, 3, "w")


def test_floats_and_denied_colours_are_explained() -> None:
    field = field_of("2 w 1", "1 b 0", "4 w =", "3 b =", absent=(2,))
    pairing = pair_dutch([*field, DutchPlayer(5, (DutchRound(),))], 2, 5, "w")
    assert (pairing.pairs, pairing.bye) == (((4, 1), (5, 3)), None)
    assert pairing.why == (
        Explanation("dutch_downfloat", (("player", 1), ("opponent", 4), ("points", 2), ("opponent_points", 1))),
        Explanation("dutch_downfloat", (("player", 3), ("opponent", 5), ("points", 1), ("opponent_points", 0))),
    )
    denied = pair_dutch(field_of("3 w 1", "4 w 1", "1 b 0", "2 b 0"), 2, 5, "w").why
    assert denied[0] == Explanation(
        "dutch_colour_denied",
        (("player", 2), ("opponent", 1), ("preference", "b"), ("strength", "strong"), ("rule", "rank")),
    )
    assert len(denied) == 2


def test_floats_are_read_from_the_scores_before_the_game() -> None:
    field = field_of("2 w 1,3 w 1", "1 b 0,H", "U,1 b 0", "H,Z")
    floats = {player.number: player.floats for player in contestants(field, 3, 2, 0)}
    assert floats == {
        1: (Float.NONE, Float.NONE),
        2: (Float.DOWN, Float.NONE),
        3: (Float.NONE, Float.DOWN),
        4: (Float.NONE, Float.DOWN),
    }
    climbed = field_of("2 w 1,3 w 1", "1 b 0,Z", "Z,1 b 0")
    assert [player.floats[0] for player in contestants(climbed, 3, 2, 0)] == [Float.DOWN, Float.NONE, Float.UP]


GAME = DutchRound(2, "w", 2)
ANSWER = DutchRound(1, "b")


@pytest.mark.parametrize(
    ("players", "code"),
    [
        (None, ErrorCode.INVALID_ENTRANT),
        ("ab", ErrorCode.INVALID_ENTRANT),
        ([1, 2], ErrorCode.INVALID_ENTRANT),
        ([DutchPlayer(0), DutchPlayer(1)], ErrorCode.INVALID_ENTRANT),
        ([DutchPlayer(True)], ErrorCode.INVALID_ENTRANT),
        ([DutchPlayer(float("nan"))], ErrorCode.INVALID_ENTRANT),  # type: ignore[arg-type]
        ([DutchPlayer(1, (), 1)], ErrorCode.INVALID_ENTRANT),  # type: ignore[arg-type]
        ([], ErrorCode.TOO_FEW_ENTRANTS),
        ([DutchPlayer(1, (DutchRound(),), False)], ErrorCode.TOO_FEW_ENTRANTS),
        ([DutchPlayer(n, (DutchRound(),)) for n in range(1, MAX_PLAYERS + 2)], ErrorCode.TOO_MANY_ENTRANTS),
        ([DutchPlayer(1, (DutchRound(),)), DutchPlayer(1, (DutchRound(),))], ErrorCode.DUPLICATE_ENTRANT),
        ([DutchPlayer(1)], ErrorCode.INVALID_HISTORY),
        ([DutchPlayer(1, None)], ErrorCode.INVALID_HISTORY),  # type: ignore[arg-type]
        ([DutchPlayer(1, (None,))], ErrorCode.INVALID_HISTORY),  # type: ignore[arg-type]
        ([DutchPlayer(1, (DutchRound(2, None),)), DutchPlayer(2, (ANSWER,))], ErrorCode.INVALID_HISTORY),
        ([DutchPlayer(1, (DutchRound(2, "x"),)), DutchPlayer(2, (ANSWER,))], ErrorCode.INVALID_HISTORY),  # type: ignore[arg-type]
        ([DutchPlayer(1, (DutchRound(2, "b"),)), DutchPlayer(2, (ANSWER,))], ErrorCode.INVALID_HISTORY),
        ([DutchPlayer(1, (GAME,)), DutchPlayer(2, (DutchRound(),))], ErrorCode.INVALID_HISTORY),
        ([DutchPlayer(1, (DutchRound(1, "w"),))], ErrorCode.INVALID_HISTORY),
        ([DutchPlayer(1, (DutchRound(points=0.5),))], ErrorCode.INVALID_HISTORY),  # type: ignore[arg-type]
        ([DutchPlayer(1, (DutchRound(2, "w", bye=True),)), DutchPlayer(2, (ANSWER,))], ErrorCode.INVALID_HISTORY),
        ([DutchPlayer(1, (GAME,))], ErrorCode.UNKNOWN_ENTRANT),
        ([DutchPlayer(1, (DutchRound((2,), "w"),))], ErrorCode.UNKNOWN_ENTRANT),  # type: ignore[arg-type]
    ],
)
def test_nonsense_players_are_refused(players: object, code: ErrorCode) -> None:
    with pytest.raises(EngineError) as caught:
        pair_dutch(players, 2, 5, "w")  # type: ignore[arg-type]
    assert caught.value.code is code


@pytest.mark.parametrize(
    ("options", "option"),
    [
        ((0, 5, "w"), "round_number"),
        ((6, 5, "w"), "round_number"),
        ((True, 5, "w"), "round_number"),
        ((1, 2.5, "w"), "total_rounds"),
        ((1, 5, "white"), "first_colour"),
        ((1, 5, None), "first_colour"),
        ((1, 5, []), "first_colour"),
        ((1, 5, "w", 0, 0), "win"),
        ((1, 5, "w", "2"), "win"),
        ((1, 5, "w", 2, None), "loss"),
    ],
)
def test_nonsense_options_are_refused(options: tuple[object, ...], option: str) -> None:
    with pytest.raises(EngineError) as caught:
        pair_dutch([DutchPlayer(1), DutchPlayer(2)], *options)  # type: ignore[arg-type]
    assert (caught.value.code, caught.value.params["option"]) == (ErrorCode.INVALID_OPTION, option)


def position(seed: int, largest: int) -> tuple[list[DutchPlayer], int, int]:
    """A field after some rounds paired at random among near scores, with byes, forfeits and absences."""
    rng = Random(seed)
    size, past = rng.randint(1, largest), rng.randint(0, 6)
    missing, drawn = rng.choice((0.0, 0.05, 0.2)), rng.choice((0.0, 0.3, 0.8))
    rounds: dict[int, list[DutchRound]] = {number: [] for number in range(1, size + 1)}
    met: set[frozenset[int]] = set()

    def points(number: int) -> int:
        return sum(game.points for game in rounds[number])

    def balance(number: int) -> float:
        played = [game.colour for game in rounds[number]]
        return played.count("w") - played.count("b") + rng.random()

    for _ in range(past):
        waiting = sorted(rounds, key=lambda number: (-points(number) + rng.choice((0, 0, 1, 3)), rng.random()))
        while waiting:
            one = waiting.pop(0)
            other = next((number for number in waiting if frozenset((one, number)) not in met), None)
            if other is None or rng.random() < missing:
                rounds[one].append(rng.choice((DutchRound(), DutchRound(points=1), DutchRound(points=2, bye=True))))
                continue
            waiting.remove(other)
            if rng.random() < missing:
                rounds[one].append(DutchRound(points=2))
                rounds[other].append(DutchRound())
                continue
            met.add(frozenset((one, other)))
            white, black = sorted((one, other), key=balance)
            score = 1 if rng.random() < drawn else rng.choice((0, 2))
            rounds[white].append(DutchRound(black, "w", score))
            rounds[black].append(DutchRound(white, "b", 2 - score))
    field = [DutchPlayer(number, tuple(games), rng.random() >= missing) for number, games in rounds.items()]
    return field, past + 1, past + rng.choice((1, 1, 3))


def outcome(field: list[DutchPlayer], round_number: int, total: int, colour: Colour = "w") -> DutchPairing | ErrorCode:
    try:
        return pair_dutch(field, round_number, total, colour)
    except EngineError as error:
        return error.code


@given(seed=seeds, colour=st.sampled_from(["w", "b"]))
@fuzzed
def test_the_absolute_criteria_always_hold(seed: int, colour: Colour) -> None:
    field, round_number, total = position(seed, 24)
    pairing = outcome(field, round_number, total, colour)
    if not isinstance(pairing, DutchPairing):
        assert pairing in (ErrorCode.NO_LEGAL_PAIRING, ErrorCode.TOO_FEW_ENTRANTS)
        return
    ranked = contestants(field, round_number, 2, 0)
    known = {player.number: player for player in ranked}
    paired = [number for pair in pairing.pairs for number in pair]
    assert sorted([*paired, pairing.bye] if pairing.bye else paired) == sorted(known)
    assert (pairing.bye is None) is (len(known) % 2 == 0)
    assert pairing.bye is None or known[pairing.bye].may_take_bye
    for white, black in pairing.pairs:
        one, two = known[white], known[black]
        assert black not in one.opponents
        if one.strength is two.strength is Strength.ABSOLUTE and one.preference == two.preference:
            assert round_number == total
            assert max(one.points, two.points) > round_number - 1
    boards = [(max(known[white].points, known[black].points)) for white, black in pairing.pairs]
    assert boards == sorted(boards, reverse=True)


@given(seed=seeds, order=st.randoms(use_true_random=False))
@fuzzed
def test_the_order_of_the_players_does_not_matter(seed: int, order: Random) -> None:
    field, round_number, total = position(seed, 16)
    mixed = field[:]
    order.shuffle(mixed)
    assert outcome(mixed, round_number, total) == outcome(field, round_number, total)


@pytest.mark.parametrize("size", [63, 64])
def test_the_largest_field_plays_a_whole_tournament(size: int) -> None:
    rng = Random(size)
    field = [DutchPlayer(number) for number in range(1, size + 1)]
    for number in range(1, 8):
        pairing = pair_dutch(field, number, 7, "w")
        games: dict[int, DutchRound] = {}
        for white, black in pairing.pairs:
            score = rng.choice((0, 1, 2, 2))
            games[white], games[black] = DutchRound(black, "w", score), DutchRound(white, "b", 2 - score)
        if pairing.bye:
            games[pairing.bye] = DutchRound(points=2, bye=True)
        field = [DutchPlayer(player.number, (*player.rounds, games[player.number])) for player in field]
        assert all(abs(sum(1 if g.colour == "w" else -1 for g in p.rounds if g.colour)) <= 2 for p in field)
