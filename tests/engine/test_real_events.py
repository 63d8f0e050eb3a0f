"""75 real single-elimination events, replayed. The records lie outside the repository; without them this is skipped."""

import json
from functools import cache
from pathlib import Path
from typing import TypedDict

import pytest

import tournaments.engine
from tests.engine.playing import single
from tournaments.engine import EntrantId, Kind, MatchId, Outcome, Result, StageView, Status, apply, fold, placements

RECORDS = Path(tournaments.engine.__file__).parents[3] / "shared" / "data" / "startgg_single_elim" / "events.jsonl"


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
