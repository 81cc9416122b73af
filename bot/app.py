"""The whole house on one page: what there is, in which order it starts, and the same order backward when it stops."""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import Any, NamedTuple

import structlog
from telegram.ext import Application, ApplicationBuilder

from bot import logs, registry
from bot.charts import Charts
from bot.delivery.broadcasting import Broadcasting
from bot.delivery.loop import Delivery, Render
from bot.domain.guards import Limits
from bot.domain.notices import Notice
from bot.domain.ports import Clock, KeyVendor, unhurried
from bot.domain.prices import Series
from bot.domain.replies import Reply
from bot.domain.users import User
from bot.intake import ALLOWED, Intake, Poll
from bot.providers.exchanges._offered import offered
from bot.scheduler import Nursery, SystemClock, Ticks
from bot.services import Services
from bot.services._desk import Desk
from bot.services._references import References
from bot.services._swap_keys import SwapKeys
from bot.services.accounts import Accounts
from bot.services.addresses import Addresses
from bot.services.alerts import Alerts
from bot.services.audit import Audit
from bot.services.balances import Balances
from bot.services.broadcasts import Broadcasts, Rules
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
from bot.services.summaries import Draw, Summaries
from bot.services.swaps import Swaps
from bot.services.telling import Telling
from bot.services.trading import Trading
from bot.services.upkeep import Upkeep
from bot.services.users import Users
from bot.settings import Settings
from bot.supervisor import Supervisor
from bot.telegram.api import BotApi
from bot.telegram.copying import Copier
from bot.telegram.sending import Sender
from bot.telegram.setup import Menus, introduce, keep_webhook, set_webhook
from bot.telegram.transport import Transport
from bot.texts import Catalogue
from bot.vendors import Nonces, Vendors, vendors
from bot.views import notices
from bot.web import private, public
from bot.web.key_page import KeyPage
from bot.web.serving import Server
from handlers._flood import Flood
from handlers._menus import menus
from handlers._telegram import Edge, Parts
from storage.store import Store

log = structlog.get_logger(__name__)

STOP_WITHIN_S = 20.0
THREAD_TURN_S = 0.0005
"""How long a computing thread may keep the interpreter while the loop wants it. At each of its calls to the system the
loop lets go of it for a moment: at Python's own 5 ms, twenty such calls beside a body being read would be 100 ms.
"""
WARM_AFTER_S = 5.0
MENUS_EVERY_S = 10


@dataclass(slots=True)
class App:
    """Every part that lives. Made by `build`, brought to life by `serve`. `ports`: private side first."""

    settings: Settings
    clock: Clock
    nursery: Nursery
    ticks: Ticks
    store: Store
    transport: Transport
    api: BotApi
    library: Application[Any, Any, Any, Any, Any, Any]
    vendors: Vendors
    charts: Charts
    services: Services
    catalogue: Catalogue
    edge: Edge
    intake: Intake
    poll: Poll
    delivery: Delivery
    broadcasting: Broadcasting
    menus: Menus
    servers: list[Server]
    ports: list[int]


def build(settings: Settings, store: Store, clock: Clock | None = None, transport: Transport | None = None) -> App:
    clock = clock or SystemClock()
    nursery, token = Nursery(), settings.bot_token.reveal()
    transport = transport or Transport(settings.proxy("telegram"))
    api = BotApi(transport, settings.telegram_api_url, token)
    sender = Sender(api)
    copier = Copier(api, sender.counts)
    found = vendors(settings, clock, _nonces(store, clock))
    catalogue, charts = Catalogue.load(default=settings.language), Charts()
    rules = Rules(lambda: services.users.admins, settings.broadcast_typed_above)
    services = _services(settings, store, found, clock, nursery, Many(copier, charts, rules))
    render = _renderer(settings, catalogue, clock)
    leave, zone = partial(services.users.set_reachable, reachable=False), settings.timezone.key
    delivery = Delivery(store, sender, render, leave, clock, nursery, zone=zone)
    broadcasting = Broadcasting(
        store, copier, sender, _at_once(render), leave, rules, clock, nursery, delivery.pace, zone=zone
    )
    edge = Edge(
        Parts(
            services=services,
            charts=charts,
            catalogue=catalogue,
            sender=sender,
            deliver=delivery.answer,
            clock=clock,
            nursery=nursery,
            zone=settings.timezone,
            flood=Flood(),
        ),
        families(),
    )
    builder = ApplicationBuilder().token(token).base_url(f"{settings.telegram_api_url}/bot").updater(None)
    library = edge.fill(builder.request(transport).get_updates_request(transport).build())
    intake = Intake(store, edge.run, clock, nursery, edge.express)
    poll = Poll(api, intake, clock)
    boards = Menus(api, lambda: services.users.admins, partial(menus, edge.commands, catalogue))
    figures = [intake.figures, api.figures, sender.figures, poll.figures, store.figures, delivery.figures]
    services.health.listen(
        [edge.fault, poll.fault],
        figures,
        [services.trading.figures, services.swaps.figures, services.alerts.figures],
        found.tallies.values(),
    )
    servers = _servers(settings, services, catalogue, intake, clock)
    return App(
        settings, clock, nursery, Ticks(), store, transport, api, library, found, charts, services, catalogue,
        edge, intake, poll, delivery, broadcasting, boards, servers, [],
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Many:
    """What it takes to speak to many at once."""

    copier: Copier
    charts: Charts
    rules: Rules


def _market_picture(charts: Charts) -> Draw:
    async def draw(series: Series) -> bytes:
        return (await charts.picture(series, title="Market cap · 7d")).content

    return draw


def _servers(
    settings: Settings, services: Services, catalogue: Catalogue, intake: Intake, clock: Clock
) -> list[Server]:
    """The private side first."""
    servers = [Server(private.application(services.health), settings.metrics_listen)]
    if settings.public_url:
        pages = KeyPage(services.handover, services.accounts, catalogue, clock).routes()
        accept = intake.accept if settings.updates == "webhook" else None
        servers.append(Server(public.application(pages, accept, settings.webhook_secret.reveal()), settings.listen))
    return servers


def _at_once(render: Render) -> Callable[[Notice, User | None], Reply]:
    return lambda notice, user: render(notice, user, 0)


def _renderer(settings: Settings, catalogue: Catalogue, clock: Clock) -> Render:
    """A notice in its reader's words; of one that comes late, of when it is."""

    def render(notice: Notice, user: User | None, late_since_ms: int) -> Reply:
        texts, now = catalogue.pick(user.language if user else ""), clock.now()
        reply, zone = notices.render(notice, texts, now), (user.timezone if user else "") or settings.timezone.key
        return notices.late(reply, late_since_ms, texts, now, zone) if late_since_ms else reply

    return render


def _services(
    settings: Settings,
    store: Store,
    found: Vendors,
    clock: Clock,
    nursery: Nursery,
    many: Many,
) -> Services:
    source, exchanges, provider = found.source, found.exchanges, found.swaps
    users, demanded = Users(store, settings.access, settings.admin_ids), settings.second_step == "required"
    prices = Prices(source, clock, nursery)
    swap_keys = {provider.traits.name: SwapKeys(provider)} if provider else {}
    accounts = Accounts(store, exchanges, clock, swap_keys)
    most = Limits(settings.most_per_order_usd, settings.most_per_day_usd)
    markets = Markets(exchanges, clock, nursery, offered)
    references = References(exchanges, markets, prices, clock)
    desk = Desk(store, exchanges, accounts, references, clock, most, settings.admin_ids)
    swaps = Swaps(desk, provider, nursery, quota=settings.swaps_per_day, poll_s=settings.swap_poll_seconds)
    keys: Mapping[str, KeyVendor] = {**exchanges, **swap_keys}
    return Services(
        prices=prices,
        users=users,
        dialogs=Dialogs(store),
        telling=Telling(store, settings.timezone.key),
        upkeep=Upkeep(store),
        health=DeskHealth(store, clock),
        put_back=PutBack(store, lambda: users.admins),
        accounts=accounts,
        addresses=Addresses(store, clock, most_new=settings.new_address_most_usd, demanded=demanded),
        alerts=Alerts(store, prices, clock, settings.timezone.key),
        audit=Audit(store),
        guards=Guards(store, most, demanded=demanded),
        handover=Handover(store, accounts, keys, clock, page=settings.public_url, demanded=demanded),
        markets=markets,
        rates=Rates(prices, markets),
        balances=Balances(accounts, exchanges, markets, prices, clock),
        orders=Orders(store, accounts, exchanges, markets),
        trading=Trading(desk, swaps.ways),
        swaps=swaps,
        broadcasts=Broadcasts(store, many.copier, many.rules),
        summaries=Summaries(store, prices, _market_picture(many.charts), many.rules, clock),
        readers=Readers(store),
    )


def _nonces(store: Store, clock: Clock) -> Nonces:
    """Never a smaller one, over restarts and steps of the clock."""

    async def nonce(key_id: str) -> int:
        at_least = int(clock.now().timestamp() * 1_000_000)
        return await store.write(lambda tx: tx.swaps.next_nonce(key_id, at_least))

    return nonce


def families() -> list[ModuleType]:
    return registry.modules("handlers", must_export="COMMANDS")


async def serve(app: App, stop: asyncio.Event) -> None:
    """Until `stop` is set. Raises BadToken, and OSError where an address is taken. The store is closed in any case."""
    try:
        await _start(app, stop)
        await stop.wait()
    finally:
        await _stop(app)


async def _start(app: App, stop: asyncio.Event) -> None:
    await app.services.users.recover()
    await app.services.trading.recover()
    for server in app.servers:
        app.ports.append(await server.start())
    # That Telegram is down is no reason to be started anew: it is asked until it answers.
    supervisor = Supervisor(app.settings.notify_socket)
    supervisor.tell("READY=1")
    app.nursery.start(supervisor.watch(), "supervisor")
    for job in jobs(app.services):
        app.ticks.every(job.every_s, job.run, job.name, at_once=job.at_once)
    app.ticks.start()
    await introduce(app.library, stop)
    if stop.is_set():
        return
    # Not before the library knows its own name: until then every answer fails, and would be given up.
    app.ticks.every(2, app.intake.catch_up, "intake.catch_up", at_once=True)
    app.nursery.start(app.delivery.run(), "delivery")
    app.nursery.start(app.broadcasting.run(), "broadcasting")
    app.ticks.every(MENUS_EVERY_S, app.menus.tell, "menus", at_once=True)
    if app.settings.updates == "webhook":
        url, secret = app.settings.public_url + public.PATH, app.settings.webhook_secret.reveal()
        app.nursery.start(set_webhook(app.api, url, secret, ALLOWED), "webhook")
        app.ticks.every(60, partial(keep_webhook, app.api, url, secret, ALLOWED), "webhook")
    else:
        app.nursery.start(app.poll.run(), "poll")
    app.nursery.start(_warm(app), "charts.warm")
    app.nursery.start(app.services.health.watch_loop(), "health.loop")
    log.info("ready", bot=app.library.bot.username, updates=app.settings.updates, ports=app.ports)


class Job(NamedTuple):
    name: str
    every_s: float
    at_once: bool
    run: Callable[[], Awaitable[None]]


def jobs(services: Services) -> list[Job]:
    """All of bot.jobs. Nobody waits for what the clock does: people go first wherever it asks for something."""

    async def run(module: ModuleType) -> None:
        with unhurried():
            await module.run(services)

    found = registry.modules("bot.jobs", must_export="run")
    return [Job(each.__name__, each.EVERY, each.AT_ONCE, partial(run, each)) for each in found]


async def _warm(app: App) -> None:
    """The drawing's imports take a second of a core: not while the first to write wait for their answers."""
    await asyncio.sleep(WARM_AFTER_S)
    await app.charts.warm()


async def _stop(app: App) -> None:
    """What runs may finish. Safety does not hang on it: whatever is cut off is found again in the tables."""
    log.info("stopping")
    Supervisor(app.settings.notify_socket).tell("STOPPING=1")
    end = app.clock.monotonic() + STOP_WITHIN_S
    app.ticks.stop()
    app.poll.close()
    for server in app.servers:
        await server.stop()
    try:
        await app.intake.close(end - app.clock.monotonic())
        await app.broadcasting.close(max(0.1, end - app.clock.monotonic()))
        await app.delivery.close(max(0.1, end - app.clock.monotonic()))
        await app.nursery.close()
        await app.charts.close()
        await app.vendors.close()
        await app.transport.shutdown()
    finally:
        app.store.close()
    log.info("stopped")


def tune() -> None:
    """Of the whole process: so that nothing but the loop's own work holds the loop."""
    sys.setswitchinterval(THREAD_TURN_S)
    # What was imported stays for good: looked through again at each full collection it would hold the loop for 60 ms.
    gc.freeze()
    gc.enable()


def run(settings: Settings, store: Store, *, tied: bool = False) -> None:
    """Until SIGTERM or SIGINT, or with `tied` until the input closes; a second signal ends the process at once."""
    logs.set_up(settings.log_level, settings.log_format, settings.secrets())
    asyncio.run(_run(settings, store, tied=tied))


async def _run(settings: Settings, store: Store, *, tied: bool) -> None:
    stop = asyncio.Event()

    def asked_to_stop() -> None:
        if stop.is_set():
            os._exit(1)
        stop.set()

    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, asked_to_stop)
    if tied:
        await _stop_with_input(stop)
    app = build(settings, store)
    tune()
    await serve(app, stop)


async def _stop_with_input(stop: asyncio.Event) -> None:
    """Whoever started us holds the other end: it closes when he goes, even if he is killed."""

    class Watch(asyncio.Protocol):
        def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's interface
            stop.set()

    await asyncio.get_running_loop().connect_read_pipe(Watch, sys.stdin)
