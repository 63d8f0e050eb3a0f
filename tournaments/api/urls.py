from django.urls import path, re_path
from rest_framework.routers import SimpleRouter

from tournaments.api.participants import ParticipantViewSet
from tournaments.api.players import PlayerViewSet
from tournaments.api.views import GameViewSet, MyTournamentViewSet, ScoringViewSet, TournamentViewSet

router = SimpleRouter()
router.register("games", GameViewSet, basename="game")
router.register("tournaments", TournamentViewSet, basename="tournament")
router.register("scorings", ScoringViewSet, basename="scoring")

ENTRANTS = r"^tournaments/(?P<tournament>[\w-]+)/participants/"
urlpatterns = [
    re_path(ENTRANTS + r"$", ParticipantViewSet.as_view({"get": "list"}), name="participants"),
    re_path(r"^tournaments/(?P<tournament>[\w-]+)/players/$", PlayerViewSet.as_view({"get": "list"}), name="players"),
    re_path(ENTRANTS + r"seed/$", ParticipantViewSet.as_view({"post": "seed"}), name="participants-seed"),
    re_path(
        ENTRANTS + r"(?P<pk>\d{1,18})/reject/$",
        ParticipantViewSet.as_view({"post": "reject"}),
        name="participants-reject",
    ),
    *router.urls,
]
my_tournaments_urls = [
    path("tournaments/", MyTournamentViewSet.as_view({"get": "list"}), name="my-tournaments"),
]
