from django.conf import settings

from wallet.payouts.base import PayoutProvider
from wallet.payouts.manual import ManualPayouts

PROVIDERS: dict[str, type[PayoutProvider]] = {ManualPayouts.name: ManualPayouts}


def provider() -> PayoutProvider:
    """The provider that PAYOUT_PROVIDER names."""
    return PROVIDERS[settings.PAYOUT_PROVIDER]()
