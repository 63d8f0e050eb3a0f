"""What `pybabel extract` needs to find the texts of Django templates, which Babel cannot read by itself."""

from collections.abc import Collection, Iterator, Mapping
from io import BytesIO
from typing import IO, Any

from babel.messages.extract import extract_python
from django.utils.translation.template import templatize


def extract_template(
    template: IO[bytes], keywords: Mapping[str, Any], comment_tags: Collection[str], options: Mapping[str, Any]
) -> Iterator[tuple[int, Any, list[str], str | None]]:
    """The messages of one template, for babel.cfg: line, text or texts, translators' comments, context."""
    calls = templatize(template.read().decode())
    # Whatever is not a message has become a row of X; as Python it must not be indented by chance.
    code = "\n".join(line.strip() for line in calls.splitlines())
    yield from extract_python(BytesIO(code.encode()), keywords, comment_tags, dict(options))
