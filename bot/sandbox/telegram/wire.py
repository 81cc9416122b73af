"""Requests as Telegram reads them (query, form, JSON, multipart) and the envelope of its answers."""

import re
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import BodyPartReader, web
from yarl import URL

from bot.sandbox.telegram.bots import Bot
from bot.sandbox.telegram.files import MOST_UPLOAD, Upload, mime_type
from bot.sandbox.telegram.refusals import Refusal, bad

Json = dict[str, Any]
MOST_BODY = MOST_UPLOAD + 2**20
_NUMBER = re.compile(r"\s*[-+]?[0-9]{1,18}")
_TRUE = {"true", "1", "yes", "y", "t"}


@dataclass(slots=True)
class Call:
    """One call of a method: who calls, and what with."""

    bot: Bot
    method: str
    params: Json
    uploads: dict[str, Upload] = field(default_factory=dict)

    def get(self, name: str) -> Any:
        return self.params.get(name)

    def text(self, name: str) -> str:
        value = self.params.get(name)
        return "" if value is None else str(value)

    def integer(self, name: str, default: int = 0) -> int:
        """Telegram reads the digits a text begins with, and what is no number as 0."""
        value = self.params.get(name)
        if value is None or value == "":
            return default
        digits = _NUMBER.match(str(value))
        return int(digits[0]) if digits else 0

    def flag(self, name: str) -> bool:
        value = self.params.get(name)
        return value.lower() in _TRUE if isinstance(value, str) else bool(value)

    def decoded(self, name: str) -> Any:
        """A parameter that is JSON, sent as such or as text. Raises Refusal."""
        value = self.params.get(name)
        if isinstance(value, str):
            try:
                return orjson.loads(value) if value else None
            except orjson.JSONDecodeError:
                raise bad(f"can't parse {name} JSON object") from None
        return value


async def read(request: web.BaseRequest) -> tuple[Json, dict[str, Upload]]:
    """Parameters and file parts. Raises Refusal 413 for a body beyond the limit, 400 for one that cannot be read."""
    params: Json = form(request.query_string)
    kind = request.content_type
    if request.method == "GET" or not request.can_read_body:
        return params, {}
    if (request.content_length or 0) > MOST_BODY:
        raise Refusal(413, "Request Entity Too Large")
    if kind == "multipart/form-data":
        return await _multipart(request, params)
    try:
        body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise Refusal(413, "Request Entity Too Large") from None
    params.update(decoded_body(kind, body))
    return params, {}


def form(text: str) -> Json:
    """The fields of a query or a form; yarl's reading of them is a third of the standard library's price."""
    return dict(URL.build(query_string=text, encoded=True).query) if text else {}


def decoded_body(kind: str, body: bytes) -> Json:
    """Raises Refusal."""
    return _json(body) if kind == "application/json" else form(body.decode("utf-8", "replace"))


def _json(body: bytes) -> Json:
    if not body.strip():
        return {}
    try:
        decoded = orjson.loads(body)
    except orjson.JSONDecodeError:
        decoded = None
    if not isinstance(decoded, dict):
        raise bad("can't parse JSON object in the request body")
    return decoded


async def _multipart(request: web.BaseRequest, params: Json) -> tuple[Json, dict[str, Upload]]:
    uploads: dict[str, Upload] = {}
    left = MOST_BODY
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or not part.name:
                continue
            data = bytearray()
            while chunk := await part.read_chunk(2**16):
                left -= len(chunk)
                if left < 0:
                    raise Refusal(413, "Request Entity Too Large")
                data += chunk
            if part.filename is None:
                params[part.name] = data.decode("utf-8", "replace")
            else:
                declared = part.headers.get("Content-Type", "application/octet-stream")
                uploads[part.name] = Upload(part.filename, bytes(data), mime_type(bytes(data[:8]), declared))
    except ValueError:
        raise bad("can't parse the multipart request body") from None
    return params, uploads


@dataclass(slots=True)
class Answer:
    """What goes back. `cut` bytes of the body are sent before the connection is cut; None: all, and it stays open."""

    body: bytes
    status: int = 200
    type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None


CUT = Answer(b"", cut=0)


def fine(result: Any) -> Answer:
    return Answer(orjson.dumps({"ok": True, "result": result}))


def refused(refusal: Refusal) -> Answer:
    answer: Json = {"ok": False, "error_code": refusal.code, "description": refusal.description}
    headers = {}
    if refusal.parameters:
        answer["parameters"] = refusal.parameters
    if "retry_after" in refusal.parameters:
        headers["Retry-After"] = str(refusal.parameters["retry_after"])
    return Answer(orjson.dumps(answer), refusal.code, headers=headers)
