"""Real events, replayed: 75 single and 350 double eliminations. The records lie outside the repository; without them
this is skipped."""

import json
from functools import cache
from pathlib import Path
from typing import TypedDict

import pytest

import tournaments.engine
from tests.engine.playing import double, single
from tournaments.engine import (
    EntrantId,
    Kind,
    MatchId,
    Outcome,
    Result,
    StageView,
    Status,
    apply,
    fold,
    placements,
    standings,
)

DATA = Path(tournaments.engine.__file__).parents[3] / "shared" / "data"
RECORDS = DATA / "startgg_single_elim" / "events.jsonl"
DOUBLE_RECORDS = DATA / "startgg_double_elim" / "events.jsonl"


class RealEvent(TypedDict):
    n: int
    matches: list[tuple[int, int, int, int, int, int, bool]]
    third: tuple[int, int, int, int, int] | None
    placements: list[int]


@cache
def events() -> list[RealEvent]:
    if not RECORDS.is_file():
        pytest.skip("the real events are not on this machine: ../shared/data/startgg_single_elim/events.jsonl")
    return [json.loads(line) for line in RECORDS.read_text(encoding="utf-8").splitlines()]


def record(
    view: StageView, a: int, b: int, winner: int, scores: tuple[int, int], absent: bool
) -> tuple[StageView, MatchId]:
    """Give the result to the open match of the pair; there must be exactly one."""
    pair = {str(a), str(b)}
    (match_id,) = [match_id for match_id in view.ready if set(view.slots[match_id]) == pair]
    score = scores if view.slots[match_id][0] == str(winner) else (scores[1], scores[0])
    outcome = Outcome(EntrantId(str(winner)), Kind.NO_SHOW if absent else Kind.PLAYED, score)
    return apply(view, Result(match_id, outcome))[0], match_id


def replayed(event: RealEvent) -> StageView:
    view = fold(single(event["n"], third_place=event["third"] is not None))
    for round_, a, b, winner, won, lost, absent in event["matches"]:
        view, match_id = record(view, a, b, winner, (won, lost), absent)
        assert view.plan.match(match_id).round == round_
    if event["third"] is not None:
        winner, loser, _, won, lost = event["third"]
        view, match_id = record(view, winner, loser, winner, (won, lost), lost < 0)
        assert match_id == "P3"
    return view


def test_there_are_75_events_and_some_have_a_third_place_match() -> None:
    assert len(events()) == 75
    assert sum(event["third"] is not None for event in events()) == 15


def test_every_pairing_of_every_real_event_is_found() -> None:
    for event in events():
        view = replayed(event)
        assert view.complete
        assert set(view.status.values()) == {Status.COMPLETED}


def test_places_of_real_events_are_the_official_ones() -> None:
    """Without a third-place match start.gg lets the semi-final losers share 3; places are compared one by one."""
    for event in events():
        found = placements(replayed(event))
        official = {EntrantId(str(seed)): place for seed, place in enumerate(event["placements"], start=1)}
        assert {entrant: place.first for entrant, place in found.items()} == official


class DoubleEvent(TypedDict):
    n: int
    matches: list[tuple[str, int, int, int, int, int, int, bool]]
    placements: list[int]


@cache
def double_events() -> list[DoubleEvent]:
    if not DOUBLE_RECORDS.is_file():
        pytest.skip("the real events are not on this machine: ../shared/data/startgg_double_elim/events.jsonl")
    return [json.loads(line) for line in DOUBLE_RECORDS.read_text(encoding="utf-8").splitlines()]


@cache
def replayed_double() -> list[StageView]:
    """Each event to its end. A record names bracket and round as ours, the reset as round 2 of the final."""
    views = []
    for event in double_events():
        view = fold(double(event["n"]))
        for bracket, round_, a, b, winner, won, lost, absent in event["matches"]:
            view, match_id = record(view, a, b, winner, (won, lost), absent)
            spec = view.plan.match(match_id)
            assert (spec.bracket, spec.round) == (bracket, round_)
        views.append(view)
    return views


def test_every_pairing_of_every_real_double_elimination_is_found() -> None:
    assert len(double_events()) == 350
    assert {event["n"] for event in double_events()} >= {4, 5, 8, 64}
    for view in replayed_double():
        assert view.complete
        open_ended = {match_id for match_id, status in view.status.items() if status is not Status.COMPLETED}
        assert open_ended <= {"GF2"}


def test_places_of_real_double_eliminations_are_the_official_ones() -> None:
    for event, view in zip(double_events(), replayed_double(), strict=True):
        official = {EntrantId(str(seed)): place for seed, place in enumerate(event["placements"], start=1)}
        assert {entrant: place.first for entrant, place in placements(view).items()} == official


def test_the_reset_is_played_in_more_than_a_third_of_the_real_finals() -> None:
    resets = sum(view.status[MatchId("GF2")] is Status.COMPLETED for view in replayed_double())
    assert (resets, len(replayed_double())) == (130, 350)


def test_who_forfeited_one_match_came_back_and_won_in_the_losers_bracket() -> None:
    """A forfeit is not a disqualification: the entrant drops and plays on."""
    came_back = 0
    for view in replayed_double():
        forfeited: set[object] = set()
        for spec in view.plan.matches:
            state = view.states[spec.id]
            if state.outcome is None:
                continue
            if spec.bracket == "W" and state.outcome.kind is Kind.NO_SHOW:
                forfeited |= {state.a, state.b} - {state.outcome.winner}
            if spec.bracket == "L" and state.outcome.kind is Kind.PLAYED and state.outcome.winner in forfeited:
                forfeited.discard(state.outcome.winner)
                came_back += 1
    assert came_back == 11


def test_in_many_real_events_the_champion_does_not_have_the_most_wins() -> None:
    fewer = shared = 0
    for view in replayed_double():
        wins = {row.entrant: dict(row.values)["wins"] for row in standings(view)}
        assert view.champion is not None
        most = max(wins.values())
        fewer += wins[view.champion] < most
        shared += wins[view.champion] == most and list(wins.values()).count(most) > 1
    assert (fewer, shared, len(replayed_double())) == (97, 134, 350)
