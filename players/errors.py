from django.utils.translation import gettext_lazy as _

from common.db import constraint_error
from common.errors import DomainError, PermissionDenied


class HistoryHidden(PermissionDenied):
    code = "history_hidden"
    detail = _("This player does not show what they have played.")


class SeasonsOverlap(DomainError):
    code = "seasons_overlap"
    detail = _("There is a season of this game at that time already.")


class SeasonDatesInvalid(DomainError):
    code = "season_dates_invalid"
    detail = _("A season ends after it begins.")


constraint_error("season_no_overlap", SeasonsOverlap)
constraint_error("season_dates_in_order", SeasonDatesInvalid)
