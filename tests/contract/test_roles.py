"""Who may do what: every role and every operation of staff's, in one table."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from chat import rules as chat_rules
from chat.models import Conversation
from common.errors import DomainError
from matches import selectors as match_selectors
from matches.enums import ReportStatus
from matches.errors import OwnMatchNotRulable
from matches.models import Match, Report
from matches.services import reports, results
from support.services import assignments, tickets
from tests.contract.routes import fingerprint
from tests.factories.games import GameFactory
from tests.factories.identity import ask
from tests.factories.support import TicketFactory
from tests.factories.tournaments import make_tournament, player_of, running_tournament, submit
from tests.factories.users import StaffFactory, UserFactory, staff_with
from tournaments import selectors as tournament_selectors
from tournaments.models import Tournament
from tournaments.services import editing, lifecycle
from users.enums import DocumentKind, Role
from users.models import User
from users.services import disabling, identity, roles
from wallet import rules as wallet_rules

pytestmark = pytest.mark.django_db

WHO = ("player", "organiser", "support", "manager", "manager of another game", "administrator", "superuser")
YES, NO, UNKNOWN = "done", "permission_denied", "not_found"
NOT_HIS = "not_organiser"
TABLE: dict[str, tuple[str, ...]] = {
    # matches and reports
    "rule on a match": ("not_referee", "not_referee", "not_referee", YES, "not_referee", YES, YES),
    "see the room of a match": (UNKNOWN, UNKNOWN, YES, YES, UNKNOWN, YES, YES),
    "see a report": (UNKNOWN, UNKNOWN, YES, YES, UNKNOWN, YES, YES),
    "close a report": (UNKNOWN, UNKNOWN, "not_referee", YES, UNKNOWN, YES, YES),
    # tournaments
    "make a tournament": (YES,) * 7,
    "see a draft": (UNKNOWN, UNKNOWN, YES, YES, UNKNOWN, YES, YES),
    "publish a draft": (UNKNOWN, UNKNOWN, NOT_HIS, YES, UNKNOWN, YES, YES),
    "cancel a tournament": (NOT_HIS, NOT_HIS, NOT_HIS, YES, NOT_HIS, YES, YES),
    "promise a prize": ("prize_needs_staff",) * 3 + (YES, "prize_needs_staff", YES, YES),
    # support
    "take a ticket": (UNKNOWN, UNKNOWN, YES, UNKNOWN, UNKNOWN, YES, YES),
    "say who supports a game": (NO, NO, YES, NO, NO, YES, YES),
    # people
    "look at documents": (NO, NO, YES, NO, NO, YES, YES),
    "approve an identity": (NO, NO, YES, NO, NO, YES, YES),
    "revoke an identity": ("not_administrator",) * 5 + (YES, YES),
    "give a role": ("not_administrator",) * 5 + (YES, YES),
    "take a role": ("not_administrator",) * 5 + (YES, YES),
    "disable an account": ("not_administrator",) * 5 + (YES, YES),
    # money
    "ask the gateway again": (NO, NO, NO, NO, NO, YES, YES),
}
CASES = [(what, who, answer) for what, row in TABLE.items() for who, answer in zip(WHO, row, strict=True)]


def somebody(who: str, game: Any) -> User:
    if who in {"player", "superuser"}:
        return UserFactory() if who == "player" else StaffFactory()
    if who == "manager of another game":
        return staff_with(Role.GAME_MANAGER, GameFactory())
    role = {"manager": Role.GAME_MANAGER}.get(who) or Role(who)
    return staff_with(role, game if role == Role.GAME_MANAGER else None)


def disputed() -> Match:
    match = running_tournament(2, prize_distribution=[10_000]).matches.get()
    submit(match, match.entrant_a)
    return results.dispute(match_id=match.pk, actor=player_of(match.entrant_b), reason="no", now=timezone.now())


def reported() -> Report:
    match = running_tournament(2, prize_distribution=[10_000]).matches.get()
    return reports.file(
        match_id=match.pk,
        actor=player_of(match.entrant_a),
        reported_user_id=match.entrant_b.captain_id,
        description="x",
        now=timezone.now(),
    )


def dates(tournament: Tournament) -> dict[str, Any]:
    names = ("game", "registration_start_at", "registration_end_at", "start_at")
    return {"name": "Another Cup", "now": timezone.now()} | {name: getattr(tournament, name) for name in names}


def require(yes: bool) -> None:
    if not yes:
        raise KeyError


def verified() -> Any:
    now = timezone.now()
    return identity.approve(review_id=ask(UserFactory()).pk, actor=StaffFactory(), now=now)


# What there is, the game it belongs to, and what is done with it by somebody.
Act = Callable[[Any, User, Any], Any]
WORLDS: dict[str, tuple[Callable[[], Any], Callable[[Any], Any], Act]] = {
    "rule on a match": (disputed, lambda match: match.tournament.game, lambda match, actor, now: results.resolve(
        match_id=match.pk, actor=actor, winner_id=match.entrant_a.user_id, now=now)),
    "see the room of a match": (disputed, lambda match: match.tournament.game, lambda match, actor, now:
        chat_rules.require_open(conversation_id=Conversation.objects.get(match=match).pk, user_id=actor.pk)),
    "see a report": (reported, lambda report: report.match.tournament.game, lambda report, actor, now:
        match_selectors.reports_for(actor).get(pk=report.pk)),
    "close a report": (reported, lambda report: report.match.tournament.game, lambda report, actor, now:
        reports.close(report_id=report.pk, actor=actor, status=ReportStatus.RESOLVED, note="", now=now)),
    "make a tournament": (make_tournament, lambda cup: cup.game, lambda cup, actor, now:
        editing.create(actor=actor, **dates(cup))),
    "see a draft": (lambda: make_tournament(published=False), lambda cup: cup.game, lambda cup, actor, now:
        tournament_selectors.find(actor, str(cup.pk))),
    "publish a draft": (lambda: make_tournament(published=False), lambda cup: cup.game, lambda cup, actor, now:
        lifecycle.publish(tournament_id=cup.pk, actor=actor, now=now)),
    "cancel a tournament": (make_tournament, lambda cup: cup.game, lambda cup, actor, now:
        lifecycle.cancel(tournament_id=cup.pk, actor=actor, reason="", now=now)),
    "promise a prize": (make_tournament, lambda cup: cup.game, lambda cup, actor, now:
        editing.create(actor=actor, prize_pool_rial=1_000_000, **dates(cup))),
    "take a ticket": (lambda: TicketFactory(game=GameFactory()), lambda ticket: ticket.game, lambda ticket, actor, now:
        tickets.manage(ticket_id=ticket.pk, actor=actor, status="pending", now=now)),
    "say who supports a game": (GameFactory, lambda game: game, lambda game, actor, now:
        assignments.create(support_person=User.objects.get(username="helper"), game=game, actor=actor, now=now)),
    "look at documents": (lambda: ask(UserFactory()), lambda review: GameFactory(), lambda review, actor, now:
        identity.open_document(review_id=review.pk, kind=DocumentKind.SELFIE, actor=actor, now=now)),
    "approve an identity": (lambda: ask(UserFactory()), lambda review: GameFactory(), lambda review, actor, now:
        identity.approve(review_id=review.pk, actor=actor, now=now)),
    "revoke an identity": (verified, lambda review: GameFactory(), lambda review, actor, now:
        identity.revoke(review_id=review.pk, actor=actor, reason="forged", now=now)),
    "give a role": (UserFactory, lambda user: GameFactory(), lambda user, actor, now:
        roles.grant(user_id=user.pk, role=Role.SUPPORT, actor=actor, now=now)),
    "take a role": (lambda: User.objects.get(username="helper"), lambda user: GameFactory(), lambda user, actor, now:
        roles.revoke(user_id=user.pk, role=Role.SUPPORT, actor=actor, now=now)),
    "disable an account": (UserFactory, lambda user: GameFactory(), lambda user, actor, now:
        disabling.disable(user_id=user.pk, actor=actor, reason="", now=now)),
    "ask the gateway again": (UserFactory, lambda user: GameFactory(), lambda user, actor, now:
        require(wallet_rules.may_ask_gateway(actor))),
}  # fmt: skip


def answer_of(act: Act, thing: Any, actor: User) -> str:
    try:
        act(thing, actor, timezone.now())
    except DomainError as error:
        return error.code
    except Report.DoesNotExist:
        return UNKNOWN
    except KeyError:
        return NO
    return YES


@pytest.mark.parametrize(("what", "who", "answer"), CASES, ids=[f"{what}: {who}" for what, who, _ in CASES])
def test_each_role_may_do_its_work_and_nothing_else(what: str, who: str, answer: str) -> None:
    staff_with(Role.SUPPORT, username="helper")
    make, game_of, act = WORLDS[what]
    thing = make()
    actor = somebody(who, game_of(thing))
    before = fingerprint()
    assert answer_of(act, thing, actor) == answer
    if answer != YES:
        assert fingerprint() == before


def test_nobody_rules_on_what_they_play_in() -> None:
    report = reported()
    match, now = report.match, timezone.now()
    player = match.entrant_b.captain
    roles.grant(
        user_id=player.pk, role=Role.GAME_MANAGER, game_id=match.tournament.game_id, actor=StaffFactory(), now=now
    )
    actor = User.objects.get(pk=player.pk)
    before = fingerprint()
    with pytest.raises(OwnMatchNotRulable):
        reports.close(report_id=report.pk, actor=actor, status=ReportStatus.REJECTED, note="", now=now)
    with pytest.raises(OwnMatchNotRulable):
        results.resolve(match_id=match.pk, actor=actor, winner_id=actor.pk, now=now)
    assert fingerprint() == before
