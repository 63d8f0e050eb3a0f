"""Who may see and do what with a ticket. A ticket that somebody may not see does not exist for them."""

from django.db.models import Q, QuerySet

from common.db import LockQuerySet
from support.models import Ticket
from tournaments.enums import TournamentStatus
from tournaments.models import Tournament
from users.models import User
from users.rules import is_support


def visible_to(user: User) -> LockQuerySet[Ticket]:
    """One's own; support see all."""
    return Ticket.objects.all() if is_support(user) else Ticket.objects.filter(user=user)


def desk_of(user: User) -> LockQuerySet[Ticket]:
    """What a list begins with: one's own, and for support what is assigned to them."""
    return visible_to(user).filter(Q(user=user) | Q(assignee=user))


def answers_as_staff(ticket: Ticket, actor: User) -> bool:
    return is_support(actor) and ticket.user_id != actor.pk


def may_manage(actor: User) -> bool:
    """Set tickets to pending, hand them to somebody, say who supports which game."""
    return is_support(actor)


def may_rate(ticket: Ticket, actor: User) -> bool:
    return ticket.user_id == actor.pk


def may_be_assigned(person: User) -> bool:
    return is_support(person)


def tournaments_known_to(user: User) -> QuerySet[Tournament]:
    """What a ticket may name: every tournament but other people's drafts."""
    if is_support(user):
        return Tournament.objects.all()
    return Tournament.objects.filter(~Q(status=TournamentStatus.DRAFT) | Q(creator=user))
