"""Files people and bots have sent: bytes under Telegram-like ids, bounded in all, oldest gone first."""

import hashlib
import struct
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.telegram.refusals import bad

MOST_UPLOAD = 50 * 2**20
MOST_PHOTO = 10 * 2**20
MOST_DOWNLOAD = 20 * 2**20


@dataclass(slots=True)
class Upload:
    """A file part of a request."""

    name: str
    data: bytes
    type: str = "application/octet-stream"


@dataclass(slots=True)
class Stored:
    id: str
    unique_id: str
    name: str
    type: str
    data: bytes
    kind: str
    path: str
    width: int = 0
    height: int = 0

    def photo(self) -> list[dict[str, Any]]:
        return [{"file_id": self.id, "file_unique_id": self.unique_id, "width": self.width, "height": self.height,
                 "file_size": len(self.data)}]  # fmt: skip

    def document(self) -> dict[str, Any]:
        return {"file_id": self.id, "file_unique_id": self.unique_id, "file_name": self.name, "mime_type": self.type,
                "file_size": len(self.data)}  # fmt: skip


@dataclass(slots=True)
class Files:
    most_bytes: int = 64 * 2**20
    held: int = 0
    _by_id: OrderedDict[str, Stored] = field(default_factory=OrderedDict)

    def add(self, upload: Upload, kind: str) -> Stored:
        """`kind` is photo or document. Raises Refusal for what Telegram would not take."""
        width, height = _checked(upload, kind)
        digest = hashlib.sha256(kind.encode() + upload.name.encode() + upload.data).hexdigest()
        if known := self._by_id.get(f"{kind[0].upper()}{digest[:40]}"):
            self._by_id.move_to_end(known.id)
            return known
        folder = {"photo": "photos", "document": "documents"}[kind]
        suffix = upload.name.rpartition(".")[2] if "." in upload.name else {"photo": "jpg"}.get(kind, "bin")
        stored = Stored(
            f"{kind[0].upper()}{digest[:40]}", digest[:15], upload.name, upload.type, upload.data, kind,
            f"{folder}/file_{digest[:12]}.{suffix}", width, height,
        )  # fmt: skip
        self._by_id[stored.id] = stored
        self.held += len(stored.data)
        while self.held > self.most_bytes and len(self._by_id) > 1:
            self.held -= len(self._by_id.popitem(last=False)[1].data)
        return stored

    def get(self, file_id: str) -> Stored | None:
        """By file_id or file_unique_id."""
        found = self._by_id.get(file_id)
        return found or next((stored for stored in self._by_id.values() if stored.unique_id == file_id), None)

    def at(self, path: str) -> Stored | None:
        return next((stored for stored in self._by_id.values() if stored.path == path), None)


def _checked(upload: Upload, kind: str) -> tuple[int, int]:
    if not upload.data:
        raise bad("file must be non-empty")
    if kind != "photo":
        return 0, 0
    if len(upload.data) > MOST_PHOTO:
        raise bad(
            f"file of size {len(upload.data)} bytes is too big for a photo; the maximum size is {MOST_PHOTO} bytes"
        )
    width, height = picture_size(upload.data)
    if not width or not height:
        raise bad("IMAGE_PROCESS_FAILED")
    if width + height > 10_000 or max(width, height) > 20 * min(width, height):
        raise bad("PHOTO_INVALID_DIMENSIONS")
    return width, height


def picture_size(data: bytes) -> tuple[int, int]:
    """Width and height read from the header of a PNG, GIF, WebP or JPEG; zeros where it is none."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return width, height
    if data[:3] == b"GIF" and len(data) >= 10:
        width, height = struct.unpack("<HH", data[6:10])
        return width, height
    if data[:4] == b"RIFF" and data[8:16] == b"WEBPVP8X" and len(data) >= 30:
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    return _jpeg_size(data) if data[:2] == b"\xff\xd8" else (0, 0)


def _jpeg_size(data: bytes) -> tuple[int, int]:
    at = 2
    while at + 9 < len(data) and data[at] == 0xFF:
        marker, size = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + size
    return 0, 0


def mime_type(data: bytes, declared: str) -> str:
    for signature, kind in (
        (b"\x89PNG", "image/png"),
        (b"\xff\xd8", "image/jpeg"),
        (b"GIF8", "image/gif"),
        (b"RIFF", "image/webp"),
    ):
        if data.startswith(signature):
            return kind
    return declared
