"""Every PAYA file that can be made is the ISO 20022 message that it says it is."""

from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import jdatetime
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.text import clean_name
from tests.factories.payouts import DEBTOR, make_sheba
from tests.wallet import pain_001
from wallet.enums import DestinationKind
from wallet.errors import PayoutNotConfigured
from wallet.payouts import paya
from wallet.payouts.base import Payout, PayoutOrder
from wallet.payouts.manual import ManualPayouts

NS = {"p": pain_001.NAMESPACE}
MOST_RIAL = 10**15
BIC = "BMJIIRTHXXX"

# As people type them, and as the services keep them: a name is cleaned before it is kept, and never empty.
alphabets = (st.characters(), st.sampled_from("آاکیئژ\u200c &<>\"'];]]>\u200f\x85\x0b\ufffe٠۱"))
names = st.one_of(*(st.text(alphabet, min_size=1, max_size=100) for alphabet in alphabets)).map(clean_name).filter(bool)
moments = st.integers(1_767_225_600, 2_429_913_600).map(lambda second: datetime.fromtimestamp(second, UTC))
payouts = st.builds(
    Payout,
    reference=st.from_regex("MW[0-9A-F]{16}", fullmatch=True),
    number=st.integers(1, 10**19 - 1).map(lambda account: make_sheba(account=account)),
    owner_name=names,
    amount_rial=st.integers(1, MOST_RIAL),
)
orders = st.builds(
    PayoutOrder,
    serial=st.from_regex("[0-9]{9}", fullmatch=True),
    kind=st.just(DestinationKind.SHEBA),
    payouts=st.lists(payouts, min_size=1, max_size=12, unique_by=lambda payout: payout.reference),
    created_at=moments,
)
debtors = st.builds(paya.Debtor, sheba=st.just(DEBTOR), name=names, bic=st.just(BIC))


def one(**changes: Any) -> PayoutOrder:
    payout = Payout(reference="MW0123456789ABCDEF", number=make_sheba(), owner_name="سارا احمدی", amount_rial=1_000_000)
    order = {"serial": "251600007", "kind": DestinationKind.SHEBA, "payouts": [payout], "created_at": datetime.now(UTC)}
    return PayoutOrder(**(order | changes))


def made(order: PayoutOrder, *, jalali: bool = False, name: str = "میدان", bic: str = BIC) -> bytes:
    return paya.document(order, debtor=paya.Debtor(sheba=DEBTOR, name=name, bic=bic), jalali=jalali)


def texts(document: bytes, path: str) -> list[str | None]:
    found = ElementTree.fromstring(document).findall("/".join(f"p:{name}" for name in path.split("/")), NS)
    return [node.text for node in found]


@given(orders, debtors, st.booleans())
def test_every_file_follows_the_message_definition(order: PayoutOrder, debtor: paya.Debtor, jalali: bool) -> None:
    document = paya.document(order, debtor=debtor, jalali=jalali)
    assert pain_001.problems(document, gregorian=not jalali) == []
    block = "CstmrCdtTrfInitn/PmtInf"
    transfer = f"{block}/CdtTrfTxInf"
    for totals in ("CstmrCdtTrfInitn/GrpHdr", block):
        assert texts(document, f"{totals}/NbOfTxs") == [str(len(order.payouts))]
        assert texts(document, f"{totals}/CtrlSum") == [str(sum(payout.amount_rial for payout in order.payouts))]
    assert list(
        zip(
            texts(document, f"{transfer}/PmtId/EndToEndId"),
            texts(document, f"{transfer}/CdtrAcct/Id/IBAN"),
            texts(document, f"{transfer}/Cdtr/Nm"),
            map(int, texts(document, f"{transfer}/Amt/InstdAmt")),
            strict=True,
        )
    ) == [(payout.reference, payout.number, payout.owner_name, payout.amount_rial) for payout in order.payouts]
    assert (
        texts(document, f"{block}/Dbtr/Nm") == [debtor.name] == texts(document, "CstmrCdtTrfInitn/GrpHdr/InitgPty/Nm")
    )


@given(moments)
def test_jalali_dates_are_days_of_the_jalali_calendar(moment: datetime) -> None:
    document = made(one(created_at=moment), jalali=True)
    [created] = texts(document, "CstmrCdtTrfInitn/GrpHdr/CreDtTm")
    [day] = texts(document, "CstmrCdtTrfInitn/PmtInf/ReqdExctnDt")
    clock = jdatetime.datetime.strptime(created, "%Y-%m-%dT%H:%M:%S")
    tehran = moment.replace(tzinfo=None, microsecond=0) + timedelta(hours=3.5)
    assert clock.togregorian() == tehran
    assert created.startswith(f"{day}T")


def test_a_thousand_transfers_with_the_longest_names_and_amounts() -> None:
    rows = [Payout(f"MW{number:016X}", make_sheba(), "ن" * 100, 999_999_999_999_999) for number in range(1000)]
    document = made(one(payouts=rows), name="م" * 300)
    assert pain_001.problems(document) == []
    assert texts(document, "CstmrCdtTrfInitn/PmtInf/Dbtr/Nm") == ["م" * 140]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("<NbOfTxs>1</NbOfTxs>", "", 1), "GrpHdr has 0 NbOfTxs"),
        (("<PmtMtd>TRF", '<PmtMtd Ccy="IRR">TRF', 1), "PmtMtd has the attributes ['Ccy']"),
        (("<PmtMtd>TRF", "<PmtMtd>PAYA", 1), "PmtMtd is 'PAYA'"),
        (("<Ustrd>", "<Ustrd><b/>", 1), "Ustrd is"),
        ((' Ccy="IRR"', "", 1), "InstdAmt has the attributes []"),
        (("IRR", "ریال", 1), "@Ccy is ریال"),
        (("<InstrId>EMPTY</InstrId>", "<Memo>x</Memo>", 1), "PmtId has ['Memo']"),
        (("<MsgId>", "<MsgId>" + "x" * 30, 1), "MsgId is"),
        (("سارا احمدی", "", 1), "Cdtr/Nm is ''"),
        (("<IBAN>IR", "<IBAN>ir", 1), "IBAN is"),
        ((":pain.001.001.03", ":pain.002.001.03", 1), "the root is"),
        (("-30T", "-31T", 1), "CreDtTm is no moment"),
        (("EndToEndId>", "InstrId>", 2), "PmtId has 2 InstrId"),
        (("<PmtId>", "x<PmtId>", 1), "CdtTrfTxInf has text"),
    ],
)
def test_the_check_sees_what_is_wrong(change: tuple[str, str, int], says: str) -> None:
    document = made(one(created_at=datetime(2026, 11, 30, tzinfo=UTC))).decode()
    assert change[0] in document
    assert says in pain_001.problems(document.replace(*change).encode())[0]


@pytest.mark.parametrize("bic", ["", "BMJI", "bmjiirthxxx", "BMJIIRTHXXXX", "BMJIIRTO"])
def test_a_bank_code_that_is_none_makes_no_file(settings: Any, bic: str) -> None:
    settings.PAYOUT_DEBTOR_SHEBA, settings.PAYOUT_DEBTOR_NAME, settings.PAYOUT_DEBTOR_BIC = DEBTOR, "Meydan", bic
    with pytest.raises(PayoutNotConfigured):
        ManualPayouts().prepare(one())


def test_the_file_is_called_after_the_account_and_its_number(settings: Any) -> None:
    settings.PAYOUT_DEBTOR_SHEBA, settings.PAYOUT_DEBTOR_NAME = DEBTOR, " Mey\x0bdan\ufffe "
    document = ManualPayouts().prepare(one())
    assert document.name == f"{DEBTOR}251600007.ccti"
    assert texts(document.content, "CstmrCdtTrfInitn/GrpHdr/MsgId") == [f"{DEBTOR}251600007"]
    assert texts(document.content, "CstmrCdtTrfInitn/PmtInf/Dbtr/Nm") == ["Meydan"]
