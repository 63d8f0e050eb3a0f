from common.realtime import BaseConsumer


class TournamentConsumer(BaseConsumer):
    pass
