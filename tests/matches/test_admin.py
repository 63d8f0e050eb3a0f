"""Staff rule and close through the admin: the same services, the same refusals, said in words."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from matches.models import Match, Report
from matches.services import reports, results
from tests.factories.tournaments import player_of, running_tournament, submit
from tests.factories.users import UserFactory
from tournaments.models import Entrant
from users.models import User

pytestmark = pytest.mark.django_db
MATCHES, REPORTS = "/admin/matches/match/", "/admin/matches/report/"


@pytest.fixture
def admin(staff: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(staff)
    return client


@pytest.fixture
def disputed(now: Any) -> Match:
    match = running_tournament(4).matches.get(key="W1.1")
    submit(match, match.entrant_a)
    return results.dispute(match_id=match.pk, actor=player_of(match.entrant_b), reason="no", now=now)


def act(client: Client, path: str, action: str, *rows: Any) -> list[str]:
    answer = client.post(path, {"action": action, "_selected_action": [row.pk for row in rows]})
    assert answer.status_code == 302
    return [str(message) for message in get_messages(answer.wsgi_request)]


@pytest.mark.parametrize(
    ("action", "side", "status", "outcome"),
    [
        ("first_side_won", "entrant_a", "completed", "resolved"),
        ("second_side_won", "entrant_b", "completed", "resolved"),
        ("both_lose", "", "completed", "double_forfeit"),
        ("play_again", "", "ongoing", ""),
    ],
)
def test_a_dispute_is_resolved_by_an_action(
    admin: Client, staff: User, disputed: Match, action: str, side: str, status: str, outcome: str
) -> None:
    assert act(admin, MATCHES, action, disputed) == [f"Match {disputed.pk} is decided."]
    disputed.refresh_from_db()
    winner = getattr(disputed, side) if side else None
    assert (disputed.status, disputed.outcome, disputed.winner) == (status, outcome, winner)
    assert (disputed.resolved_by, disputed.resolve_note) == (staff, "admin")
    final = disputed.tournament.matches.get(round=2)
    assert (final.entrant_a, final.a_is_bye) == (winner, action == "both_lose")


def test_a_team_is_named_by_its_team(admin: Client) -> None:
    match = running_tournament(2, type="team", team_size=2, prize_distribution=[10_000]).matches.get()
    assert act(admin, MATCHES, "second_side_won", match) == [f"Match {match.pk} is decided."]
    match.refresh_from_db()
    assert match.winner == match.entrant_b


def test_staff_who_play_are_refused_with_a_message(disputed: Match) -> None:
    player = player_of(disputed.entrant_a)
    User.objects.filter(pk=player.pk).update(is_staff=True, is_superuser=True)
    client = Client(headers={"accept-language": "en"})
    client.force_login(User.objects.get(pk=player.pk))
    before = Match.objects.filter(pk=disputed.pk).values().get()
    said = act(client, MATCHES, "first_side_won", disputed)
    assert said == [f"{disputed.pk}: You play in this match, so you may not rule on it."]
    assert Match.objects.filter(pk=disputed.pk).values().get() == before


def test_each_match_has_its_own_answer(admin: Client, disputed: Match) -> None:
    final = disputed.tournament.matches.get(round=2)
    said = act(admin, MATCHES, "both_lose", disputed, final)
    assert sorted(said) == sorted(
        [f"Match {disputed.pk} is decided.", f"{final.pk}: A match in this state cannot be decided."]
    )
    again = act(admin, MATCHES, "play_again", disputed)
    assert again[-1] == f"{disputed.pk}: A match in this state cannot be decided."


@pytest.mark.parametrize("action", ["first_side_won", "second_side_won"])
def test_a_side_that_is_not_known_yet_cannot_win(admin: Client, disputed: Match, action: str) -> None:
    final = disputed.tournament.matches.get(round=2)
    assert act(admin, MATCHES, action, final) == [f"{final.pk}: A match in this state cannot be decided."]
    final.refresh_from_db()
    assert (final.status, final.winner) == ("pending", None)


def test_matches_and_reports_are_looked_at_and_never_edited(admin: Client, disputed: Match, now: Any) -> None:
    reported = disputed.entrant_a.captain
    report = reports.file(
        match_id=disputed.pk,
        actor=player_of(disputed.entrant_b),
        reported_user_id=reported.pk,
        description="x",
        now=now,
    )
    for path, row in ((MATCHES, disputed), (REPORTS, report)):
        model = type(row)
        before = list(model.objects.order_by("pk").values())
        assert admin.get(path).status_code == 200
        assert admin.get(path, {"q": "cup"}).status_code == 200
        assert admin.get(f"{path}{row.pk}/change/").status_code == 200
        assert admin.get(f"{path}add/").status_code == 403
        assert admin.post(f"{path}{row.pk}/change/", {"status": "completed"}).status_code == 403
        assert admin.post(f"{path}{row.pk}/delete/", {"post": "yes"}).status_code == 403
        assert list(model.objects.order_by("pk").values()) == before


@pytest.mark.parametrize(("action", "status"), [("resolve", "resolved"), ("reject", "rejected")])
def test_a_report_is_closed_once(
    admin: Client, staff: User, disputed: Match, now: Any, action: str, status: str
) -> None:
    report = reports.file(
        match_id=disputed.pk,
        actor=player_of(disputed.entrant_b),
        reported_user_id=disputed.entrant_a.captain_id,
        description="x",
        now=now,
    )
    assert act(admin, REPORTS, action, report) == []
    assert list(Report.objects.values_list("status", "resolved_by")) == [(status, staff.pk)]
    assert act(admin, REPORTS, "reject", report) == [f"{report.pk}: This report has been dealt with."]
    assert Report.objects.get().status == status


def test_people_without_the_admin_are_sent_away(disputed: Match) -> None:
    client = Client()
    client.force_login(UserFactory())
    before = Match.objects.filter(pk=disputed.pk).values().get()
    answer = client.post(MATCHES, {"action": "both_lose", "_selected_action": [disputed.pk]})
    assert (answer.status_code, "login" in answer["Location"]) == (302, True)
    assert Match.objects.filter(pk=disputed.pk).values().get() == before
    assert Entrant.objects.filter(status="finished").count() == 0
