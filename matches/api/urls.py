from django.urls import re_path
from rest_framework.routers import SimpleRouter

from matches.api.bracket import BracketViewSet
from matches.api.leaving import LeavingViewSet
from matches.api.views import MatchViewSet, ReportViewSet

router = SimpleRouter()
router.register("matches", MatchViewSet, basename="match")
router.register("reports", ReportViewSet, basename="report")

TOURNAMENT = r"^tournaments/(?P<tournament>[\w-]+)/"
urlpatterns = [
    re_path(TOURNAMENT + r"bracket/$", BracketViewSet.as_view({"get": "bracket"}), name="bracket"),
    re_path(TOURNAMENT + r"bracket\.svg$", BracketViewSet.as_view({"get": "bracket_svg"}), name="bracket-svg"),
    re_path(TOURNAMENT + r"standings/$", BracketViewSet.as_view({"get": "standings"}), name="standings"),
    re_path(TOURNAMENT + r"withdraw/$", LeavingViewSet.as_view({"post": "withdraw"}), name="withdraw"),
    re_path(
        TOURNAMENT + r"participants/(?P<pk>\d{1,18})/disqualify/$",
        LeavingViewSet.as_view({"post": "disqualify"}),
        name="participants-disqualify",
    ),
    *router.urls,
]
