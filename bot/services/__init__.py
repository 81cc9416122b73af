"""Use cases, one class a noun, and the bundle of them that handlers and jobs are given."""

from dataclasses import dataclass

from bot.services.accounts import Accounts
from bot.services.addresses import Addresses
from bot.services.alerts import Alerts
from bot.services.audit import Audit
from bot.services.balances import Balances
from bot.services.broadcasts import Broadcasts
from bot.services.dialogs import Dialogs
from bot.services.guards import Guards
from bot.services.handover import Handover
from bot.services.health import DeskHealth
from bot.services.markets import Markets
from bot.services.orders import Orders
from bot.services.prices import Prices
from bot.services.put_back import PutBack
from bot.services.rates import Rates
from bot.services.readers import Readers
from bot.services.summaries import Summaries
from bot.services.swaps import Swaps
from bot.services.telling import Telling
from bot.services.trading import Trading
from bot.services.upkeep import Upkeep
from bot.services.users import Users


@dataclass(frozen=True, slots=True)
class Services:
    prices: Prices
    users: Users
    dialogs: Dialogs
    telling: Telling
    upkeep: Upkeep
    health: DeskHealth
    put_back: PutBack
    accounts: Accounts
    addresses: Addresses
    alerts: Alerts
    audit: Audit
    guards: Guards
    handover: Handover
    markets: Markets
    rates: Rates
    balances: Balances
    orders: Orders
    trading: Trading
    swaps: Swaps
    broadcasts: Broadcasts
    summaries: Summaries
    readers: Readers
