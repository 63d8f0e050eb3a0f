from common.realtime import BaseConsumer


class NotificationConsumer(BaseConsumer):
    pass
