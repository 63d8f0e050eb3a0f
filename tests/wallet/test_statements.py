import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from common.local_time import day_of, end_of, start_of
from tests.factories.payouts import make_destination, request_withdrawal
from tests.factories.users import UserFactory
from tests.factories.wallet import deposit, win
from tests.wallet.test_api import play
from users.models import User
from wallet import selectors, statements
from wallet.errors import InvalidPeriod
from wallet.services import withdrawals

pytestmark = pytest.mark.usefixtures("ledger_ok")
JSON, CSV = "/api/wallet/statement/", "/api/wallet/statement.csv"
NOON = datetime(2026, 3, 21, 12, tzinfo=UTC)


@pytest.fixture
def client(client_for: Callable[..., Any], user: User) -> Any:
    return client_for(user)


def test_a_day_is_a_day_of_tehran() -> None:
    day = date(2026, 3, 21)
    assert start_of(day) == datetime(2026, 3, 20, 20, 30, tzinfo=UTC)
    assert end_of(day) == datetime(2026, 3, 21, 20, 30, tzinfo=UTC)
    assert day_of(start_of(day)) == day
    assert day_of(start_of(day) - timedelta(microseconds=1)) == date(2026, 3, 20)


def test_opening_and_rows_make_the_closing_balance_which_is_the_ledgers(user: User, now: datetime) -> None:
    deposit(user, 1_000_000, now=now - timedelta(days=40))
    play(user, now)
    request_withdrawal(user, 1_000_000, destination=make_destination(user))
    play(UserFactory(), now, tournament_id=43)
    today = day_of(timezone.now())
    found = statements.statement(user, start=today - timedelta(days=29), end=today)
    assert found.opening_rial == 1_000_000
    assert [(row.kind, row.amount_rial) for row in found.rows[-2:]] == [
        ("prize", 1_000_000),
        ("withdrawal", -1_000_000),
    ]
    balance = found.opening_rial
    for row in found.rows:
        balance += row.amount_rial
        assert row.balance_rial == balance
    assert found.closing_rial == balance == selectors.balances(user).spendable
    assert found.opening_rial + found.came_rial - found.went_rial == found.closing_rial


def test_what_is_at_the_border_of_two_days_is_in_one_of_them(user: User) -> None:
    day = date(2026, 3, 21)
    for moment, amount in (
        (start_of(day) - timedelta(microseconds=1), 1), (start_of(day), 10),
        (end_of(day) - timedelta(microseconds=1), 100), (end_of(day), 1000),
    ):  # fmt: skip
        deposit(user, amount, now=moment)
    found = statements.statement(user, start=day, end=day)
    assert (found.opening_rial, [row.amount_rial for row in found.rows], found.closing_rial) == (1, [10, 100], 111)
    both = [statements.statement(user, start=d, end=d) for d in (day - timedelta(days=1), day, day + timedelta(days=1))]
    assert [one.closing_rial for one in both] == [1, 111, 1111]
    assert [one.opening_rial for one in both] == [0, 1, 111]


def test_a_withdrawal_that_came_back_is_out_and_in(user: User, now: datetime) -> None:
    asked = request_withdrawal(user, 1_000_000, now=now)
    withdrawals.cancel(withdrawal_id=asked.pk, actor=user, now=now)
    today = day_of(now)
    rows = statements.statement(user, start=today, end=today).rows
    assert [(row.kind, row.amount_rial) for row in rows] == [
        ("prize", 1_000_000), ("withdrawal", -1_000_000), ("withdrawal_return", 1_000_000),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (None, None, (date(2026, 2, 20), date(2026, 3, 21))),
        (date(2026, 3, 1), None, (date(2026, 3, 1), date(2026, 3, 21))),
        (None, date(2026, 1, 30), (date(2026, 1, 1), date(2026, 1, 30))),
        (date(2025, 3, 21), date(2026, 3, 21), (date(2025, 3, 21), date(2026, 3, 21))),
        (None, date(1, 1, 5), (date(1, 1, 2), date(1, 1, 5))),
        (date(2025, 3, 20), None, None),
        (date(2026, 3, 22), None, None),
        (date.max, date.min, None),
    ],
)
def test_a_period_is_at_most_a_year(start: date | None, end: date | None, expected: Any) -> None:
    if expected is None:
        with pytest.raises(InvalidPeriod):
            statements.period(start, end, today=NOON.date())
    else:
        assert statements.period(start, end, today=NOON.date()) == expected


def test_the_api_tells_it(client: Any, user: User) -> None:
    deposit(user, 500, now=NOON)
    win(user, 200, now=NOON + timedelta(days=1))
    answer = client.get(JSON, {"from": "۲۰۲۶-۰۳-۲۱", "to": "2026-03-21"})
    shown = answer.json()
    assert (answer.status_code, "no-store" in answer["Cache-Control"]) == (200, True)
    assert shown == {
        "start": "2026-03-21",
        "end": "2026-03-21",
        "opening_balance": 0,
        "closing_balance": 500,
        "came": 500,
        "went": 0,
        "currency": "IRR",
        "print_url": shown["print_url"],
        "rows": [
            {
                "id": shown["rows"][0]["id"],
                "type": "deposit",
                "amount": 500,
                "balance": 500,
                "tournament_id": None,
                "created_at": "2026-03-21T12:00:00Z",
            }
        ],
    }


@pytest.mark.parametrize("path", [JSON, CSV])
@pytest.mark.parametrize(
    ("query", "code"),
    [({"from": "x"}, "invalid"), ({"to": "2026-13-01"}, "invalid"), ({"from": "1405-01-01"}, "invalid_period"),
     ({"from": "2026-03-02", "to": "2026-03-01"}, "invalid_period"), ({"to": "9999-12-31"}, None),
     ({"to": "0001-01-01"}, "invalid_period"), ({"from": "0001-01-01", "to": "0001-01-02"}, None)],
)  # fmt: skip
def test_a_period_that_makes_no_sense_is_refused(client: Any, path: str, query: dict[str, str], code: Any) -> None:
    answer = client.get(path, query)
    if code is None:
        assert answer.status_code == 200
    else:
        assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize("path", [JSON, CSV])
def test_a_statement_takes_the_same_queries_for_one_row_as_for_three(
    client: Any, user: User, path: str, django_assert_num_queries: Any
) -> None:
    for _ in range(3):
        deposit(user, 100)
        with django_assert_num_queries(5):
            assert client.get(path).status_code == 200


def test_the_csv_opens_in_a_spreadsheet_in_the_readers_language(client_for: Any, user: User) -> None:
    deposit(user, 500, now=NOON)
    play(user, NOON + timedelta(minutes=1))
    for language, words in (
        ("fa", ["تاریخ", "۱۴۰۵/۰۱/۰۱ ۱۵:۳۰", "شارژ کیف پول", "موجودی آغاز"]),
        ("en", ["Date", "2026-03-21 15:30", "Deposit", "Opening balance"]),
    ):
        answer = client_for(user, language).get(CSV, {"from": "2026-03-21", "to": "2026-03-21"})
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        assert answer["Content-Disposition"] == 'attachment; filename="statement-2026-03-21-2026-03-21.csv"'
        assert answer.content.startswith(b"\xef\xbb\xbf")
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert [rows[0][0], rows[2][0], rows[2][1], rows[1][1]] == words
        assert rows[2][2:4] == ["500", "500"]
        assert [row[2] for row in rows if row[2].startswith("-")] == ["-1200", "-100"]
        assert int(rows[-1][3]) == sum(int(row[2]) for row in rows[2:-1])


def test_the_page_is_printed_from_a_link_that_ends(client_for: Any, user: User, settings: Any) -> None:
    deposit(user, 1_500_000, now=NOON)
    for language, direction, words in (
        ("fa", "rtl", ["۱٬۵۰۰٬۰۰۰", "۱۴۰۵/۰۱/۰۱", "صورت‌حساب کیف پول"]),
        ("en", "ltr", ["1,500,000", "2026-03-21", "Wallet statement"]),
    ):
        link = client_for(user, language).get(JSON, {"from": "2026-03-21", "to": "2026-03-21"}).json()["print_url"]
        assert link.startswith(f"{settings.PUBLIC_URL}/statements/")
        path = urlsplit(link).path
        answer = Client().get(path)
        page = answer.content.decode()
        assert (answer.status_code, answer["Cache-Control"].count("no-store")) == (200, 1)
        assert f'<html lang="{language}" dir="{direction}">' in page
        assert [word for word in words if word not in page] == []
        assert "<script" not in page
        assert "http" not in page.replace("http-equiv", "")
    assert Client().get(path[:-3] + "xx/").status_code == 404
    settings.STATEMENT_LINK_SECONDS = -1
    assert Client().get(path).status_code == 404


def test_the_page_escapes_what_people_wrote(client: Any, user: User) -> None:
    User.objects.filter(pk=user.pk).update(full_name="<b>x</b>")
    link = urlsplit(client.get(JSON).json()["print_url"]).path
    assert "&lt;b&gt;x&lt;/b&gt;" in Client().get(link).content.decode()
