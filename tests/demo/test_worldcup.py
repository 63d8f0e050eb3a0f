"""The event's data, and the seeds that draw it: checked against the real engine."""

import pytest

from demo.play import report, worldcup
from tournaments.engine import EntrantId, Seed, StageConfig, plan_stage

CUP = worldcup.load()
BRACKET = """\
Uruguay     2     ┐
                  ├  Uruguay     0     ┐
Portugal    1     ┘                    │
                                       ├  France      1     ┐
France      4     ┐                    │                    │
                  ├  France      2     ┘                    │
Argentina   3     ┘                                         │
                                                            ├  France      4     ┐
Brazil      2     ┐                                         │                    │
                  ├  Brazil      1     ┐                    │                    │
Mexico      0     ┘                    │                    │                    │
                                       ├  Belgium     0     ┘                    │
Belgium     3     ┐                    │                                         │
                  ├  Belgium     2     ┘                                         │
Japan       2     ┘                                                              │
                                                                                 ├  France
Spain       1 (3) ┐                                                              │
                  ├  Russia      2 (3) ┐                                         │
Russia      1 (4) ┘                    │                                         │
                                       ├  Croatia     2     ┐                    │
Croatia     1 (3) ┐                    │                    │                    │
                  ├  Croatia     2 (4) ┘                    │                    │
Denmark     1 (2) ┘                                         │                    │
                                                            ├  Croatia     2     ┘
Sweden      1     ┐                                         │
                  ├  Sweden      0     ┐                    │
Switzerland 0     ┘                    │                    │
                                       ├  England     1     ┘
Colombia    1 (3) ┐                    │
                  ├  England     2     ┘
England     1 (4) ┘"""


def test_data_is_the_whole_knock_out_stage() -> None:
    rounds = [fixture.round for fixture in CUP.fixtures]

    assert [rounds.count(name) for name in ("round_of_16", "quarter_finals", "semi_finals")] == [8, 4, 2]
    assert rounds[-2:] == ["third_place", "final"]
    assert len({player for squad in CUP.squads for player in squad.players}) == 32
    assert {len(squad.players) for squad in CUP.squads} == {2}
    assert {squad.name for squad in CUP.squads} == set(CUP.slots)


def test_ranking_is_that_of_2018() -> None:
    assert CUP.ranking == ["France", "Croatia", "Belgium", "England"]


def test_whoever_wins_plays_on() -> None:
    for before, after in (("round_of_16", "quarter_finals"), ("quarter_finals", "semi_finals")):
        playing = {team for fixture in CUP.of_round(after) for team in (fixture.team1, fixture.team2)}
        assert playing == {fixture.winner for fixture in CUP.of_round(before)}


@pytest.mark.parametrize("fixture", CUP.fixtures, ids=lambda fixture: f"{fixture.team1}-{fixture.team2}")
def test_score_names_the_winner(fixture: worldcup.Fixture) -> None:
    one, two = fixture.penalties or fixture.goals

    assert (fixture.winner, fixture.loser) == (
        (fixture.team1, fixture.team2) if one > two else (fixture.team2, fixture.team1)
    )
    assert (fixture.penalties is None) == (fixture.goals[0] != fixture.goals[1])


def test_inner_outer_is_the_order_of_the_brackets_top_to_bottom() -> None:
    assert worldcup.inner_outer(16) == [1, 16, 8, 9, 4, 13, 5, 12, 2, 15, 7, 10, 3, 14, 6, 11]


def test_engine_draws_the_bracket_of_2018_from_the_seeds() -> None:
    seeds = [EntrantId(country) for country in CUP.best_first]
    plan = plan_stage(StageConfig("single_elimination", {"third_place": True}), seeds, bytes(32))

    def country(slot: object) -> str:
        assert isinstance(slot, Seed)
        return plan.seeds[slot.number - 1]

    first_round = [(country(match.a), country(match.b)) for match in plan.matches if match.round == 1]
    drawn = [pair for pair in first_round if CUP.fixture_between(*pair) is not None]
    assert drawn == [(one, two) for one, two in zip(CUP.slots[::2], CUP.slots[1::2], strict=True)]
    assert {(fixture.team1, fixture.team2) for fixture in CUP.of_round("round_of_16")} == set(drawn)


def test_bracket_is_drawn_with_every_score() -> None:
    assert report.bracket(CUP, styled=False) == BRACKET


def test_styles_shift_nothing() -> None:
    styled = report.bracket(CUP, styled=True)

    for style in (report.BOLD, report.FAINT, report.GOLD, report.PLAIN):
        styled = styled.replace(style, "")
    assert "\n".join(line.rstrip() for line in styled.splitlines()) == BRACKET
