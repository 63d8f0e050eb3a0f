import gc
import os

import django
from channels.routing import ProtocolTypeRouter, URLRouter

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.prod")
django.setup(set_prefix=False)

from common.http import Utf8ASGIHandler  # noqa: E402  (models load only after the set-up)
from common.realtime import OriginCheck  # noqa: E402
from config.websocket import websocket_urlpatterns  # noqa: E402
from users.authentication import WebSocketAuthentication  # noqa: E402

application = ProtocolTypeRouter(
    {"http": Utf8ASGIHandler(), "websocket": OriginCheck(WebSocketAuthentication(URLRouter(websocket_urlpatterns)))}
)
# What is loaded by now stays: collecting garbage need not look through it again and again.
gc.collect()
gc.freeze()
