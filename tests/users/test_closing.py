from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from chat.models import Conversation, Message
from chat.services import messages
from common.models import AuditEntry
from matches.services import reports
from notifications.models import Notification
from support.models import Ticket, TicketMessage
from support.services import tickets
from teams.models import Invitation, TeamMember
from teams.services import invitations, membership
from tests.conftest import access_token, open_session
from tests.factories.games import GameFactory
from tests.factories.teams import InvitationFactory, MemberFactory, TeamFactory
from tests.factories.tournaments import join, make_tournament, play_out, screenshot, start
from tests.factories.users import StaffFactory, UserFactory
from tests.factories.wallet import assert_ledger_holds, deposit, make_payment, win
from tournaments.models import Entrant
from tournaments.services import lifecycle
from users.assurance import Assurance
from users.errors import AccountCannotClose, StepUpRequired
from users.models import Block, IdentityReview, PhoneChange, Privacy, Session, User
from users.services import closing, exports, otp, profiles, sessions

ME, PREVIEW = "/api/users/users/me/", "/api/users/users/me/deletion/preview/"
PHONE, EMAIL, FULL_NAME, USERNAME, FIRST_NAME = (
    "09351234567", "sara.karimi@example.com", "سارا کریمی‌نژاد", "SaraKarimi", "sara_first",
)  # fmt: skip
NEEDLES = (PHONE, PHONE[1:], EMAIL, FULL_NAME, USERNAME, FIRST_NAME, "Sara#77", "about me only", "09121110000")


def proved(now: datetime) -> Assurance:
    return Assurance(level=2, proved_at=now)


def close(user: User, now: datetime) -> datetime:
    """Ask, and wait; returns when it was done."""
    due = closing.request(actor=user, assurance=proved(now), now=now)
    assert closing.sweep(now=due) == 1
    user.refresh_from_db()
    return due


def text_columns() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' "
            "AND data_type IN ('text', 'character varying', 'jsonb', 'bytea', 'ARRAY')"
        )
        return cursor.fetchall()


def mentions(needles: tuple[str, ...]) -> set[tuple[str, str, str]]:
    """Every (table, column, needle) that the database still holds, whatever the case."""
    found = set()
    with connection.cursor() as cursor:
        for table, column in text_columns():
            cursor.execute(f'SELECT DISTINCT lower("{column}"::text) FROM "{table}" WHERE "{column}" IS NOT NULL')
            texts = [row[0] for row in cursor.fetchall()]
            for needle in needles:
                low, raw = needle.lower(), needle.encode().hex()
                if any(low in text or raw in text for text in texts):
                    found.add((table, column, needle))
    return found


@pytest.fixture
def person(now: datetime, db: None) -> User:
    """Somebody who has left traces wherever the product keeps any."""
    other, staff = UserFactory(username="Neighbour"), StaffFactory()
    user = UserFactory(phone_number=PHONE, username=FIRST_NAME)
    profiles.update(
        actor=user, username=USERNAME, full_name=FULL_NAME, email=EMAIL, bio="about me only",
        profile_picture=screenshot(), in_game_ids=[{"game": GameFactory(), "player_id": "Sara#77"}], now=now,
    )  # fmt: skip
    User.objects.filter(pk=user.pk).update(verified_name=FULL_NAME, identity_verified_at=now)
    IdentityReview.objects.create(user=user, full_name=FULL_NAME, reason=FULL_NAME, submitted_at=now)
    PhoneChange.objects.create(user=user, old_phone="09121110000", new_phone=PHONE, changed_at=now)
    user.refresh_from_db()
    open_session(user)
    otp.issue(phone_number=PHONE, ip="10.0.0.1", now=now)
    Privacy.objects.create(user=user, history="nobody")

    tournament = make_tournament(name="Past Cup")
    for player in (user, other):
        join(tournament, player)
    tournament = play_out(start(tournament))
    match = tournament.matches.first()
    reports.file(
        match_id=match.pk, actor=other, reported_user_id=user.pk, reported_player_id="", description="rude",
        evidence=None, now=now,
    )  # fmt: skip

    team = TeamFactory(captain=other)
    invitation = invitations.invite(team_id=team.pk, user_id=user.pk, actor=other, now=now)
    invitations.respond(invitation_id=invitation.pk, accept=True, actor=user, now=now)
    TeamFactory(captain=user, name="Alone")
    InvitationFactory(team=TeamFactory(captain=other), user=user)
    messages.send_direct(actor=user, recipient_id=other.pk, content="see you", now=now)
    ticket = tickets.create(
        actor=user, title=f"I am {FULL_NAME}", content=f"call {PHONE}", game_id=None, tournament_id=None,
        match_id=None, files=[screenshot()], now=now,
    )  # fmt: skip
    tickets.reply(ticket_id=ticket.pk, actor=staff, message=f"Dear {FULL_NAME}", files=[], now=now)
    Block.objects.create(user=other, blocked=user, created_at=now)
    export = exports.request(actor=user, now=now)
    exports.make(export_id=export.pk, now=now)
    return user


def test_nothing_personal_is_left_behind(person: User, now: datetime, django_capture_on_commit_callbacks: Any) -> None:
    before = mentions(NEEDLES)
    assert {needle for _, _, needle in before} >= {PHONE, EMAIL, FULL_NAME, USERNAME, FIRST_NAME, "Sara#77"}
    pictures = [person.profile_picture, person.data_exports.get().path]
    assert all(default_storage.exists(path) for path in pictures)

    with django_capture_on_commit_callbacks(execute=True):
        close(person, now)

    assert mentions(NEEDLES) == set()
    assert not any(default_storage.exists(path) for path in pictures)
    name = f"deleted-{person.pk}"
    assert (person.username, person.phone_number, person.is_active) == (name, f"x{person.pk}", False)
    assert person.closed_at is not None
    assert_ledger_holds()


def test_what_belongs_to_others_stays_under_another_name(person: User, now: datetime) -> None:
    close(person, now)
    name = f"deleted-{person.pk}"
    entrant = Entrant.objects.get(user=person)
    assert (entrant.name, entrant.place_first) == (name, 1)
    assert Message.objects.get(content="see you").sender == person
    assert Conversation.objects.get(kind="match").title == f"{name} – Neighbour"
    answered = Notification.objects.get(kind="team_invitation_answered")
    assert answered.params["user"] == name
    assert not TeamMember.objects.filter(user=person, team__closed_at=None).exists()
    assert not Invitation.objects.filter(user=person, status="pending").exists()
    assert Ticket.objects.filter(user=person, title="").count() == 1
    assert set(TicketMessage.objects.filter(ticket__user=person).values_list("body", flat=True)) == {""}
    assert AuditEntry.objects.filter(action="account.closed", target_id=person.pk).count() == 1
    assert Block.objects.count() == 0


def test_phone_and_name_are_free_for_a_new_account(client_for: Callable[..., Any], person: User, now: datetime) -> None:
    close(person, now)
    fresh = User.objects.create_user(PHONE, username="newcomer")
    assert fresh.pk != person.pk
    assert profiles.update(actor=fresh, username=USERNAME, now=now).username == USERNAME
    client = client_for(fresh)
    assert client.get(f"/api/users/users/{person.pk}/").status_code == 404
    assert client.get("/api/users/users/", {"search": "deleted"}).json()["results"] == []


def test_two_closed_accounts_do_not_collide(now: datetime, db: None) -> None:
    users = UserFactory.create_batch(3)
    for user in users:
        closing.request(actor=user, assurance=proved(now), now=now)
    assert closing.sweep(now=now + timedelta(days=7)) == 3
    assert closing.sweep(now=now + timedelta(days=8)) == 0


def test_closing_needs_a_fresh_second_factor(client_for: Callable[..., Any], user: User) -> None:
    answer = client_for(user).delete(ME)
    assert (answer.status_code, answer.json()["code"]) == (403, "step_up_required")
    user.refresh_from_db()
    assert user.closing_at is None


def test_closing_signs_out_and_waits_a_week(client_for: Callable[..., Any], user: User) -> None:
    client = client_for(user)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {access_token(user, proved_at=timezone.now())}")
    answer = client.delete(ME)
    user.refresh_from_db()
    assert (answer.status_code, answer.json()) == (
        202,
        {"closing_at": user.closing_at.isoformat().replace("+00:00", "Z")},
    )
    assert client.get(ME).status_code == 401
    assert user.sessions.filter(revoked_at=None).count() == 0
    assert Notification.objects.filter(user=user, kind="account_closing").count() == 1
    assert closing.sweep(now=user.closing_at - timedelta(seconds=1)) == 0
    user.refresh_from_db()
    assert user.is_active


def test_signing_in_again_keeps_the_account(user: User, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    due = closing.request(actor=user, assurance=proved(now), now=now)
    code = issued_code(user, now, monkeypatch)
    device = sessions.Device("phone", "agent", "10.0.0.1")
    sessions.sign_in(phone_number=user.phone_number, code=code, device=device, now=now)
    assert closing.sweep(now=due) == 0
    user.refresh_from_db()
    assert (user.is_active, user.closing_at) == (True, None)
    assert AuditEntry.objects.filter(action="account.kept", target_id=user.pk).count() == 1


def issued_code(user: User, now: datetime, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(otp.secrets, "randbelow", lambda limit: 123456)
    otp.issue(phone_number=user.phone_number, ip="10.0.0.1", now=now)
    return "123456"


def reason_none(user: User, now: datetime) -> None:
    pass


def reason_money(user: User, now: datetime) -> None:
    win(user, 5_000)


def reason_payment(user: User, now: datetime) -> None:
    make_payment(user, 5_000)


def reason_captain(user: User, now: datetime) -> None:
    MemberFactory(team=TeamFactory(captain=user))


def reason_tournament(user: User, now: datetime) -> None:
    join(make_tournament(), user)


def reason_organiser(user: User, now: datetime) -> None:
    make_tournament(creator=user)


def reason_staff(user: User, now: datetime) -> None:
    User.objects.filter(pk=user.pk).update(is_staff=True)
    user.refresh_from_db()


REASONS: dict[str, Callable[[User, datetime], None]] = {
    "wallet_not_empty": reason_money,
    "payment_open": reason_payment,
    "captain_of_team": reason_captain,
    "in_running_tournament": reason_tournament,
    "organises_tournament": reason_organiser,
    "staff_cannot_close": reason_staff,
}


@pytest.mark.parametrize("code", REASONS)
def test_each_reason_keeps_the_account(user: User, now: datetime, code: str) -> None:
    REASONS[code](user, now)
    assert [item.code for item in closing.preview(actor=user)] == [code]
    with pytest.raises(AccountCannotClose) as refused:
        closing.request(actor=user, assurance=proved(now), now=now)
    assert [reason["code"] for reason in refused.value.params["reasons"]] == [code]
    user.refresh_from_db()
    assert user.closing_at is None


def test_all_reasons_are_told_at_once(client_for: Callable[..., Any], user: User, now: datetime) -> None:
    client = client_for(user)
    assert client.get(PREVIEW).json() == {"allowed": True, "reasons": []}
    for happen in REASONS.values():
        happen(user, now)
    shown = client.get(PREVIEW).json()
    assert (shown["allowed"], {reason["code"] for reason in shown["reasons"]}) == (False, set(REASONS))
    assert all(reason["detail"] for reason in shown["reasons"])


def test_reason_that_comes_up_meanwhile_puts_it_off(user: User, now: datetime) -> None:
    due = closing.request(actor=user, assurance=proved(now), now=now)
    deposit(user, 5_000)
    assert closing.sweep(now=due) == 0
    user.refresh_from_db()
    assert (user.is_active, user.closing_at) == (True, due + timedelta(days=1))
    entry = AuditEntry.objects.get(action="account.put_off")
    assert entry.changes == {"reasons": ["wallet_not_empty"]}
    assert_ledger_holds()


def test_captain_who_handed_over_may_go(user: User, now: datetime) -> None:
    member = MemberFactory(team=TeamFactory(captain=user))
    membership.transfer_captaincy(team_id=member.team_id, user_id=member.user_id, actor=user, now=now)
    close(user, now)
    assert list(TeamMember.objects.filter(team=member.team).values_list("user", flat=True)) == [member.user_id]


def test_organiser_of_a_cancelled_tournament_may_go(user: User, now: datetime) -> None:
    tournament = make_tournament(creator=user)
    lifecycle.cancel(tournament_id=tournament.pk, actor=user, reason="rain", now=now)
    close(user, now)
    assert user.closed_at is not None


def test_second_request_needs_to_prove_again(user: User, now: datetime) -> None:
    with pytest.raises(StepUpRequired):
        closing.request(actor=user, assurance=proved(now - timedelta(hours=1)), now=now)
    assert Session.objects.count() == 0
