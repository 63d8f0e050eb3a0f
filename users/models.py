from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import cached_property

from common import phone
from common.db import LockQuerySet
from games.models import Game
from users import player_ids, usernames
from users.enums import (
    Audience,
    ContactAudience,
    DocumentKind,
    ExportStatus,
    IdentityStatus,
    OtpPurpose,
    OtpSending,
    Role,
)


class UserManager(BaseUserManager["User"]):
    def create_user(self, phone_number: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(phone_number=phone.normalise(phone_number), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, phone_number: str, password: str, **fields: Any) -> "User":
        return self.create_user(phone_number, password, is_staff=True, is_superuser=True, **fields)


class UsernameKeyField(models.CharField):
    """Holds ``usernames.key`` of the username, whichever door the row is written by."""

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        folded = usernames.key(model_instance.username)  # type: ignore[attr-defined]
        setattr(model_instance, self.attname, folded)
        return folded


class PlayerKeyField(models.CharField):
    """Holds ``player_ids.key`` of the player id."""

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        folded = player_ids.key(model_instance.player_id)  # type: ignore[attr-defined]
        setattr(model_instance, self.attname, folded)
        return folded


class User(AbstractBaseUser, PermissionsMixin):
    """A person, known by a mobile number. Players have no password; staff have one for the admin.

    ``closing_at`` is when the account will be closed, unless its owner signs in before; a closed one has ``closed_at``
    and nothing of the person any more. A sign-in to the admin older than ``staff_sessions_after`` does not count.
    """

    phone_number = models.CharField(max_length=11, unique=True)
    username = models.CharField(max_length=usernames.MAX_LENGTH)
    username_key = UsernameKeyField(max_length=usernames.KEY_MAX_LENGTH, editable=False, default="")
    username_changed_at = models.DateTimeField(null=True, blank=True, editable=False)
    full_name = models.CharField(max_length=100, blank=True)
    email = models.EmailField(blank=True)
    bio = models.CharField(max_length=500, blank=True)
    profile_picture = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=2, default="fa", choices=[("fa", "fa"), ("en", "en")])
    country = models.CharField(max_length=2, default="IR", help_text="ISO 3166-1 alpha-2.")
    time_zone = models.CharField(max_length=64, default="Asia/Tehran", help_text="A name of the IANA database.")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=timezone.now)
    closing_at = models.DateTimeField(null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    identity_verified_at = models.DateTimeField(null=True, blank=True, editable=False)
    verified_name = models.CharField(max_length=100, blank=True, editable=False)
    phone_changed_at = models.DateTimeField(null=True, blank=True, editable=False)
    staff_sessions_after = models.DateTimeField(null=True, blank=True, editable=False)

    objects = UserManager.from_queryset(LockQuerySet)()

    USERNAME_FIELD = "phone_number"
    REQUIRED_FIELDS = ["username"]

    class Meta:
        constraints = [
            # the operator class lets one index serve uniqueness and the search by a beginning
            models.UniqueConstraint(
                fields=["username_key"], name="user_username_unique", opclasses=["varchar_pattern_ops"]
            )
        ]
        indexes = [
            models.Index(fields=["closing_at"], condition=Q(closing_at__isnull=False), name="user_closing_idx"),
        ]

    def __str__(self) -> str:
        return self.username

    @cached_property
    def roles(self) -> frozenset[tuple[str, int | None]]:
        """Each role with its game, read once: ``users/rules.py`` asks."""
        return frozenset(self.role_grants.values_list("role", "game_id"))


class InGameID(models.Model):
    """Who a user is inside one game."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="in_game_ids")
    game = models.ForeignKey(Game, on_delete=models.CASCADE, related_name="+")
    player_id = models.CharField(max_length=player_ids.MAX_LENGTH)
    player_key = PlayerKeyField(max_length=player_ids.KEY_MAX_LENGTH, editable=False, default="")

    objects = LockQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "game"], name="in_game_id_user_unique"),
            models.UniqueConstraint(fields=["game", "player_key"], name="in_game_id_player_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.game}: {self.player_id}"


class InGameIDChange(models.Model):
    """One step in the history of a player id; an empty id is none. For staff who look for smurfs and sold accounts."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="in_game_id_changes")
    game = models.ForeignKey(Game, on_delete=models.CASCADE, related_name="+")
    actor = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    before = models.CharField(max_length=64, blank=True)
    after = models.CharField(max_length=64, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["user", "game", "-id"], name="in_game_id_change_idx")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.game_id}: {self.before} → {self.after}"


class FormerUsername(models.Model):
    """A name that somebody gave up: until ``held_until`` nobody else may take it or what looks like it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="former_usernames")
    username = models.CharField(max_length=usernames.MAX_LENGTH)
    username_key = UsernameKeyField(max_length=usernames.KEY_MAX_LENGTH, editable=False, db_index=True, default="")
    given_up_at = models.DateTimeField()
    held_until = models.DateTimeField()

    def __str__(self) -> str:
        return self.username


class Privacy(models.Model):
    """What a person shows and to whom, who may come to them. Without a row the defaults count."""

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="privacy")
    profile = models.CharField(max_length=10, choices=Audience, default=Audience.EVERYONE)
    history = models.CharField(max_length=10, choices=Audience, default=Audience.EVERYONE)
    in_game_ids = models.CharField(max_length=10, choices=Audience, default=Audience.MEMBERS)
    messages = models.CharField(max_length=10, choices=ContactAudience, default=ContactAudience.EVERYONE)
    invitations = models.CharField(max_length=10, choices=ContactAudience, default=ContactAudience.EVERYONE)
    findable_by_phone = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"privacy of {self.user_id}"


class Block(models.Model):
    """The user does not want to be found, invited or written to by the other, who is not told."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="blocks")
    blocked = models.ForeignKey(User, on_delete=models.CASCADE, related_name="blocked_by")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "blocked"], name="block_unique"),
            models.CheckConstraint(condition=~Q(user=F("blocked")), name="block_not_oneself"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} blocks {self.blocked_id}"


class DataExport(models.Model):
    """A ZIP of everything held about a person; the row is the job, due at ``next_attempt_at``."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="data_exports")
    status = models.CharField(max_length=10, choices=ExportStatus, default=ExportStatus.PENDING)
    path = models.CharField(max_length=200, blank=True)
    size = models.BigIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    objects = LockQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(status=ExportStatus.PENDING), name="data_export_one_pending"
            )
        ]

    def __str__(self) -> str:
        return f"{self.pk} of {self.user_id}: {self.status}"


class OTPCode(models.Model):
    """A one-time code: only its salted, peppered hash is kept. A newer code for the same use ends it by ``expires_at``.

    ``sending`` and what follows it tell what became of the text message: which provider took it under which reference,
    how often it was tried, and what failed last.
    """

    phone_number = models.CharField(max_length=11)
    purpose = models.CharField(max_length=20, choices=OtpPurpose, default=OtpPurpose.LOGIN)
    salt = models.BinaryField(max_length=16)
    code_hash = models.BinaryField(max_length=32)
    attempt_count = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)
    sending = models.CharField(max_length=12, choices=OtpSending, default=OtpSending.PENDING)
    send_attempts = models.PositiveSmallIntegerField(default=0)
    last_sent_at = models.DateTimeField(null=True)
    provider = models.CharField(max_length=20, blank=True)
    reference = models.CharField(max_length=100, blank=True)
    last_error = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["phone_number", "purpose", "-id"], name="otp_latest_idx"),
            models.Index(fields=["last_sent_at"], condition=Q(sending=OtpSending.SENT), name="otp_unheard_idx"),
        ]

    def __str__(self) -> str:
        return f"{phone.mask(self.phone_number)} {self.purpose}"


class Session(models.Model):
    """One signed-in device: a family of refresh tokens of which only the newest counts."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sessions")
    device_name = models.CharField(max_length=100, blank=True)
    user_agent = models.CharField(max_length=300, blank=True)
    ip = models.GenericIPAddressField(null=True)
    refresh_jti = models.CharField(max_length=32)
    previous_jti = models.CharField(max_length=32, blank=True)
    created_at = models.DateTimeField()
    rotated_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["user", "revoked_at"], name="session_user_idx")]

    def __str__(self) -> str:
        return f"{self.user} {self.device_name}"


class SecondFactor(models.Model):
    """An authenticator app (TOTP, RFC 6238). It counts once ``confirmed_at`` is set.

    ``secret`` is sealed (common.sealing). ``last_step`` is the newest 30-second step of which a code was accepted: that
    code and all older ones are spent.
    """

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="second_factor")
    secret = models.BinaryField()
    last_step = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"second factor of {self.user_id}"


class RecoveryCode(models.Model):
    """One way in without the authenticator app, once. Only a peppered hash is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    code_hash = models.BinaryField(max_length=32)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "code_hash"], name="recovery_code_unique")]

    def __str__(self) -> str:
        return f"recovery code of {self.user_id}"


class PhoneChange(models.Model):
    """A change of an account's number. The row is also the outbox of the message to the old number."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="phone_changes")
    old_phone = models.CharField(max_length=11)
    new_phone = models.CharField(max_length=11)
    changed_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_attempt_at"], condition=Q(next_attempt_at__isnull=False), name="phone_change_due_idx"
            )
        ]

    def __str__(self) -> str:
        return f"{phone.mask(self.old_phone)} → {phone.mask(self.new_phone)}"


class RoleGrant(models.Model):
    """A role that somebody has: a game manager's for one game, the others everywhere."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="role_grants")
    role = models.CharField(max_length=20, choices=Role)
    game = models.ForeignKey(Game, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    granted_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()

    objects = LockQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(role=Role.GAME_MANAGER, game__isnull=False) | ~Q(role=Role.GAME_MANAGER) & Q(game=None),
                name="role_grant_game_fits_role",
            ),
            models.UniqueConstraint(fields=["user", "role", "game"], nulls_distinct=False, name="role_grant_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.role}" + (f" ({self.game})" if self.game else "")


class IdentityReview(models.Model):
    """Somebody asks to be verified as a person, with documents, and staff answer.

    What was sent is deleted after ``purge_at``; the outcome stays, and the keyed hash of an approved person's national
    id: one person has one verified account.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="identity_reviews")
    status = models.CharField(max_length=10, choices=IdentityStatus, default=IdentityStatus.PENDING)
    full_name = models.CharField(max_length=100, blank=True)
    birth_date = models.DateField(null=True)
    national_id = models.BinaryField(null=True)  # sealed
    national_id_hash = models.BinaryField(max_length=32, null=True)
    reason = models.CharField(max_length=500, blank=True)
    reviewed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField()
    purge_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = LockQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(status__in=[IdentityStatus.PENDING, IdentityStatus.APPROVED]),
                name="identity_review_open_unique",
            ),
            models.UniqueConstraint(
                fields=["national_id_hash"],
                condition=Q(status=IdentityStatus.APPROVED),
                name="identity_review_person_unique",
            ),
            models.CheckConstraint(
                condition=~Q(status=IdentityStatus.PENDING) | Q(reviewed_at=None, purge_at=None),
                name="identity_review_pending_is_kept",
            ),
            models.CheckConstraint(
                condition=~Q(status=IdentityStatus.APPROVED) | Q(national_id_hash__isnull=False),
                name="identity_review_approved_has_person",
            ),
        ]
        indexes = [
            models.Index(fields=["purge_at"], condition=Q(purge_at__isnull=False), name="identity_review_purge_idx"),
            models.Index(fields=["status", "submitted_at"], name="identity_review_queue_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.user} {self.status}"


class IdentityDocument(models.Model):
    """One picture of a review, sealed in the private storage; ``sha256`` is of the bytes as they were sent."""

    review = models.ForeignKey(IdentityReview, on_delete=models.CASCADE, related_name="documents")
    kind = models.CharField(max_length=10, choices=DocumentKind)
    path = models.CharField(max_length=200, blank=True)
    content_type = models.CharField(max_length=50)
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["review", "kind"], name="identity_document_kind_unique")]

    def __str__(self) -> str:
        return f"{self.review_id} {self.kind}"
