"""Raw calls to the Bot API: JSON in, plain values out. Building the library's objects from answers is half its cost."""

from collections.abc import Mapping
from typing import Any

import aiohttp
import orjson
from telegram.error import NetworkError

from bot.telegram.transport import READ_TIMEOUT_S, Transport

Unanswered = NetworkError
"""What the transport raises where Telegram said nothing."""


class Refusal(Exception):
    """Telegram answered, and answered no. `retry_after_s` and `moved_to` are 0 where it does not say."""

    def __init__(self, code: int, description: str, retry_after_s: int = 0, moved_to: int = 0) -> None:
        super().__init__(f"{code} {description}")
        self.code = code
        self.description = description
        self.retry_after_s = retry_after_s
        self.moved_to = moved_to

    def says(self, *phrases: str) -> bool:
        return any(phrase in self.description.lower() for phrase in phrases)


class BotApi:
    """One bot's methods. Raises Refusal where Telegram said no; the transport's errors where it said nothing.

    A 5xx or an answer that is not Telegram's envelope is the latter: nobody knows whether the call was carried out.
    """

    def __init__(self, transport: Transport, root: str, token: str) -> None:
        self._transport = transport
        self._base = f"{root}/bot{token}/"
        self._limited = 0

    def figures(self) -> dict[str, float]:
        return {"telegram_429_total": self._limited}

    async def call(self, method: str, params: Mapping[str, Any], patience_s: float = READ_TIMEOUT_S) -> Any:
        """`params` that are None are left out."""
        body = orjson.dumps({name: value for name, value in params.items() if value is not None})
        return self._told(*await self._transport.request(self._base + method, body, patience_s, json=True))

    async def upload(self, method: str, params: Mapping[str, Any], files: Mapping[str, tuple[str, bytes]]) -> Any:
        """`files`: part name -> file name and content."""
        form = aiohttp.FormData(quote_fields=False)
        for name, value in params.items():
            if value is not None:
                form.add_field(name, value if isinstance(value, str) else orjson.dumps(value).decode())
        for name, (filename, content) in files.items():
            form.add_field(name, content, filename=filename, content_type="application/octet-stream")
        return self._told(*await self._transport.request(self._base + method, form, READ_TIMEOUT_S * 2))

    def _told(self, status: int, body: bytes) -> Any:
        self._limited += status == 429
        return _result(status, body)


def _result(status: int, body: bytes) -> Any:
    try:
        answer = orjson.loads(body)
        ok = answer["ok"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise NetworkError(f"an answer that is not Telegram's, with status {status}") from None
    if ok:
        return answer.get("result")
    code = answer.get("error_code", status)
    if code >= 500:
        raise NetworkError(f"status {code}")
    more = answer.get("parameters") or {}
    description = str(answer.get("description", ""))
    raise Refusal(code, description, int(more.get("retry_after", 0)), int(more.get("migrate_to_chat_id", 0)))
