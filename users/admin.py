from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import re_path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.api.files import private_picture
from common.api.views import pk_or_404
from common.errors import DomainError, NotFound
from common.local_time import readable_day
from common.phone import mask
from common.readonly_admin import ReadOnlyAdmin
from games.models import Game
from users import selectors, usernames
from users.enums import DocumentKind, IdentityStatus, Role
from users.models import IdentityReview, InGameID, InGameIDChange, OTPCode, PhoneChange, RoleGrant, Session, User
from users.rules import is_administrator
from users.services import disabling, identity, roles, second_factor, sessions

DOCUMENT_URL = "users_identityreview_document"


class ReasonForm(ActionForm):
    reason = forms.CharField(label=_("Reason"), max_length=500, required=False)


class RoleForm(ReasonForm):
    role = forms.ChoiceField(label=_("Role"), choices=[("", "---"), *Role.choices], required=False)
    game = forms.ModelChoiceField(label=_("Game"), queryset=Game.objects.order_by("name"), required=False)


class UserCreationForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ["phone_number", "username"]

    def clean_username(self) -> str:
        try:
            return usernames.check(self.cleaned_data["username"])
        except DomainError as error:
            raise forms.ValidationError(error.text, code=error.code) from error


class InGameIDInline(admin.TabularInline):
    model = InGameID
    extra = 0
    can_delete = False
    fields = ["game", "player_id"]
    readonly_fields = ["game", "player_id"]

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class RoleGrantInline(admin.TabularInline):
    model = RoleGrant
    fk_name = "user"
    extra = 0
    can_delete = False
    fields = ["role", "game", "granted_by", "created_at"]
    readonly_fields = ["role", "game", "granted_by", "created_at"]

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    """Phones, names and rights are looked at here and changed by services; staff get their password here."""

    add_form = UserCreationForm
    list_display = ["username", "phone_number", "full_name", "is_active", "is_staff", "date_joined"]
    list_filter = ["is_active", "is_staff"]
    search_fields = ["username", "phone_number", "full_name"]
    ordering = ["-id"]
    filter_horizontal = ()
    readonly_fields = [
        "is_active",
        "is_staff",
        "is_superuser",
        "identity_verified_at",
        "phone_changed_at",
        "date_joined",
        "last_login",
        "profile_picture",
    ]
    fieldsets = [
        (None, {"fields": ["phone_number", "username", "password"]}),
        ("Profile", {"fields": ["full_name", "email", "bio", "language", "profile_picture"]}),
        ("Rights", {"fields": ["is_active", "is_staff", "is_superuser", "identity_verified_at"]}),
        ("Dates", {"fields": ["date_joined", "last_login", "phone_changed_at"]}),
    ]
    add_fieldsets = [
        (None, {"fields": ["phone_number", "username", "usable_password", "password1", "password2"]}),
    ]
    inlines = [RoleGrantInline, InGameIDInline]
    actions = ["give_role", "disable", "enable", "sign_out", "reset_second_factor"]
    action_form = RoleForm

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*self.readonly_fields, *(["phone_number", "username"] if obj else [])]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A superuser's password is a superuser's to set."""
        over = obj is not None and obj.is_superuser and not request.user.is_superuser
        return super().has_change_permission(request, obj) and not over

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.action(description=_("Give the role"), permissions=["change"])
    def give_role(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        role, game = request.POST.get("role", ""), request.POST.get("game", "")
        if role not in Role.values:
            self.message_user(request, _("Choose a role beside the action."), messages.ERROR)
            return
        game_id = int(game) if game.isascii() and game.isdigit() else None
        self._each(request, queryset, roles.grant, role=Role(role), game_id=game_id)

    @admin.action(description=_("Disable the account"), permissions=["change"])
    def disable(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._each(request, queryset, disabling.disable, reason=request.POST.get("reason", ""))

    @admin.action(description=_("Enable the account"), permissions=["change"])
    def enable(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._each(request, queryset, disabling.enable, reason=request.POST.get("reason", ""))

    @admin.action(description=_("Sign out everywhere"), permissions=["change"])
    def sign_out(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._each(request, queryset, sessions.sign_out, reason=request.POST.get("reason", ""))

    @admin.action(description=_("Remove the second factor"), permissions=["change"])
    def reset_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._each(request, queryset, second_factor.reset, reason=request.POST.get("reason", ""))

    def _each(self, request: HttpRequest, queryset: QuerySet[User], service: Any, **call: Any) -> None:
        for user_id in queryset.order_by("pk").values_list("pk", flat=True):
            try:
                service(user_id=user_id, actor=request.user, now=timezone.now(), **call)
            except DomainError as error:
                self.message_user(request, f"{user_id}: {error.text}", messages.ERROR)


@admin.register(InGameIDChange)
class InGameIDChangeAdmin(ReadOnlyAdmin):
    list_display = ["user", "game", "before", "after", "actor", "changed_at"]
    list_filter = ["game"]
    search_fields = ["user__username", "before", "after"]
    list_select_related = ["user", "game", "actor"]


@admin.register(Session)
class SessionAdmin(ReadOnlyAdmin):
    fields = ["user", "device_name", "user_agent", "ip", "created_at", "rotated_at", "expires_at", "revoked_at"]
    list_display = ["user", "device_name", "ip", "created_at", "rotated_at", "revoked_at"]
    search_fields = ["user__username", "user__phone_number"]
    list_select_related = ["user"]


@admin.register(PhoneChange)
class PhoneChangeAdmin(ReadOnlyAdmin):
    """Which account had which number when: staff need the whole numbers to answer who writes from an old one."""

    list_display = ["changed_at", "user", "old_phone", "new_phone", "next_attempt_at"]
    search_fields = ["user__username", "old_phone", "new_phone"]
    list_select_related = ["user"]
    ordering = ["-id"]


@admin.register(OTPCode)
class OTPCodeAdmin(ReadOnlyAdmin):
    """What became of the messages with codes; neither a code nor its hash is shown, and phones are masked."""

    fields = [
        "phone",
        "purpose",
        "created_at",
        "expires_at",
        "used_at",
        "attempt_count",
        "sending",
        "send_attempts",
        "last_sent_at",
        "provider",
        "reference",
        "last_error",
    ]
    list_display = ["created_at", "phone", "purpose", "sending", "provider", "send_attempts", "last_error", "used_at"]
    list_filter = ["sending", "provider", "purpose"]
    search_fields = ["phone_number", "reference"]
    ordering = ["-id"]

    @admin.display(description="phone")
    def phone(self, code: OTPCode) -> str:
        return mask(code.phone_number)


@admin.register(RoleGrant)
class RoleGrantAdmin(ReadOnlyAdmin):
    """Who has which role. Roles are given on the page of the users."""

    list_display = ["user", "role", "game", "granted_by", "created_at"]
    list_filter = ["role", "game"]
    list_select_related = ["user", "game", "granted_by"]
    search_fields = ["user__username", "user__phone_number"]
    ordering = ["-id"]
    actions = ["revoke"]

    @admin.action(description=_("Take the role back"), permissions=["act"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[RoleGrant]) -> None:
        for held in queryset.order_by("pk"):
            try:
                roles.revoke(
                    user_id=held.user_id,
                    role=Role(held.role),
                    game_id=held.game_id,
                    actor=request.user,  # type: ignore[arg-type]
                    now=timezone.now(),
                )
            except DomainError as error:
                self.message_user(request, f"{held}: {error.text}", messages.ERROR)


@admin.register(IdentityReview)
class IdentityReviewAdmin(ReadOnlyAdmin):
    """Who asks to be verified. The page of a review shows what was sent, which is recorded, and takes the decision."""

    list_display = ["id", "user", "status", "submitted_at", "reviewed_by", "reviewed_at", "purge_at"]
    list_filter = ["status"]
    list_select_related = ["user", "reviewed_by"]
    search_fields = ["user__username"]
    ordering = ["-id"]
    actions = ["approve", "reject", "revoke"]
    action_form = ReasonForm

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.document_view)
        kinds = "|".join(DocumentKind.values)
        own = re_path(rf"^(?P<review_id>\d{{1,18}})/documents/(?P<kind>{kinds})/$", view, name=DOCUMENT_URL)
        return [own, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The whole page is ours: no form of Django's shows or changes the row."""
        actor: Any = request.user
        try:
            review_id = pk_or_404(object_id)
            if request.method == "POST":
                return self._decide(request, review_id)
            review = identity.look(review_id=review_id, actor=actor, now=timezone.now())
        except NotFound as error:
            raise Http404 from error
        except DomainError as error:
            raise PermissionDenied from error
        kinds = selectors.documents_left(review)
        context = {
            **self.admin_site.each_context(request),
            "title": str(review),
            "opts": self.opts,
            "review": review,
            "national_id": identity.national_id_of(review),
            "birth_date": readable_day(review.birth_date) if review.birth_date else "",
            "same_person": selectors.verified_under_same_id(review),
            "documents": [(kind, DocumentKind(kind).label) for kind in kinds],
            "decisions": self._decisions(review, actor),
        }
        response = TemplateResponse(request, "admin/users/identityreview/review.html", context)
        response["Cache-Control"] = "no-store, private"
        return response

    def document_view(self, request: HttpRequest, review_id: str, kind: str) -> HttpResponse:
        actor: Any = request.user
        try:
            picture, content_type = identity.open_document(
                review_id=int(review_id), kind=DocumentKind(kind), actor=actor, now=timezone.now()
            )
        except NotFound as error:
            raise Http404 from error
        except DomainError as error:
            raise PermissionDenied from error
        return private_picture(picture, content_type)

    @admin.action(description=_("Approve"), permissions=["act"])
    def approve(self, request: HttpRequest, queryset: QuerySet[IdentityReview]) -> None:
        self._each(request, queryset, "approve")

    @admin.action(description=_("Reject"), permissions=["act"])
    def reject(self, request: HttpRequest, queryset: QuerySet[IdentityReview]) -> None:
        self._each(request, queryset, "reject")

    @admin.action(description=_("Revoke the verification"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[IdentityReview]) -> None:
        self._each(request, queryset, "revoke")

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return is_administrator(request.user)

    def _decisions(self, review: IdentityReview, actor: User) -> list[tuple[str, Any]]:
        if review.status == IdentityStatus.PENDING:
            return [("approve", _("Approve")), ("reject", _("Reject"))]
        if review.status == IdentityStatus.APPROVED and is_administrator(actor):
            return [("revoke", _("Revoke the verification"))]
        return []

    def _decide(self, request: HttpRequest, review_id: int) -> HttpResponse:
        self._call(request, review_id, request.POST.get("decision", ""))
        return redirect("admin:users_identityreview_change", review_id)

    def _each(self, request: HttpRequest, queryset: QuerySet[IdentityReview], decision: str) -> None:
        for review_id in queryset.order_by("pk").values_list("pk", flat=True):
            self._call(request, review_id, decision)

    def _call(self, request: HttpRequest, review_id: int, decision: str) -> None:
        """One decision, whichever door it came by; a refusal is said in words."""
        actor: Any = request.user
        now, reason = timezone.now(), request.POST.get("reason", "")[:500]
        try:
            if decision == "approve":
                identity.approve(review_id=review_id, actor=actor, now=now)
            elif decision == "reject":
                identity.reject(review_id=review_id, actor=actor, reason=reason, now=now)
            elif decision == "revoke":
                identity.revoke(review_id=review_id, actor=actor, reason=reason, now=now)
        except DomainError as error:
            details = [item["detail"] for items in error.errors.values() for item in items]
            self.message_user(request, f"{review_id}: {' '.join(map(str, details)) or error.text}", messages.ERROR)
