"""Notices of alerts as their service stores them."""

from datetime import timedelta
from decimal import Decimal

from bot.domain.alerts import Alert, Condition, State, Way
from bot.domain.assets import WHOLE_MARKET, Asset, Symbol
from bot.domain.prices import Field
from tests.views.odd import NOW

BTC = Asset(Symbol("BTC"), "BTC", "Bitcoin")
TOTAL = Asset(WHOLE_MARKET, "TOTAL", "All coins")
NOW_MS = int(NOW.timestamp() * 1000)
FIGURE = {"value": "70012.5", "at": NOW_MS - 14_000, "source": "CoinCodex", "since": ""}


def alert(way: Way = Way.ABOVE, target: str = "70000", asset: Asset = BTC, field: Field = Field.PRICE, **more) -> Alert:
    window_s = 3600 if way.moves else 0
    wants = Condition(field, way, Decimal(target), window_s, more.pop("repeat_s", 0), more.pop("until", None))
    return Alert(17, 7, asset, wants, created_at=NOW_MS - 3_600_000, **more)


def values(one: Alert, **more) -> dict[str, object]:
    return {"alert": one.plain, "zone": "Europe/Berlin", **FIGURE, **more}


SAMPLES = {
    "alert_set": values(alert(repeat_s=3600, until=NOW + timedelta(days=6)), value="67412.38", changed=False),
    "alert_deleted": values(alert(state=State.ENDED)),
    "alert_fired": values(alert(fired=1, state=State.ENDED)),
    "alert_ended": values(alert(state=State.ENDED)),
}
