"""What a person sees while his answer is being made: that something is done, then a word that it takes long."""

from asyncio import TimerHandle, get_running_loop
from collections.abc import Callable
from typing import Any

from bot.domain.notices import Address
from bot.scheduler import Nursery
from bot.telegram.sending import Sender, Sent
from bot.views import prices
from handlers._asked import Asked
from handlers._call import Call

BUSY_AFTER_S = 0.4
WAITING_AFTER_S = 2.5


class Waiting:
    """Begins to count when it is made; `on_wait` is called when the word that it takes long is due."""

    def __init__(self, sender: Sender, nursery: Nursery, asked: Asked, call: Call, on_wait: Callable[[], None]) -> None:
        self._sender = sender
        self._nursery = nursery
        self._asked = asked
        self._call = call
        self._on_wait = on_wait
        self._told: Any = None
        loop = get_running_loop()
        self._timers: list[TimerHandle] = [
            loop.call_later(BUSY_AFTER_S, self._busy),
            loop.call_later(WAITING_AFTER_S, self._tell),
        ]

    def over(self) -> None:
        for timer in self._timers:
            timer.cancel()

    async def replaced(self, address: Address) -> Address:
        """Where the answer goes now: in place of the word that it takes long, if that was said."""
        outcome = await self._told if self._told else None
        return Address(address.chat_id, 0, outcome.message_id) if isinstance(outcome, Sent) else address

    async def withdrawn(self) -> None:
        """The word promised an answer in its place; where none will stand there, it goes."""
        place = await self.replaced(self._asked.address)
        if self._told and place.edits:
            await self._sender.delete(place.chat_id, place.edits)

    def _busy(self) -> None:
        command = self._call.commands.get(self._call.name)
        action = command.action if command else "typing"
        self._nursery.start(self._sender.busy(self._asked.address.chat_id, action), "telegram.busy")

    def _tell(self) -> None:
        self._on_wait()
        if self._asked.query:
            toast = self._call.texts.plain("waiting.toast")
            self._nursery.start(self._sender.acknowledge(self._asked.query, toast), "telegram.acknowledge")
        else:
            word = prices.waiting(self._asked.shown[:40], texts=self._call.texts)
            self._told = self._nursery.start(self._sender.send(self._asked.address, word), "telegram.waiting")
