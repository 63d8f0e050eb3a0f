"""People carry the document to the bank: a PAYA file for accounts, a list for cards."""

from django.conf import settings

from common.spreadsheet import csv_file
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
    header = ["reference", "card", "owner_name", "amount_rial"]
    return csv_file(header, [[row.reference, row.number, row.owner_name, row.amount_rial] for row in order.payouts])
