"""The one table of settings: name, type, default, help, secret or not. Read once, checked whole, masked when shown.

Every secret may also be given as NAME_FILE. A `.env` file beside the process is read; the environment wins over it.
"""

import os
import re
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from bot.domain.users import Access

_TEXTS = Path(__file__).parent / "texts"


class Secret:
    """A value that hides itself: only `reveal` gives it away."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return "Secret(****)" if self._value else "Secret()"

    __str__ = __repr__


class SettingsError(Exception):
    """Every fault of the settings at once, one line each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to listen. Port 0 is any free one."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def text(value: str) -> str:
    return value


def url(value: str) -> str:
    """Plain http only toward loopback: anything else would send secrets in the clear."""
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("an address such as https://example.org")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("https, or http to loopback only")
    return value.rstrip("/")


def proxy(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https", "socks5", "socks5h"} or not parts.hostname:
        raise ValueError("http://host:port or socks5://host:port")
    return value


def endpoint(value: str) -> Endpoint:
    host, _, port = value.rpartition(":")
    if not host or not re.fullmatch(r"[0-9]{1,5}", port) or int(port) > 65535:
        raise ValueError("host:port, such as 127.0.0.1:8080")
    return Endpoint(host.strip("[]"), int(port))


def ids(value: str) -> frozenset[int]:
    parts = [part.strip() for part in value.split(",") if part.strip()]
    if not all(re.fullmatch(r"[1-9][0-9]{0,18}", part, re.ASCII) for part in parts):
        raise ValueError("numeric user ids, separated by commas, such as 123456,789012")
    return frozenset(map(int, parts))


def timezone(value: str) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError("a zone of the IANA list, such as Europe/Berlin") from None


def choice(*allowed: str) -> Callable[[str], str]:
    def one_of(value: str) -> str:
        if value.lower() not in allowed:
            raise ValueError("one of " + ", ".join(allowed))
        return value.lower()

    return one_of


def language(value: str) -> str:
    """The folder of the catalogues is their index."""
    found = sorted(path.stem for path in _TEXTS.glob("*.po"))
    return choice(*found)(value)


def exchanges(value: str) -> tuple[str, ...]:
    """Former names are taken for today's."""
    given = (part.strip().lower() for part in value.split(","))
    return names(*EXCHANGES)(",".join(dict.fromkeys(_FORMER_NAMES.get(name, name) for name in given)))


def usd(value: str) -> Decimal:
    if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,2})?", value, re.ASCII) or not Decimal(value):
        raise ValueError("an amount of US dollars, such as 1000")
    return Decimal(value)


def number(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", value, re.ASCII):
        raise ValueError("a whole number, such as 100")
    return int(value)


def pause(value: str) -> int:
    if not 5 <= number(value) <= 600:
        raise ValueError("5 to 600 seconds")
    return number(value)


def names(*allowed: str) -> Callable[[str], tuple[str, ...]]:
    def some_of(value: str) -> tuple[str, ...]:
        chosen = tuple(part.strip().lower() for part in value.split(",") if part.strip())
        if unknown := [part for part in chosen if part not in allowed]:
            raise ValueError(f"{', '.join(unknown)}: known are " + ", ".join(allowed))
        return chosen

    return some_of


def token(value: str) -> str:
    if not re.fullmatch(r"[0-9]{3,20}:[A-Za-z0-9_-]{10,100}", value, re.ASCII):
        raise ValueError("a bot token as BotFather gives it, such as 123456:ABC-def…")
    return value


def webhook_secret(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", value, re.ASCII):
        raise ValueError("1 to 256 of A-Z a-z 0-9 _ -")
    return value


def private_key(value: str) -> str:
    """Its form; whether it is a key is seen where it is used."""
    if not re.fullmatch(r"30(?:[0-9a-fA-F]{2}){600,3000}", value, re.ASCII):
        raise ValueError("an RSA private key as Changelly gives it: PKCS#8 DER in hex, one line, without PEM")
    return value


def access(value: str) -> Access:
    return Access(choice(*Access)(value))


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table. `default` is given as text, like a value from the environment; empty: not set."""

    name: str
    parse: Callable[[str], object]
    default: str
    help: str
    secret: bool = False


PARTS = ("telegram", "coincodex", "exchanges", "changelly")
EXCHANGES = ("binance", "okx", "htx", "bitfinex")
DIALECTS = ("v2", "v1", "rest")
_FORMER_NAMES = {"okex": "okx", "huobi": "htx"}

TABLE = (
    Setting("BOT_TOKEN", token, "", "Telegram token; absent: `make run` starts the sandbox", secret=True),
    Setting("TELEGRAM_API_URL", url, "https://api.telegram.org", "root of the Bot API"),
    Setting("ADMIN_IDS", ids, "", "numeric Telegram user ids of the admins, comma-separated"),
    Setting("ACCESS", access, "approval", "who may use money commands: approval, open or list"),
    Setting("DATABASE_URL", text, "sqlite:///data/changedesk.db", "where everything is kept"),
    Setting("VAULT_KEY", text, "", "32 random bytes in base64; VAULT_KEY_FILE is the better place", secret=True),
    Setting("COINCODEX_URL", url, "https://coincodex.com", "root of CoinCodex"),
    Setting(
        "EXCHANGES", exchanges, ",".join(EXCHANGES), "exchanges that are on; the first is meant where none is named"
    ),
    Setting("BINANCE_URL", url, "", "in place of scheme and host of Binance's API"),
    Setting("OKX_URL", url, "", "in place of scheme and host of OKX's API"),
    Setting("HTX_URL", url, "", "in place of scheme and host of HTX's API"),
    Setting("BITFINEX_URL", url, "", "in place of scheme and host of Bitfinex's API"),
    Setting("CHANGELLY_URL", url, "https://api.changelly.com", "root of Changelly"),
    Setting("CHANGELLY_DIALECT", choice(*DIALECTS), "v2", "what is spoken there: v2, v1 or rest"),
    Setting("CHANGELLY_API_KEY", text, "", "the operator's key for v1 and rest; v2 derives its own", secret=True),
    Setting("CHANGELLY_SECRET", text, "", "its secret, for v1 and rest", secret=True),
    Setting("CHANGELLY_PRIVATE_KEY", private_key, "", "the operator's private key for v2: DER in hex", secret=True),
    Setting("SWAP_POLL_SECONDS", pause, "20", "how often a swap is looked after while its money moves"),
    Setting("SWAPS_PER_DAY", number, "10", "swaps a person may make in one day, UTC, under the operator's key"),
    Setting(
        "MOST_PER_ORDER_USD", usd, "1000", "largest order; a person may lower or raise his own within MOST_PER_DAY_USD"
    ),
    Setting("MOST_PER_DAY_USD", usd, "5000", "largest sum of a person's orders in one day, UTC"),
    Setting("NEW_ADDRESS_MOST_USD", usd, "1000", "largest swap to an address that is less than a day in the book"),
    Setting(
        "SECOND_STEP", choice("optional", "required"), "optional", "a code from an app before keys and limits change"
    ),
    Setting("BROADCAST_TYPED_ABOVE", number, "100", "for more people than this, the number is typed first"),
    Setting("PROXY_URL", proxy, "", "http or socks5 proxy for calls to the outside", secret=True),
    Setting("PROXY_FOR", names(*PARTS), ",".join(PARTS), "which calls take the proxy"),
    Setting("UPDATES", choice("polling", "webhook"), "polling", "how updates come: polling or webhook"),
    Setting("PUBLIC_URL", url, "", "the address under which LISTEN is reached from outside"),
    Setting("WEBHOOK_SECRET", webhook_secret, "", "what Telegram shows with each webhook call", secret=True),
    Setting("LISTEN", endpoint, "127.0.0.1:8080", "public side: webhook and one-time key page"),
    Setting("METRICS_LISTEN", endpoint, "127.0.0.1:9090", "private side: health, readiness, metrics"),
    Setting("LANGUAGE", language, "en", "language before a person has chosen"),
    Setting("TIMEZONE", timezone, "UTC", "time zone before a person has chosen"),
    Setting("LOG_LEVEL", choice("debug", "info", "warning", "error"), "info", "how much is logged"),
    Setting("LOG_FORMAT", choice("text", "json"), "text", "json for machines"),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, parsed. An attribute a setting, in lower case."""

    bot_token: Secret
    telegram_api_url: str
    admin_ids: frozenset[int]
    access: Access
    database_url: str
    vault_key: Secret
    vault_key_file: Path | None
    credentials_dir: Path | None
    notify_socket: str
    coincodex_url: str
    exchanges: tuple[str, ...]
    binance_url: str
    okx_url: str
    htx_url: str
    bitfinex_url: str
    changelly_url: str
    changelly_dialect: str
    changelly_api_key: Secret
    changelly_secret: Secret
    changelly_private_key: Secret
    swap_poll_seconds: int
    swaps_per_day: int
    most_per_order_usd: Decimal
    most_per_day_usd: Decimal
    new_address_most_usd: Decimal
    second_step: str
    broadcast_typed_above: int
    proxy_url: Secret
    proxy_for: tuple[str, ...]
    updates: str
    public_url: str
    webhook_secret: Secret
    listen: Endpoint
    metrics_listen: Endpoint
    language: str
    timezone: ZoneInfo
    log_level: str
    log_format: str

    def exchange_url(self, name: str) -> str:
        """What takes the place of scheme and host of this exchange's API; empty for its own."""
        return str(getattr(self, f"{name}_url"))

    @property
    def database_path(self) -> Path:
        return Path(self.database_url.removeprefix("sqlite:///"))

    def proxy(self, part: str) -> str | None:
        """The proxy for calls to one part of the outside, or None."""
        return self.proxy_url.reveal() or None if part in self.proxy_for else None

    def secrets(self) -> list[str]:
        """Every secret value, for the filter that keeps them out of the log."""
        held = (
            self.bot_token,
            self.webhook_secret,
            self.proxy_url,
            self.changelly_api_key,
            self.changelly_secret,
            self.changelly_private_key,
        )
        return [*(secret.reveal() for secret in held if secret), *self.vault_key.reveal().split()]


def is_loopback(host: str) -> bool:
    return host in {"localhost", "::1"} or bool(re.fullmatch(r"127(\.[0-9]{1,3}){3}", host, re.ASCII))


def read(environment: Mapping[str, str] | None = None, dotenv: Path = Path(".env")) -> Settings:
    """Raises SettingsError with every fault there is."""
    given = {**_dotenv(dotenv), **(os.environ if environment is None else environment)}
    faults: list[str] = []
    values: dict[str, object] = {}
    for setting in TABLE:
        raw = _raw(setting, given, faults)
        values[setting.name.lower()] = _parsed(setting, raw, faults)
    # systemd tells by these variables where it has put the credentials of a unit, and where it listens.
    places = {
        name: Path(given[name]) if given.get(name) else None for name in ("VAULT_KEY_FILE", "CREDENTIALS_DIRECTORY")
    }
    faults += _combined_faults(values)
    if faults:
        raise SettingsError(faults)
    return Settings(
        vault_key_file=places["VAULT_KEY_FILE"],
        credentials_dir=places["CREDENTIALS_DIRECTORY"],
        notify_socket=given.get("NOTIFY_SOCKET", ""),
        **values,  # type: ignore[arg-type]  # the table gives the types
    )


def shown(environment: Mapping[str, str] | None = None, dotenv: Path = Path(".env")) -> list[tuple[str, str, str]]:
    """Name, value (secrets masked) and help of every setting, whether or not the whole is sound."""
    given = {**_dotenv(dotenv), **(os.environ if environment is None else environment)}
    rows = []
    for setting in TABLE:
        value = given.get(setting.name, "") or setting.default
        if setting.secret:
            value = "****" if value or given.get(f"{setting.name}_FILE") else ""
        rows.append((setting.name, value or "–", setting.help))
    return rows


def _dotenv(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    pairs = (line.removeprefix("export ").split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip().strip("'\"") for name, value in pairs}


def _raw(setting: Setting, given: Mapping[str, str], faults: list[str]) -> str:
    value = given.get(setting.name, "").strip()
    file = given.get(f"{setting.name}_FILE", "").strip()
    # The vault reads its own file: it must see the owner and the mode, and no other part needs the key.
    if not file or not setting.secret or setting.name == "VAULT_KEY":
        return value
    if value:
        faults.append(f"{setting.name}: given both as it is and as {setting.name}_FILE; keep one")
    try:
        if stat.S_IMODE(Path(file).stat().st_mode) & 0o007:
            faults.append(f"{setting.name}_FILE: everyone on this machine may read it; chmod 600")
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        faults.append(f"{setting.name}_FILE: cannot be read ({type(error).__name__})")
        return ""


def _parsed(setting: Setting, raw: str, faults: list[str]) -> object:
    parsed: object = raw
    try:
        parsed = setting.parse(raw or setting.default) if raw or setting.default else _absent(setting)
    except ValueError as error:
        shown_value = "" if setting.secret else f" {raw!r}"
        faults.append(f"{setting.name}:{shown_value} is not {error}")
    return Secret(raw) if setting.secret else parsed


def _absent(setting: Setting) -> object:
    return frozenset() if setting.parse is ids else ""


def _combined_faults(values: Mapping[str, object]) -> list[str]:
    faults = []
    if not re.fullmatch(r"sqlite:///.*[^/]", str(values["database_url"])):
        faults.append("DATABASE_URL: sqlite:///path is the engine there is")
    if values["updates"] == "webhook":
        missing = [name for name in ("PUBLIC_URL", "WEBHOOK_SECRET") if not values[name.lower()]]
        faults += [f"{name}: needed with UPDATES=webhook" for name in missing]
    return faults + _changelly_faults(values)


def _changelly_faults(values: Mapping[str, object]) -> list[str]:
    """Who gives one part of the credentials wants swaps, and gets them only with all that the dialect signs with."""
    dialect = str(values["changelly_dialect"])
    parts = ("CHANGELLY_API_KEY", "CHANGELLY_SECRET", "CHANGELLY_PRIVATE_KEY")
    if dialect not in DIALECTS or not any(values[name.lower()] for name in parts):
        return []
    needed = parts[2:] if dialect == "v2" else parts[:2]
    missing = [name for name in needed if not values[name.lower()]]
    return [f"{name}: needed with CHANGELLY_DIALECT={dialect}" for name in missing]
