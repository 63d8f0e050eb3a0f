from django.utils import timezone

from common.events import handles
from common.queue import enqueue_on_commit
from tournaments.models import Entrant, RosterMember, Scoring, Tournament
from tournaments.services import identities
from tournaments.tasks import settle_entry
from users.events import AccountClosed, AccountClosing, InGameIdChanging
from users.models import User
from users.services.personal_data import Part, exports, rows
from wallet.events import PaymentFailed, PaymentSettled


@handles(PaymentSettled)
def admit_who_paid(event: PaymentSettled) -> None:
    _settle_entry_soon(event)


@handles(PaymentFailed)
def free_the_seat(event: PaymentFailed) -> None:
    _settle_entry_soon(event)


def _settle_entry_soon(event: PaymentSettled | PaymentFailed) -> None:
    """After the commit: what goes wrong with an entry never takes back the money that came for it."""
    if event.entrant_id is not None:
        enqueue_on_commit(settle_entry, event.payment_id, event.entrant_id)


@handles(InGameIdChanging)
def keep_ids_of_players(event: InGameIdChanging) -> None:
    """Whoever had none may still give one: the others need to know whom they play."""
    if not event.is_first:
        identities.require_not_playing(user_id=event.user_id, game_id=event.game_id, now=timezone.now())


@handles(AccountClosing)
def keep_who_is_needed(event: AccountClosing) -> None:
    event.refusals.extend(identities.why_not_leave(user_id=event.user_id))


@handles(AccountClosed)
def forget_names(event: AccountClosed) -> None:
    identities.forget(user_id=event.user_id)


@exports("tournaments", Tournament, Entrant, RosterMember, Scoring)
def export_tournaments(user: User) -> Part:
    created = user.created_tournaments.all()
    return Part(
        {
            "entries": rows(
                Entrant.objects.filter(roster__user=user),
                "id", "tournament_id", "tournament__name", "name", "status", "seed", "place_first", "place_last",
                "prize_rial", "joined_at", "checked_in_at",
            ),
            "rosters": rows(user.rosters.all(), "entrant_id", "tournament_id", "is_active"),
            "scorings": rows(
                user.scorings.all(), "tournament_id", "placement", "wins", "draws", "losses", "prize_rial"
            ),
            "created": rows(created, "id", "name", "description", "rules", "status", "created_at"),
        },
        files=list(created.values_list("image", flat=True)),
    )  # fmt: skip
