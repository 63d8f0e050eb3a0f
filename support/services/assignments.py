"""Who supports which game: kept by staff."""

from datetime import datetime

from common import audit
from common.db import needs_transaction, use_case
from common.errors import NotFound, PermissionDenied
from games.models import Game
from support import rules
from support.errors import NotSupportStaff
from support.models import SupportAssignment
from users.models import User


@use_case
def create(
    *, support_person: User, game: Game, head_support: bool = False, actor: User, now: datetime
) -> SupportAssignment:
    """:raises PermissionDenied: the actor is not staff. :raises NotSupportStaff: the person is not.
    :raises SupportAssignmentExists: (by constraint) the person supports the game already.
    """
    _check(actor, support_person)
    assignment = SupportAssignment.objects.create(support_person=support_person, game=game, head_support=head_support)
    _record("create", assignment, actor, now)
    return assignment


@use_case
def update(
    *,
    assignment_id: int,
    actor: User,
    now: datetime,
    support_person: User | None = None,
    game: Game | None = None,
    head_support: bool | None = None,
) -> SupportAssignment:
    """Change what is given. :raises NotFound: no such assignment. Else as ``create``."""
    assignment = _locked(assignment_id, actor)
    _check(actor, support_person or assignment.support_person)
    assignment.support_person = support_person or assignment.support_person
    assignment.game = game or assignment.game
    if head_support is not None:
        assignment.head_support = head_support
    assignment.save()
    _record("update", assignment, actor, now)
    return assignment


@use_case
def delete(*, assignment_id: int, actor: User, now: datetime) -> None:
    """Tickets stay with whom they are. :raises NotFound: no such assignment. :raises PermissionDenied: not staff."""
    assignment = _locked(assignment_id, actor)
    _record("delete", assignment, actor, now)
    assignment.delete()


def _check(actor: User, person: User) -> None:
    if not rules.may_manage(actor):
        raise PermissionDenied
    if not rules.may_be_assigned(person):
        raise NotSupportStaff


@needs_transaction
def _locked(assignment_id: int, actor: User) -> SupportAssignment:
    if not rules.may_manage(actor):
        raise PermissionDenied
    assignment = (
        SupportAssignment.objects.filter(pk=assignment_id).locked().select_related("support_person", "game").first()
    )
    if assignment is None:
        raise NotFound
    return assignment


def _record(what: str, assignment: SupportAssignment, actor: User, now: datetime) -> None:
    audit.record(
        action=f"support_assignment.{what}",
        actor=actor,
        target=assignment,
        now=now,
        support_person=assignment.support_person_id,
        game=assignment.game_id,
        head_support=assignment.head_support,
    )
