from django.urls import path, re_path

from players.api.views import (
    DashboardViewSet,
    LeaderboardViewSet,
    PlayedMatchViewSet,
    PlayedTournamentViewSet,
    PlayerViewSet,
    TeamMatchViewSet,
)

ONE = r"(?P<pk>\d{1,18})/"

player_urls = [
    path("dashboard/", DashboardViewSet.as_view({"get": "retrieve"}), name="dashboard"),
    path("top-players/", LeaderboardViewSet.as_view({"get": "top_players"}), name="top-players"),
    path(
        "top-players-by-rank/", LeaderboardViewSet.as_view({"get": "top_players_by_rank"}), name="top-players-by-rank"
    ),
    path("total-players/", LeaderboardViewSet.as_view({"get": "total_players"}), name="total-players"),
    path("ranks/", LeaderboardViewSet.as_view({"get": "ranks"}), name="ranks"),
    path("seasons/", LeaderboardViewSet.as_view({"get": "seasons"}), name="seasons"),
    re_path(rf"^users/{ONE}tournaments/$", PlayedTournamentViewSet.as_view({"get": "list"}), name="player-tournaments"),
    re_path(rf"^users/{ONE}match-history/$", PlayedMatchViewSet.as_view({"get": "list"}), name="player-matches"),
    re_path(rf"^users/{ONE}standings/$", PlayerViewSet.as_view({"get": "standings"}), name="player-standings"),
    re_path(rf"^users/{ONE}achievements/$", PlayerViewSet.as_view({"get": "achievements"}), name="player-achievements"),
]
team_urls = [
    path("top-teams/", LeaderboardViewSet.as_view({"get": "top_teams"}), name="top-teams"),
    re_path(rf"^teams/{ONE}match-history/$", TeamMatchViewSet.as_view({"get": "list"}), name="team-matches"),
]
