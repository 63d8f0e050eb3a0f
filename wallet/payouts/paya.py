"""The file by which an Iranian bank takes PAYA transfers: ISO 20022 ``pain.001.001.03`` with amounts in Rials."""

from xml.etree import ElementTree

from common.local_time import local
from wallet.payouts.base import PayoutOrder

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"
# What the schema allows for a name.
NAME_LENGTH = 70


def document(order: PayoutOrder, *, debtor_sheba: str, debtor_name: str) -> bytes:
    """One payment block from the debtor's account; count and sum stand in the header and in the block."""
    created = local(order.created_at)
    root = ElementTree.Element("Document", {"xmlns": NAMESPACE})
    message = ElementTree.SubElement(root, "CstmrCdtTrfInitn")

    header = ElementTree.SubElement(message, "GrpHdr")
    _text(header, "MsgId", order.message_id)
    _text(header, "CreDtTm", created.strftime("%Y-%m-%dT%H:%M:%S"))
    _totals(header, order)
    _text(header, "InitgPty/Nm", debtor_name[:NAME_LENGTH])

    block = ElementTree.SubElement(message, "PmtInf")
    _text(block, "PmtInfId", order.message_id)
    _text(block, "PmtMtd", "TRF")
    _totals(block, order)
    _text(block, "ReqdExctnDt", created.strftime("%Y-%m-%d"))
    _text(block, "Dbtr/Nm", debtor_name[:NAME_LENGTH])
    account = ElementTree.SubElement(block, "DbtrAcct")
    _text(account, "Id/IBAN", debtor_sheba)
    _text(account, "Ccy", "IRR")
    # the Sheba names the bank; the schema wants the element all the same
    _text(block, "DbtrAgt/FinInstnId/Othr/Id", "NOTPROVIDED")
    for payout in order.payouts:
        transfer = ElementTree.SubElement(block, "CdtTrfTxInf")
        identity = ElementTree.SubElement(transfer, "PmtId")
        _text(identity, "InstrId", payout.reference)
        _text(identity, "EndToEndId", payout.reference)
        amount = _text(transfer, "Amt/InstdAmt", str(payout.amount_rial))
        amount.set("Ccy", "IRR")
        _text(transfer, "Cdtr/Nm", payout.owner_name[:NAME_LENGTH])
        _text(transfer, "CdtrAcct/Id/IBAN", payout.number)
        _text(transfer, "RmtInf/Ustrd", payout.reference)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def _totals(parent: ElementTree.Element, order: PayoutOrder) -> None:
    _text(parent, "NbOfTxs", str(len(order.payouts)))
    _text(parent, "CtrlSum", str(order.total_rial))


def _text(parent: ElementTree.Element, path: str, text: str) -> ElementTree.Element:
    """Add an element at the end of a path of new ones."""
    for name in path.split("/"):
        parent = ElementTree.SubElement(parent, name)
    parent.text = text
    return parent
