"""Refuse files that hold no list of people: documents, pictures, archives, chats, web pages."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Final

from core.domain.errors import ValidationError
from core.domain.translatable import Sentence, sentence

_OTHER_FILES: Final = (
    (b"%PDF-", sentence("a PDF")),
    (b"\x89PNG", sentence("a picture")),
    (b"\xff\xd8\xff", sentence("a picture")),
    (b"GIF8", sentence("a picture")),
    (b"RIFF", sentence("a picture or a sound")),
    (b"{\\rtf", sentence("a text document")),
    (b"Rar!", sentence("an archive")),
    (b"7z\xbc\xaf", sentence("an archive")),
    (b"\x1f\x8b", sentence("an archive")),
    (b"MIME-Version:", sentence("a saved web page or an e-mail")),
    (b"SQLite format 3", sentence("a database")),
    (b"PAR1", sentence("a database")),
)
_PACKED_FILES: Final = (
    ("word/", sentence("a Word document")),
    ("ppt/", sentence("a presentation")),
    ("Index/", sentence("an Apple Numbers or Pages file")),
    ("Index.zip", sentence("an Apple Numbers or Pages file")),
)
_BETWEEN: Final = r"(?:\u200f?[./-]\s?|[年년]\s?)"
_MOMENT: Final = (
    rf"[\u200e\u200f]?\[?\d{{1,4}}{_BETWEEN}\d{{1,2}}(?:{_BETWEEN}|[月월]\s?)\d{{1,4}}[.日일]?,?"
    r"[\s\u202f](?:klo |kl\. ?|um |à |às |上午|下午|오전 |오후 )?\d{1,2}[:.]\d{2}(?:[:.]\d{2})?"
)
"""Of a message, in any language: "29.11.2026 klo 20.15", "2026/11/29 下午8:15"."""
_WHATSAPP_LINE: Final = re.compile(
    rf"^{_MOMENT}(?:[\s\u202f]?[APap]\.?[\s\u202f]?[Mm]\.?|[\s\u202f][صم])?\]?(?: -)? .+"
)
_MESSAGE: Final = re.compile(rf"{_MOMENT}[^\]\-]{{0,12}}(?:\]| - )[^:]{{1,60}}:? .+|{_MOMENT}, .+ : .+")
_PAGE: Final = re.compile(r"\s*<(?:!doctype|html|head|body|table|meta|\?xml)\b", re.IGNORECASE)
EXPORTED_CHAT: Final = sentence(
    "This is an exported chat: it holds messages, not a list of people. Send me a list of phone numbers instead."
)


def refuse_other_files(data: bytes) -> None:
    """Raises ValidationError for a file that is certainly no list, with the name of its kind."""
    kind = next((kind for start, kind in _OTHER_FILES if data.startswith(start)), None)
    if kind is None and data.startswith(b"PK\x03\x04"):
        kind = _packed_kind(data)
    if kind is not None:
        raise ValidationError(
            [
                sentence(
                    "This is {kind}, and I can't read people from it. Save the list as CSV or XLSX, then send it "
                    "again.",
                    kind=kind,
                )
            ]
        )


def _packed_kind(data: bytes) -> Sentence | None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile:
        return None
    for start, kind in _PACKED_FILES:
        if any(name.startswith(start) for name in names):
            return kind
    known = any(name.startswith("xl/") or name in ("mimetype", "content.xml") for name in names)
    return None if known else sentence("an archive")


def refuse_chats(text: str) -> None:
    """Raises ValidationError for an exported WhatsApp chat, and for a web page with the ending of a spreadsheet."""
    if _PAGE.match(text):
        raise ValidationError(
            [sentence("This is a web page, not a spreadsheet. Open it, save it as XLSX, then send it again.")]
        )
    lines = [line for line in text[:20_000].splitlines()[:50] if line.strip()]
    if len(lines) > 1 and sum(bool(_WHATSAPP_LINE.match(line)) for line in lines) * 2 > len(lines):
        raise ValidationError([EXPORTED_CHAT])
    # Messages go over many lines: the first line and one more tell a chat with marks behind the times.
    if lines and _MESSAGE.match(lines[0]) and sum(bool(_MESSAGE.match(line)) for line in lines) > 1:
        raise ValidationError([EXPORTED_CHAT])
