from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm

from common.phone import mask
from common.readonly_admin import ReadOnlyAdmin
from users.models import InGameID, OTPCode, Session, User


class UserCreationForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ["phone_number", "username"]


class InGameIDInline(admin.TabularInline):
    model = InGameID
    extra = 0


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    add_form = UserCreationForm
    list_display = ["username", "phone_number", "full_name", "is_active", "is_staff", "date_joined"]
    list_filter = ["is_active", "is_staff"]
    search_fields = ["username", "phone_number", "full_name"]
    ordering = ["-id"]
    readonly_fields = ["date_joined", "last_login", "profile_picture"]
    fieldsets = [
        (None, {"fields": ["phone_number", "username", "password"]}),
        ("Profile", {"fields": ["full_name", "email", "bio", "language", "profile_picture"]}),
        ("Rights", {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]}),
        ("Dates", {"fields": ["date_joined", "last_login"]}),
    ]
    add_fieldsets = [
        (None, {"fields": ["phone_number", "username", "usable_password", "password1", "password2"]}),
    ]
    inlines = [InGameIDInline]


@admin.register(Session)
class SessionAdmin(ReadOnlyAdmin):
    list_display = ["user", "device_name", "ip", "created_at", "rotated_at", "revoked_at"]
    search_fields = ["user__username", "user__phone_number"]
    list_select_related = ["user"]


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
