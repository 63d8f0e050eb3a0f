from django.urls import path

from wallet.api import views

urlpatterns = [
    path("", views.WalletViewSet.as_view({"get": "overview"}), name="wallet"),
    path("balance/", views.WalletViewSet.as_view({"get": "balance"}), name="wallet-balance"),
    path("wallets/", views.WalletListViewSet.as_view({"get": "list"}), name="wallets"),
    path("transactions/", views.WalletTransactionViewSet.as_view({"get": "list"}), name="wallet-transactions"),
    path("deposit/", views.PaymentViewSet.as_view({"post": "deposit"}), name="deposit"),
    path("verify-deposit/", views.CallbackViewSet.as_view({"get": "verify_deposit"}), name="verify-deposit"),
    path("payments/", views.PaymentViewSet.as_view({"get": "list"}), name="payments"),
    path("payments/<int:pk>/", views.PaymentViewSet.as_view({"get": "retrieve"}), name="payment"),
]
my_transactions_urls = [
    path("transactions/", views.MyTransactionViewSet.as_view({"get": "list"}), name="my-transactions"),
]
