"""Who may see and do what with a ticket. A ticket that somebody may not see does not exist for them."""

from django.db.models import Q, QuerySet

from common.db import LockQuerySet
from support.models import Ticket
from tournaments.enums import TournamentStatus
from tournaments.models import Tournament
from users.models import User


def visible_to(user: User) -> LockQuerySet[Ticket]:
    """One's own; staff see all."""
    return Ticket.objects.all() if user.is_staff else Ticket.objects.filter(user=user)


def desk_of(user: User) -> LockQuerySet[Ticket]:
    """What a list begins with: one's own, and for staff what is assigned to them."""
    return visible_to(user).filter(Q(user=user) | Q(assignee=user))


def answers_as_staff(ticket: Ticket, actor: User) -> bool:
    return actor.is_staff and ticket.user_id != actor.pk


def may_manage(actor: User) -> bool:
    """Set tickets to pending, hand them to somebody, say who supports which game."""
    return actor.is_staff


def may_rate(ticket: Ticket, actor: User) -> bool:
    return ticket.user_id == actor.pk


def may_be_assigned(person: User) -> bool:
    return person.is_staff and person.is_active


def tournaments_known_to(user: User) -> QuerySet[Tournament]:
    """What a ticket may name: every tournament but other people's drafts."""
    if user.is_staff:
        return Tournament.objects.all()
    return Tournament.objects.filter(~Q(status=TournamentStatus.DRAFT) | Q(creator=user))
