"""Between the rows and the pure engine: entrants become seeds, a plan becomes numbers that matches store."""

from typing import Any

from django.db.models import F, QuerySet

from tournaments.engine import EngineError, EntrantId, StageConfig, StagePlan, commitment, plan_stage
from tournaments.errors import DrawNotMade, FormatDoesNotFit
from tournaments.models import Entrant, Stage, Tournament

SEEDING_PURPOSE = "seeding"


def seeded_entrants(tournament_id: int) -> QuerySet[Entrant]:
    return Entrant.objects.filter(tournament=tournament_id, seed__isnull=False).order_by("seed")


def plan_of(stage: Stage) -> StagePlan:
    """The engine's plan of a stage whose tournament has started; entrants are known to it by their ids."""
    seeds = [EntrantId(str(pk)) for pk in seeded_entrants(stage.tournament_id).values_list("pk", flat=True)]
    options = {name: tuple(value) if isinstance(value, list) else value for name, value in stage.options.items()}
    return plan_stage(StageConfig(stage.format, options), seeds, bytes(stage.tournament.draw_seed or b""))


def fix_plan(tournament: Tournament) -> None:
    """Store the hash of the plan's structure; with the seeds of ``draw_proof`` it fixes every pairing.

    :raises FormatDoesNotFit: there is no such plan for the seeded entrants.
    """
    stage = tournament.stages.get()
    try:
        stage.plan_hash = plan_of(stage).plan_hash
    except EngineError as error:
        raise FormatDoesNotFit(count=seeded_entrants(tournament.pk).count(), reason=error.code) from error
    stage.save(update_fields=["plan_hash"])


def draw_proof(tournament: Tournament) -> dict[str, Any]:
    """What proves the draw: the commitment from the day of publishing and, once drawn, the secret behind it.

    :raises DrawNotMade: the tournament is still a draft.
    """
    if tournament.draw_seed is None:
        raise DrawNotMade
    secret = bytes(tournament.draw_seed)
    drawn = tournament.started_at is not None
    stage = tournament.stages.get()
    return {
        "commitment": commitment(secret),
        "draw_seed": secret.hex() if drawn else None,
        "purpose": SEEDING_PURPOSE,
        "seeds": list(seeded_entrants(tournament.pk).values("seed", "name", entrant=F("pk"))) if drawn else [],
        "plan_hash": stage.plan_hash,
    }
