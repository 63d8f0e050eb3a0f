"""What each role may do in the admin: the permissions of Django, served by ``users.backends``.

``change`` of a thing that is only looked at stands for its actions, which call services that ask ``users.rules``.
Players and organisers have no business in the admin; administrators have every permission. What needs two people (money
above a limit) is refused to any one of them by its own service.
"""

from collections.abc import Mapping

from users.enums import Role

STAFF_ROLES = frozenset({Role.SUPPORT, Role.GAME_MANAGER, Role.ADMINISTRATOR})

PERMISSIONS: Mapping[Role, frozenset[str]] = {
    Role.SUPPORT: frozenset(
        {
            "chat.view_conversation",
            "games.view_game",
            "matches.view_match",
            "matches.view_report",
            "notifications.view_delivery",
            "support.change_ticket",
            "support.view_supportassignment",
            "support.view_ticket",
            "support.view_ticketmessage",
            "teams.view_team",
            "teams.view_teammember",
            "tournaments.view_entrant",
            "tournaments.view_stage",
            "tournaments.view_tournament",
            "users.change_identityreview",
            "users.view_identityreview",
            "users.view_ingameid",
            "users.view_ingameidchange",
            "users.view_user",
            "wallet.view_payment",
        }
    ),
    Role.GAME_MANAGER: frozenset(
        {
            "games.view_game",
            "matches.change_match",
            "matches.change_report",
            "matches.view_match",
            "matches.view_report",
            "tournaments.change_tournament",
            "tournaments.view_entrant",
            "tournaments.view_stage",
            "tournaments.view_tournament",
        }
    ),
    Role.ORGANISER: frozenset(),
}
