"""Files uploaded to the fake WhatsApp, by id; each belongs to the number it was uploaded on."""

import itertools
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from sandbox.telegram.files import picture_size
from sandbox.whatsapp_templates import RefusedError

Json = dict[str, Any]
LIFE_SECONDS: Final = 30 * 86_400
_MB: Final = 1024 * 1024
_OFFICE: Final = "application/vnd.openxmlformats-officedocument"
_IMAGES: Final = ("image/jpeg", "image/png")
_STICKERS: Final = ("image/webp",)
_VIDEOS: Final = ("video/mp4", "video/3gpp")
_SOUNDS: Final = ("audio/aac", "audio/mp4", "audio/mpeg", "audio/amr", "audio/ogg", "audio/opus")
_DOCUMENTS: Final = (
    "application/vnd.ms-powerpoint",
    "application/msword",
    f"{_OFFICE}.wordprocessingml.document",
    f"{_OFFICE}.presentationml.presentation",
    f"{_OFFICE}.spreadsheetml.sheet",
    "application/pdf",
    "text/plain",
    "application/vnd.ms-excel",
)
LARGEST: Final[Mapping[str, int]] = {
    **dict.fromkeys(_SOUNDS, 16 * _MB),
    **dict.fromkeys(_DOCUMENTS, 100 * _MB),
    **dict.fromkeys(_IMAGES, 5 * _MB),
    **dict.fromkeys(_STICKERS, 500 * 1024),
    **dict.fromkeys(_VIDEOS, 16 * _MB),
}
_TYPES: Final = {
    "photo": _IMAGES,
    "video": _VIDEOS,
    "document": (*_DOCUMENTS, *_IMAGES),
    "audio": _SOUNDS,
    "voice": _SOUNDS,
    "sticker": _STICKERS,
}


@dataclass(frozen=True, slots=True)
class Held:
    """One file; `number` is the id of the phone number it was uploaded on."""

    id: str
    number: str
    name: str
    mime_type: str
    good_until: float


class WhatsAppMedia:
    """All files; their bytes are in `folder`, or in memory without one."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._held: dict[str, Held] = {}
        self._bytes: dict[str, bytes] = {}
        self._ids = itertools.count(time.time_ns() // 1000)

    def add(self, number: str, name: str, mime_type: str, content: bytes) -> Held:
        """Store an upload. Raises RefusedError for what the Cloud API does not take."""
        most = LARGEST.get(mime_type)
        if most is None:
            types = ", ".join(LARGEST)
            words = f"Param file must be a file with one of the following types: {types}. "
            raise RefusedError(100, f"{words}Received file of type '{mime_type}'.")
        if not content or len(content) > most:
            raise RefusedError(131053, f"A file of type {mime_type} has from 1 to {most} bytes.")
        if mime_type in _IMAGES and picture_size(content) is None:
            raise RefusedError(131053, f"The file is no {mime_type}.")
        held = Held(str(next(self._ids)), number, name, mime_type, time.time() + LIFE_SECONDS)
        self._held[held.id] = held
        if self._folder is None:
            self._bytes[held.id] = content
        else:
            self._folder.mkdir(parents=True, exist_ok=True)
            (self._folder / f"whatsapp-{held.id}").write_bytes(content)
        return held

    def named(self, media: Json, number: str) -> Held:
        """The file of a message. Raises RefusedError: unknown, expired, another number's, or of another kind."""
        held = self._held.get(media["held"])
        if held is None or held.number != number or held.good_until < time.time():
            raise RefusedError(
                131009,
                f"Param {media['kind']}['id'] is not a valid whatsapp business account media attachment ID",
            )
        if held.mime_type not in _TYPES[media["kind"]]:
            raise RefusedError(131053, f"Unsupported {media['kind']} mime type {held.mime_type}.")
        return held

    def expire(self) -> None:
        """Expire all ids."""
        self._held = {known: replace(held, good_until=0.0) for known, held in self._held.items()}

    def get(self, held_id: str) -> tuple[Held, bytes] | None:
        """A file, even with an expired id: it stays on the phones."""
        held = self._held.get(held_id)
        if held is None:
            return None
        if self._folder is None:
            return held, self._bytes[held_id]
        return held, (self._folder / f"whatsapp-{held_id}").read_bytes()

    def to_json(self) -> list[Json]:
        """For the state file."""
        return [asdict(held) for held in self._held.values()]

    def load(self, saved: list[Json]) -> None:
        """Restore what `to_json` returned, as far as the bytes are still there."""
        for entry in saved:
            if self._folder is not None and (self._folder / f"whatsapp-{entry['id']}").is_file():
                self._held[entry["id"]] = Held(**entry)
