from django.urls import path

from wallet.api import payout_views, refund_views, statement_views, views

urlpatterns = [
    path("", views.WalletViewSet.as_view({"get": "overview"}), name="wallet"),
    path("balance/", views.WalletViewSet.as_view({"get": "balance"}), name="wallet-balance"),
    path("wallets/", views.WalletListViewSet.as_view({"get": "list"}), name="wallets"),
    path("transactions/", views.WalletTransactionViewSet.as_view({"get": "list"}), name="wallet-transactions"),
    path("deposit/", views.PaymentViewSet.as_view({"post": "deposit"}), name="deposit"),
    path("verify-deposit/", views.CallbackViewSet.as_view({"get": "verify_deposit"}), name="verify-deposit"),
    path(
        "destinations/",
        payout_views.DestinationViewSet.as_view({"get": "list", "post": "create"}),
        name="destinations",
    ),
    path(
        "destinations/<int:pk>/",
        payout_views.DestinationViewSet.as_view({"get": "retrieve", "delete": "destroy"}),
        name="destination",
    ),
    path(
        "withdrawal-requests/",
        payout_views.WithdrawalViewSet.as_view({"get": "list", "post": "create"}),
        name="withdrawals",
    ),
    path(
        "withdrawal-requests/<int:pk>/",
        payout_views.WithdrawalViewSet.as_view({"get": "retrieve", "patch": "partial_update"}),
        name="withdrawal",
    ),
    path(
        "withdrawal-requests/<int:pk>/cancel/",
        payout_views.WithdrawalViewSet.as_view({"post": "cancel"}),
        name="withdrawal-cancel",
    ),
    path("statement/", statement_views.StatementViewSet.as_view({"get": "statement"}), name="statement"),
    path("statement.csv", statement_views.StatementViewSet.as_view({"get": "csv"}), name="statement-csv"),
    path("refund/", refund_views.RefundViewSet.as_view({"get": "list", "post": "create"}), name="refunds"),
    path("refund/<int:pk>/", refund_views.RefundViewSet.as_view({"patch": "partial_update"}), name="refund"),
    path("payments/", views.PaymentViewSet.as_view({"get": "list"}), name="payments"),
    path("payments/<int:pk>/", views.PaymentViewSet.as_view({"get": "retrieve"}), name="payment"),
]
my_transactions_urls = [
    path("transactions/", views.MyTransactionViewSet.as_view({"get": "list"}), name="my-transactions"),
]
