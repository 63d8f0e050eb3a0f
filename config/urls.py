from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerSplitView

from chat.api.urls import urlpatterns as chat_urls
from common.api import exceptions, health
from common.api.files import signed_file
from config import pages
from matches.api.urls import urlpatterns as match_urls
from notifications.api.urls import urlpatterns as notification_urls
from players.api.urls import player_urls
from players.api.urls import team_urls as played_team_urls
from support.api.urls import urlpatterns as support_urls
from teams.api.urls import my_teams_urls
from teams.api.urls import urlpatterns as team_urls
from tournaments.api.urls import my_tournaments_urls
from tournaments.api.urls import urlpatterns as tournament_urls
from users.api.aliases import urlpatterns as sign_in_aliases
from users.api.urls import auth_urls, users_urls
from wallet.api.urls import my_transactions_urls
from wallet.api.urls import urlpatterns as wallet_urls
from wallet.printing import statement_page

urlpatterns = [
    path("", pages.start, name="start"),
    path("payment/", pages.payment, name="payment"),
    path("favicon.ico", pages.favicon),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("files/<str:token>/", signed_file, name="file"),
    path("statements/<str:token>/", statement_page, name="statement-page"),
    path("admin/", admin.site.urls),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(), name="docs"),
    path("api/redoc/", SpectacularRedocView.as_view(), name="redoc"),
    path("api/docs/errors/", pages.errors, name="errors"),
    path("", include(sign_in_aliases)),
    path("api/auth/", include(auth_urls)),
    path("api/users/me/", include([*my_teams_urls, *my_tournaments_urls, *my_transactions_urls])),
    path("api/users/", include([*player_urls, *users_urls])),
    path("api/teams/", include([*played_team_urls, *team_urls])),
    # matches come first: /api/tournaments/matches/ is not a tournament's slug
    path("api/tournaments/", include(match_urls)),
    path("api/tournaments/", include(tournament_urls)),
    path("api/wallet/", include(wallet_urls)),
    path("api/chat/", include(chat_urls)),
    path("api/notifications/", include(notification_urls)),
    path("api/support/", include(support_urls)),
]

handler400 = exceptions.bad_request
handler403 = exceptions.forbidden
handler404 = exceptions.not_found
handler500 = exceptions.server_error
