from django.urls import path

from chat.consumers import ChatConsumer
from common.realtime import UnknownSocket
from notifications.consumers import NotificationConsumer

websocket_urlpatterns = [
    path("ws/chat/<int:conversation_id>/", ChatConsumer.as_asgi()),
    path("ws/notifications/", NotificationConsumer.as_asgi()),
    path("<path:anything>", UnknownSocket.as_asgi()),
]
