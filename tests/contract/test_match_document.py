"""The match document of the requirements, line by line: every endpoint, field, permission and error."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from matches.models import Match, Report
from matches.services import results
from tests.factories.tournaments import fill, make_tournament, running_tournament, screenshot, start, submit
from tests.factories.users import StaffFactory, UserFactory
from users.models import InGameID, User

FIELDS = [
    "id", "tournament", "round", "match_type", "participant1_user", "participant2_user", "participant1_team",
    "participant2_team", "winner_user", "winner_team", "result_proof", "status", "result_submitted_by", "is_confirmed",
    "is_disputed", "dispute_reason", "room_id",
]  # fmt: skip
REPORT_FIELDS = ["id", "reporter", "reported_user", "match", "description", "evidence", "status", "created_at"]
ACTIONS = ["submit_result", "confirm_result", "dispute_result", "withdraw_result", "resolve"]
WHO = ["anonymous", "stranger", "own side", "own mate", "other side", "staff", "playing staff"]
STATES = ["pending", "ongoing", "pending_confirmation", "disputed", "completed", "cancelled"]


@pytest.fixture
def tournament(db: None) -> Any:
    return running_tournament(4, type="team", team_size=2)


@pytest.fixture
def duel(db: None) -> Match:
    """An individual match that is being played."""
    return running_tournament(2, prize_distribution=[10_000]).matches.get()


def url(match: Match, action: str = "") -> str:
    return f"/api/tournaments/matches/{match.pk}/{action}{'/' if action else ''}"


def submit_body(match: Match, winner: str = "a", **more: Any) -> dict[str, Any]:
    entrant = match.entrant_a if winner == "a" else match.entrant_b
    return {"winner_id": entrant.user_id or entrant.team_id, "result_proof": screenshot(), **more}


def in_state(tournament: Any, state: str) -> Match:
    """A match whose side a has submitted, brought into the state."""
    if state == "pending":
        match = tournament.matches.get(key="W2.1")
        first, second = tournament.matches.filter(round=1).order_by("number")
        match.entrant_a, match.entrant_b = first.entrant_a, second.entrant_a
        match.save()
        return match
    match = tournament.matches.get(key="W1.1")
    if state in {"pending_confirmation", "disputed", "completed"}:
        match = submit(match, match.entrant_a)
    if state == "disputed":
        match = results.dispute(match_id=match.pk, actor=match.entrant_b.captain, reason="no", now=timezone.now())
    if state == "completed":
        match = results.confirm(match_id=match.pk, actor=match.entrant_b.captain, now=timezone.now())
    if state == "cancelled":
        Match.objects.filter(pk=match.pk).update(status="cancelled")
    match.refresh_from_db()
    return match


def caller(who: str, match: Match) -> User | None:
    if who == "anonymous":
        return None
    if who == "stranger":
        return UserFactory()
    if who == "staff":
        return StaffFactory()
    side = match.entrant_b if who == "other side" else match.entrant_a
    if who == "own mate":
        return side.roster.exclude(user=side.captain).get().user
    if who == "playing staff":
        User.objects.filter(pk=side.captain_id).update(is_staff=True, is_superuser=True)
    return User.objects.get(pk=side.captain_id)


def body_of(action: str, match: Match) -> dict[str, Any]:
    return {
        "submit_result": lambda: submit_body(match),
        "dispute_result": lambda: {"reason": "حریف از تقلب استفاده کرده است."},
        "resolve": lambda: {"winner_id": match.entrant_b.team_id, "note": "seen"},
    }.get(action, dict)()


def expected(who: str, state: str, action: str) -> tuple[int, str]:
    """The whole matrix in one place: status, and the error code or the new match status."""
    if who == "anonymous":
        return 401, "not_authenticated"
    plays = who in {"own side", "own mate", "other side", "playing staff"}
    if action == "resolve":
        if plays and who == "playing staff":
            return 403, "own_match"
        if who != "staff":
            return 403, "not_referee"
        decidable = state in {"ongoing", "pending_confirmation", "disputed"}
        return (200, "completed") if decidable else (400, "match_not_decidable")
    if not plays:
        return 403, "not_participant"
    if action == "submit_result":
        return (200, "pending_confirmation") if state == "ongoing" else (400, "match_not_ongoing")
    if state != "pending_confirmation":
        return 400, "match_not_pending_confirmation"
    own = who != "other side"
    if action == "withdraw_result":
        return (200, "ongoing") if own else (400, "not_own_result")
    if own:
        return 400, "own_result"
    return 200, {"confirm_result": "completed", "dispute_result": "disputed"}[action]


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("who", WHO)
def test_matrix_of_who_when_and_what(
    client_for: Callable[..., Any], tournament: Any, who: str, state: str, action: str
) -> None:
    match = in_state(tournament, state)
    client = client_for(caller(who, match))
    before = Match.objects.filter(pk=match.pk).values().get()
    kind = "multipart" if action == "submit_result" else "json"
    answer = client.post(url(match, action), body_of(action, match), format=kind)
    status, what = expected(who, state, action)
    assert answer.status_code == status, answer.json()
    if status == 200:
        assert answer.json()["status"] == what
    else:
        assert answer.json()["code"] == what
        assert answer["Content-Type"] == "application/problem+json"
        assert Match.objects.filter(pk=match.pk).values().get() == before


def test_submit_answers_with_the_documented_match(client_for: Callable[..., Any], duel: Match) -> None:
    player = duel.entrant_a.user
    answer = client_for(player).post(url(duel, "submit_result"), submit_body(duel), format="multipart")
    data = answer.json()
    assert answer.status_code == 200
    assert [name for name in FIELDS if name not in data] == []
    assert (data["match_type"], data["round"], data["tournament"]) == ("individual", 1, duel.tournament_id)
    assert data["participant1_user"]["id"] == player.pk
    assert data["participant2_user"]["username"] == duel.entrant_b.user.username
    assert data["participant1_team"] is data["participant2_team"] is data["winner_team"] is None
    assert {"id": player.pk, "username": player.username}.items() <= data["winner_user"].items()
    assert data["result_proof"].startswith("http")
    assert (data["status"], data["result_submitted_by"]) == ("pending_confirmation", player.pk)
    assert (data["is_confirmed"], data["is_disputed"], data["dispute_reason"]) == (False, False, "")
    assert data["room_id"].startswith("MYD-")


def test_team_match_names_teams(client_for: Callable[..., Any], tournament: Any) -> None:
    match = tournament.matches.get(key="W1.1")
    captain = match.entrant_a.captain
    data = client_for(captain).post(url(match, "submit_result"), submit_body(match), format="multipart").json()
    assert (data["match_type"], data["winner_team"]["id"]) == ("team", match.entrant_a.team_id)
    assert data["participant1_user"] is data["winner_user"] is None


def test_confirm_and_dispute_answer_with_the_documented_fields(client_for: Callable[..., Any], tournament: Any) -> None:
    first, second = tournament.matches.filter(round=1).order_by("number")
    submit(first, first.entrant_a)
    submit(second, second.entrant_a)
    confirmed = client_for(first.entrant_b.captain).post(url(first, "confirm_result")).json()
    assert (confirmed["status"], confirmed["is_confirmed"]) == ("completed", True)
    reason = "حریف از تقلب استفاده کرده است."
    disputed = client_for(second.entrant_b.captain).post(url(second, "dispute_result"), {"reason": reason}).json()
    assert (disputed["status"], disputed["is_disputed"], disputed["dispute_reason"]) == ("disputed", True, reason)


def test_dispute_tells_every_administrator(client_for: Callable[..., Any], duel: Match, staff: User) -> None:
    submit(duel, duel.entrant_a)
    client_for(duel.entrant_b.captain).post(url(duel, "dispute_result"), {"reason": "not so"})
    told = client_for(staff).get("/api/notifications/notifications/?kind=dispute_opened").json()["results"]
    assert [row["params"]["match"] for row in told] == [duel.pk]


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"winner_id": None}, "invalid", "winner_id"),
        ({"winner_id": "abc"}, "invalid", "winner_id"),
        ({"winner_id": "-1"}, "invalid", "winner_id"),
        ({"winner_id": "9" * 40}, "invalid", "winner_id"),
        ({"winner_id": "999999999"}, "winner_not_in_match", None),
        ({"result_proof": None}, "invalid", "result_proof"),
        ({"result_proof": "text"}, "invalid", "result_proof"),
        ({"games": "[{"}, "invalid", "games"),
        ({"games": '[{"score1": 1}]'}, "invalid", "games.0.score2"),
        ({"games": '[{"score1": -1, "score2": 0}]'}, "invalid", "games.0.score1"),
        ({"games": '[{"score1": 0, "score2": 1}]'}, "score_contradicts_winner", None),
        ({"games": '[{"score1": 1, "score2": 1}]'}, "score_contradicts_winner", None),
        ({"games": '[{"score1": 2, "score2": 1}, {"score1": 2, "score2": 1}]'}, "score_contradicts_winner", None),
    ],
)
def test_submit_refuses_nonsense_and_changes_nothing(
    client_for: Callable[..., Any], duel: Match, change: dict[str, Any], code: str, field: str | None
) -> None:
    sent = {name: value for name, value in (submit_body(duel) | change).items() if value is not None}
    answer = client_for(duel.entrant_a.user).post(url(duel, "submit_result"), sent, format="multipart")
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert list(answer.json()["errors"]) == ([field] if field else [])
    duel.refresh_from_db()
    assert (duel.status, duel.result_proof, duel.version) == ("ongoing", "", duel.version)


def test_persian_digits_are_numbers(client_for: Callable[..., Any], duel: Match) -> None:
    persian = str(duel.entrant_a.user_id).translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    sent = submit_body(duel) | {"winner_id": persian}
    assert client_for(duel.entrant_a.user).post(url(duel, "submit_result"), sent, format="multipart").status_code == 200


def test_penalties_decide_a_level_game(client_for: Callable[..., Any], duel: Match) -> None:
    games = '[{"score1": 1, "score2": 1, "penalties1": 4, "penalties2": 3}]'
    sent = submit_body(duel, games=games)
    data = client_for(duel.entrant_a.user).post(url(duel, "submit_result"), sent, format="multipart").json()
    assert (data["score1"], data["score2"], data["games"][0]["penalties1"]) == (1, 1, 4)


@pytest.mark.parametrize("reason", [None, "", "   ", "\u200e", 7 * [1]])
def test_dispute_needs_a_reason(client_for: Callable[..., Any], duel: Match, reason: Any) -> None:
    submit(duel, duel.entrant_a)
    sent = {} if reason is None else {"reason": reason}
    answer = client_for(duel.entrant_b.user).post(url(duel, "dispute_result"), sent)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["reason"])
    duel.refresh_from_db()
    assert duel.status == "pending_confirmation"


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("match_id", ["999999999", "abc", "9" * 30, "-1"])
def test_unknown_match_is_404(client_for: Callable[..., Any], staff: User, action: str, match_id: str) -> None:
    answer = client_for(staff).post(f"/api/tournaments/matches/{match_id}/{action}/", {})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_errors_speak_persian_by_default(client_for: Callable[..., Any], duel: Match) -> None:
    persian = client_for(UserFactory(), "fa").post(url(duel, "confirm_result")).json()
    english = client_for(UserFactory(), "en").post(url(duel, "confirm_result")).json()
    assert english["detail"] == "You do not play in this match."
    assert persian["detail"] != english["detail"]
    assert persian["code"] == english["code"]


def test_room_and_proof_are_for_players_and_staff(client_for: Callable[..., Any], duel: Match, staff: User) -> None:
    submit(duel, duel.entrant_a)
    for who, sees in ((None, False), (UserFactory(), False), (duel.entrant_b.user, True), (staff, True)):
        client = client_for(who)
        one = client.get(url(duel)).json()
        row = client.get(f"/api/tournaments/matches/?tournament={duel.tournament_id}").json()["results"][0]
        assert (one["room_id"] is not None, one["result_proof"] is not None) == (sees, sees)
        assert (row["room_id"] is not None, row["result_proof"]) == (sees, None)


def test_proof_is_served_only_by_its_signed_link(client_for: Callable[..., Any], duel: Match) -> None:
    data = client_for(duel.entrant_a.user).post(url(duel, "submit_result"), submit_body(duel), format="multipart")
    path = data.json()["result_proof"].split("8000", 1)[1]
    served = client_for(None).get(path)
    assert (served.status_code, served["Content-Type"], served["X-Content-Type-Options"]) == (
        200, "image/png", "nosniff",
    )  # fmt: skip
    assert b"".join(served.streaming_content).startswith(b"\x89PNG")
    assert client_for(None).get(path[:-3] + "x/").status_code == 404


def test_match_becomes_ongoing_by_itself_when_it_is_ready(tournament: Any) -> None:
    final = tournament.matches.get(key="W2.1")
    first, second = tournament.matches.filter(round=1).order_by("number")
    for match, status in ((first, "pending"), (second, "ongoing")):
        submit(match, match.entrant_b)
        results.confirm(match_id=match.pk, actor=match.entrant_a.captain, now=timezone.now())
        final.refresh_from_db()
        assert final.status == status
    assert [final.entrant_a, final.entrant_b] == [first.entrant_b, second.entrant_b]


def test_silence_confirms_by_itself_and_only_after_the_deadline(duel: Match) -> None:
    now = timezone.now()
    submit(duel, duel.entrant_a, now=now)
    assert results.expire_pending(now=now + timedelta(minutes=15) - timedelta(seconds=1)) == 0
    assert results.expire_pending(now=now + timedelta(minutes=15)) == 1
    assert results.expire_pending(now=now + timedelta(minutes=16)) == 0
    duel.refresh_from_db()
    assert (duel.status, duel.outcome, duel.is_confirmed) == ("completed", "auto_confirmed", True)


def test_dispute_after_the_deadline_is_too_late(duel: Match) -> None:
    now = timezone.now()
    submit(duel, duel.entrant_a, now=now)
    with pytest.raises(results.errors.ConfirmationTimeOver):
        results.dispute(match_id=duel.pk, actor=duel.entrant_b.captain, reason="late", now=now + timedelta(minutes=15))


@pytest.mark.parametrize("ruling", [{}, {"winner_id": 1, "outcome": "replay"}, {"outcome": "coin"}, {"winner_id": "x"}])
def test_resolve_needs_one_ruling(
    client_for: Callable[..., Any], duel: Match, staff: User, ruling: dict[str, Any]
) -> None:
    answer = client_for(staff).post(url(duel, "resolve"), ruling)
    assert (answer.status_code, answer.json()["code"] in {"ruling_invalid", "invalid"}) == (400, True)
    duel.refresh_from_db()
    assert duel.status == "ongoing"


def test_replay_starts_the_match_again(client_for: Callable[..., Any], duel: Match, staff: User) -> None:
    submit(duel, duel.entrant_a)
    results.dispute(match_id=duel.pk, actor=duel.entrant_b.captain, reason="no", now=timezone.now())
    data = client_for(staff).post(url(duel, "resolve"), {"outcome": "replay"}).json()
    assert (data["status"], data["winner_user"], data["is_disputed"], data["result_proof"]) == (
        "ongoing", None, False, None,
    )  # fmt: skip
    submit(duel, duel.entrant_b)
    results.confirm(match_id=duel.pk, actor=duel.entrant_a.captain, now=timezone.now())
    duel.refresh_from_db()
    assert duel.winner == duel.entrant_b


@pytest.mark.django_db
def test_double_forfeit_sends_the_opponent_on(client_for: Callable[..., Any], staff: User) -> None:
    tournament = running_tournament(4, format_options={"third_place": True})
    first, second = tournament.matches.filter(round=1, bracket="W").order_by("number")
    client_for(staff).post(url(first, "resolve"), {"outcome": "double_forfeit"})
    submit(second, second.entrant_a)
    results.confirm(match_id=second.pk, actor=second.entrant_b.captain, now=timezone.now())
    final, third = tournament.matches.get(key="W2.1"), tournament.matches.get(key="P3")
    assert (final.outcome, final.winner) == ("walkover", second.entrant_a)
    assert (third.outcome, third.winner) == ("walkover", second.entrant_b)
    tournament.refresh_from_db()
    assert tournament.status == "completed"
    places = {entrant.pk: entrant.place_first for entrant in tournament.entrants.all()}
    assert (places[second.entrant_a_id], places[second.entrant_b_id]) == (1, 2)


@pytest.fixture
def report_body(duel: Match) -> dict[str, Any]:
    return {
        "reported_user": duel.entrant_b.user_id,
        "match": duel.pk,
        "description": "این بازیکن از الفاظ نامناسب استفاده کرد.",
    }


def test_report_answers_with_the_documented_fields(
    client_for: Callable[..., Any], duel: Match, report_body: dict[str, Any]
) -> None:
    reporter = duel.entrant_a.user
    answer = client_for(reporter).post("/api/tournaments/reports/", report_body, format="multipart")
    data = answer.json()
    assert (answer.status_code, list(data)) == (201, REPORT_FIELDS)
    assert (data["reporter"], data["evidence"], data["status"]) == (reporter.pk, None, "pending")
    with_evidence = report_body | {"evidence": screenshot()}
    again = client_for(reporter).post("/api/tournaments/reports/", with_evidence, format="multipart")
    assert (again.status_code, again.json()["code"]) == (400, "report_open")
    assert Report.objects.count() == 1
    assert not (settings.MEDIA_ROOT / "evidence").exists() or list((settings.MEDIA_ROOT / "evidence").iterdir()) == []


def test_report_by_player_id_needs_no_user_id(
    client_for: Callable[..., Any], duel: Match, report_body: dict[str, Any]
) -> None:
    InGameID.objects.create(user=duel.entrant_b.user, game=duel.tournament.game, player_id="Sniper99")
    sent = {"reported_player_id": "sniper99", "match": duel.pk, "description": "wallhack", "evidence": screenshot()}
    data = client_for(duel.entrant_a.user).post("/api/tournaments/reports/", sent, format="multipart").json()
    assert data["reported_user"] == duel.entrant_b.user_id
    assert data["evidence"].startswith("http")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"reported_user": None}, 400, "invalid"),
        ({"reported_user": None, "reported_player_id": "nobody"}, 400, "reported_player_unknown"),
        ({"reported_user": 10**12}, 400, "reported_not_in_match"),
        ({"description": ""}, 400, "invalid"),
        ({"match": None}, 400, "invalid"),
        ({"match": 10**12}, 404, "not_found"),
    ],
)
def test_report_refuses_nonsense(
    client_for: Callable[..., Any], duel: Match, report_body: dict[str, Any], change: dict[str, Any], status: int,
    code: str,
) -> None:  # fmt: skip
    sent = {name: value for name, value in (report_body | change).items() if value is not None}
    answer = client_for(duel.entrant_a.user).post("/api/tournaments/reports/", sent, format="multipart")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert Report.objects.count() == 0


def test_report_is_for_people_of_the_match(
    client_for: Callable[..., Any], duel: Match, staff: User, report_body: dict[str, Any]
) -> None:
    path = "/api/tournaments/reports/"
    assert client_for(None).post(path, report_body).status_code == 401
    assert client_for(UserFactory()).post(path, report_body).json()["code"] == "not_participant"
    assert client_for(duel.entrant_b.user).post(path, report_body).json()["code"] == "report_on_oneself"
    assert Report.objects.count() == 0
    assert client_for(staff).post(path, report_body).status_code == 201


def test_report_is_closed_once_and_by_staff(
    client_for: Callable[..., Any], duel: Match, staff: User, report_body: dict[str, Any]
) -> None:
    reporter, other = client_for(duel.entrant_a.user), client_for(duel.entrant_b.user)
    made = reporter.post("/api/tournaments/reports/", report_body).json()
    path = f"/api/tournaments/reports/{made['id']}/"
    assert (other.get(path).status_code, reporter.get(path).status_code) == (404, 200)
    assert other.post(path + "resolve/", {}).status_code == 404
    assert reporter.post(path + "resolve/", {}).json()["code"] == "not_referee"
    assert client_for(staff).post(path + "reject/", {"note": "no"}).json()["status"] == "rejected"
    assert client_for(staff).post(path + "resolve/", {}).json()["code"] == "report_closed"


@pytest.mark.django_db
def test_match_list_counts_queries_and_filters(client_for: Callable[..., Any], django_assert_num_queries: Any) -> None:
    tournament = make_tournament()
    small = start_with(tournament, 2)
    client = client_for(None)
    with django_assert_num_queries(1):
        assert len(client.get(f"/api/tournaments/matches/?tournament={small.pk}").json()["results"]) == 1
    large = running_tournament(4)
    with django_assert_num_queries(1):
        rows = client.get(f"/api/tournaments/matches/?tournament={large.pk}").json()["results"]
    assert [row["key"] for row in rows] == ["W1.1", "W1.2", "W2.1"]
    player = large.matches.get(key="W1.1").entrant_a.user
    mine = client_for(player).get("/api/tournaments/matches/?mine=true").json()["results"]
    assert [row["key"] for row in mine] == ["W1.1"]
    assert client.get("/api/tournaments/matches/?mine=true").json()["results"] == []
    assert client.get("/api/tournaments/matches/?status=nonsense").status_code == 400
    assert client.get("/api/tournaments/matches/?tournament=1e400").status_code == 400


def start_with(tournament: Any, count: int) -> Any:
    fill(tournament, count)
    return start(tournament)
