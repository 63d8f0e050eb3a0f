urlpatterns: list = []
my_teams_urls: list = []
