from users import models
from users.models import User
from users.services.personal_data import Part, exports, rows


@exports(
    "users",
    models.User,
    models.Session,
    models.InGameID,
    models.InGameIDChange,
    models.FormerUsername,
    models.Privacy,
    models.Block,
    models.DataExport,
    models.PhoneChange,
    models.RoleGrant,
    models.IdentityReview,
)
def export_account(user: User) -> Part:
    return Part(
        {
            "account": rows(
                User.objects.filter(pk=user.pk),
                "id", "phone_number", "username", "full_name", "email", "bio", "language", "country", "time_zone",
                "date_joined", "last_login", "verified_name", "identity_verified_at", "closing_at",
            ),
            "sessions": rows(
                user.sessions.all(), "device_name", "user_agent", "ip", "created_at", "rotated_at", "revoked_at"
            ),
            "in_game_ids": rows(user.in_game_ids.all(), "game__name", "player_id"),
            "in_game_id_changes": rows(
                user.in_game_id_changes.all(), "game__name", "before", "after", "changed_at"
            ),
            "former_usernames": rows(user.former_usernames.all(), "username", "given_up_at", "held_until"),
            "privacy": rows(
                models.Privacy.objects.filter(user=user),
                "profile", "history", "in_game_ids", "messages", "invitations", "findable_by_phone",
            ),
            "blocks": rows(user.blocks.all(), "blocked_id", "blocked__username", "created_at"),
            "exports": rows(user.data_exports.all(), "status", "created_at", "finished_at"),
            "phone_changes": rows(user.phone_changes.all(), "old_phone", "new_phone", "changed_at"),
            "roles": rows(user.role_grants.all(), "role", "game__name", "created_at"),
            "identity_reviews": rows(
                user.identity_reviews.all(),
                "status", "full_name", "birth_date", "reason", "submitted_at", "reviewed_at",
            ),
        },
        files=[user.profile_picture],
    )  # fmt: skip
