urlpatterns: list = []
my_transactions_urls: list = []
