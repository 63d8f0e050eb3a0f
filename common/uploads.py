"""Files that people send: checked before they are decoded, re-encoded, kept in private, served by signed links."""

import hashlib
import io
import secrets
import warnings
from dataclasses import dataclass, replace

from django.conf import settings
from django.core import signing
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

from common.db import on_rollback
from common.errors import FileRejected, NotFound
from common.sealing import seal, unseal

_SALT = "common.uploads"
_EXTENSION = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
_VIDEO_SIGNATURES = ((4, b"ftyp", "mp4"), (0, b"\x1a\x45\xdf\xa3", "webm"))


@dataclass(frozen=True, slots=True)
class StoredFile:
    """``path`` is below MEDIA_ROOT; ``sha256`` is of the bytes as they were sent."""

    path: str
    sha256: str
    content_type: str


def store_image(file: UploadedFile, *, folder: str) -> StoredFile:
    """Keep a picture: JPEG, PNG or WebP, re-encoded so that metadata and hidden payloads are gone.

    :raises FileRejected: too big, too many pixels, broken, or no such picture.
    """
    raw = _read(file, settings.IMAGE_MAX_BYTES)
    clean, extension = _re_encoded(raw)
    return _save(clean, folder=folder, extension=extension, sha256=hashlib.sha256(raw).hexdigest())


def store_sealed_image(file: UploadedFile, *, folder: str) -> StoredFile:
    """Keep a picture as ``store_image`` does, but encrypted: only ``open_sealed`` reads it, and no link leads to it.

    :raises FileRejected: see ``store_image``.
    """
    raw = _read(file, settings.IMAGE_MAX_BYTES)
    clean, extension = _re_encoded(raw)
    sealed = _save(seal(clean), folder=folder, extension="sealed", sha256=hashlib.sha256(raw).hexdigest())
    return replace(sealed, content_type=_CONTENT_TYPE[extension])


def open_sealed(path: str) -> bytes:
    """The bytes of a sealed file. :raises NotFound: it is gone. :raises ValueError: its key is."""
    try:
        with default_storage.open(path) as file:
            return unseal(file.read())
    except FileNotFoundError as error:
        raise NotFound from error


def _re_encoded(raw: bytes) -> tuple[bytes, str]:
    """The picture written anew, and its extension."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(raw), formats=list(_EXTENSION))
            if image.width * image.height > settings.IMAGE_MAX_PIXELS:
                raise FileRejected(detail=_("The picture has too many pixels."))
            # MPO is what many phones write: a JPEG with more pictures behind it
            kind = {"MPO": "JPEG"}.get(str(image.format), str(image.format))
            clean = ImageOps.exif_transpose(image)
            clean = clean.convert("RGBA" if "A" in clean.getbands() and kind != "JPEG" else "RGB")
            clean.info = {}  # comments and profiles would be written again
            out = io.BytesIO()
            clean.save(out, format=kind, **({"quality": 88} if kind != "PNG" else {}))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError, Warning) as error:
        raise FileRejected(detail=_("The file is not a JPEG, PNG or WebP picture.")) from error
    return out.getvalue(), _EXTENSION[kind]


def store_evidence(file: UploadedFile, *, folder: str) -> StoredFile:
    """Keep a picture (see store_image) or a video: mp4 or webm, known by its first bytes and never decoded.

    :raises FileRejected: neither, or too big.
    """
    head = file.read(16)
    file.seek(0)
    for offset, signature, extension in _VIDEO_SIGNATURES:
        if head[offset:].startswith(signature):
            raw = _read(file, settings.VIDEO_MAX_BYTES)
            return _save(raw, folder=folder, extension=extension, sha256=hashlib.sha256(raw).hexdigest())
    return store_image(file, folder=folder)


def _read(file: UploadedFile, limit: int) -> bytes:
    if not file.size:
        raise FileRejected(detail=_("The file is empty."))
    if file.size > limit:
        raise FileRejected(detail=_("The file is larger than %(limit)s MB."), limit=limit // 1024 // 1024)
    return file.read()


def _save(content: bytes, *, folder: str, extension: str, sha256: str) -> StoredFile:
    path = default_storage.save(f"{folder}/{secrets.token_hex(16)}.{extension}", ContentFile(content))
    on_rollback(lambda: default_storage.delete(path))
    return StoredFile(path=path, sha256=sha256, content_type=content_type(path))


def delete_on_commit(path: str) -> None:
    """Remove a stored file once the transaction that forgets it is durable; nothing for an empty path."""
    if path:
        transaction.on_commit(lambda: default_storage.delete(path))


_CONTENT_TYPE = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "mp4": "video/mp4",
    "webm": "video/webm",
    "zip": "application/zip",
}


def content_type(path: str) -> str:
    return _CONTENT_TYPE.get(path.rsplit(".", 1)[-1], "application/octet-stream")


def signed_link(path: str) -> str | None:
    """An absolute link to a stored file that works for FILE_LINK_SECONDS; None for no file."""
    if not path:
        return None
    token = signing.dumps(path, salt=_SALT)
    return f"{settings.PUBLIC_URL}/files/{token}/"


def open_signed(token: str) -> tuple[File, str]:
    """The file behind a signed link, and its content type.

    :raises NotFound: the link is forged, too old, or its file is gone.
    """
    try:
        path = signing.loads(token, salt=_SALT, max_age=settings.FILE_LINK_SECONDS)
        return default_storage.open(path), content_type(path)
    except (signing.BadSignature, FileNotFoundError) as error:
        raise NotFound from error
