"""Files that people send: stored as a clean picture of ours, or refused. Nothing is stored as it came."""

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.core import signing
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from common import uploads
from common.errors import FileRejected, NotFound

TAIL = b"<script>alert(1)</script><?php system($_GET['c']); ?>"
JUMP = "../../x"


def picture(mode: str = "RGB", kind: str = "PNG", size: tuple[int, int] = (32, 16), **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, options.pop("color", 1 if mode == "P" else None) or 0).save(out, kind, **options)
    return out.getvalue()


def png_with_text() -> bytes:
    info = PngInfo()
    info.add_text("x", TAIL.decode())
    return picture(pnginfo=info)


def png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_of(width: int, height: int, data: bytes = b"") -> bytes:
    """A small file whose header promises a huge picture."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", zlib.compress(data)) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def text_bomb() -> bytes:
    """A PNG whose text unpacks to 100 MB."""
    packed = b"a\0\0" + zlib.compress(b"\0" * 100_000_000, 9)
    whole = picture()
    return whole[:33] + png_chunk(b"zTXt", packed) + whole[33:]


def with_gps(kind: str) -> bytes:
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (35.0, 42.0, 0.0)}
    exif[0x010E] = TAIL.decode()
    return picture(kind=kind, exif=exif)


def several(kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    frames = [Image.new("RGB", (32, 16), color) for color in ("red", "blue", "green")]
    frames[0].save(out, kind, save_all=True, append_images=frames[1:], **options)
    return out.getvalue()


PNG, JPEG, WEBP = picture(), picture(kind="JPEG"), picture(kind="WEBP")
HOSTILE: dict[str, bytes] = {
    "nothing": b"",
    "one byte": b"\x89",
    "signature only": b"\x89PNG\r\n\x1a\n",
    "zeros": b"\0" * 5000,
    "text": b"hello",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "svg behind a declaration": b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>',
    "html": b"<!doctype html><script>alert(1)</script>",
    "php": b"<?php phpinfo();",
    "gif": several("GIF"),
    "gif that is javascript": b"GIF89a=1;alert(1);/*" + b"\0" * 40 + b"*/",
    "bmp": picture(kind="BMP"),
    "bmp that is javascript": b"BM=1;alert(1)//" + b"\0" * 60,
    "tiff": picture(kind="TIFF"),
    "ico": picture(kind="ICO"),
    "icns": picture(kind="ICNS"),
    "ppm": picture(kind="PPM"),
    "tga": picture(kind="TGA"),
    "jpeg 2000": b"\0\0\0\x0cjP  \r\n\x87\n" + b"\0" * 60,
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n(cat /etc/passwd) run",
    "pdf": b"%PDF-1.7\n1 0 obj<</JS(app.alert(1))>>endobj",
    "exe": b"MZ\x90\0" + b"\0" * 200,
    "elf": b"\x7fELF" + b"\0" * 200,
    "zip": b"PK\x03\x04" + b"\0" * 60,
    "gzip": b"\x1f\x8b\x08" + b"\0" * 60,
    "mp4 named as a picture": b"\0\0\0\x18ftypmp42" + b"\0" * 64,
    "webm named as a picture": b"\x1a\x45\xdf\xa3" + b"\0" * 64,
    "heic": b"\0\0\0\x18ftypheic" + b"\0" * 64,
    "riff that is no webp": b"RIFF\x24\0\0\0WAVEfmt " + b"\0" * 40,
    "png cut in half": PNG[: len(PNG) // 2],
    "jpeg cut in half": JPEG[: len(JPEG) // 2],
    "webp cut in half": WEBP[: len(WEBP) // 2],
    "png 60000 x 60000": png_of(60_000, 60_000),
    "png 2147483647 x 1": png_of(2**31 - 1, 1),
    "png 0 x 0": png_of(0, 0),
    "png just above the limit": png_of(5001, 5000),
    "png without data": png_of(10, 10),
    "png with text that unpacks to 100 MB": text_bomb(),
    "png with a broken sum": PNG[:20] + b"\xff" + PNG[21:],
    "webp of 16383 x 16383": b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xfe\x3f\0\xfe\x3f\0",
    "jpeg of 65500 x 65500": JPEG.replace(b"\x00\x10\x00\x20\x03", b"\xff\xdc\xff\xdc\x03", 1),
    "html with a png inside": TAIL + PNG,
}
CLEANED: dict[str, bytes] = {
    "png": PNG,
    "jpeg": JPEG,
    "webp": WEBP,
    "png with html behind its end": PNG + TAIL,
    "png without its end": PNG[:-12],
    "jpeg with php behind its end": JPEG + TAIL,
    "webp with html behind its end": WEBP + TAIL,
    "jpeg with a script in its comment": picture(kind="JPEG", comment=TAIL),
    "png with a script in its text": png_with_text(),
    "jpeg with a place": with_gps("JPEG"),
    "png with a place": with_gps("PNG"),
    "webp with a place": with_gps("WEBP"),
    "animated webp": several("WEBP"),
    "animated png": several("PNG"),
    "two pictures in one jpeg, as phones make them": several("MPO"),
    "png of one bit": picture("1"),
    "png of greys": picture("L"),
    "png of greys and alpha": picture("LA"),
    "png with a palette": picture("P"),
    "png with a see-through palette": picture("P", transparency=0),
    "png with alpha": picture("RGBA"),
    "png of 16 bits": picture("I;16"),
    "cmyk jpeg": picture("CMYK", "JPEG"),
    "grey jpeg": picture("L", "JPEG"),
    "lossless webp": picture(kind="WEBP", lossless=True),
    "one pixel": picture(size=(1, 1)),
    "a long line": picture(size=(16_000, 1)),
}  # fmt: skip
NAMES = [
    "a.png",
    JUMP,
    "a.svg",
    "a.php.png",
    "a.png\0.html",
    "",
    "\u202egnp.exe",
    "x" * 300 + ".png",
    "CON",
    "/etc/passwd",
]


def sent(content: bytes, name: str = "a.png", content_type: str = "image/png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type=content_type)


def stored(path: str) -> bytes:
    with default_storage.open(path) as file:
        return file.read()


def stored_files() -> int:
    return sum(1 for path in settings.MEDIA_ROOT.rglob("*") if path.is_file())


def test_hostile_files_are_many() -> None:
    assert len(HOSTILE) >= 40


@pytest.mark.parametrize("label", HOSTILE)
def test_hostile_file_is_refused_and_not_stored(label: str) -> None:
    with pytest.raises(FileRejected):
        uploads.store_image(sent(HOSTILE[label]), folder="proofs")
    assert stored_files() == 0


@pytest.mark.parametrize("label", CLEANED)
def test_picture_is_stored_anew_without_what_it_carried(label: str) -> None:
    kept = uploads.store_image(sent(CLEANED[label]), folder="proofs")

    content = stored(kept.path)
    assert TAIL not in content
    with Image.open(io.BytesIO(content)) as image:
        assert uploads.content_type(kept.path) == Image.MIME[image.format]
        assert getattr(image, "n_frames", 1) == 1
        assert dict(image.getexif()) == {}
        assert image.mode in {"RGB", "RGBA"}
        assert not set(image.info) & {"comment", "x", "exif", "icc_profile", "xmp"}


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_name_of_the_file_decides_nothing(name: str) -> None:
    file = sent(PNG, "a.png", "text/html")
    file._name = name
    kept = uploads.store_image(file, folder="proofs")

    assert kept.path.startswith("proofs/")
    assert (kept.path.endswith(".png"), len(kept.path)) == (True, len("proofs/.png") + 32)
    assert kept.content_type == "image/png"


def test_same_picture_gets_another_name_and_the_same_hash() -> None:
    first, second = (uploads.store_image(sent(PNG), folder="proofs") for _ in range(2))

    assert (first.path != second.path, first.sha256) == (True, second.sha256)


@pytest.mark.parametrize("store", [uploads.store_image, uploads.store_evidence])
def test_nine_megabytes_are_too_many(store: Callable[..., Any]) -> None:
    with pytest.raises(FileRejected) as refused:
        store(sent(PNG + b"\0" * 9 * 1024 * 1024), folder="proofs")
    assert refused.value.params == {"limit": 8}


@pytest.mark.parametrize(("head", "extension"), [(b"\0\0\0\x18ftypmp42", "mp4"), (b"\x1a\x45\xdf\xa3", "webm")])
def test_video_is_kept_as_evidence_by_its_first_bytes(head: bytes, extension: str) -> None:
    kept = uploads.store_evidence(sent(head + b"\0" * 64, "x.html", "text/html"), folder="tickets")

    assert (kept.path.rsplit(".", 1)[-1], kept.content_type) == (extension, f"video/{extension}")


@pytest.mark.parametrize("label", [label for label in HOSTILE if "named" not in label and label != "heic"])
def test_hostile_file_is_no_evidence_either(label: str) -> None:
    with pytest.raises(FileRejected):
        uploads.store_evidence(sent(HOSTILE[label]), folder="tickets")
    assert stored_files() == 0


@hypothesis_settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(
    which=st.sampled_from(
        [with_gps("JPEG"), with_gps("PNG"), with_gps("WEBP"), several("MPO"), picture("CMYK", "JPEG")]
    ),
    changes=st.lists(st.tuples(st.integers(0, 100_000), st.integers(0, 255)), min_size=1, max_size=8),
    cut=st.integers(0, 60),
)
def test_damaged_picture_is_refused_or_cleaned(which: bytes, changes: list[tuple[int, int]], cut: int) -> None:
    damaged = bytearray(which)
    for position, value in changes:
        damaged[position % len(damaged)] = value
    try:
        kept = uploads.store_image(sent(bytes(damaged[: len(damaged) - cut])), folder="proofs")
    except FileRejected:
        return
    assert TAIL not in stored(kept.path)


def token() -> str:
    link = uploads.signed_link(uploads.store_image(sent(PNG), folder="proofs").path)
    return str(link).rstrip("/").rsplit("/", 1)[-1]


def test_signed_link_opens_its_file_until_it_expires(settings: Any) -> None:
    good = token()
    file, content_type = uploads.open_signed(good)
    file.close()
    assert content_type == "image/png"
    settings.FILE_LINK_SECONDS = -1
    with pytest.raises(NotFound):
        uploads.open_signed(good)


@pytest.mark.parametrize(
    "forge",
    [
        lambda good: good[:-1] + ("A" if good[-1] != "A" else "B"),
        lambda good: good.split(":", 1)[1],
        lambda good: "x" + good,
        lambda good: signing.dumps("proofs/a.png", salt="another"),
        lambda good: signing.dumps("proofs/a.png", key="another", salt="common.uploads"),
        lambda good: "",
        lambda good: ":::",
        lambda good: "۱:۲:۳",
        lambda good: "\0",
    ],
)
def test_forged_link_opens_nothing(forge: Callable[[str], str]) -> None:
    with pytest.raises(NotFound):
        uploads.open_signed(forge(token()))


@pytest.mark.parametrize("path", [JUMP, "/etc/passwd", "proofs/none.png", "proofs"])
def test_link_of_ours_to_no_file_opens_nothing(client: Any, path: str) -> None:
    answer = client.get(f"/files/{signing.dumps(path, salt='common.uploads')}/")

    assert (answer.status_code, answer["Content-Type"]) in {
        (404, "application/problem+json"), (400, "application/problem+json"),
    }  # fmt: skip
