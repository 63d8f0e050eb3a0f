"""What each step leaves behind, word for word. Keys of journals and notices are how a repetition is recognised, also
by a later release; the audit is what people look for.
"""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from common.models import AuditEntry
from notifications.models import Notification
from tests.factories.payouts import DEBTOR, make_destination, make_sheba, proved, request_withdrawal
from tests.factories.users import StaffFactory
from tests.factories.wallet import deposit
from users.models import User
from wallet.enums import AdjustmentSource, Bucket, GatewayName
from wallet.models import Journal, PaymentDifference, Refund
from wallet.services import (
    adjustments,
    destinations,
    escrow,
    gateway_settlements,
    payouts,
    promotions,
    reconciliation,
    refunds,
    withdrawals,
)

pytestmark = pytest.mark.usefixtures("ledger_ok")
T = 7
Rows = list[tuple[Any, ...]]


@pytest.fixture
def second(db: None) -> User:
    return StaffFactory()


def begin() -> None:
    """Forget what led here. (Journals cannot be forgotten.)"""
    AuditEntry.objects.all().delete()
    Notification.objects.all().delete()


def journals(*kinds: str) -> Rows:
    rows = Journal.objects.filter(kind__in=kinds).order_by("pk")
    return list(rows.values_list("kind", "source_type", "source_id", "key", "user", "actor", "reason", "created_at"))


def audited() -> Rows:
    rows = AuditEntry.objects.order_by("pk")
    return list(rows.values_list("action", "actor", "target_type", "target_id", "reason", "changes"))


def told() -> Rows:
    return list(Notification.objects.order_by("pk").values_list("user", "kind", "params", "dedupe_key"))


def test_an_adjustment(user: User, staff: User, second: User, now: datetime) -> None:
    def propose(reason: str) -> int:
        return adjustments.propose(
            user_id=user.pk, bucket=Bucket.BONUS, amount_rial=1, against=AdjustmentSource.SUSPENSE,
            reason=reason, actor=staff, now=now,
        ).pk  # fmt: skip

    first, other = propose(" lost "), propose("found")
    later = now + timedelta(minutes=5)
    done = adjustments.approve(adjustment_id=first, actor=second, now=later, note=" seen ")
    adjustments.decline(adjustment_id=other, actor=second, now=later, note="no")
    done.refresh_from_db()
    assert (done.created_at, done.decided_by, done.decided_at, done.note) == (now, second, later, "seen")
    assert journals("adjustment") == [
        ("adjustment", "adjustment", f"{first}", f"adjustment:{first}", user.pk, second.pk, "lost", later)
    ]
    shown = {"user": user.pk, "bucket": "bonus", "amount_rial": 1}
    assert audited() == [
        ("adjustment.propose", staff.pk, "wallet.adjustment", first, "lost", shown),
        ("adjustment.propose", staff.pk, "wallet.adjustment", other, "found", shown),
        ("adjustment.approved", second.pk, "wallet.adjustment", first, "seen", {"amount_rial": 1}),
        ("adjustment.declined", second.pk, "wallet.adjustment", other, "no", {"amount_rial": 1}),
    ]
    assert told() == [(user.pk, "balance_adjusted", {"amount": 1, "reason": "lost"}, f"adjustment:{first}")]


def test_a_destination(user: User, staff: User, now: datetime, settings: Any) -> None:
    settings.DESTINATION_COOL_HOURS = 24
    sheba = "IR760170000000000000000001"
    kept = destinations.add(actor=user, assurance=proved(now), number=sheba, owner_name="سارا", now=now)
    destinations.reveal(destination_id=kept.pk, actor=staff, now=now)
    destinations.remove(destination_id=kept.pk, actor=user, now=now)
    # of another fingerprint, numbers that were kept before would no longer be recognised
    assert kept.fingerprint == "58649605b756f9a915a0114d84f555bba31b42fa16e72d44e414bf3827914d83"
    label = "wallet.payoutdestination"
    added = {"kind": "sheba", "bank": "melli", "last_four": "0001", "owner_matches": None}
    assert audited() == [
        ("destination.add", user.pk, label, kept.pk, "", added),
        ("destination.reveal", staff.pk, label, kept.pk, "", {}),
        ("destination.remove", user.pk, label, kept.pk, "", {}),
    ]
    usable = {"last_four": "0001", "usable_at": (now + timedelta(hours=24)).isoformat()}
    assert told() == [(user.pk, "destination_added", usable, f"destination:{kept.pk}")]


def test_a_tournament(user: User, staff: User, now: datetime) -> None:
    deposit(user, 500, now)
    with transaction.atomic():
        for entrant in (1, 2):
            escrow.charge_entry(payer=user, tournament_id=T, entrant_id=entrant, amount_rial=100, now=now)
        escrow.refund_entry(tournament_id=T, entrant_id=2, reason="left", actor=None, now=now)
        escrow.fund_prize(tournament_id=T, source="sponsor", amount_rial=50, actor=staff, now=now)
        prizes = [escrow.Prize(1, 9, user.pk, 120)]
        escrow.pay_prizes(tournament_id=T, prizes=prizes, fee_rial=10, actor=None, now=now)
        escrow.close(tournament_id=T, now=now)
    kinds = ("entry_fee", "refund", "prize_funding", "prize", "platform_fee", "remainder")
    charged = Journal.objects.get(key=f"entry:{T}:2")
    assert journals(*kinds) == [
        ("entry_fee", "entry", f"{T}:1", f"entry:{T}:1", user.pk, user.pk, "", now),
        ("entry_fee", "entry", f"{T}:2", f"entry:{T}:2", user.pk, user.pk, "", now),
        ("refund", "journal", f"{charged.pk}", f"reverse:entry:{T}:2", user.pk, None, "left", now),
        ("prize_funding", "funding", f"{T}:sponsor", f"funding:{T}:sponsor", None, staff.pk, "", now),
        ("prize", "prize", f"{T}:1:9:{user.pk}", f"prize:{T}:1:9:{user.pk}", user.pk, None, "", now),
        ("platform_fee", "tournament", f"{T}", f"fee:{T}", None, None, "", now),
        ("remainder", "tournament", f"{T}", f"remainder:{T}", None, None, "", now),
    ]
    assert Journal.objects.get(kind="refund").reverses == charged


def test_prize_money_of_a_tournament_that_is_off_goes_back(staff: User, now: datetime) -> None:
    with transaction.atomic():
        escrow.fund_prize(tournament_id=T, source="platform", amount_rial=50, actor=None, now=now)
        escrow.refund_all(tournament_id=T, reason="off", actor=staff, now=now)
    funded = Journal.objects.get(key=f"funding:{T}:platform")
    assert journals("funding_return", "remainder") == [
        ("funding_return", "journal", f"{funded.pk}", f"reverse:{funded.key}", None, staff.pk, "off", now)
    ]


def test_a_deposit(user: User, now: datetime) -> None:
    payment = deposit(user, 500, now)
    assert journals("deposit") == [
        ("deposit", "payment", f"{payment.pk}", f"deposit:{payment.pk}", user.pk, None, "", now)
    ]
    assert audited() == [("payment.settle", None, "wallet.payment", payment.pk, "", {"amount_rial": 500})]
    assert told() == [(user.pk, "deposit_settled", {"amount": 500}, f"deposit:{payment.pk}")]


def test_a_withdrawal_that_is_paid(user: User, staff: User, second: User, now: datetime, settings: Any) -> None:
    settings.WITHDRAWAL_TWO_PERSON_RIAL, settings.WITHDRAWAL_MIN_RIAL = 999, 10
    settings.PAYOUT_DEBTOR_SHEBA, settings.PAYOUT_DEBTOR_NAME = DEBTOR, "Meydan"
    destination = make_destination(user, number=make_sheba("017"), now=now)
    begin()
    asked = request_withdrawal(user, 1000, destination=destination, now=now)
    pk, reference = asked.pk, asked.reference
    for actor in (staff, second):
        withdrawals.approve(withdrawal_id=pk, actor=actor, assurance=proved(now), now=now)
    batch = payouts.export(withdrawal_ids=[pk], actor=staff, now=now)
    payouts.download(batch_id=batch.pk, actor=second, now=now)
    assert payouts.record_paid(withdrawal_id=pk, bank_reference="B1", actor=staff, now=now).ended_at == now
    payouts.record_late_return(withdrawal_id=pk, reason="no", actor=staff, assurance=proved(now), now=now)
    dismissed = payouts.dismiss_late_return(withdrawal_id=pk, reason=" wrong ", actor=second, now=now)
    # requested, approved by two, sent, paid, reported, dismissed
    assert (dismissed.status, dismissed.return_reported_by, dismissed.version) == ("paid", None, 7)
    payouts.record_late_return(withdrawal_id=pk, reason="closed", actor=staff, assurance=proved(now), now=now)
    payouts.record_late_return(withdrawal_id=pk, reason="", actor=second, assurance=proved(now), now=now)
    asked.refresh_from_db()
    assert (asked.approved_by, asked.second_approved_by, asked.approved_at, asked.submitted_at) == (
        staff, second, now, now,
    )  # fmt: skip
    assert (asked.return_reported_by, asked.return_confirmed_by, asked.ended_at) == (staff, second, now)
    assert journals("withdrawal", "payout_sent", "payout", "withdrawal_return") == [
        (kind, "withdrawal", reference, f"{kind}:{reference}", about, actor.pk, reason, now)
        for kind, about, actor, reason in (
            ("withdrawal", user.pk, user, ""),
            ("payout_sent", user.pk, staff, ""),
            ("payout", None, staff, ""),
            ("withdrawal_return", user.pk, second, "closed"),
        )
    ]
    label, batched = "wallet.withdrawal", "wallet.payoutbatch"
    sent = {"count": 1, "total_rial": 1000, "sha256": batch.sha256}
    assert audited() == [
        ("withdrawal.request", user.pk, label, pk, "", {"amount_rial": 1000, "destination": destination.pk}),
        ("withdrawal.approve_first", staff.pk, label, pk, "", {}),
        ("withdrawal.approve", second.pk, label, pk, "", {}),
        ("withdrawal.submit", staff.pk, label, pk, "", {"batch": batch.pk}),
        ("payout_batch.create", staff.pk, batched, batch.pk, "", sent),
        ("payout_batch.download", second.pk, batched, batch.pk, "", {}),
        ("withdrawal.paid", staff.pk, label, pk, "", {"bank_reference": "B1"}),
        ("withdrawal.return_first", staff.pk, label, pk, "no", {}),
        ("withdrawal.return_dismissed", second.pk, label, pk, "wrong", {}),
        ("withdrawal.return_first", staff.pk, label, pk, "closed", {}),
        ("withdrawal.returned", second.pk, label, pk, "closed", {}),
    ]
    shown = {"amount": 1000, "withdrawal": pk, "last_four": destination.last_four}
    assert told() == [
        (user.pk, "withdrawal_requested", shown, f"withdrawal_requested:{pk}"),
        (user.pk, "withdrawal_approved", shown, f"withdrawal_approved:{pk}"),
        (user.pk, "withdrawal_paid", shown | {"reference": "B1"}, f"withdrawal_paid:{pk}"),
        (user.pk, "withdrawal_returned", shown | {"reason": "closed"}, f"withdrawal_returned:{pk}"),
    ]


def test_a_withdrawal_that_is_given_back(user: User, staff: User, now: datetime) -> None:
    destination = make_destination(user, now=now)
    begin()
    first = request_withdrawal(user, 1_000_000, destination=destination, now=now)
    withdrawals.cancel(withdrawal_id=first.pk, actor=user, now=now)
    other = request_withdrawal(user, 1_000_000, destination=destination, now=now)
    withdrawals.reject(withdrawal_id=other.pk, reason=" no ", actor=staff, now=now)
    for row, reason in ((first, ""), (other, "no")):
        row.refresh_from_db()
        assert (row.reason, row.ended_at) == (reason, now)
    label, asked = "wallet.withdrawal", {"amount_rial": 1_000_000, "destination": destination.pk}
    assert audited() == [
        ("withdrawal.request", user.pk, label, first.pk, "", asked),
        ("withdrawal.cancelled", user.pk, label, first.pk, "", {}),
        ("withdrawal.request", user.pk, label, other.pk, "", asked),
        ("withdrawal.rejected", staff.pk, label, other.pk, "no", {}),
    ]
    assert [(kind, params.get("reason"), key) for _, kind, params, key in told()] == [
        ("withdrawal_requested", None, f"withdrawal_requested:{first.pk}"),
        ("withdrawal_cancelled", "", f"withdrawal_cancelled:{first.pk}"),
        ("withdrawal_requested", None, f"withdrawal_requested:{other.pk}"),
        ("withdrawal_rejected", "no", f"withdrawal_rejected:{other.pk}"),
    ]


def test_a_refund(user: User, staff: User, second: User, now: datetime, settings: Any) -> None:
    settings.REFUND_TWO_PEOPLE_RIAL = 400
    paid = [deposit(user, amount, now) for amount in (500, 600, 300)]
    begin()
    late = now + timedelta(days=2)

    def ask(number: int, reason: str) -> int:
        return refunds.request(
            payment_id=paid[number].pk, reason=reason, actor=staff, assurance=proved(late), now=late
        ).pk

    first, declined, given_up = ask(0, " twice "), ask(1, "wish"), ask(2, "small")
    refunds.approve(refund_id=first, actor=second, assurance=proved(late), now=late)
    assert refunds.reject(refund_id=declined, reason="no", actor=second, now=late).status == "rejected"
    refunds.finish(refund_id=first, reference=" R1 ", actor=staff, now=late)
    assert refunds.give_up(refund_id=given_up, reason="closed", actor=staff, now=late).status == "failed"
    taken = Journal.objects.get(key=f"refund:{given_up}")
    kind, label = "deposit_refund", "wallet.refund"
    assert journals(kind) == [
        (kind, "refund", f"{given_up}", f"refund:{given_up}", user.pk, staff.pk, "small", late),
        (kind, "refund", f"{first}", f"refund:{first}", user.pk, second.pk, "twice", late),
        (kind, "journal", f"{taken.pk}", f"reverse:refund:{given_up}", user.pk, staff.pk, "closed", late),
    ]
    asked = [{"payment": payment.pk, "amount_rial": payment.amount_rial} for payment in paid]
    assert audited() == [
        ("refund.request", staff.pk, label, first, "twice", asked[0]),
        ("refund.request", staff.pk, label, declined, "wish", asked[1]),
        ("refund.request", staff.pk, label, given_up, "small", asked[2]),
        ("refund.sending", staff.pk, label, given_up, "", {}),
        ("refund.sending", second.pk, label, first, "", {}),
        ("refund.rejected", second.pk, label, declined, "no", {}),
        ("refund.done", staff.pk, label, first, "", {"reference": "R1"}),
        ("refund.failed", staff.pk, label, given_up, "closed", {}),
    ]
    assert told() == [
        (user.pk, "deposit_going_back", {"amount": 300}, f"deposit_going_back:{given_up}"),
        (user.pk, "deposit_going_back", {"amount": 500}, f"deposit_going_back:{first}"),
    ]
    done = Refund.objects.get(pk=first)
    assert (done.requested_by, done.decided_by, done.reference, done.done_at) == (staff, staff, "R1", late)


def test_a_promotion(user: User, staff: User, now: datetime) -> None:
    given = promotions.grant(
        user_id=user.pk, amount_rial=50, campaign="nowruz", actor=staff, now=now, expires_at=now + timedelta(days=1)
    )
    ended = now + timedelta(days=1)
    assert promotions.expire_due(now=ended) == 1
    given.refresh_from_db()
    assert given.expired_at == ended
    key, label = f"promotion:{given.pk}", "wallet.promotiongrant"
    assert journals("promotion", "promotion_expiry") == [
        ("promotion", "promotion", f"{given.pk}", key, user.pk, staff.pk, "nowruz", now),
        ("promotion_expiry", "promotion", f"{given.pk}", f"{key}:expiry", user.pk, None, "nowruz", ended),
    ]
    assert Journal.objects.get(kind="promotion_expiry").reverses.key == key
    assert audited() == [
        ("promotion.grant", staff.pk, label, given.pk, "", {"user": user.pk, "amount_rial": 50}),
        ("promotion.expire", None, label, given.pk, "", {"left_rial": 50}),
    ]
    shown = {"amount": 50, "campaign": "nowruz"}
    assert told() == [
        (user.pk, "promotion_granted", shown, key),
        (user.pk, "promotion_expired", shown, f"promotion_expired:{given.pk}"),
    ]


def test_a_settlement_of_a_gateway(user: User, staff: User, now: datetime) -> None:
    deposit(user, 500, now)
    begin()
    settled = gateway_settlements.record(
        gateway=GatewayName.ZARINPAL, amount_rial=490, fee_rial=10, bank_reference=" R 1 ",
        settled_on=date(2020, 1, 1), actor=staff, now=now,
    )  # fmt: skip
    kind, pk = "gateway_settlement", settled.pk
    assert journals(kind) == [(kind, kind, f"{pk}", f"{kind}:{pk}", None, staff.pk, "", now)]
    recorded = {"amount_rial": 490, "fee_rial": 10, "bank_reference": "R 1"}
    assert audited() == [("gateway_settlement.record", staff.pk, "wallet.gatewaysettlement", pk, "", recorded)]
    assert told() == []


def test_a_difference_that_is_cleared(user: User, staff: User, now: datetime) -> None:
    payment = deposit(user, 500, now)
    row = PaymentDifference.objects.create(payment=payment, kind="state", ours="a", theirs="b", found_at=now)
    begin()
    for cleared in (1, 0):
        assert reconciliation.clear(difference_ids=[row.pk], actor=staff, now=now) == cleared
    row.refresh_from_db()
    assert row.cleared_at == now
    assert audited() == [("payment.difference_cleared", staff.pk, "wallet.paymentdifference", row.pk, "", {})]
