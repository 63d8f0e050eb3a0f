urlpatterns: list = []
my_tournaments_urls: list = []
