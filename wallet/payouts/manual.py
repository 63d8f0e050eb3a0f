"""People carry the document to the bank: a PAYA file for accounts, a list for cards."""

import re

from django.conf import settings

from common.spreadsheet import csv_file
from common.text import clean_name
from wallet.banks import read_sheba
from wallet.enums import DestinationKind
from wallet.errors import InvalidSheba, PayoutNotConfigured
from wallet.payouts import paya
from wallet.payouts.base import PayoutDocument, PayoutOrder

_BIC = re.compile("[A-Z]{6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3})?")


class ManualPayouts:
    name = "manual"

    def prepare(self, order: PayoutOrder) -> PayoutDocument:
        if order.kind == DestinationKind.CARD:
            return PayoutDocument(f"{order.message_id}.csv", "text/csv", _card_list(order))
        try:
            sheba = read_sheba(settings.PAYOUT_DEBTOR_SHEBA)
        except InvalidSheba as error:
            raise PayoutNotConfigured from error
        name = clean_name(settings.PAYOUT_DEBTOR_NAME)
        if not name or not _BIC.fullmatch(settings.PAYOUT_DEBTOR_BIC):
            raise PayoutNotConfigured
        debtor = paya.Debtor(sheba=sheba, name=name, bic=settings.PAYOUT_DEBTOR_BIC)
        content = paya.document(order, debtor=debtor, jalali=settings.PAYA_JALALI_DATES)
        return PayoutDocument(f"{paya.message_id(order, debtor)}.ccti", "application/xml", content)


def _card_list(order: PayoutOrder) -> bytes:
    header = ["reference", "card", "owner_name", "amount_rial"]
    return csv_file(header, [[row.reference, row.number, row.owner_name, row.amount_rial] for row in order.payouts])
