"""Single elimination: who loses is out. Byes go to the top seeds; a third-place match is optional."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from .format import Format, Option, boolean, odd_best_of
from .plan import StagePlan
from .seeding import inner_outer
from .types import (
    EntrantId,
    Explanation,
    LoserOf,
    MatchId,
    MatchSpec,
    MatchState,
    OptionValue,
    PlaceRange,
    Seed,
    Slot,
    Standing,
    Status,
    Target,
    WinnerOf,
)
from .view import StageView, StateMap

THIRD_PLACE = MatchId("P3")


def _not_reseeded(value: object) -> bool:
    if boolean(value):
        raise NotImplementedError("reseed")
    return False


def plan(options: Mapping[str, OptionValue], entrants: int, draw_seed: bytes) -> tuple[MatchSpec, ...]:
    """All matches, round by round, the third-place match (from 4 entrants on) last.

    Winner of match i of a full round goes to match ceil(i / 2) of the next, to side a if i is odd. There is nothing
    random in it: ``draw_seed`` is not used.
    """
    best_of = options["best_of"]
    return _matches(entrants, best_of if isinstance(best_of, tuple) else (int(best_of),), bool(options["third_place"]))


@lru_cache(maxsize=16)
def _matches(entrants: int, best_of: tuple[int, ...], third_place: bool) -> tuple[MatchSpec, ...]:
    size = 1 << (entrants - 1).bit_length()
    rounds = size.bit_length() - 1
    third = third_place and entrants >= 4
    order = inner_outer(size)
    sources: list[Slot] = [Seed(seed) for seed in order]
    byes = [seed > entrants for seed in order]
    matches = []
    for round_ in range(1, rounds + 1):
        games = best_of[min(rounds - round_, len(best_of) - 1)]
        winners: list[Slot] = []
        number = 0
        for index in range(len(sources) // 2):
            a, b = sources[2 * index], sources[2 * index + 1]
            if round_ == 1 and byes[2 * index + 1]:
                winners.append(a)
                continue
            number += 1
            match_id = MatchId(f"W{round_}.{number}")
            winner_to = loser_to = None
            if round_ < rounds:
                winner_to = Target(MatchId(f"W{round_ + 1}.{index // 2 + 1}"), "b" if index % 2 else "a")
            if third and round_ == rounds - 1:
                loser_to = Target(THIRD_PLACE, "b" if index % 2 else "a")
            matches.append(MatchSpec(match_id, "W", round_, number, a, b, games, winner_to, loser_to))
            winners.append(WinnerOf(match_id))
        sources = winners
    if third:
        a, b = LoserOf(MatchId(f"W{rounds - 1}.1")), LoserOf(MatchId(f"W{rounds - 1}.2"))
        games = best_of[min(1, len(best_of) - 1)]
        matches.append(MatchSpec(THIRD_PLACE, "P", rounds, 1, a, b, games, None, None))
    return tuple(matches)


def _final_position(plan_: StagePlan) -> int:
    return len(plan_.matches) - (2 if THIRD_PLACE in plan_.positions else 1)


def champion(plan_: StagePlan, states: StateMap) -> EntrantId | None:
    """The winner of the final, also while the third-place match is open."""
    outcome = states.at(_final_position(plan_)).outcome
    return None if outcome is None else outcome.winner


def _losers(state: MatchState) -> list[EntrantId]:
    """Both sides when nobody won; nobody when no match was needed."""
    if state.outcome is None or state.status is not Status.COMPLETED:
        return []
    return [entrant for entrant in (state.a, state.b) if isinstance(entrant, str) and entrant != state.outcome.winner]


def _tiers(view: StageView) -> list[tuple[list[EntrantId], bool]]:
    """Groups of entrants that share a place, the worst first, and whether that place is final."""
    seed_of = {entrant: number for number, entrant in enumerate(view.plan.seeds)}
    rounds = view.plan.matches[_final_position(view.plan)].round
    out: list[list[EntrantId]] = [[] for _ in range(rounds)]
    decided = [True] * rounds
    for spec in view.plan.matches:
        if spec.id != THIRD_PLACE:
            state = view.states[spec.id]
            out[spec.round - 1].extend(_losers(state))
            decided[spec.round - 1] &= state.outcome is not None
    tiers = []
    for index, losers in enumerate(out):
        final = decided[index]
        if index == rounds - 2 and THIRD_PLACE in view.plan.positions:
            tiers += _third_place_tiers(view.states[THIRD_PLACE], losers, final)
        else:
            tiers.append((losers, final))
    gone = {entrant for losers in out for entrant in losers}
    tiers.append(([entrant for entrant in view.plan.seeds if entrant not in gone], decided[-1]))
    return [(sorted(entrants, key=seed_of.__getitem__), final) for entrants, final in tiers if entrants]


def _third_place_tiers(
    state: MatchState, semifinal_losers: list[EntrantId], final: bool
) -> list[tuple[list[EntrantId], bool]]:
    """Split the losers of the semi-finals: whoever may not play for third place (both sides of a double forfeit, a
    disqualified loser) is behind whoever may."""
    if state.outcome is None:
        return [(semifinal_losers, False)]
    losers = _losers(state)
    absent = [entrant for entrant in semifinal_losers if entrant not in (state.a, state.b)]
    winner = [] if state.outcome.winner is None else [state.outcome.winner]
    return [(absent, final), (losers, final), (winner, final)]


def placements(view: StageView) -> Mapping[EntrantId, PlaceRange]:
    """Losers of one round share the places below everyone who survived longer; the third-place match splits 3 and 4.

    Source: competition ranks as used by start.gg and FIDE (1, 2, 3, 3, 5, 5, 5, 5).
    """
    places: dict[EntrantId, PlaceRange] = {}
    last = len(view.plan.seeds)
    best_first: list[tuple[EntrantId, PlaceRange]] = []
    for entrants, final in _tiers(view):
        place = PlaceRange(last - len(entrants) + 1, last)
        last -= len(entrants)
        if final:
            best_first[:0] = [(entrant, place) for entrant in entrants]
    places.update(best_first)
    return MappingProxyType(places)


def standings(view: StageView) -> tuple[Standing, ...]:
    """Everyone, the best first; entrants still in play share the first place for the time being."""
    wins = dict.fromkeys(view.plan.seeds, 0)
    losses = dict.fromkeys(view.plan.seeds, 0)
    latest: dict[EntrantId, MatchSpec] = {}
    for spec in view.plan.matches:
        state = view.states[spec.id]
        for entrant in (state.a, state.b):
            if isinstance(entrant, str):
                latest[entrant] = spec
                if state.status is Status.COMPLETED and state.outcome is not None:
                    wins[entrant] += entrant == state.outcome.winner
                    losses[entrant] += entrant in _losers(state)
    rows: list[Standing] = []
    first = len(view.plan.seeds) + 1
    for entrants, final in _tiers(view):
        first -= len(entrants)
        rows[:0] = [
            Standing(
                entrant=entrant,
                place=first,
                tied=len(entrants) > 1,
                final=final,
                values=(("wins", wins[entrant]), ("losses", losses[entrant])),
                explain=_explain(entrant, latest[entrant], view.states[latest[entrant].id]),
            )
            for entrant in entrants
        ]
    return tuple(rows)


def _explain(entrant: EntrantId, spec: MatchSpec, state: MatchState) -> Explanation:
    """``in_play``, ``won`` or ``lost``, with the last match of the entrant."""
    where: tuple[tuple[str, str | int], ...] = (("match", spec.id), ("bracket", spec.bracket), ("round", spec.round))
    if state.outcome is None:
        return Explanation("in_play", where)
    how = (*where, ("kind", state.outcome.kind.value))
    return Explanation("won" if state.outcome.winner == entrant else "lost", how)


SINGLE_ELIMINATION = Format(
    name="single_elimination",
    min_entrants=2,
    max_entrants=4096,
    options=(
        Option("third_place", False, boolean),
        Option("best_of", 1, odd_best_of),
        Option("reseed", False, _not_reseeded),
    ),
    plan=plan,
    champion=champion,
    placements=placements,
    standings=standings,
)
