"""The desk's plug in the world panel: pulled, the desk dies at once, and is started again by whoever keeps it."""

from collections.abc import Callable
from typing import Any

from bot.sandbox.switches import Switch, action


class PlugPanel:
    name = "desk"

    def __init__(self, pull: Callable[[], None]) -> None:
        self._pull = pull

    def switches(self) -> list[Switch]:
        return [action("plug", "Pull the plug: kill the desk, then start it again")]

    async def flip(self, ident: str, value: Any = None) -> None:  # noqa: ARG002  # every panel's interface
        """ValueError for a switch that is not there."""
        if ident != "plug":
            raise ValueError(f"no such switch: {ident}")
        self._pull()
