"""What a person does in the talk about swaps: answers, presses, keeps an address, sets up a second step."""

import pyotp

from bot.domain.users import Standing
from tests.handlers.conftest import ADMIN, ANN, Room, buttons
from tests.swap_shelf import ETH


async def walk(room: Room, *lines: str):
    """Says one line after the other, each as the answer to the question before; returns the last reply."""
    reply = None
    for line in lines:
        pending = await room.services.dialogs.pending(ANN, ANN)
        reply = await room.say(f"{pending} {line}" if pending and not line.startswith("swap") else line)
    return reply


async def press(room: Room, reply, what: str):
    data = next(button.data for row in reply.buttons for button in row if what in button.text)
    return await room.say(data.removeprefix("!"))


async def saved(room: Room, label: str = "Ledger") -> str:
    reply = await room.say(f"addresses add eth {ETH} {label}")
    return next(line.split()[2] for line in buttons(reply) if line.startswith("addresses name"))


async def second_step(room: Room, who: int = ANN) -> pyotp.TOTP:
    user = await room.users.meet(who, f"Person {who}")
    await room.users.decide_access(who, Standing.MEMBER, (await room.call("guard", ADMIN)).mark)
    totp = pyotp.TOTP((await room.services.guards.begin_second_step(user)).secret)
    await room.services.guards.confirm_second_step(user, code(room, totp), (await room.call("guard", who)).mark)
    await room.told()
    room.clock.advance(30)
    return totp


def code(room: Room, totp: pyotp.TOTP) -> str:
    return totp.at(int(room.clock.now().timestamp()))
