from django.urls import path
from rest_framework.routers import SimpleRouter

from users.api.account_views import BlockViewSet, ClosingViewSet, DataExportViewSet, PrivacyViewSet
from users.api.auth_views import SessionViewSet, SignInViewSet
from users.api.identity_views import IdentityReviewViewSet, VerificationViewSet
from users.api.security_views import SecurityViewSet
from users.api.views import InGameIDViewSet, UserViewSet

router = SimpleRouter()
router.register("users", UserViewSet, basename="user")
router.register("in-game-ids", InGameIDViewSet, basename="in-game-id")
router.register("blocks", BlockViewSet, basename="block")
router.register("verification/reviews", IdentityReviewViewSet, basename="identity-review")

auth_urls = [
    path("otp/request/", SignInViewSet.as_view({"post": "otp_request"}), name="otp-request"),
    path("otp/verify/", SignInViewSet.as_view({"post": "otp_verify"}), name="otp-verify"),
    path("token/refresh/", SignInViewSet.as_view({"post": "token_refresh"}), name="token-refresh"),
    path("logout/", SessionViewSet.as_view({"post": "logout"}), name="logout"),
    path("me/", SessionViewSet.as_view({"get": "me"}), name="me"),
    path("sessions/", SessionViewSet.as_view({"get": "list"}), name="sessions"),
    path("sessions/<int:pk>/", SessionViewSet.as_view({"delete": "destroy"}), name="session"),
    path("sessions/revoke_all/", SessionViewSet.as_view({"post": "revoke_all"}), name="sessions-revoke-all"),
    path("step-up/", SecurityViewSet.as_view({"post": "step_up"}), name="step-up"),
    path("totp/setup/", SecurityViewSet.as_view({"post": "totp_setup"}), name="totp-setup"),
    path("totp/confirm/", SecurityViewSet.as_view({"post": "totp_confirm"}), name="totp-confirm"),
    path("totp/disable/", SecurityViewSet.as_view({"post": "totp_disable"}), name="totp-disable"),
    path("totp/recovery-codes/", SecurityViewSet.as_view({"post": "recovery_codes"}), name="totp-recovery-codes"),
    path("phone-change/", SecurityViewSet.as_view({"post": "phone_change"}), name="phone-change"),
    path("ws-ticket/", SessionViewSet.as_view({"post": "ws_ticket"}), name="ws-ticket"),
]
users_urls = [
    path("verification/status/", VerificationViewSet.as_view({"get": "show"}), name="verification"),
    path("verification/submit_level2/", VerificationViewSet.as_view({"post": "submit_level2"}), name="submit-level2"),
    path("verification/submit_level3/", VerificationViewSet.as_view({"post": "submit_level3"}), name="submit-level3"),
    path(
        "users/me/privacy/",
        PrivacyViewSet.as_view({"get": "retrieve", "patch": "partial_update"}),
        name="privacy",
    ),
    path("users/me/export/", DataExportViewSet.as_view({"get": "retrieve", "post": "create"}), name="export"),
    path("users/me/deletion/preview/", ClosingViewSet.as_view({"get": "retrieve"}), name="deletion-preview"),
    *router.urls,
]
