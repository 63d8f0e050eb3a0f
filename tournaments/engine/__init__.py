"""The competition engine: stages, brackets, results, places and prizes as pure functions over immutable values.

No framework, no database, no clock and no hidden randomness: equal inputs give equal outputs on every machine.

Here is what plays a stage: plan it, fold its events, read places and standings. Beside it stand, each a door of its
own: ``ranking`` (tie-breaks), ``group_seeding``, ``pots`` and ``links`` (who plays where, in this stage and the next),
``swiss.pairing``, ``swiss.limited`` and ``swiss.dutch`` (one round from plain numbers), ``heats`` (battle royale),
``rating`` (Elo, Glicko-2, OpenSkill), ``veto`` (maps) and ``trf`` (FIDE reports).
"""

from .advance import Settlement, advance, settle
from .decoding import outcome_from_data, slot_from_data
from .encoding import outcome_to_data, slot_to_data
from .errors import EngineError, ErrorCode
from .events import (
    Adjustment,
    Correction,
    Disqualification,
    DqMode,
    Effect,
    Event,
    MatchDecided,
    MatchOpened,
    Policy,
    Result,
    RoundPaired,
    SlotFilled,
    Withdrawal,
)
from .format import RoundPairing
from .groups import Group, group_views
from .heats.rows import HeatResult, HeatRow
from .match_table import MatchTable
from .plan import StagePlan
from .prize import (
    BasisPoints,
    FixedAmounts,
    Payouts,
    PrizeTable,
    TieMode,
    distribute,
    distribute_by_kills,
    split_team,
)
from .reduce import apply, fold
from .registry import FORMATS
from .rng import DrawRng, commitment, shuffle
from .rollback import Change, ChangePlan, preview_change
from .seeding import ORDERS, half_shift, inner_outer, natural, pair_flip, reverse, reverse_half_shift
from .serde import SCHEMA_VERSION, from_json, to_json
from .series import check_outcome
from .stage import complete_config, next_round, placements, plan_stage, standings
from .types import (
    BYE,
    TBD,
    Bye,
    EntrantId,
    Explanation,
    Game,
    HeatSpec,
    Kind,
    LoserOf,
    MatchId,
    MatchSpec,
    MatchState,
    Occupant,
    OptionValue,
    Outcome,
    PlaceRange,
    Seed,
    Side,
    Slot,
    SlotState,
    StageConfig,
    Standing,
    Status,
    Target,
    Tbd,
    WinnerOf,
)
from .view import StageView, StateMap

__all__ = [
    "BYE",
    "FORMATS",
    "ORDERS",
    "SCHEMA_VERSION",
    "TBD",
    "Adjustment",
    "BasisPoints",
    "Bye",
    "Change",
    "ChangePlan",
    "Correction",
    "Disqualification",
    "DqMode",
    "DrawRng",
    "Effect",
    "EngineError",
    "EntrantId",
    "ErrorCode",
    "Event",
    "Explanation",
    "FixedAmounts",
    "Game",
    "Group",
    "HeatResult",
    "HeatRow",
    "HeatSpec",
    "Kind",
    "LoserOf",
    "MatchDecided",
    "MatchId",
    "MatchOpened",
    "MatchSpec",
    "MatchState",
    "MatchTable",
    "Occupant",
    "OptionValue",
    "Outcome",
    "Payouts",
    "PlaceRange",
    "Policy",
    "PrizeTable",
    "Result",
    "RoundPaired",
    "RoundPairing",
    "Seed",
    "Settlement",
    "Side",
    "Slot",
    "SlotFilled",
    "SlotState",
    "StageConfig",
    "StagePlan",
    "StageView",
    "Standing",
    "StateMap",
    "Status",
    "Target",
    "Tbd",
    "TieMode",
    "WinnerOf",
    "Withdrawal",
    "advance",
    "apply",
    "check_outcome",
    "commitment",
    "complete_config",
    "distribute",
    "distribute_by_kills",
    "fold",
    "from_json",
    "group_views",
    "half_shift",
    "inner_outer",
    "natural",
    "next_round",
    "outcome_from_data",
    "outcome_to_data",
    "pair_flip",
    "placements",
    "plan_stage",
    "preview_change",
    "reverse",
    "reverse_half_shift",
    "settle",
    "shuffle",
    "slot_from_data",
    "slot_to_data",
    "split_team",
    "standings",
    "to_json",
]
