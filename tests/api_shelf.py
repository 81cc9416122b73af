"""The Bot API in memory, for tests that need no server: takes every call, keeps what stands in each chat, refuses on
request.
"""

from collections.abc import Mapping
from typing import Any

from bot.telegram.api import Refusal


class ApiShelf:
    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.refusal: Refusal | None = None
        self._last_id = 5000

    async def call(self, method: str, params: Mapping[str, Any], _patience_s: float = 0) -> Any:
        self.calls.append((method, dict(params)))
        if self.refusal:
            raise self.refusal
        self._last_id += 1
        return {"message_id": self._last_id}

    async def upload(self, method: str, params: Mapping[str, Any], _files: Mapping[str, tuple[str, bytes]]) -> Any:
        return await self.call(method, params) | {"photo": [{"file_id": "small"}, {"file_id": "large"}]}

    def called(self, method: str) -> list[dict[str, Any]]:
        return [params for name, params in self.calls if name == method]
