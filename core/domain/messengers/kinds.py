"""The one table of what each messenger carries beside text: as it is, as another kind, or, without a row, not at all.

The preview, the choice of messengers, the API and the cards read it through TRAITS; docs/messengers.md shows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from core.domain.messengers.capabilities import MediaKind, MediaLimits

_PICTURES: Final = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png"}
_VIDEOS: Final = {".mp4": "video/mp4", ".3gp": "video/3gpp"}
_OPUS: Final = dict.fromkeys((".ogg", ".oga", ".opus"), "audio/ogg")
_SOUNDS: Final = {
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".aac": "audio/aac",
    ".amr": "audio/amr",
    **_OPUS,
}
_OFFICE: Final = "application/vnd.openxmlformats-officedocument"
_DOCUMENTS: Final = {
    ".pdf": "application/pdf",
    ".txt": "text/plain",
    ".doc": "application/msword",
    ".docx": f"{_OFFICE}.wordprocessingml.document",
    ".xls": "application/vnd.ms-excel",
    ".xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    ".ppt": "application/vnd.ms-powerpoint",
    ".pptx": f"{_OFFICE}.presentationml.presentation",
}
_PROGRAMS: Final = (
    *(".apk", ".bat", ".cmd", ".com", ".dll", ".exe"),
    *(".jar", ".js", ".msi", ".scr", ".sh", ".vbs"),
)
_VIEWS: Final = "photos and videos"
"""Both can be in one album."""

_ALONE: Final = MediaLimits(captioned=False)

TELEGRAM: Final[Mapping[MediaKind, MediaLimits]] = {
    MediaKind.PHOTO: MediaLimits(max_bytes=5_000_000, album=_VIEWS, covers=True),
    MediaKind.VIDEO: MediaLimits(max_bytes=20_000_000, album=_VIEWS, covers=True),
    MediaKind.DOCUMENT: MediaLimits(max_bytes=20_000_000, suffixes=(".pdf", ".zip"), album="documents"),
    MediaKind.AUDIO: MediaLimits(max_bytes=20_000_000, suffixes=(".mp3", ".m4a"), album="music"),
    MediaKind.VOICE: MediaLimits(max_bytes=1_000_000, suffixes=tuple(_OPUS)),
    MediaKind.VIDEO_NOTE: MediaLimits(max_bytes=20_000_000, captioned=False),
    MediaKind.ANIMATION: MediaLimits(max_bytes=20_000_000, suffixes=(".gif", ".mp4"), covers=True),
    MediaKind.STICKER: MediaLimits(max_bytes=512_000, suffixes=(".webp",), captioned=False),
    MediaKind.LOCATION: _ALONE,
    MediaKind.CONTACT: _ALONE,
    MediaKind.POLL: _ALONE,
}
_WHATSAPP_VIDEO: Final = MediaLimits(
    max_bytes=16_000_000, uploads=_VIDEOS, suffixes=tuple(_VIDEOS), as_kind=MediaKind.VIDEO
)
_VIBER_VIDEO: Final = MediaLimits(max_bytes=27_262_976, suffixes=(".mp4",), captioned=False, sized=True)
_VIBER_SOUND: Final = MediaLimits(
    max_bytes=52_428_800, captioned=False, sized=True, as_kind=MediaKind.DOCUMENT
)

WHATSAPP: Final[Mapping[MediaKind, MediaLimits]] = {
    MediaKind.PHOTO: MediaLimits(max_bytes=5_000_000, uploads=_PICTURES),
    MediaKind.VIDEO: MediaLimits(max_bytes=16_000_000, uploads=_VIDEOS),
    MediaKind.DOCUMENT: MediaLimits(max_bytes=100_000_000, uploads=_DOCUMENTS),
    MediaKind.AUDIO: MediaLimits(max_bytes=16_000_000, uploads=_SOUNDS, captioned=False),
    MediaKind.VOICE: MediaLimits(max_bytes=16_000_000, uploads=_OPUS, suffixes=tuple(_OPUS), captioned=False),
    MediaKind.VIDEO_NOTE: _WHATSAPP_VIDEO,
    MediaKind.ANIMATION: _WHATSAPP_VIDEO,
    # Telegram's animated stickers are none of its formats.
    MediaKind.STICKER: MediaLimits(
        max_bytes=100_000, uploads={".webp": "image/webp"}, suffixes=(".webp",), captioned=False
    ),
    MediaKind.LOCATION: _ALONE,
    MediaKind.CONTACT: _ALONE,
}
VIBER: Final[Mapping[MediaKind, MediaLimits]] = {
    # iPhones show 1 MB at most, Android phones 3 MB.
    MediaKind.PHOTO: MediaLimits(max_bytes=1_000_000, suffixes=(".jpg", ".jpeg", ".png", ".gif")),
    MediaKind.VIDEO: _VIBER_VIDEO,
    MediaKind.DOCUMENT: MediaLimits(max_bytes=52_428_800, forbidden=_PROGRAMS, captioned=False, sized=True),
    MediaKind.AUDIO: _VIBER_SOUND,
    MediaKind.VOICE: _VIBER_SOUND,
    MediaKind.VIDEO_NOTE: replace(_VIBER_VIDEO, as_kind=MediaKind.VIDEO),
    MediaKind.ANIMATION: replace(_VIBER_VIDEO, as_kind=MediaKind.VIDEO),
    MediaKind.LOCATION: MediaLimits(captioned=False, unnamed=True),
    MediaKind.CONTACT: MediaLimits(captioned=False, max_name=28),
}
ANYTHING: Final[Mapping[MediaKind, MediaLimits]] = {
    kind: MediaLimits(max_bytes=10**12, album="anything") for kind in MediaKind
}
