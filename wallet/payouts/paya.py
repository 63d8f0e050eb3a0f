"""The file by which an Iranian bank takes PAYA transfers: ISO 20022 ``pain.001.001.03`` with amounts in Rials.

What of it the schema asks for, and what the files in use here have in common, is told apart in docs/paya.md.
"""

from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree

import jdatetime

from common.local_time import local
from wallet.payouts.base import PayoutOrder

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"
# What the schema allows for a name.
NAME_LENGTH = 140
# How these files leave out an identifier of the payee's.
EMPTY = "EMPTY"


@dataclass(frozen=True, slots=True)
class Debtor:
    """The account that is paid from."""

    sheba: str
    name: str
    bic: str


def message_id(order: PayoutOrder, debtor: Debtor) -> str:
    """The debtor's Sheba and nine digits; the file is called so, too."""
    return f"{debtor.sheba}{order.serial}"


def document(order: PayoutOrder, *, debtor: Debtor, jalali: bool) -> bytes:
    """One payment block from the debtor's account; count and sum stand in the header and in the block."""
    created = _clock(order.created_at, jalali)
    root = ElementTree.Element("Document", {"xmlns": NAMESPACE})
    message = ElementTree.SubElement(root, "CstmrCdtTrfInitn")

    header = ElementTree.SubElement(message, "GrpHdr")
    _text(header, "MsgId", message_id(order, debtor))
    _text(header, "CreDtTm", created)
    _totals(header, order)
    _text(header, "InitgPty/Nm", debtor.name[:NAME_LENGTH])

    block = ElementTree.SubElement(message, "PmtInf")
    _text(block, "PmtInfId", "1")
    _text(block, "PmtMtd", "TRF")
    _totals(block, order)
    _text(block, "ReqdExctnDt", created[:10])
    _text(block, "Dbtr/Nm", debtor.name[:NAME_LENGTH])
    _text(block, "DbtrAcct/Id/IBAN", debtor.sheba)
    _text(block, "DbtrAgt/FinInstnId/BIC", debtor.bic)
    for payout in order.payouts:
        transfer = ElementTree.SubElement(block, "CdtTrfTxInf")
        identity = ElementTree.SubElement(transfer, "PmtId")
        _text(identity, "InstrId", EMPTY)
        _text(identity, "EndToEndId", payout.reference)
        amount = _text(transfer, "Amt/InstdAmt", str(payout.amount_rial))
        amount.set("Ccy", "IRR")
        _text(transfer, "Cdtr/Nm", payout.owner_name[:NAME_LENGTH])
        _text(transfer, "CdtrAcct/Id/IBAN", payout.number)
        _text(transfer, "RmtInf/Ustrd", payout.reference)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def _clock(moment: datetime, jalali: bool) -> str:
    clock = local(moment)
    day = jdatetime.date.fromgregorian(date=clock.date()) if jalali else clock.date()
    return f"{day.year:04d}-{day.month:02d}-{day.day:02d}T{clock:%H:%M:%S}"


def _totals(parent: ElementTree.Element, order: PayoutOrder) -> None:
    _text(parent, "NbOfTxs", str(len(order.payouts)))
    _text(parent, "CtrlSum", str(order.total_rial))


def _text(parent: ElementTree.Element, path: str, text: str) -> ElementTree.Element:
    """Add an element at the end of a path of new ones."""
    for name in path.split("/"):
        parent = ElementTree.SubElement(parent, name)
    parent.text = text
    return parent
