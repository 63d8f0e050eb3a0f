"""Ranking and tie-breaks: standings from records by a list of metrics."""

from .records import Meeting, MeetingKind, Points, Record, Table, annulled

__all__ = ["Meeting", "MeetingKind", "Points", "Record", "Table", "annulled"]
