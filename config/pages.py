"""The few pages a person meets outside the admin: the start page, the way back from the bank, the list of errors."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    return render(request, "start.html")


@require_safe
def payment(request: HttpRequest) -> HttpResponse:
    return render(request, "payment.html")


@require_safe
def errors(request: HttpRequest) -> HttpResponse:
    return render(request, "errors.html")
