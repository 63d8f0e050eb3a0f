"""Everything that follows from completed tournaments, without the ids of its rows."""

from typing import Any

from players.models import (
    Achievement,
    PlayedTournament,
    PlayerContribution,
    PlayerStanding,
    TeamContribution,
    TeamStanding,
)

PLAIN = {"id", "board_id"}


def snapshot() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for model in (PlayerContribution, TeamContribution, PlayedTournament, Achievement):
        names = [field.attname for field in model._meta.concrete_fields if field.attname not in PLAIN]
        found[model.__name__] = sorted(model.objects.values_list(*names), key=repr)
    for model in (PlayerStanding, TeamStanding):
        names = [field.attname for field in model._meta.concrete_fields if field.attname not in PLAIN]
        rows = model.objects.values_list("board__game_id", "board__season_id", *names)
        found[model.__name__] = sorted(rows, key=repr)
    return found


def forget() -> None:
    """Drop all of it, as if nothing had ever been recorded."""
    for model in (Achievement, PlayerStanding, TeamStanding, PlayedTournament):
        model.objects.all().delete()
    assert not PlayerContribution.objects.exists()
    assert not TeamContribution.objects.exists()
