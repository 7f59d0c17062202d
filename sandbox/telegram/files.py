"""Files on Telegram, by file_id."""

import hashlib
import struct
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final
from urllib.parse import urlsplit

from sandbox.telegram.params import MAX_UPLOAD, Params, TelegramError, Upload, bad_request

Json = dict[str, Any]
MAX_DOWNLOAD: Final = 20 * 1024 * 1024
_PNG: Final = b"\x89PNG\r\n\x1a\n"
# Documents that Telegram fetches by URL.
_LINKED: Final = {
    "photo": (".jpg", ".jpeg", ".png", ".gif", ".webp"),
    "video": (".mp4",),
    "document": (".pdf", ".zip", ".gif"),
    "audio": (".mp3", ".m4a"),
    "voice": (".ogg", ".oga", ".opus"),
    "animation": (".gif", ".mp4"),
    "sticker": (".webp",),
    # Telegram sends no round videos by URL.
    "video_note": (),
}
KINDS: Final = tuple(_LINKED)
_OWN_SUFFIX: Final = {"voice": ".oga", "video_note": ".mp4"}
"""Recordings have no names of their own."""
_SECONDS: Final = 7
"""Stated length of every recording."""
_SQUARE: Final = 240
"""Width of a round video, in pixels."""
_JPEG: Final = b"\xff\xd8"
_JPEG_FRAMES: Final = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB})


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file: `kind` is one of KINDS, `size` in bytes, `width` and `height` of photos in pixels.

    A file by `link` has no bytes: the sandbox fetches nothing.
    """

    id: str
    unique_id: str
    kind: str
    name: str
    mime_type: str
    size: int
    width: int = 0
    height: int = 0
    link: str = ""

    @property
    def path(self) -> str:
        """The file_path under which the bot downloads it."""
        suffix = Path(self.name).suffix
        suffix = _OWN_SUFFIX.get(self.kind, suffix)
        return f"{self.kind}s/file_{self.unique_id}{suffix if suffix[1:].isalnum() else ''}"

    def content(self) -> Json:
        """Its part of a Message object."""
        ids = {"file_id": self.id, "file_unique_id": self.unique_id, "file_size": self.size}
        shape = {"width": self.width, "height": self.height}
        named = {"file_name": self.name, "mime_type": self.mime_type}
        link = {"sandbox_link": self.link} if self.link else {}
        match self.kind:
            case "photo":
                return {"photo": [{**ids, **shape}], **link}
            case "video":
                return {"video": {**ids, **shape, **named, "duration": _SECONDS}, **link}
            case "audio":
                return {"audio": {**ids, **named, "duration": _SECONDS}, **link}
            case "voice":
                return {"voice": {**ids, "mime_type": self.mime_type, "duration": _SECONDS}, **link}
            case "video_note":
                return {"video_note": {**ids, "length": _SQUARE, "duration": _SECONDS}, **link}
            case "animation":
                # As from Telegram, it comes as a document too.
                film = {**ids, **named, **shape, "duration": _SECONDS}
                return {"animation": film, "document": {**ids, **named}, **link}
            case "sticker":
                moves = {"is_animated": self.name.endswith(".tgs"), "is_video": self.name.endswith(".webm")}
                square = {"width": 512, "height": 512}
                return {"sticker": {**ids, **square, **moves, "type": "regular", "emoji": "🙂"}, **link}
            case _:
                return {"document": {**ids, **named}, **link}


class Files:
    """All files; their bytes are in `folder`, or in memory without one."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._bytes: dict[str, bytes] = {}
        self.local_folder: Path | None = None
        """As a server with --local: it hands out no bytes, and names a place in this folder."""
        self._files: dict[str, StoredFile] = {}

    def add(self, upload: Upload, kind: str) -> StoredFile:
        """Store an upload as a file of a kind. Raises TelegramError for a photo that is not a picture."""
        if not upload.content:
            raise bad_request("file must be non-empty")
        if len(upload.content) > MAX_UPLOAD:
            raise TelegramError(413, "Request Entity Too Large")
        size = picture_size(upload.content) if kind == "photo" else (0, 0)
        if size is None:
            raise bad_request("IMAGE_PROCESS_FAILED")
        seed = f"{kind}/{upload.name}/".encode() + upload.content
        unique_id = hashlib.sha256(seed).hexdigest()[:20]
        stored = StoredFile(
            f"SBX{kind[0].upper()}{unique_id}", unique_id, kind, upload.name, upload.mime_type,
            len(upload.content), *size,
        )  # fmt: skip
        self._files[stored.id] = stored
        self._write(unique_id, upload.content)
        return stored

    def sent(self, params: Params, kind: str) -> StoredFile:
        """The file of a sendDocument and the like: an upload, attach://name, a file_id or a URL."""
        given = params.text(kind)
        upload = params.files.get(given.removeprefix("attach://") if given.startswith("attach://") else kind)
        if upload is not None:
            return self.add(upload, kind)
        if not given:
            raise bad_request(f"there is no {kind} in the request")
        if given.startswith(("http://", "https://")):
            return self._linked(given, kind)
        stored = self._files.get(given)
        if stored is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
        if stored.kind != kind:
            raise bad_request(f"can't use file of type {stored.kind.title()} as {kind.title()}")
        return stored

    def _linked(self, url: str, kind: str) -> StoredFile:
        name = PurePosixPath(urlsplit(url).path).name
        if not name.lower().endswith(_LINKED[kind]):
            raise bad_request("wrong type of the web page content")
        unique_id = hashlib.sha256(f"{kind}/{url}".encode()).hexdigest()[:20]
        stored = StoredFile(f"SBXL{unique_id}", unique_id, kind, name, "", 0, link=url)
        self._files[stored.id] = stored
        return stored

    def named(self, file_id: str) -> StoredFile:
        """The file of a getFile. Raises TelegramError."""
        stored = self._files.get(file_id)
        if stored is None:
            raise bad_request("wrong file_id or the file is temporarily unavailable")
        if stored.size > MAX_DOWNLOAD:
            raise bad_request("file is too big")
        return stored

    def place(self, stored: StoredFile) -> str:
        """The file_path of a getFile."""
        if self.local_folder is None:
            return stored.path
        place = self.local_folder / stored.path
        if self.local_folder.is_dir():
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(self.read(stored))
        return str(place)

    def at(self, path: str) -> StoredFile | None:
        """The file with that file_path."""
        if self.local_folder is not None:
            return None
        return next((stored for stored in self._files.values() if stored.path == path), None)

    def get(self, file_id: str) -> StoredFile | None:
        """The file with that file_id."""
        return self._files.get(file_id)

    def read(self, stored: StoredFile) -> bytes:
        """Its bytes; empty for a file by link."""
        if stored.link:
            return b""
        if self._folder is None:
            return self._bytes[stored.unique_id]
        return (self._folder / stored.unique_id).read_bytes()

    def _write(self, unique_id: str, content: bytes) -> None:
        if self._folder is None:
            self._bytes[unique_id] = content
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / unique_id).write_bytes(content)

    def to_json(self) -> list[Json]:
        """For the state file."""
        return [asdict(stored) for stored in self._files.values()]

    def load(self, saved: list[Json]) -> None:
        """Restore what `to_json` returned, as far as the bytes are still there."""
        for entry in saved:
            here = self._folder is not None and (self._folder / entry["unique_id"]).is_file()
            if here or entry.get("link"):
                self._files[entry["id"]] = StoredFile(**entry)


def picture_size(content: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG or JPEG in pixels; None for anything else."""
    try:
        if content.startswith(_PNG):
            width, height = struct.unpack(">II", content[16:24])
            return width, height
        return _jpeg_size(content) if content.startswith(_JPEG) else None
    except (struct.error, IndexError):
        return None


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    at = 2
    while content[at] == 0xFF:
        if content[at + 1] in _JPEG_FRAMES:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        at += 2 + int(struct.unpack(">H", content[at + 2 : at + 4])[0])
    return None
