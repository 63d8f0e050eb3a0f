"""Everything a person is told about: what it says, what it needs to know, and by which way it goes out.

A kind without channels is seen in the app and on the socket only. The text is rendered when it is read or sent, in
the language of who reads it. Callers may give more params than a kind needs, such as ids for a client to link to.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from common.text import StrOrPromise
from notifications.enums import Channel

SMS, EMAIL = Channel.SMS, Channel.EMAIL
MONEY_PARAMS = frozenset({"amount"})


@dataclass(frozen=True, slots=True)
class Kind:
    """``by_status`` replaces ``text`` when the param ``status`` is one of its keys; ``sensitive`` params are shown to
    nobody but the receiver."""

    text: StrOrPromise
    needs: frozenset[str]
    channels: tuple[Channel, ...] = ()
    by_status: Mapping[str, StrOrPromise] = field(default_factory=dict)
    sensitive: frozenset[str] = frozenset()


def _kind(needs: str, text: StrOrPromise, *channels: Channel, sensitive: str = "", **by_status: StrOrPromise) -> Kind:
    return Kind(
        text=text,
        needs=frozenset(needs.split()),
        channels=channels,
        by_status=by_status,
        sensitive=frozenset(sensitive.split()),
    )


KINDS: Mapping[str, Kind] = {
    # teams
    "team_invitation": _kind(
        "team inviter", _("%(inviter)s invites you to join the team %(team)s."), EMAIL
    ),
    "team_invitation_answered": _kind(
        "team user status",
        _("%(user)s has answered the invitation to the team %(team)s."),
        accepted=_("%(user)s has joined the team %(team)s."),
        rejected=_("%(user)s does not want to join the team %(team)s."),
    ),
    "team_member_removed": _kind("team", _("You are no longer a member of the team %(team)s.")),
    "team_captain_changed": _kind("team captain", _("%(captain)s is now the captain of the team %(team)s.")),
    "team_closed": _kind("team", _("The team %(team)s has been closed.")),
    # tournaments
    "entrant_joined": _kind("tournament", _("You are entered in %(tournament)s.")),
    "entry_lapsed": _kind(
        "tournament", _("The entry fee for %(tournament)s was not paid in time, so your seat is free again."), EMAIL
    ),
    "entry_not_completed": _kind(
        "tournament amount",
        _("Your payment of %(amount)s Rials is in your wallet, but you could not be entered in %(tournament)s any "
          "more."),
        EMAIL,
    ),
    "entrant_left": _kind("tournament", _("You have left %(tournament)s.")),
    "entrant_dropped": _kind("tournament", _("You are out of %(tournament)s."), EMAIL),
    "entrant_withdrawn": _kind("tournament", _("You have withdrawn from %(tournament)s; your open matches are lost.")),
    "entrant_disqualified": _kind("tournament", _("You have been disqualified from %(tournament)s."), EMAIL),
    "entrant_placed": _kind("tournament place", _("You have finished %(tournament)s in place %(place)s.")),
    "check_in_open": _kind("tournament", _("Check-in for %(tournament)s is open. Check in to keep your place."), EMAIL),
    "tournament_started": _kind("tournament", _("%(tournament)s has started."), EMAIL),
    "tournament_cancelled": _kind("tournament", _("%(tournament)s has been cancelled."), EMAIL),
    "tournament_completed": _kind("tournament", _("%(tournament)s is over.")),
    "lobby_credentials": _kind(
        "tournament lobby_id lobby_password",
        _("The lobby of %(tournament)s is open. Id: %(lobby_id)s, password: %(lobby_password)s"),
        SMS,
        EMAIL,
        sensitive="lobby_id lobby_password",
    ),
    # matches
    "match_ready": _kind(
        "tournament match opponent", _("Your match %(match)s in %(tournament)s against %(opponent)s is ready."), EMAIL
    ),
    "round_bye": _kind(
        "tournament round", _("In round %(round)s of %(tournament)s you have a bye: you go on without playing.")
    ),
    "opponent_left": _kind(
        "tournament match opponent",
        _("%(opponent)s has left %(tournament)s, so match %(match)s is not played."),
        EMAIL,
    ),
    "result_submitted": _kind(
        "match by minutes",
        _("%(by)s has reported the result of match %(match)s. Confirm or dispute it within %(minutes)s minutes."),
        EMAIL,
    ),
    "result_confirmed": _kind("match", _("The result of match %(match)s has been confirmed.")),
    "result_auto_confirmed": _kind(
        "match", _("Nobody disputed the result of match %(match)s in time, so it stands.")
    ),
    "result_disputed": _kind("match", _("The result of match %(match)s is disputed. An organiser will decide."), EMAIL),
    "dispute_opened": _kind("match reason", _("The result of match %(match)s is disputed: %(reason)s"), EMAIL),
    "dispute_resolved": _kind("match", _("The dispute over match %(match)s has been decided."), EMAIL),
    "match_replayed": _kind("match", _("Match %(match)s will be played again."), EMAIL),
    "report_filed": _kind("match", _("Somebody has filed a report about match %(match)s."), EMAIL),
    "report_resolved": _kind(
        "match status",
        _("Your report about match %(match)s has been dealt with."),
        EMAIL,
        rejected=_("Your report about match %(match)s has been rejected."),
    ),
    "achievement_earned": _kind("achievement", _("A new achievement: %(achievement)s.")),
    # money
    "prize_paid": _kind(
        "tournament amount place",
        _("Your prize for place %(place)s in %(tournament)s is in your wallet: %(amount)s Rials."),
        EMAIL,
    ),
    "entry_refunded": _kind(
        "tournament amount",
        _("The entry fee for %(tournament)s is back in your wallet: %(amount)s Rials."),
        EMAIL,
    ),
    "deposit_settled": _kind("amount", _("%(amount)s Rials have been added to your wallet.")),
    "deposit_going_back": _kind(
        "amount", _("%(amount)s Rials of your wallet are on their way back to the card they came from."), EMAIL
    ),
    "destination_added": _kind(
        "last_four",
        _("A bank account or card that ends in %(last_four)s has been added to your wallet. If it was not you, tell "
          "support at once."),
        SMS,
        EMAIL,
    ),
    "withdrawal_requested": _kind(
        "amount last_four", _("You have asked for %(amount)s Rials to be paid to …%(last_four)s."), SMS, EMAIL
    ),
    "withdrawal_approved": _kind("amount", _("Your withdrawal of %(amount)s Rials has been approved.")),
    "withdrawal_rejected": _kind(
        "amount reason",
        _("Your withdrawal of %(amount)s Rials has been rejected: %(reason)s The money is back in your wallet."),
        EMAIL,
    ),
    "withdrawal_cancelled": _kind(
        "amount", _("Your withdrawal of %(amount)s Rials is cancelled. The money is back in your wallet.")
    ),
    "withdrawal_paid": _kind(
        "amount last_four reference",
        _("%(amount)s Rials have been paid to …%(last_four)s. The bank's reference: %(reference)s"),
        SMS,
        EMAIL,
    ),
    "withdrawal_returned": _kind(
        "amount last_four reason",
        _("The bank could not pay %(amount)s Rials to …%(last_four)s: %(reason)s The money is back in your wallet."),
        EMAIL,
    ),
    "balance_adjusted": _kind(
        "amount reason", _("Your balance has been corrected by %(amount)s Rials: %(reason)s"), EMAIL
    ),
    "promotion_granted": _kind(
        "amount campaign", _("You have been given %(amount)s Rials for entry fees: %(campaign)s")
    ),
    "promotion_expired": _kind(
        "amount campaign", _("%(amount)s Rials for entry fees have expired: %(campaign)s")
    ),
    # support and security
    "data_export_ready": _kind("", _("The export of your data is ready. You can download it for a few days.")),
    "account_closing": _kind(
        "closing_at",
        _("Your account will be closed. If you want to keep it, sign in within the next days."),
        SMS,
        EMAIL,
    ),
    "ticket_answered": _kind("ticket", _("Your ticket %(ticket)s has an answer."), EMAIL),
    "ticket_assigned": _kind("ticket", _("The ticket %(ticket)s has been assigned to you."), EMAIL),
    "session_reuse": _kind(
        "",
        _("An old sign-in of yours was used again, so we have signed that device out. If it was not you, sign out "
          "everywhere."),
        SMS,
        EMAIL,
    ),
    "new_sign_in": _kind(
        "device",
        _("Somebody has signed in to your account from a new device: %(device)s. If it was not you, sign out "
          "everywhere."),
        EMAIL,
    ),
    "second_factor_changed": _kind(
        "status",
        _("The second factor of your account has been changed."),
        SMS,
        EMAIL,
        enabled=_("An authenticator app now protects your account. If it was not you, contact support at once."),
        disabled=_("The authenticator app of your account is off. If it was not you, contact support at once."),
        recovery_codes_renewed=_("Your account has new recovery codes; the old ones do not work any more. If it was "
                                 "not you, contact support at once."),
        recovery_code_used=_("A recovery code of your account has been used. If it was not you, contact support at "
                             "once."),
    ),
    "second_factor_locked": _kind(
        "until",
        _("Somebody has entered too many wrong codes for your account, so we look at no more for a while. If it was "
          "not you, sign out everywhere."),
        SMS,
        EMAIL,
    ),
    "identity_decided": _kind(
        "status reason",
        _("Your identity has been reviewed."),
        SMS,
        EMAIL,
        sensitive="reason",
        approved=_("Your identity has been verified."),
        rejected=_("Your identity could not be verified. The reason is in the app; you may send documents again."),
        revoked=_("The verification of your identity has been withdrawn. The reason is in the app."),
    ),
    "phone_changed": _kind(
        "", _("The number of your account has been changed. If it was not you, contact support at once."), EMAIL
    ),
    "otp_budget_spent": _kind(
        "budget",
        _("The budget of %(budget)s sign-in codes an hour is used up, so nobody gets a code until the hour is over."),
        EMAIL,
    ),
}  # fmt: skip


def check(kind: str, params: Mapping[str, Any]) -> Kind:
    """The kind, if it exists and has what it needs.

    :raises LookupError: no such kind, or a param is missing: a mistake in the calling code.
    """
    if kind not in KINDS:
        raise LookupError(f"there is no notification kind {kind!r}")
    missing = KINDS[kind].needs - params.keys()
    if missing:
        raise LookupError(f"notification {kind} lacks {', '.join(sorted(missing))}")
    return KINDS[kind]


def render(kind: str, params: Mapping[str, Any]) -> str:
    """The message in the active language."""
    known = KINDS[kind]
    text = known.by_status.get(str(params.get("status")), known.text)
    return str(text) % {name: f"{value:,}" if name in MONEY_PARAMS else value for name, value in params.items()}


def without_secrets(kind: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """The params as anybody but the receiver may see them."""
    return {name: "…" if name in KINDS[kind].sensitive else value for name, value in params.items()}
