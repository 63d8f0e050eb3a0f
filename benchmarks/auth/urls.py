"""The product's routes, and one trivial view behind each kind of authentication."""

from django.urls import path
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.authentication import JWTAuthentication, JWTStatelessUserAuthentication

from config.urls import handler400, handler403, handler404, handler500
from config.urls import urlpatterns as product
from users.authentication import SessionJWTAuthentication

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


class Trivial(APIView):
    authentication_classes = []
    permission_classes = [AllowAny]

    def get(self, request: Request) -> Response:
        return Response({"ok": True})


class Ours(Trivial):
    authentication_classes = [SessionJWTAuthentication]
    permission_classes = [IsAuthenticated]


class Stock(Ours):
    authentication_classes = [JWTAuthentication]


class Stateless(Ours):
    authentication_classes = [JWTStatelessUserAuthentication]


urlpatterns = [
    path("bench/open/", Trivial.as_view()),
    path("bench/ours/", Ours.as_view()),
    path("bench/stock/", Stock.as_view()),
    path("bench/stateless/", Stateless.as_view()),
    *product,
]
