import csv
import hashlib
import io
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import pytest

from common.errors import NotFound, PermissionDenied
from common.models import AuditEntry
from notifications.models import Notification
from tests.factories.payouts import (
    DEBTOR,
    approve,
    export,
    make_card,
    make_destination,
    make_sheba,
    request_withdrawal,
)
from tests.factories.users import StaffFactory, UserFactory
from tests.factories.wallet import account_balance
from tests.wallet import pain_001
from users.models import User
from wallet import selectors
from wallet.errors import (
    BankReferenceConflict,
    OwnWithdrawal,
    PayoutBatchInvalid,
    PayoutNotConfigured,
    PayoutResultsInvalid,
    ReasonRequired,
    WithdrawalClosed,
)
from wallet.models import PayoutBatch, Withdrawal
from wallet.services import payouts

pytestmark = pytest.mark.usefixtures("ledger_ok")
M = 1_000_000
NS = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"}


@pytest.fixture(autouse=True)
def debtor(settings: Any) -> None:
    settings.PAYOUT_DEBTOR_SHEBA, settings.PAYOUT_DEBTOR_NAME = DEBTOR, "میدان & Co"


def three(now: datetime | None = None) -> list[Withdrawal]:
    return [request_withdrawal(UserFactory(), amount * M, now=now) for amount in (1, 2, 3)]


def results(*rows: tuple[str, Any, str, str, str]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([payouts.RESULT_COLUMNS, *rows])
    return out.getvalue().encode("utf-8-sig")


def test_the_file_is_pain_001_with_its_counts_sums_and_references(staff: User) -> None:
    now = datetime(2026, 11, 21, 21, 30, tzinfo=UTC)  # the next day in Tehran
    rows = three(now)
    shebas = [make_sheba() for _ in rows]
    batch = export(*rows, now=now)
    document = payouts.download(batch_id=batch.pk, actor=staff, now=now)
    root = ElementTree.fromstring(document.content)
    assert root.tag == f"{{{NS['p']}}}Document"

    def text(path: str, node: ElementTree.Element = root) -> str | None:
        return node.findtext("/".join(f"p:{name}" for name in path.split("/")), namespaces=NS)

    head = "CstmrCdtTrfInitn/GrpHdr"
    block = "CstmrCdtTrfInitn/PmtInf"
    assert {name: text(f"{head}/{name}") for name in ("MsgId", "CreDtTm", "NbOfTxs", "CtrlSum", "InitgPty/Nm")} == {
        "MsgId": f"{DEBTOR}{batch.message_id.removeprefix('MB')}",
        "CreDtTm": "1405-09-01T01:00:00",
        "NbOfTxs": "3",
        "CtrlSum": str(6 * M),
        "InitgPty/Nm": "میدان & Co",
    }
    names = ("PmtMtd", "NbOfTxs", "CtrlSum", "ReqdExctnDt", "Dbtr/Nm", "DbtrAcct/Id/IBAN", "DbtrAgt/FinInstnId/BIC")
    assert [text(f"{block}/{name}") for name in names] == [
        "TRF", "3", str(6 * M), "1405-09-01", "میدان & Co", DEBTOR, "BMJIIRTHXXX",
    ]  # fmt: skip
    assert pain_001.problems(document.content) == []
    transfers = root.findall("p:CstmrCdtTrfInitn/p:PmtInf/p:CdtTrfTxInf", NS)
    assert [text("PmtId/EndToEndId", node) for node in transfers] == [row.reference for row in rows]
    assert [text("Amt/InstdAmt", node) for node in transfers] == [str(row.amount_rial) for row in rows]
    assert {node.find("p:Amt/p:InstdAmt", NS).get("Ccy") for node in transfers} == {"IRR"}
    assert {text("Cdtr/Nm", node) for node in transfers} == {"سارا احمدی"}
    assert len({text("CdtrAcct/Id/IBAN", node) for node in transfers} - set(shebas)) == 3
    assert all(len(row.reference) <= 35 for row in rows)
    assert len(batch.message_id) <= 35


def test_export_hands_over_once_and_keeps_the_document_as_it_was(staff: User, now: datetime, settings: Any) -> None:
    rows = three()
    batch = export(*rows)
    assert (batch.count, batch.total_rial, batch.kind, batch.provider) == (3, 6 * M, "sheba", "manual")
    assert set(Withdrawal.objects.values_list("status", "batch")) == {("submitted", batch.pk)}
    assert account_balance("payout_clearing") == 6 * M
    assert [selectors.balances(row.user).total for row in rows] == [0, 0, 0]
    first = payouts.download(batch_id=batch.pk, actor=staff, now=now)
    settings.PAYOUT_DEBTOR_NAME = "Somebody else"
    again = payouts.download(batch_id=batch.pk, actor=staff, now=now)
    assert first == again
    assert hashlib.sha256(again.content).hexdigest() == batch.sha256
    assert again.name == f"{DEBTOR}{batch.message_id.removeprefix('MB')}.ccti"
    assert again.content not in bytes(PayoutBatch.objects.get().document_sealed)
    assert AuditEntry.objects.filter(action="payout_batch.download", actor=staff).count() == 2
    with pytest.raises(PayoutBatchInvalid):
        payouts.export(withdrawal_ids=[rows[0].pk], actor=staff, now=now)
    assert PayoutBatch.objects.count() == 1


def test_cards_go_into_a_list_of_their_own(staff: User, now: datetime) -> None:
    user, card = UserFactory(), make_card()
    by_card = approve(
        request_withdrawal(user, destination=make_destination(user, number=card, owner_name="=HYPERLINK(1)"))
    )
    by_sheba = approve(request_withdrawal(UserFactory()))
    with pytest.raises(PayoutBatchInvalid):
        payouts.export(withdrawal_ids=[by_card.pk, by_sheba.pk], actor=staff, now=now)
    batch = export(by_card)
    document = payouts.download(batch_id=batch.pk, actor=staff, now=now)
    assert list(csv.reader(io.StringIO(document.content.decode("utf-8-sig")))) == [
        ["reference", "card", "owner_name", "amount_rial"],
        [by_card.reference, card, "'=HYPERLINK(1)", str(M)],
    ]


def test_export_refuses_what_it_must_not_send(user: User, staff: User, now: datetime, settings: Any) -> None:
    waiting = request_withdrawal(user)
    ready = approve(request_withdrawal(UserFactory()))
    for ids in ([], [waiting.pk], [ready.pk, waiting.pk], [ready.pk, 0]):
        with pytest.raises(PayoutBatchInvalid):
            payouts.export(withdrawal_ids=ids, actor=staff, now=now)
    settings.PAYOUT_BATCH_MAX = 1
    other = approve(request_withdrawal(UserFactory()))
    with pytest.raises(PayoutBatchInvalid):
        payouts.export(withdrawal_ids=[ready.pk, other.pk], actor=staff, now=now)
    for actor in (user, UserFactory(is_staff=True)):
        with pytest.raises(PermissionDenied):
            payouts.export(withdrawal_ids=[ready.pk], actor=actor, now=now)
    for name, value in {"PAYOUT_DEBTOR_SHEBA": DEBTOR[:-1], "PAYOUT_DEBTOR_NAME": ""}.items():
        before = getattr(settings, name)
        setattr(settings, name, value)
        with pytest.raises(PayoutNotConfigured):
            payouts.export(withdrawal_ids=[ready.pk], actor=staff, now=now)
        setattr(settings, name, before)
    assert PayoutBatch.objects.count() == 0
    assert Withdrawal.objects.filter(status="submitted").count() == 0


def test_paid_is_recorded_once_with_the_banks_reference(user: User, staff: User, now: datetime) -> None:
    sent = request_withdrawal(user, 2 * M)
    export(sent)
    for _ in range(2):
        paid = payouts.record_paid(withdrawal_id=sent.pk, bank_reference="140508-77", actor=staff, now=now)
        assert (paid.status, paid.bank_reference) == ("paid", "140508-77")
    with pytest.raises(BankReferenceConflict):
        payouts.record_paid(withdrawal_id=sent.pk, bank_reference="other", actor=staff, now=now)
    with pytest.raises(WithdrawalClosed):
        payouts.record_returned(withdrawal_id=sent.pk, reason="x", actor=staff, now=now)
    assert (account_balance("payout_clearing"), account_balance("bank")) == (0, 2 * M)
    assert selectors.balances(user).total == 0
    assert Notification.objects.filter(user=user, kind="withdrawal_paid").count() == 1


def test_returned_gives_the_money_back_once(user: User, staff: User, now: datetime) -> None:
    sent = request_withdrawal(user, 2 * M)
    reference = sent.reference
    export(sent)
    with pytest.raises(ReasonRequired):
        payouts.record_returned(withdrawal_id=sent.pk, reason=" ", actor=staff, now=now)
    for _ in range(2):
        back = payouts.record_returned(withdrawal_id=sent.pk, reason="the account is closed", actor=staff, now=now)
    assert (back.status, back.reason, back.reference) == ("returned", "the account is closed", reference)
    assert (selectors.balances(user).winnings, account_balance("payout_clearing")) == (2 * M, 0)
    with pytest.raises(WithdrawalClosed):
        payouts.record_paid(withdrawal_id=sent.pk, bank_reference="1", actor=staff, now=now)


def test_results_are_recorded_by_another_administrator_and_for_what_was_sent(now: datetime) -> None:
    owner = StaffFactory()
    sent = request_withdrawal(owner)
    with pytest.raises(WithdrawalClosed):
        payouts.record_paid(withdrawal_id=sent.pk, bank_reference="1", actor=StaffFactory(), now=now)
    export(sent)
    for actor, error in ((owner, OwnWithdrawal), (UserFactory(), PermissionDenied)):
        with pytest.raises(error):
            payouts.record_paid(withdrawal_id=sent.pk, bank_reference="1", actor=actor, now=now)
        with pytest.raises(error):
            payouts.record_returned(withdrawal_id=sent.pk, reason="x", actor=actor, now=now)
    assert account_balance("payout_clearing") == M


def test_results_come_as_a_file_and_may_come_again(staff: User, now: datetime) -> None:
    one, two, three_ = rows = three()
    batch = export(*rows)
    content = results(
        (one.reference, one.amount_rial, "paid", "R1", ""),
        (two.reference, "۲٬۰۰۰٬۰۰۰", "Returned", "", "closed"),
        (three_.reference, three_.amount_rial, "", "", ""),
    )
    for _ in range(2):
        outcome = payouts.import_results(batch_id=batch.pk, content=content, actor=staff, now=now)
        assert outcome == {"paid": 1, "returned": 1, "open": 1}
    statuses = [Withdrawal.objects.get(pk=row.pk).status for row in rows]
    assert statuses == ["paid", "returned", "submitted"]
    assert (account_balance("payout_clearing"), account_balance("bank")) == (3 * M, M)
    last = results((three_.reference, 3 * M, "paid", "R3", ""))
    assert payouts.import_results(batch_id=batch.pk, content=last, actor=staff, now=now)["open"] == 0
    assert selectors.batch_totals(batch) == {"paid": 4 * M, "returned": 2 * M, "open": 0}


MISTAKES: dict[str, tuple[Any, str]] = {
    "another reference": (lambda row: results(("MW0", M, "paid", "R", "")), "line_3"),
    "another amount": (lambda row: results((row.reference, M + 1, "paid", "R", "")), "line_3"),
    "no reference of the bank": (lambda row: results((row.reference, M, "paid", " ", "")), "line_3"),
    "no reason": (lambda row: results((row.reference, M, "returned", "R", "")), "line_3"),
    "an unknown status": (lambda row: results((row.reference, M, "done", "R", "")), "line_3"),
    "an amount that is none": (lambda row: results((row.reference, "1e6", "paid", "R", "")), "line_3"),
    "an amount of many digits": (lambda row: results((row.reference, "9" * 5000, "paid", "R", "")), "line_3"),
    "no columns": (lambda row: b"a,b\n1,2\n", "line_1"),
    "nothing": (lambda row: b"", "line_1"),
    "no UTF-8": (lambda row: b"\xff\xfe\x00", "line_1"),
    "a broken quote": (lambda row: results() + b'"' + row.reference.encode(), "line_1"),
}


@pytest.mark.parametrize(("make", "line"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_file_with_a_mistake_changes_nothing_and_names_the_line(
    staff: User, now: datetime, make: Any, line: str
) -> None:
    good, bad = request_withdrawal(UserFactory()), request_withdrawal(UserFactory())
    batch = export(good, bad)
    content = make(bad)
    if line == "line_3":
        head, rest = content.split(b"\r\n", 1)
        content = b"\r\n".join([head, f"{good.reference},{M},paid,R1,".encode(), rest])
    with pytest.raises(PayoutResultsInvalid) as refusal:
        payouts.import_results(batch_id=batch.pk, content=content, actor=staff, now=now)
    assert list(refusal.value.errors) == [line]
    assert set(Withdrawal.objects.values_list("status", flat=True)) == {"submitted"}
    assert account_balance("payout_clearing") == 2 * M


def test_a_file_that_contradicts_what_the_bank_said_is_refused(staff: User, now: datetime) -> None:
    paid, back = request_withdrawal(UserFactory()), request_withdrawal(UserFactory())
    batch = export(paid, back)
    payouts.record_paid(withdrawal_id=paid.pk, bank_reference="R1", actor=staff, now=now)
    payouts.record_returned(withdrawal_id=back.pk, reason="closed", actor=staff, now=now)
    for row in (
        (paid.reference, M, "returned", "", "x"),
        (paid.reference, M, "paid", "R2", ""),
        (back.reference, M, "paid", "R3", ""),
    ):
        with pytest.raises(PayoutResultsInvalid):
            payouts.import_results(batch_id=batch.pk, content=results(row), actor=staff, now=now)


def test_a_batch_is_for_administrators(user: User, staff: User, now: datetime) -> None:
    batch = export(request_withdrawal(UserFactory()))
    with pytest.raises(PermissionDenied):
        payouts.download(batch_id=batch.pk, actor=user, now=now)
    with pytest.raises(PermissionDenied):
        payouts.import_results(batch_id=batch.pk, content=b"", actor=user, now=now)
    for call in (payouts.download, payouts.import_results):
        extra = {"content": b""} if call is payouts.import_results else {}
        with pytest.raises(NotFound):
            call(batch_id=0, actor=staff, now=now, **extra)


def test_a_results_form_is_the_batch_with_nothing_said(staff: User, now: datetime) -> None:
    rows = three()
    batch = export(*rows)
    form = payouts.results_form(batch_id=batch.pk, actor=staff)
    read = list(csv.DictReader(io.StringIO(form.decode("utf-8-sig"))))
    assert [(row["reference"], row["amount_rial"], row["status"]) for row in read] == [
        (row.reference, str(row.amount_rial), "") for row in rows
    ]
    outcome = payouts.import_results(batch_id=batch.pk, content=form, actor=staff, now=now)
    assert outcome == {"paid": 0, "returned": 0, "open": 3}


def test_a_withdrawal_keeps_its_reference_on_every_way(staff: User, now: datetime) -> None:
    sent = request_withdrawal(UserFactory())
    reference = sent.reference
    batch = export(sent)
    document = payouts.download(batch_id=batch.pk, actor=staff, now=now)
    assert document.content.decode().count(f"<EndToEndId>{reference}</EndToEndId>") == 1
    with pytest.raises(PayoutBatchInvalid):
        payouts.export(withdrawal_ids=[sent.pk], actor=staff, now=now)
    payouts.record_paid(withdrawal_id=sent.pk, bank_reference="R", actor=staff, now=now)
    assert Withdrawal.objects.get().reference == reference


def test_a_results_form_is_for_administrators(user: User) -> None:
    batch = export(request_withdrawal(user))
    with pytest.raises(PermissionDenied):
        payouts.results_form(batch_id=batch.pk, actor=user)
