"""People carry the document to the bank: a PAYA file for accounts, a list for cards."""

import csv
import io

from django.conf import settings

from wallet.banks import read_sheba
from wallet.enums import DestinationKind
from wallet.errors import InvalidSheba, PayoutNotConfigured
from wallet.payouts import paya
from wallet.payouts.base import PayoutDocument, PayoutOrder


class ManualPayouts:
    name = "manual"

    def prepare(self, order: PayoutOrder) -> PayoutDocument:
        if order.kind == DestinationKind.CARD:
            return PayoutDocument(f"{order.message_id}.csv", "text/csv", _card_list(order))
        try:
            sheba = read_sheba(settings.PAYOUT_DEBTOR_SHEBA)
        except InvalidSheba as error:
            raise PayoutNotConfigured from error
        if not settings.PAYOUT_DEBTOR_NAME:
            raise PayoutNotConfigured
        content = paya.document(order, debtor_sheba=sheba, debtor_name=settings.PAYOUT_DEBTOR_NAME)
        return PayoutDocument(f"{order.message_id}.xml", "application/xml", content)


def _card_list(order: PayoutOrder) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["reference", "card", "owner_name", "amount_rial"])
    for payout in order.payouts:
        # a name is cleaned of control marks, but only a letter in front keeps a spreadsheet from reading a formula
        writer.writerow([payout.reference, payout.number, payout.owner_name.lstrip("=+-@"), payout.amount_rial])
    return out.getvalue().encode("utf-8-sig")
