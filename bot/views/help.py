"""What can be typed, and how."""

from collections.abc import Sequence

from bot.domain.replies import Reply
from bot.texts import Texts
from bot.views.keyboard import grid, keyboard, run

GROUPS = (
    ("market", ("price", "cap", "chart", "calc", "export", "watch", "summary")),
    ("alerts", ("alert", "alerts", "delalert")),
    ("exchanges", ("ticker", "candles", "depth", "trades", "compare", "exchanges")),
    ("money", ("balance", "buy", "sell", "trade", "orders", "order", "history", "mytrades", "cancelorder", "coo")),
    ("swaps", ("swap", "rate", "coins", "swaps", "status", "addresses")),
    ("safety", ("keys", "guard", "lock", "unlock", "limits", "phrase", "secondstep")),
    (
        "you",
        (
            "start",
            "settings",
            "subscribe",
            "notify",
            "quiet",
            "missed",
            "access",
            "audit",
            "forget",
            "cancel",
            "help",
        ),
    ),
    ("operator", ("users", "letin", "block", "health", "broadcast")),
)


def ordered(commands: Sequence[str]) -> list[str]:
    """By what is asked for most, as the overview has them; one that no group names comes last."""
    places = {command: place for place, command in enumerate(command for _, group in GROUPS for command in group)}
    return sorted(commands, key=lambda command: places.get(command, len(places)))


def overview(commands: Sequence[str], texts: Texts) -> Reply:
    """`commands`: those this person may use, by their first names. One that no group names stands in the last part."""
    named = {command for _, group in GROUPS for command in group}
    parts = [(title, [command for command in group if command in commands]) for title, group in GROUPS]
    parts.append(("more", [command for command in commands if command not in named]))
    blocks = [_block(title, group, texts) for title, group in parts if group]
    market = [run(f"/{command}", "help", command, in_place=True) for command in parts[0][1]]
    return Reply("\n\n".join([texts("help.head"), *blocks]), keyboard(*grid(market, 3)))


def one(command: str, texts: Texts) -> Reply:
    """How one command is typed, with examples. `command` by its first name."""
    text = texts("help.one", command=command, about=texts(f"help.{command}"), usage=texts(f"usage.{command}"))
    return Reply(text, keyboard([run(texts.plain("button.all_commands"), "help", in_place=True)]))


def menu(command: str, texts: Texts) -> str:
    """Its line in Telegram's command menu."""
    return texts.plain(f"menu.{command}")


def _block(title: str, commands: Sequence[str], texts: Texts) -> str:
    lines = (texts("help.line", command=command, about=texts(f"menu.{command}")) for command in commands)
    return "\n".join([texts(f"help.group.{title}"), *lines])
