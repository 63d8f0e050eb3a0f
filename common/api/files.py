from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

from common import uploads
from common.api.exceptions import not_found
from common.errors import NotFound


@require_safe
def signed_file(request: HttpRequest, token: str) -> HttpResponseBase:
    """A stored file behind its signed link; always with nosniff, and never as a page of our origin."""
    try:
        file, content_type = uploads.open_signed(token)
    except NotFound:
        return not_found(request)
    response = FileResponse(file, content_type=content_type)
    response["Content-Disposition"] = "attachment" if content_type.startswith("application/") else "inline"
    response["Cache-Control"] = "private, max-age=300"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def private_picture(picture: bytes, content_type: str) -> HttpResponse:
    """A picture for the eyes of one caller: kept nowhere, and never a page of our origin."""
    headers = {
        "Cache-Control": "no-store, private",
        "Content-Disposition": "inline",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    return HttpResponse(picture, content_type=content_type, headers=headers)
