from tournaments.services.completion import get_tournament_winners

__all__ = ["get_tournament_winners"]
