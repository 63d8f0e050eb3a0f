"""Who gets a new ticket."""

from django.db.models import Count, Q

from common.db import needs_transaction
from support.enums import TicketStatus
from support.models import SupportAssignment
from users.models import User
from users.selectors import support_staff


@needs_transaction
def choose_assignee(*, game_id: int | None, author_id: int) -> User | None:
    """The support person of the game with the fewest tickets not closed (of equals the first by id); without one the
    head of support of the game, then any head of support, then nobody. Nobody looks after a ticket of their own.

    Locks the assignments it chooses from, so that tickets arriving at once are spread.
    """
    rows = list(SupportAssignment.objects.filter(Q(game=game_id) | Q(head_support=True)).locked())
    of_game = [row for row in rows if row.game_id == game_id]
    for candidates in (
        [row for row in of_game if not row.head_support],
        [row for row in of_game if row.head_support],
        [row for row in rows if row.head_support],
    ):
        chosen = _least_busy([row.support_person_id for row in candidates], author_id)
        if chosen is not None:
            return chosen
    return None


def _least_busy(people: list[int], author_id: int) -> User | None:
    waiting = Count("assigned_tickets", filter=~Q(assigned_tickets__status=TicketStatus.CLOSED))
    return (
        support_staff()
        .filter(pk__in=people)
        .exclude(pk=author_id)
        .annotate(waiting=waiting)
        .order_by("waiting", "pk")
        .first()
    )
