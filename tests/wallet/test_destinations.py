from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from common.errors import InvalidInput, NotFound, PermissionDenied
from common.models import AuditEntry
from notifications.models import Notification
from tests.factories.payouts import make_card, make_destination, make_sheba, proved, request_withdrawal
from tests.factories.users import UserFactory
from users.assurance import Assurance
from users.errors import StepUpRequired
from users.models import User
from wallet import rules, selectors
from wallet.errors import DestinationExists, DestinationInUse, InvalidCardNumber, InvalidSheba, TooManyDestinations
from wallet.models import PayoutDestination
from wallet.services import destinations, withdrawals

pytestmark = pytest.mark.django_db


def add(user: User, number: str, now: datetime, **changes: Any) -> PayoutDestination:
    told = {"actor": user, "assurance": proved(now), "number": number, "owner_name": "سارا احمدی", "now": now}
    return destinations.add(**(told | changes))


def test_add_keeps_the_number_sealed_and_tells_the_owner(user: User, now: datetime) -> None:
    sheba = make_sheba("017")
    kept = add(user, sheba, now, owner_name="  سارا\u200e  احمدي ")
    assert (kept.kind, kept.bank, kept.last_four, kept.owner_name) == ("sheba", "melli", sheba[-4:], "سارا احمدی")
    assert sheba.encode() not in bytes(kept.number_sealed)
    assert sheba not in "".join(map(str, PayoutDestination.objects.values_list()[0]))
    assert destinations.open_number(kept) == sheba
    assert Notification.objects.get(user=user).kind == "destination_added"
    entry = AuditEntry.objects.get(action="destination.add")
    assert (entry.actor, entry.changes["last_four"], sheba in str(entry.changes)) == (user, sheba[-4:], False)


def test_a_card_is_told_from_a_sheba_by_its_length(user: User, now: datetime) -> None:
    card = make_card("603799")
    kept = add(user, card, now)
    assert (kept.kind, kept.bank, destinations.open_number(kept)) == ("card", "melli", card)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"assurance": Assurance()}, StepUpRequired),
        ({"number": "IR0001"}, InvalidCardNumber),
        ({"number": make_sheba()[:-1] + "x"}, InvalidSheba),
        ({"owner_name": " \u200e "}, InvalidInput),
    ],
)
def test_add_refuses(user: User, now: datetime, changes: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        add(user, **({"number": make_sheba(), "now": now} | changes))
    assert PayoutDestination.objects.count() == 0


def test_a_second_factor_that_is_old_is_not_enough(user: User, now: datetime, settings: Any) -> None:
    stale = now - timedelta(seconds=settings.STEP_UP_SECONDS + 1)
    with pytest.raises(StepUpRequired):
        add(user, make_sheba(), now, assurance=proved(stale))


@pytest.mark.django_db(transaction=True)
def test_the_same_number_is_kept_once_per_user_until_it_is_removed(user: User, now: datetime) -> None:
    sheba = make_sheba()
    first = add(user, sheba, now)
    with pytest.raises(DestinationExists):
        add(user, sheba[2:], now)
    add(UserFactory(), sheba, now)
    destinations.remove(destination_id=first.pk, actor=user, now=now)
    assert add(user, sheba, now).pk != first.pk


def test_a_user_keeps_so_many_and_no_more(user: User, now: datetime, settings: Any) -> None:
    settings.MAX_DESTINATIONS_PER_USER = 2
    first = add(user, make_sheba(), now)
    add(user, make_sheba(), now)
    with pytest.raises(TooManyDestinations):
        add(user, make_sheba(), now)
    destinations.remove(destination_id=first.pk, actor=user, now=now)
    add(user, make_sheba(), now)


def test_remove_is_for_the_owner_and_not_while_a_withdrawal_is_on_its_way(user: User, now: datetime) -> None:
    kept = make_destination(user)
    with pytest.raises(NotFound):
        destinations.remove(destination_id=kept.pk, actor=UserFactory(), now=now)
    request_withdrawal(user, destination=kept)
    with pytest.raises(DestinationInUse):
        destinations.remove(destination_id=kept.pk, actor=user, now=now)
    kept.refresh_from_db()
    assert kept.removed_at is None


@pytest.mark.parametrize(
    ("verified_name", "matches"),
    [("سارا احمدی", True), ("سارا  احمدي", True), ("مینا احمدی", False), ("", None)],
)
def test_the_owners_name_is_compared_with_the_verified_one(
    now: datetime, verified_name: str, matches: bool | None
) -> None:
    user = UserFactory(full_name="سارا احمدی", verified_name=verified_name)
    assert add(user, make_sheba(), now).owner_matches is matches


def test_a_new_destination_and_a_new_phone_cool_down(user: User, now: datetime, settings: Any) -> None:
    kept = make_destination(user, now=now)
    assert rules.usable_at(kept, user) < now
    user.phone_changed_at = now - timedelta(hours=1)
    assert rules.usable_at(kept, user) == now + timedelta(hours=settings.DESTINATION_COOL_HOURS - 1)
    fresh = add(user, make_sheba(), now)
    assert rules.usable_at(fresh, user) == now + timedelta(hours=settings.DESTINATION_COOL_HOURS)


def test_a_number_that_others_have_or_had_is_an_alarm_and_no_refusal(user: User, now: datetime, caplog: Any) -> None:
    sheba, others = make_sheba(), UserFactory.create_batch(2)
    for other in others:
        kept = add(other, sheba, now)
    destinations.remove(destination_id=kept.pk, actor=others[1], now=now)
    AuditEntry.objects.all().delete()
    caplog.clear()
    shared = add(user, sheba, now)
    entry = AuditEntry.objects.get(action="destination.shared")
    assert (entry.actor, entry.target_id, entry.changes) == (None, shared.pk, {"users": [one.pk for one in others]})
    assert f"ALARM destination.shared: destination {shared.pk}" in caplog.text
    assert sheba not in caplog.text + str(entry.changes)
    assert list(selectors.other_owners(shared)) == others


def test_a_number_of_ones_own_is_no_alarm(user: User, now: datetime, caplog: Any) -> None:
    sheba = make_sheba()
    add(UserFactory(), make_sheba(), now)
    destinations.remove(destination_id=add(user, sheba, now).pk, actor=user, now=now)
    add(user, sheba, now)
    assert not AuditEntry.objects.filter(action="destination.shared").exists()
    assert "ALARM" not in caplog.text


def test_reveal_is_for_administrators_and_is_written_down(user: User, staff: User, now: datetime) -> None:
    sheba = make_sheba()
    kept = make_destination(user, number=sheba)
    for other in (user, UserFactory(is_staff=True)):
        with pytest.raises(PermissionDenied):
            destinations.reveal(destination_id=kept.pk, actor=other, now=now)
    assert AuditEntry.objects.filter(action="destination.reveal").count() == 0
    assert destinations.reveal(destination_id=kept.pk, actor=staff, now=now) == sheba
    assert AuditEntry.objects.get(action="destination.reveal").actor == staff


def test_what_is_missing_is_named(user: User, staff: User, now: datetime) -> None:
    with pytest.raises(InvalidInput) as refusal:
        add(user, make_sheba(), now, owner_name=" ")
    assert {name: error[0]["code"] for name, error in refusal.value.errors.items()} == {"owner_name": "required"}
    with pytest.raises(NotFound):
        destinations.reveal(destination_id=0, actor=staff, now=now)


def test_who_leaves_keeps_no_destination_and_the_books_keep_where_money_went(user: User, now: datetime) -> None:
    unused, used, removed = (make_destination(user, now=now) for _ in range(3))
    for kept in (used, removed):
        withdrawal = request_withdrawal(user, destination=kept, now=now)
        withdrawals.cancel(withdrawal_id=withdrawal.pk, actor=user, now=now)
    destinations.remove(destination_id=removed.pk, actor=user, now=now - timedelta(days=1))
    other = make_destination(UserFactory(), now=now)
    with transaction.atomic():
        destinations.forget_all(user_id=user.pk, now=now)
    assert list(PayoutDestination.objects.order_by("pk").values_list("pk", "owner_name", "removed_at")) == [
        (used.pk, "", now),
        (removed.pk, "", now - timedelta(days=1)),
        (other.pk, other.owner_name, None),
    ]
    assert not PayoutDestination.objects.filter(pk=unused.pk).exists()
