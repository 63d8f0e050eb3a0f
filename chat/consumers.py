from common.realtime import BaseConsumer


class ChatConsumer(BaseConsumer):
    pass
