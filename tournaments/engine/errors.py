"""What can go wrong in the engine, as codes; the texts for people live in the application that calls it."""

from collections.abc import Mapping
from enum import StrEnum


class ErrorCode(StrEnum):
    """Every code an :class:`EngineError` can carry."""

    AMOUNT_NOT_IN_UNITS = "amount_not_in_units"
    CAPTAIN_NOT_IN_TEAM = "captain_not_in_team"
    DOWNSTREAM_STARTED = "downstream_started"
    DRAW_NOT_ALLOWED = "draw_not_allowed"
    DRAW_SEED_REQUIRED = "draw_seed_required"
    DUPLICATE_ENTRANT = "duplicate_entrant"
    DUPLICATE_HEAT = "duplicate_heat"
    DUPLICATE_MAP = "duplicate_map"
    DUPLICATE_MEMBER = "duplicate_member"
    ENTRANT_ALREADY_OUT = "entrant_already_out"
    HEAT_AFTER_DECISION = "heat_after_decision"
    INCONSISTENT_PLACES = "inconsistent_places"
    INFEASIBLE_CONSTRAINTS = "infeasible_constraints"
    INVALID_ADJUSTMENT = "invalid_adjustment"
    INVALID_AMOUNT = "invalid_amount"
    INVALID_CONFIG = "invalid_config"
    INVALID_CONTENDERS = "invalid_contenders"
    INVALID_DOCUMENT = "invalid_document"
    INVALID_DRAW_SEED = "invalid_draw_seed"
    INVALID_ENTRANT = "invalid_entrant"
    INVALID_EVENT = "invalid_event"
    INVALID_FIELD = "invalid_field"
    INVALID_GAMES = "invalid_games"
    INVALID_GROUPS = "invalid_groups"
    INVALID_HEAT = "invalid_heat"
    INVALID_HISTORY = "invalid_history"
    INVALID_LIMIT = "invalid_limit"
    INVALID_LINK = "invalid_link"
    INVALID_MODEL = "invalid_model"
    INVALID_OPTION = "invalid_option"
    INVALID_OUTCOME = "invalid_outcome"
    INVALID_PAIRING = "invalid_pairing"
    INVALID_PLACES = "invalid_places"
    INVALID_PLAN = "invalid_plan"
    INVALID_POINTS_TABLE = "invalid_points_table"
    INVALID_POTS = "invalid_pots"
    INVALID_PRIZE_TABLE = "invalid_prize_table"
    INVALID_RATED_RESULT = "invalid_rated_result"
    INVALID_RATING = "invalid_rating"
    INVALID_SCORE = "invalid_score"
    INVALID_SIZE = "invalid_size"
    INVALID_TABLE = "invalid_table"
    INVALID_TIE_MODE = "invalid_tie_mode"
    INVALID_TRF = "invalid_trf"
    INVALID_UNIT = "invalid_unit"
    INVALID_VETO_ACTION = "invalid_veto_action"
    INVALID_VETO_TEMPLATE = "invalid_veto_template"
    INVALID_VIEW = "invalid_view"
    MAP_USED = "map_used"
    MATCH_ALREADY_DECIDED = "match_already_decided"
    MATCH_NOT_DECIDED = "match_not_decided"
    MATCH_NOT_READY = "match_not_ready"
    MISSING_ENTRANT = "missing_entrant"
    NO_LEGAL_PAIRING = "no_legal_pairing"
    NO_MEMBERS = "no_members"
    NO_OPEN_MATCH = "no_open_match"
    PLAN_HASH_MISMATCH = "plan_hash_mismatch"
    PRIZES_EXCEED_POOL = "prizes_exceed_pool"
    RESULT_FOR_UNKNOWN_MATCH = "result_for_unknown_match"
    ROUND_ALREADY_STARTED = "round_already_started"
    ROUND_NOT_OPEN = "round_not_open"
    SEARCH_TOO_LONG = "search_too_long"
    SIDES_WOULD_CHANGE = "sides_would_change"
    TIES_FORBIDDEN = "ties_forbidden"
    TOO_FEW_ENTRANTS = "too_few_entrants"
    TOO_MANY_ENTRANTS = "too_many_entrants"
    UNEXPECTED_WINNER = "unexpected_winner"
    UNKNOWN_ENTRANT = "unknown_entrant"
    UNKNOWN_FORMAT = "unknown_format"
    UNKNOWN_MAP = "unknown_map"
    UNKNOWN_METRIC = "unknown_metric"
    UNKNOWN_OPTION = "unknown_option"
    UNKNOWN_PRESET = "unknown_preset"
    UNRESOLVED_TIE = "unresolved_tie"
    UNSUPPORTED_ENTRANTS = "unsupported_entrants"
    UNSUPPORTED_OPTION = "unsupported_option"
    UNSUPPORTED_SCHEMA = "unsupported_schema"
    VETO_FINISHED = "veto_finished"
    WINNER_NOT_IN_MATCH = "winner_not_in_match"
    WINNER_REQUIRED = "winner_required"
    WRONG_SIDE = "wrong_side"
    WRONG_VETO_ACTION = "wrong_veto_action"


class EngineError(Exception):
    """The engine refuses: ``code`` says why, ``params`` holds the values a message may want to name."""

    def __init__(self, code: ErrorCode, params: Mapping[str, object] | None = None) -> None:
        self.code = code
        self.params: dict[str, object] = dict(params or {})
        super().__init__(code, self.params)

    def __str__(self) -> str:
        try:
            details = ", ".join(f"{name}={value!r}" for name, value in sorted(self.params.items()))
        except ValueError:
            details = "too long to show"
        return f"{self.code.value} ({details})" if details else self.code.value
