from django.conf import settings

from wallet.gateways.base import Gateway
from wallet.gateways.zarinpal import Zarinpal


def gateway() -> Gateway:
    """The payment gateway of this installation."""
    return Zarinpal(base_url=settings.ZARINPAL_URL, merchant_id=settings.ZARINPAL_MERCHANT_ID)
