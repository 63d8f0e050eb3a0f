import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.prod")
http = get_asgi_application()

from common.realtime import OriginCheck  # noqa: E402  (models load only after get_asgi_application)
from config.websocket import websocket_urlpatterns  # noqa: E402
from users.authentication import WebSocketAuthentication  # noqa: E402

application = ProtocolTypeRouter(
    {"http": http, "websocket": OriginCheck(WebSocketAuthentication(URLRouter(websocket_urlpatterns)))}
)
