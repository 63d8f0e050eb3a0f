from collections.abc import Callable

from django.conf import settings

from wallet.enums import GatewayName
from wallet.gateways import zarinpal, zibal
from wallet.gateways.base import Gateway

_GATEWAYS: dict[str, Callable[[], Gateway]] = {
    GatewayName.ZARINPAL: lambda: zarinpal.Zarinpal(
        base_url=settings.ZARINPAL_URL, merchant_id=settings.ZARINPAL_MERCHANT_ID
    ),
    GatewayName.ZIBAL: lambda: zibal.Zibal(base_url=settings.ZIBAL_URL, merchant_id=settings.ZIBAL_MERCHANT_ID),
}


def gateway(name: str = "") -> Gateway:
    """The gateway of this name; without one, the gateway at which this installation begins its payments."""
    return _GATEWAYS[name or settings.PAYMENT_GATEWAY]()


def looks_like_authority(text: str) -> bool:
    """Whether one of the gateways could have given this. Their shapes differ, so it names one payment at most."""
    return any(shape.fullmatch(text) for shape in (zarinpal.AUTHORITY, zibal.AUTHORITY))
