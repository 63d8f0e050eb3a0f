from django.urls import path
from rest_framework.routers import SimpleRouter

from teams.api.views import InvitationViewSet, MyTeamViewSet, TeamViewSet

router = SimpleRouter()
router.register("teams", TeamViewSet, basename="team")
router.register("invitations", InvitationViewSet, basename="team-invitation")

urlpatterns = [
    path("respond-invitation/", InvitationViewSet.as_view({"post": "respond"}), name="respond-invitation"),
    *router.urls,
]
my_teams_urls = [path("teams/", MyTeamViewSet.as_view({"get": "list"}), name="my-teams")]
