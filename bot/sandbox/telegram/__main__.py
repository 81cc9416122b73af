"""`python -m bot.sandbox.telegram`: the stand-in alone; prints its address as one line of JSON."""

import argparse
import asyncio

from bot.sandbox import alone
from bot.sandbox.telegram.server import TelegramStandIn


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox.telegram", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--token", action="append", default=[], help="a bot's token; may be given several times")
    parser.add_argument("--delay-ms", type=float, default=0.0, help="answer every call but getUpdates this much later")
    parser.add_argument(
        "--rates", action=argparse.BooleanOptionalAction, default=True, help="answer 429 as Telegram does"
    )
    parser.add_argument("--record", action=argparse.BooleanOptionalAction, default=True, help="keep messages")
    parser.add_argument("--open-doors", action="store_true", help="bots may write to people who never wrote to them")
    return parser.parse_args()


async def _run(arguments: argparse.Namespace) -> None:
    standin = TelegramStandIn(
        tokens=arguments.token or ["1:sandbox"],
        record=arguments.record,
        rates=arguments.rates,
        delays={"*": arguments.delay_ms / 1000} if arguments.delay_ms else {},
    )
    standin.tg.world.open_doors = arguments.open_doors
    await alone.serve(standin, "127.0.0.1", arguments.port)


if __name__ == "__main__":
    asyncio.run(_run(_arguments()))
