from django.utils import timezone

from common.events import handles
from common.queue import enqueue_on_commit
from tournaments.services import identities
from tournaments.tasks import settle_entry
from users.events import InGameIdChanging
from wallet.events import PaymentFailed, PaymentSettled


@handles(PaymentSettled)
@handles(PaymentFailed)
def settle_entry_soon(event: PaymentSettled | PaymentFailed) -> None:
    """After the commit: what goes wrong with an entry never takes back the money that came for it."""
    if event.entrant_id is not None:
        enqueue_on_commit(settle_entry, event.payment_id, event.entrant_id)


@handles(InGameIdChanging)
def keep_ids_of_players(event: InGameIdChanging) -> None:
    """Whoever had none may still give one: the others need to know whom they play."""
    if not event.is_first:
        identities.require_not_playing(user_id=event.user_id, game_id=event.game_id, now=timezone.now())
