"""/balance: what a person has at one exchange, or at all of them."""

from bot.domain.errors import UserMistake
from bot.domain.orders import Wallet
from bot.domain.replies import Answer
from bot.views import balances as view
from handlers import _parse as parse
from handlers._call import Call, Command

WALLETS = {wallet.value: wallet for wallet in Wallet} | {"exchange": Wallet.SPOT, "trading": Wallet.MARGIN}


async def balance(call: Call) -> Answer:
    """`all`: the portfolio. Else one exchange, `spot`, `margin` or `funding`."""
    typed = parse.words(call.args)
    wallet = parse.take(typed, WALLETS)
    if len(typed) > 1:
        raise UserMistake("balance.how", usage="balance")
    everything = call.name in {"portfolio", "pf"} or [word.lower() for word in typed] == ["all"]
    if everything:
        whole = await call.services.balances.all(call.user, wallet)
        return view.portfolio(whole, now=call.now, texts=call.texts)
    one = await call.services.balances.of(call.user, typed[0] if typed else "", wallet)
    wallets = call.services.markets.traits[one.vendor].wallets
    return view.statement(one, wallets=wallets, now=call.now, texts=call.texts)


COMMANDS = (Command("balance", balance, aliases=("bal", "portfolio", "pf"), money=True),)
