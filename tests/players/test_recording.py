"""What completed tournaments bring, in whichever order it is written down; ``STRESS=n`` multiplies the rounds."""

import io
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from matches.enums import MatchOutcome
from notifications.models import Notification
from players.models import PlayedTournament, PlayerContribution, PlayerStanding, TeamStanding
from players.services import contributions, recording
from tests.concurrency.threads import rounds
from tests.factories.games import GameFactory
from tests.factories.players import completed, record_all, some_players, some_teams
from tests.factories.tournaments import play_out, running_tournament
from tests.players.snapshots import forget, snapshot
from tournaments.enums import EntrantStatus, PrizeSource, TournamentStatus
from tournaments.models import Scoring, Tournament

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 1, 12, tzinfo=timezone.get_default_timezone())


@pytest.fixture(autouse=True)
def small_tournaments_count(settings: Any) -> None:
    settings.LEADERBOARD_MIN_ENTRANTS = 4
    settings.LEADERBOARD_MIN_MATCHES = 3


def rebuild() -> None:
    call_command("rebuild_standings", stdout=io.StringIO())


def standing(user: Any, game: Any = None, season: Any = None) -> PlayerStanding:
    return PlayerStanding.objects.get(user=user, board__game=game, board__season=season)


def test_played_tournament_reaches_the_boards() -> None:
    tournament = running_tournament(4)
    play_out(tournament)
    played = PlayedTournament.objects.get()
    assert (played.pk, played.is_due, played.completed_at) == (tournament.pk, True, tournament.completed_at)

    assert recording.record_due(now=timezone.now()) == 1
    champion = tournament.entrants.get(place_first=1).user
    on_game = standing(champion, tournament.game)
    assert (on_game.score, on_game.titles, on_game.wins, on_game.losses, on_game.streak) == (200, 1, 2, 0, 2)
    assert standing(champion).score == 200
    assert PlayerStanding.objects.count() == 8
    assert recording.record_due(now=timezone.now()) == 0


def test_recording_twice_changes_nothing() -> None:
    tournament = completed(some_players(4), at=NOON)
    assert recording.record(tournament_id=tournament.pk, now=NOON)
    before = snapshot()
    assert not recording.record(tournament_id=tournament.pk, now=NOON)
    PlayedTournament.objects.update(is_due=True)
    assert recording.record(tournament_id=tournament.pk, now=NOON)
    assert snapshot() == before


def test_sums_of_two_tournaments_by_hand() -> None:
    players, game = some_players(4), GameFactory()
    prize = {"prize_source": PrizeSource.SPONSOR, "prize_pool_rial": 100_000_000}
    # 4 entrants are 2 rounds: 200, 100, 50, 50 points; in an event of 150 percent 300, 150, 75, 75
    completed(players, game=game, at=NOON, matches=[(0, 2), (1, 3), (0, 1)])
    completed(
        players[::-1],
        game=game,
        at=NOON + timedelta(days=1),
        matches=[(0, 2), (1, 3), (0, 1)],
        prizes=[70_000_000, 30_000_000],
        **prize,
    )
    record_all()

    names = ("score", "winnings_rial", "tournaments", "titles", "podiums", "wins", "losses", "streak", "best_streak")
    got = {row[0]: row[1:] for row in PlayerStanding.objects.filter(board__game=game).values_list("user_id", *names)}
    first, second, third, last = (player.pk for player in players)
    assert got == {
        # who has won no match gets nothing for the place: the champion was last without a win the second time
        first: (200, 0, 2, 1, 1, 2, 1, 0, 2),
        second: (100, 0, 2, 0, 2, 1, 2, 0, 1),
        third: (150, 30_000_000, 2, 0, 2, 1, 2, 0, 1),
        last: (300, 70_000_000, 2, 1, 1, 2, 1, 2, 2),
    }


def test_runs_of_wins_go_over_tournaments() -> None:
    players, game = some_players(4), GameFactory()
    for day in range(2):
        completed(players, game=game, at=NOON + timedelta(days=day), matches=[(0, 1), (0, 2), (0, 3)])
    completed(players, game=game, at=NOON + timedelta(days=2), matches=[(0, 1), (2, 0), (0, 3), (0, 1)])
    record_all()
    mine = standing(players[0], game)
    assert (mine.wins, mine.losses, mine.streak, mine.best_streak) == (9, 1, 2, 7)


@pytest.mark.parametrize(
    "change", [{"is_rated": False}, {"too_few": True}, {"walkovers": True}], ids=["unrated", "few", "walkovers"]
)
def test_what_does_not_count_brings_winnings_alone(change: dict[str, bool]) -> None:
    players = some_players(3 if "too_few" in change else 4)
    tournament = completed(players, at=NOON, prizes=[5_000_000], is_rated=change.get("is_rated", True))
    if "walkovers" in change:
        tournament.matches.update(outcome=MatchOutcome.WALKOVER)
    record_all()

    assert not PlayedTournament.objects.get().counts
    champion = standing(players[0], tournament.game)
    numbers = (champion.score, champion.wins, champion.titles, champion.tournaments, champion.individual_rating)
    assert numbers == (0, 0, 0, 0, None)
    assert champion.winnings_rial == 5_000_000
    assert not players[0].achievements.exists()


def test_disqualified_entrant_gets_no_points_and_no_title() -> None:
    players = some_players(4)
    tournament = completed(players, at=NOON)
    tournament.entrants.filter(user=players[0]).update(status=EntrantStatus.DISQUALIFIED)
    record_all()
    thrown_out = standing(players[0], tournament.game)
    assert (thrown_out.score, thrown_out.titles, thrown_out.wins) == (0, 0, 1)


def test_teams_and_their_players_get_the_points_and_a_rating_of_their_own() -> None:
    teams = some_teams(4)
    tournament = completed(teams, at=NOON, prizes=[4_000_000])
    record_all()

    best = TeamStanding.objects.get(team=teams[0], board__game=tournament.game)
    assert (best.score, best.winnings_rial, best.titles) == (200, 4_000_000, 1)
    for member in teams[0].memberships.all():
        mine = standing(member.user, tournament.game)
        assert (mine.score, mine.winnings_rial, mine.individual_rating) == (200, 2_000_000, None)
        assert mine.team_value > 25
        assert mine.team_rating == round(1000 + 40 * (mine.team_value - 3 * mine.team_deviation))


def test_rating_goes_on_from_the_tournament_before() -> None:
    players, game = some_players(4), GameFactory()
    completed(players, game=game, at=NOON)
    completed(players, game=game, at=NOON + timedelta(days=1))
    completed(players, game=GameFactory(), at=NOON + timedelta(days=2))
    record_all()
    mine = PlayerContribution.objects.filter(user=players[0]).order_by("completed_at")
    assert [one.rated_matches for one in mine] == [1, 2, 1]
    assert mine[0].rating_value < mine[1].rating_value
    assert mine[2].rating_value == mine[0].rating_value
    # boards go by the value less two deviations
    best = standing(players[0], game)
    assert best.individual_rating == round(mine[1].rating_value - 2 * mine[1].rating_deviation)
    assert standing(players[0]).individual_rating is None


def test_one_that_fails_does_not_hold_up_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = completed(some_players(4), at=NOON)
    fine = completed(some_players(4), at=NOON + timedelta(days=1))
    made_by = contributions.made_by

    def fail(tournament: Tournament, played: PlayedTournament) -> Any:
        if tournament == broken:
            raise ValueError
        return made_by(tournament, played)

    monkeypatch.setattr(contributions, "made_by", fail)
    assert recording.record_due(now=NOON) == 1
    assert list(PlayedTournament.objects.filter(is_due=True)) == [broken.played]
    assert PlayerContribution.objects.filter(tournament=fine.pk).count() == 4

    monkeypatch.setattr(contributions, "made_by", made_by)
    assert record_all() == 1


def test_one_run_records_no_more_than_it_may(settings: Any) -> None:
    settings.LEADERBOARD_RECORD_AT_ONCE = 2
    for day in range(3):
        completed(some_players(4), at=NOON + timedelta(days=day))
    assert [recording.record_due(now=NOON) for _ in range(3)] == [2, 1, 0]


def test_recording_costs_the_same_statements_for_more_players(django_assert_num_queries: Any) -> None:
    for count in (4, 32):
        game = GameFactory()
        completed(some_players(4), game=game, at=NOON - timedelta(days=1))
        record_all()
        tournament = completed(some_players(count), game=game, at=NOON)
        with django_assert_num_queries(26, info=f"{count} players"):
            recording.record(tournament_id=tournament.pk, now=NOON + timedelta(days=30))


# Incremental and from the beginning


def random_history(rng: Random) -> list[Tournament]:
    players, teams = some_players(7), some_teams(5)
    games = [GameFactory(), GameFactory()]
    history = []
    for number in range(6):
        pool = teams if rng.random() < 0.3 else players
        field = rng.sample(pool, rng.randint(3, len(pool)))
        pairs = [tuple(rng.sample(range(len(field)), 2)) for _ in range(rng.randint(2, 8))]
        moment = NOON + timedelta(hours=rng.randint(0, 5))
        history.append(
            completed(
                field,
                game=rng.choice(games),
                at=moment,
                matches=pairs,
                prizes=[rng.randint(0, 20_000_000)],
                is_rated=rng.random() < 0.9,
                brackets=[rng.choice("WL") for _ in pairs],
                name=f"Cup {number}",
            )
        )
    return history


def correct(tournament: Tournament, rng: Random) -> None:
    """Another outcome of one match and other places, as a correction leaves them; or the end is taken back."""
    way = rng.choice(["winner", "places", "prize", "thrown out", "reopened", "later"])
    if way == "winner":
        match = rng.choice(list(tournament.matches.all()))
        match.winner = match.entrant_a if match.winner == match.entrant_b else match.entrant_b
        match.save()
    if way == "places":
        first, last = Scoring.objects.filter(tournament=tournament).order_by("?")[:2]
        first.placement, last.placement = last.placement, first.placement
        Scoring.objects.bulk_update([first, last], ["placement"])
    if way == "prize":
        Scoring.objects.filter(tournament=tournament).update(prize_rial=rng.randint(0, 9) * 1_000_000)
    if way == "thrown out":
        tournament.entrants.filter(place_first=1).update(status=EntrantStatus.DISQUALIFIED)
    if way == "reopened":
        tournament.status = TournamentStatus.ONGOING
    if way == "later":
        tournament.completed_at += timedelta(hours=3)
    tournament.save()
    recording.mark_due(tournament_id=tournament.pk)


@pytest.mark.parametrize("seed", rounds(2))
def test_incremental_is_the_same_as_from_the_beginning(seed: int) -> None:
    rng = Random(seed)
    history = random_history(rng)
    for tournament in rng.sample(history, len(history)):
        recording.record(tournament_id=tournament.pk, now=NOON)
        if rng.random() < 0.4:
            correct(rng.choice(history), rng)
    record_all()
    incremental = snapshot()
    assert len(incremental["PlayerStanding"]) > 10
    assert len(incremental["Achievement"]) > 5

    rebuild()
    assert snapshot() == incremental
    forget()
    rebuild()
    assert snapshot() == incremental


def test_rebuilding_repairs_what_was_tampered_with_and_tells_nobody_again() -> None:
    players, now = some_players(4), timezone.now()
    completed(players, at=now - timedelta(hours=2))
    completed(players[::-1], at=now - timedelta(hours=1))
    record_all()
    good, told = snapshot(), Notification.objects.count()
    assert told > 0

    PlayerStanding.objects.update(score=999, is_listed=False)
    PlayerContribution.objects.update(points=7, rating_value=9.0)
    players[0].achievements.all().delete()
    stranger = some_players(1)[0]
    PlayerStanding.objects.create(user=stranger, board=PlayerStanding.objects.first().board, score=1)
    rebuild()
    assert snapshot() == good
    assert Notification.objects.count() == told
