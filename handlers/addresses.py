"""/addresses: the book of where coins are paid out. Add, rename, trust by a code, delete."""

from collections.abc import Awaitable, Callable, Mapping

from bot.domain.errors import UserMistake
from bot.domain.replies import STORED, Answer, Reply
from bot.domain.swap_pairs import candidates
from bot.domain.swaps import SwapCoin
from bot.views import addresses as view
from handlers import _second_step as second_step
from handlers._call import Call, Command

USUAL = ("btc", "eth", "usdt", "sol", "xrp", "ltc", "trx", "xmr")


async def addresses(call: Call) -> Answer:
    """Alone: the book. An id: that line. `add`, `name`, `trust`, `drop`: what its name says."""
    verb, rest = (call.args[0].lower(), call.args[1:]) if call.args else ("", ())
    if not verb:
        return view.listed(await call.services.addresses.all_of(call.user.id), call.texts, now=call.now)
    if run := _VERBS.get(verb):
        return await run(call, *rest)
    return view.card(await call.services.addresses.get(call.user.id, verb), **call.shown)


async def _add(call: Call, name: str = "", address: str = "", *rest: str) -> Answer:
    """`add eth 0x28C6… memo 123 Ledger`: the coin says which network, the words behind are its label."""
    if not name:
        coins = await call.services.swaps.coins()
        return view.which([each for each in USUAL if candidates(each, coins)], call.texts)
    coin = await _coin(call, name)
    if not address:
        return await _asked(call, f"add ={coin.ticker}", "addresses.ask_address", coin)
    if not rest and call.services.swaps.has_memo(coin):
        return await _asked(call, f"add ={coin.ticker} {address} memo", "addresses.ask_memo", coin)
    memo, label = ("", rest) if not rest or rest[0].lower() != "memo" else ("".join(rest[1:2]), rest[2:])
    memo = "" if memo == "-" else memo
    await call.services.addresses.save(call.user, coin, address, memo, " ".join(label), call.mark)
    return STORED


async def _name(call: Call, address_id: str = "", *label: str) -> Answer:
    saved = await call.services.addresses.get(call.user.id, address_id)
    if not label:
        await call.services.dialogs.ask(call.user.id, call.mark.address.chat_id, f"addresses name {saved.id}")
        return Reply(call.texts("addresses.ask_name", label=saved.label))
    await call.services.addresses.rename(call.user, saved.id, " ".join(label), call.mark)
    return STORED


async def _trust(call: Call, address_id: str = "") -> Answer:
    return await second_step.asked(call, call.services.addresses.trust(call.user, address_id, call.code, call.mark))


async def _drop(call: Call, address_id: str = "", sure: str = "") -> Answer:
    saved = await call.services.addresses.get(call.user.id, address_id)
    if sure != "yes":
        return view.drop(saved, call.texts)
    await call.services.addresses.drop(call.user, saved.id, call.mark)
    return STORED


async def _asked(call: Call, line: str, key: str, coin: SwapCoin) -> Reply:
    await call.services.dialogs.ask(call.user.id, call.mark.address.chat_id, f"addresses {line}")
    return view.asked(key, coin, call.texts)


async def _coin(call: Call, typed: str) -> SwapCoin:
    """Raises UserMistake where no coin is called so, or one on several networks: then with a button for each."""
    found = candidates(typed, await call.services.swaps.coins())
    if len(found) > 1:
        rest = " ".join(call.args[2:])
        choices = tuple((each.ticker.upper(), f"addresses add ={each.ticker} {rest}".strip()) for each in found)
        raise UserMistake("swap.which_network", coin=typed.upper(), suggestions=choices)
    return found[0] if found else await call.services.swaps.coin(typed.removeprefix("="))


_VERBS: Mapping[str, Callable[..., Awaitable[Answer]]] = {
    "add": _add,
    "name": _name,
    "trust": _trust,
    "drop": _drop,
}

COMMANDS = (Command("addresses", addresses, money=True),)
