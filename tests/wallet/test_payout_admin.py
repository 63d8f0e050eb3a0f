from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from common.local_time import day_of
from common.models import AuditEntry
from tests.factories.payouts import DEBTOR, approve, export, make_card, make_destination, make_sheba, request_withdrawal
from tests.factories.users import StaffFactory, UserFactory, staff_with
from tests.factories.wallet import deposit, make_payment
from tests.users.test_second_factor import enable
from tests.wallet.test_api import play
from users import staff_session
from users.enums import Role
from users.models import User
from wallet import reports, selectors
from wallet.models import Adjustment, GatewaySettlement, PayoutBatch, PayoutDestination, PromotionGrant, Withdrawal

pytestmark = pytest.mark.usefixtures("ledger_ok")
M = 1_000_000
MODELS = [PayoutDestination, Withdrawal, PayoutBatch, Adjustment, PromotionGrant, GatewaySettlement]
REPORT, STATEMENT = "/admin/wallet/gatewaysettlement/report/", "/admin/wallet/ledgeraccount/statement/"


@pytest.fixture(autouse=True)
def debtor(settings: Any) -> None:
    settings.PAYOUT_DEBTOR_SHEBA, settings.PAYOUT_DEBTOR_NAME = DEBTOR, "Meydan"


def signed_in(user: User, language: str = "en", proved_at: datetime | None = None) -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(user)
    session = client.session
    session[staff_session.SIGNED_IN_AT], session[staff_session.PROVED] = timezone.now().isoformat(), True
    session[staff_session.STEPPED_UP_AT] = (proved_at or timezone.now()).isoformat()
    session.save()
    return client


@pytest.fixture
def admin(staff: User) -> Client:
    return signed_in(staff)


def url(model: Any, rest: str = "") -> str:
    return f"/admin/wallet/{model._meta.model_name}/{rest}"


def do(client: Client, action: str, *rows: Any, note: str = "") -> str:
    body = {"action": action, "_selected_action": [row.pk for row in rows], "note": note}
    answer = client.post(url(type(rows[0])), body, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def one_of_each() -> None:
    export(request_withdrawal(UserFactory()))
    author, user, now = StaffFactory(), UserFactory(), timezone.now()
    Adjustment.objects.create(
        user=user, bucket="winnings", amount_rial=5, reason="x", proposed_by=author, created_at=now
    )
    client = signed_in(author)
    client.post(url(PromotionGrant, "add/"), {"user": user.pk, "amount": "500", "campaign": "nowruz"})
    deposit(UserFactory(), 1000)
    settlement = {"gateway": "zarinpal", "amount": "900", "fee": "100", "bank_reference": "B1"}
    client.post(url(GatewaySettlement, "add/"), settlement | {"settled_on": day_of(now).isoformat()})


@pytest.mark.parametrize("language", ["fa", "en"])
def test_pages_are_shown_searched_and_not_changed(staff: User, language: str) -> None:
    one_of_each()
    client = signed_in(staff, language)
    for model in MODELS:
        row = model.objects.get()
        before = list(model.objects.values())
        assert client.get(url(model)).status_code == 200, model
        assert client.get(url(model), {"q": "7"}).status_code == 200
        assert client.get(url(model, f"{row.pk}/change/")).status_code == 200
        assert client.post(url(model, f"{row.pk}/change/"), {"status": "paid"}).status_code == 403
        assert client.post(url(model, f"{row.pk}/delete/"), {"post": "yes"}).status_code == 403
        do(client, "delete_selected", row)
        assert list(model.objects.values()) == before


@pytest.mark.parametrize("who", ["player", "support"])
def test_others_do_not_come_in(user: User, who: str) -> None:
    one_of_each()
    asked = request_withdrawal(UserFactory())
    batch = PayoutBatch.objects.get()
    other = user if who == "player" else staff_with(Role.SUPPORT)
    client = signed_in(other)
    refused = {302} if who == "player" else {403, 404}
    for path in (
        *(url(model) for model in MODELS),
        *(url(model, "add/") for model in (Adjustment, PromotionGrant, GatewaySettlement)),
        *(url(PayoutBatch, f"{batch.pk}/{rest}") for rest in ("document/", "results.csv", "results/")),
        REPORT,
        STATEMENT,
    ):
        assert client.get(path).status_code in refused, path
    client.post(url(Withdrawal), {"action": "approve", "_selected_action": [asked.pk]})
    asked.refresh_from_db()
    assert asked.status == "requested"


def test_the_queue_is_worked_from_request_to_the_banks_answer(admin: Client, staff: User) -> None:
    paid, back, refused = [request_withdrawal(UserFactory(), M) for _ in range(3)]
    page = admin.get(url(Withdrawal)).content.decode()
    assert [page.index(row.reference) for row in (paid, back, refused)] == sorted(
        page.index(row.reference) for row in (paid, back, refused)
    )
    assert "Approved: 2" in do(admin, "approve", paid, back)
    assert "Say why." in do(admin, "reject", refused)
    assert "Rejected: 1" in do(admin, "reject", refused, note="another name")
    shown = do(admin, "export", paid, back)
    batch = PayoutBatch.objects.get()
    assert f"Batch {batch.message_id} is made." in shown
    document = admin.get(url(PayoutBatch, f"{batch.pk}/document/"))
    assert document["Content-Disposition"] == f'attachment; filename="{DEBTOR}{batch.message_id[2:]}.ccti"'
    assert (document["Content-Type"], "no-store" in document["Cache-Control"]) == ("application/xml", True)
    assert paid.reference.encode() in document.content
    assert "Paid: 1" in do(admin, "mark_paid", paid, note="R1")
    assert "Returned: 1" in do(admin, "mark_returned", back, note="closed")
    statuses = {row.pk: row.status for row in Withdrawal.objects.all()}
    assert [statuses[row.pk] for row in (paid, back, refused)] == ["paid", "returned", "rejected"]
    assert selectors.balances(back.user).winnings == M
    assert set(AuditEntry.objects.filter(target_id=paid.pk, actor=staff).values_list("action", flat=True)) >= {
        "withdrawal.approve", "withdrawal.submit", "withdrawal.paid",
    }  # fmt: skip


def test_two_people_bring_back_what_the_bank_returns_after_paying(admin: Client, staff: User) -> None:
    sent = request_withdrawal(UserFactory(), M)
    export(sent)
    do(admin, "mark_paid", sent, note="R1")
    assert "Say why." in do(admin, "mark_late_return", sent)
    assert "Recorded: 1" in do(admin, "mark_late_return", sent, note="account closed")
    assert f"1/2 {staff.username}" in admin.get(url(Withdrawal), {"return_reported_by__isempty": 0}).content.decode()
    assert "account closed" in admin.get(url(Withdrawal, f"{sent.pk}/change/")).content.decode()
    assert "A second person has to do this." in do(admin, "mark_late_return", sent)
    second = signed_in(StaffFactory())
    assert "Recorded: 1" in do(second, "dismiss_late_return", sent, note="not this one")
    assert "Recorded: 1" in do(second, "mark_late_return", sent, note="account closed")
    assert "Recorded: 1" in do(admin, "mark_late_return", sent)
    sent.refresh_from_db()
    assert (sent.status, selectors.balances(sent.user).winnings) == ("returned", M)


def test_who_approves_sees_whose_number_it_is_besides(admin: Client, user: User) -> None:
    sheba, others = make_sheba(), UserFactory.create_batch(2)
    asked = request_withdrawal(user, destination=make_destination(user, number=sheba))
    alone = request_withdrawal(UserFactory())
    names = ", ".join(sorted(other.username for other in others))
    pages = [url(Withdrawal), url(Withdrawal, f"{asked.pk}/change/")]
    pages += [url(PayoutDestination), url(PayoutDestination, f"{asked.destination_id}/change/")]
    assert not any(other.username in admin.get(page).content.decode() for page in pages for other in others)
    for other in others:
        make_destination(other, number=sheba)
    for page in pages:
        assert names in admin.get(page).content.decode(), page
    assert names not in admin.get(url(Withdrawal, f"{alone.pk}/change/")).content.decode()
    shown = list(selectors.with_other_owners(Withdrawal.objects.order_by("pk"), "destination"))
    assert [row.other_owners for row in shown] == [sorted(other.username for other in others), []]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_queue_takes_the_same_queries_however_long_it_is(
    admin: Client, rows: int, django_assert_num_queries: Any
) -> None:
    sheba = make_sheba()
    for user in UserFactory.create_batch(rows):
        request_withdrawal(user, destination=make_destination(user, number=sheba))
    with django_assert_num_queries(8):
        admin.get(url(Withdrawal))


def test_the_two_people_of_a_large_one_are_shown(admin: Client, staff: User, settings: Any) -> None:
    settings.WITHDRAWAL_TWO_PERSON_RIAL = M
    asked = request_withdrawal(UserFactory(), 2 * M)
    do(admin, "approve", asked)
    assert f"1/2 {staff.username}" in admin.get(url(Withdrawal)).content.decode()
    assert "A second person has to do this." in do(admin, "approve", asked)
    do(signed_in(StaffFactory()), "approve", asked)
    asked.refresh_from_db()
    assert asked.status == "approved"


def test_a_mixed_selection_makes_no_batch(admin: Client) -> None:
    card = approve(request_withdrawal(user := UserFactory(), destination=make_destination(user, number=make_card())))
    assert "of one kind" in do(admin, "export", card, approve(request_withdrawal(UserFactory())))
    assert PayoutBatch.objects.count() == 0


def test_the_whole_number_is_shown_on_demand_and_written_down(admin: Client, user: User) -> None:
    sheba = make_sheba()
    asked = request_withdrawal(user, destination=make_destination(user, number=sheba))
    for model, row in ((Withdrawal, asked), (PayoutDestination, asked.destination)):
        assert sheba not in admin.get(url(model)).content.decode()
        assert sheba not in admin.get(url(model, f"{row.pk}/change/")).content.decode()
        assert sheba in do(admin, "show_number", row)
    assert AuditEntry.objects.filter(action="destination.reveal").count() == 2


def test_the_banks_answers_are_taken_from_a_file(admin: Client) -> None:
    sent = request_withdrawal(UserFactory(), M)
    batch = export(sent)
    path = url(PayoutBatch, f"{batch.pk}/results/")
    form = admin.get(url(PayoutBatch, f"{batch.pk}/results.csv")).content.decode("utf-8-sig")

    def send(content: str) -> str:
        file = SimpleUploadedFile("answers.csv", content.encode())
        return admin.post(path, {"file": file}, follow=True).content.decode()

    assert admin.get(path).status_code == 200
    wrong = send(form.replace(f"{M},", f"{M + 1},paid").replace("paid,,", "paid,R1,"))
    assert "line_2: The amount is not that of the withdrawal." in wrong
    assert "Paid 1, returned 0, open 0." in send(form.replace(f"{M},,,", f"{M},paid,R1,"))
    sent.refresh_from_db()
    assert (sent.status, sent.bank_reference) == ("paid", "R1")
    for rest in ("results/", "document/"):
        assert admin.get(url(PayoutBatch, f"987654{rest and '/' + rest}")).status_code in {200, 404}
    assert admin.get(url(PayoutBatch, "987654/document/")).status_code == 404


def test_an_adjustment_takes_two_administrators(admin: Client, staff: User, user: User) -> None:
    body = {"user": user.username, "bucket": "winnings", "amount": "۱٬۰۰۰", "against": "platform", "reason": "lost"}
    answer = admin.post(url(Adjustment, "add/"), body, follow=True)
    proposed = Adjustment.objects.get()
    assert "Saved" in answer.content.decode()
    assert (proposed.user, proposed.amount_rial, proposed.proposed_by) == (user, 1000, staff)
    assert "A second person has to do this." in do(admin, "approve", proposed)
    assert "Approved: 1" in do(signed_in(StaffFactory()), "approve", proposed, note="seen")
    assert selectors.balances(user).winnings == 1000


@pytest.mark.parametrize(
    "change",
    [{"user": "nobody"}, {"amount": "1.5"}, {"amount": "0"}, {"amount": "9" * 30}, {"reason": ""}, {"bucket": "held"}],
)
def test_a_form_with_a_mistake_is_shown_again(admin: Client, user: User, change: dict[str, str]) -> None:
    body = {"user": user.pk, "bucket": "winnings", "amount": "5", "against": "platform", "reason": "x"} | change
    answer = admin.post(url(Adjustment, "add/"), body)
    assert (answer.status_code, Adjustment.objects.count()) == (200, 0)
    assert "errorlist" in answer.content.decode()


def test_a_settlement_lowers_what_the_gateway_owes(admin: Client, user: User, now: Any) -> None:
    deposit(user, 5000)
    body = {"gateway": "zarinpal", "amount": "2900", "fee": "100", "bank_reference": "B1"}
    body["settled_on"] = day_of(now).isoformat()
    for _ in range(2):
        answer = admin.post(url(GatewaySettlement, "add/"), body)
        if answer.status_code == 302:
            continue
    assert GatewaySettlement.objects.count() == 1
    assert reports.owed_by_gateways() == {"zarinpal": 2000, "zibal": 0}
    for mistake in ({"settled_on": (day_of(now) + timedelta(days=1)).isoformat()}, {"amount": "0"}, {"fee": "-1"}):
        admin.post(url(GatewaySettlement, "add/"), body | {"bank_reference": "B2"} | mistake)
    assert GatewaySettlement.objects.count() == 1


@pytest.mark.parametrize("language", ["fa", "en"])
def test_the_report_adds_up(staff: User, now: Any, language: str) -> None:
    user = UserFactory()
    play(user, now)
    make_payment(user, 999_999)
    sent = request_withdrawal(user, M)
    export(sent)
    client = signed_in(staff, language)
    do(client, "mark_paid", sent, note="R1")
    page = client.get(REPORT).content.decode()
    assert page.count("<rect") == 4  # a deposit, a payout, and two of the legend
    today = day_of(now)
    [day] = reports.days(start=today, end=today)
    assert day.totals == {
        "deposit": 1000, "deposit_refund": 0, "payout": M, "withdrawal_return": 0, "prize": M + 590, "platform_fee": 10,
    }  # fmt: skip
    [gateway] = reports.gateway_days(start=today, end=today)
    assert (gateway.payments, gateway.settled_rial, gateway.received_rial) == (1, 1000, 0)
    cup = {row.tournament_id: row for row in reports.tournaments(start=today, end=today)}[42]
    assert cup.totals == {
        "entry_fee": 1300, "prize_funding": 0, "prize": 90, "platform_fee": 10, "refund": 1200, "funding_return": 0,
        "remainder": 0,
    }  # fmt: skip
    assert cup.escrow_rial == 0 == selectors.balance(42)
    for name in ("days", "gateways", "owed", "tournaments"):
        answer = client.get(REPORT, {"csv": name})
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        assert answer.content.startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("query", [{"from": "x"}, {"from": "2027-01-01", "to": "2020-01-01"}, {"csv": "x"}])
def test_a_report_of_no_period_is_that_of_the_last_days(admin: Client, query: dict[str, str]) -> None:
    assert admin.get(REPORT, query).status_code == 200


def test_a_report_takes_the_same_queries_however_much_happened(
    admin: Client, now: Any, django_assert_num_queries: Any
) -> None:
    today = day_of(now)
    for number in range(3):
        play(UserFactory(), now, tournament_id=42 + number)
        with django_assert_num_queries(4):
            reports.tournaments(start=today, end=today)
        with django_assert_num_queries(4):
            reports.days(start=today, end=today), reports.gateway_days(start=today, end=today)


def test_staff_print_anybodys_statement(admin: Client, user: User) -> None:
    deposit(user, 1_500_000)
    assert admin.get(STATEMENT).status_code == 200
    assert "There is no such user." in admin.get(STATEMENT, {"user": "nobody"}).content.decode()
    page = admin.get(STATEMENT, {"user": user.phone_number})
    assert "1,500,000" in page.content.decode()
    file = admin.get(STATEMENT, {"user": user.username, "format": "csv"})
    assert (file["Content-Type"], b"1500000" in file.content) == ("text/csv; charset=utf-8", True)


@pytest.mark.parametrize("action", ["approve", "mark_late_return"])
def test_an_old_sign_in_is_asked_for_a_code_before_money_moves(
    staff: User, now: datetime, settings: Any, action: str
) -> None:
    app, _ = enable(staff, now - timedelta(hours=1))
    stale = now - timedelta(seconds=settings.STEP_UP_SECONDS + 60)
    client = signed_in(staff, proved_at=stale)
    row = request_withdrawal(UserFactory(), M)
    if action == "mark_late_return":
        export(row)
        do(client, "mark_paid", row, note="R1")
    before = Withdrawal.objects.values().get()

    body = {"action": action, "_selected_action": [row.pk], "note": "account closed"}
    asked = client.post(url(Withdrawal) + "?o=1", body)
    assert (asked.status_code, asked.url) == (
        302, "/admin/step-up/?next=%2Fadmin%2Fwallet%2Fwithdrawal%2F%3Fo%3D1",
    )  # fmt: skip
    assert Withdrawal.objects.values().get() == before
    page = client.get(asked.url).content.decode()
    assert "Show that it is you" in page
    assert "fresh" in page
    refused = client.post(asked.url, {"code": "not a code"})
    assert 'data-code="second_factor_invalid"' in refused.content.decode()
    assert Withdrawal.objects.values().get() == before

    back = client.post(asked.url, {"code": app.now()})
    assert (back.status_code, back.url) == (302, url(Withdrawal) + "?o=1")
    assert "choose once more" in client.get(back.url).content.decode()
    assert ": 1" in do(client, action, row, note="account closed")


def test_who_has_no_app_steps_up_with_a_code_to_the_phone(
    staff: User, sms_outbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    client = Client(headers={"accept-language": "en"})
    client.force_login(staff)
    row = request_withdrawal(UserFactory(), M)
    body = {"action": "approve", "_selected_action": [row.pk]}
    asked = client.post(url(Withdrawal), body)
    with django_capture_on_commit_callbacks(execute=True):
        assert "A code is on its way" in client.post(asked.url, {"send": "x"}).content.decode()
    assert client.post(asked.url, {"code": sms_outbox[-1].params["code"]}).url == url(Withdrawal)
    assert "Approved: 1" in do(client, "approve", row)
    assert client.post(asked.url, {"code": "123456"}).status_code != 302


def test_nobody_steps_up_without_being_in(client: Client, user: User) -> None:
    assert "/admin/login/" in client.get("/admin/step-up/").url
    client.force_login(user)
    assert "/admin/login/" in client.get("/admin/step-up/").url
