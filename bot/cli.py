"""The command line. Exit codes: 0 done or stopped, 1 it did not work, 2 usage, 78 configuration or key, 130 Ctrl-C.

What a command needs is imported when it runs, so that each starts as fast as it can.
"""

import argparse
import gc
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from bot import settings as settings_table
from bot.settings import Settings, SettingsError

if TYPE_CHECKING:
    from storage.vault import KeySource

FAILED, CONFIGURATION, INTERRUPTED = 1, 78, 130


def main(argv: Sequence[str] | None = None) -> NoReturn:
    parser = argparse.ArgumentParser(prog="changedesk", description="A self-hosted Telegram desk.")
    commands = parser.add_subparsers(required=True, metavar="command")
    for run, add_arguments in COMMANDS:
        name, about = run.__name__.strip("_").replace("_", "-"), (run.__doc__ or "").partition("\n")[0]
        command = commands.add_parser(name, help=about, description=run.__doc__)
        command.set_defaults(run=run)
        add_arguments(command)
    arguments = parser.parse_args(argv)
    try:
        sys.exit(arguments.run(arguments))
    except KeyboardInterrupt:
        print("changedesk: stopped before it was done", file=sys.stderr)
        sys.exit(INTERRUPTED)


def run(arguments: argparse.Namespace) -> int:
    """Run the desk until SIGTERM."""
    settings = _settings()
    if not settings.bot_token:
        return _fault("BOT_TOKEN is not set; without one there is the sandbox: python -m bot sandbox")
    return _run(settings, tied=arguments.tied)


def sandbox(arguments: argparse.Namespace) -> int:
    """Run the desk in a world of its own, with a chat page for the browser; no account anywhere."""
    from bot import tryout  # noqa: PLC0415

    try:
        return tryout.run(arguments.port)
    except tryout.NoWorld as error:
        return _fault(str(error))


def start(arguments: argparse.Namespace) -> int:
    """What `make run` does: the desk where BOT_TOKEN is set, else the sandbox."""
    return _run(settings) if (settings := _settings()).bot_token else sandbox(arguments)


def check(arguments: argparse.Namespace) -> int:  # noqa: ARG001
    """Print every setting, secrets masked, and every fault at once."""
    for name, value, about in settings_table.shown():
        print(f"{name:<20} {value:<34} {about}")
    try:
        settings = settings_table.read()
    except SettingsError as error:
        faults = error.faults
    else:
        faults = [*_unsound_keys(settings), *_unsound_vault_key(settings)]
    if faults:
        print()
        return _fault(*faults)
    return 0


def new_key(arguments: argparse.Namespace) -> int:  # noqa: ARG001
    """Print a new vault key, to be kept apart from the database and its backups."""
    from storage.vault import new_key as make  # noqa: PLC0415

    print(make())
    return 0


def rotate_key(arguments: argparse.Namespace) -> int:  # noqa: ARG001
    """Make the first key of the vault's key file the primary one; the desk may run meanwhile. Run it again at will."""
    from bot.domain.errors import Unavailable  # noqa: PLC0415
    from bot.scheduler import SystemClock  # noqa: PLC0415
    from storage.lock import begun  # noqa: PLC0415
    from storage.rotation import Rotation  # noqa: PLC0415
    from storage.vault import VaultError  # noqa: PLC0415

    settings = _settings()
    try:
        rotation = Rotation(settings.database_path, _key_source(settings), SystemClock())
        if not begun(rotation, settings.database_path):
            return _fault(
                "the desk that runs does not hold the new key: start it anew with the same keys, and run again"
            )
        for moved in rotation.batches():
            print(f"{moved} data keys wrapped anew, {rotation.left()} left", flush=True)
        left = rotation.left()
        rotation.close()
    except VaultError as error:
        return _fault(str(error))
    except Unavailable:
        print("the database takes no writes; run it again, it goes on where it was")
        return FAILED
    print(f"{left} data keys are not under the vault key named {rotation.kek_id}.")
    if left:
        print(
            "They do not open with the key they name: the database was altered. Their owners connect their keys anew."
        )
        return FAILED
    print("Keep the old key in its line until the last backup that needs it is gone; then take the line out.")
    return 0


def backup(arguments: argparse.Namespace) -> int:
    """Copy the database, while the desk runs, to a new file; - for the output, to be sealed by what reads it."""
    from bot.domain.errors import Unavailable  # noqa: PLC0415
    from bot.scheduler import SystemClock  # noqa: PLC0415
    from storage.backups import BackupError, back_up, note  # noqa: PLC0415

    database, file = _settings().database_path, Path(arguments.file)
    if not database.exists():
        return _fault(f"DATABASE_URL: there is no database at {database}")
    if arguments.file != "-" and file.exists():
        return _failed(f"{file} is there already: a backup takes the place of nothing")
    try:
        if arguments.file == "-":
            _stream_copy(database)
        else:
            back_up(database, file)
        note(database, int(SystemClock().now().timestamp() * 1000))
    except BackupError as error:
        return _failed(str(error))
    except (Unavailable, OSError) as error:
        return _failed(f"the copy was made, but could not be noted or handed on ({type(error).__name__})")
    print(f"copied {database}", file=sys.stderr)
    return 0


def restore(arguments: argparse.Namespace) -> int:
    """Put a backup in the database's place, with no desk running; - for the input. Looks whether it is whole first."""
    from bot.scheduler import SystemClock  # noqa: PLC0415
    from storage.backups import BackupError  # noqa: PLC0415
    from storage.lock import only_one  # noqa: PLC0415
    from storage.restoring import restore as put_back  # noqa: PLC0415
    from storage.vault import VaultError  # noqa: PLC0415

    settings = _settings()
    database = settings.database_path
    try:
        _alone = only_one(database)
        with sys.stdin.buffer if arguments.file == "-" else Path(arguments.file).open("rb") as file:
            done = put_back(database, file, _key_source(settings), SystemClock())
    except BlockingIOError:
        return _failed(f"{database}: a desk is running on it; stop it first")
    except (BackupError, OSError) as error:
        return _failed(str(error))
    except VaultError as error:
        return _fault(str(error))
    print(f"{database} is put back. Start the desk: it sends no order until it has asked what became of the last ones.")
    if done.replaced:
        print(f"What was there is {done.replaced}: delete it once you need it no more.")
    if not done.ledger:
        print(f"No {database.with_suffix('.forgotten').name} lies beside it: who asked to be forgotten since is back.")
    return 0


def migrate(arguments: argparse.Namespace) -> int:  # noqa: ARG001
    """Bring the database's schema up to date; a copy of it stays beside it."""
    from bot.domain.errors import Unavailable  # noqa: PLC0415
    from storage.backups import BackupError  # noqa: PLC0415
    from storage.store import migrate as bring_up  # noqa: PLC0415
    from storage.vault import VaultError  # noqa: PLC0415

    database = _settings().database_path
    try:
        taken = bring_up(database)
    except VaultError as error:
        return _fault(str(error))
    except BackupError as error:
        return _failed(f"the schema stays as it is: {error}")
    except Unavailable:
        return _fault(f"DATABASE_URL: {database} cannot be opened")
    print("\n".join(taken) or "up to date")
    return 0


def health(arguments: argparse.Namespace) -> int:  # noqa: ARG001
    """Ask the running desk whether it is ready; exit 1 where it is not, with its reasons."""
    import httpx  # noqa: PLC0415

    address = _settings().metrics_listen
    try:
        answer = httpx.get(f"http://{address}/readyz", timeout=5, trust_env=False)
        faults = answer.json()["faults"]
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        print(f"no desk answers at {address}")
        return FAILED
    print("\n".join(faults) or "ready")
    return 0 if answer.status_code == 200 else FAILED


def doctor(arguments: argparse.Namespace) -> int:  # noqa: ARG001
    """Say in words what is wrong with this installation; changes nothing. Exit 1 where something is."""
    import asyncio  # noqa: PLC0415

    from bot import logs  # noqa: PLC0415
    from bot.doctor import Level, look  # noqa: PLC0415
    from bot.scheduler import SystemClock  # noqa: PLC0415

    async def round_() -> int:
        faults = 0
        async for finding in look(settings, _key_source(settings), SystemClock()):
            print(finding, flush=True)
            faults += finding.level is Level.FAULT
        return faults

    settings = _settings()
    logs.set_up("critical", "text", settings.secrets())  # what the desk would log is said in words here
    faults = asyncio.run(round_())
    print(f"\n{faults} faults" if faults else "\nnothing wrong")
    return FAILED if faults else 0


def export(arguments: argparse.Namespace) -> int:
    """Write coins' history as a wide table, ready for modelling."""
    from bot.export import run as run_export  # noqa: PLC0415

    return run_export(_settings(), arguments)


def _run(settings: Settings, *, tied: bool = False) -> int:
    gc.disable()  # until `app.tune`: what is imported stays, and to look through it as it grows takes 0.15 s
    from bot import app, logs  # noqa: PLC0415
    from bot.domain.errors import Unavailable  # noqa: PLC0415
    from bot.scheduler import SystemClock  # noqa: PLC0415
    from bot.telegram.setup import BadToken  # noqa: PLC0415
    from storage.backups import BackupError  # noqa: PLC0415
    from storage.lock import only_one  # noqa: PLC0415
    from storage.store import open_store  # noqa: PLC0415
    from storage.vault import VaultError  # noqa: PLC0415

    logs.set_up(settings.log_level, settings.log_format, settings.secrets())
    database = settings.database_path
    source = _key_source(settings)
    try:
        _alone = only_one(database)
        store, made = open_store(database, source, SystemClock())
        if made:
            _tell_of_new_key(source.beside)
        app.run(settings, store, tied=tied)
    except VaultError as error:
        return _fault(str(error))
    except BackupError as error:
        return _failed(f"the schema has to change, and before that: {error}")
    except BadToken:
        return _fault("BOT_TOKEN: Telegram does not know it")
    except Unavailable:
        return _fault(f"DATABASE_URL: {database} cannot be opened")
    except (BlockingIOError, OSError) as error:
        return _fault(
            f"{database}: another desk is running on it" if isinstance(error, BlockingIOError) else str(error)
        )
    return 0


def _key_source(settings: Settings) -> "KeySource":
    from storage.vault import KeySource  # noqa: PLC0415

    beside = settings.database_path.with_suffix(".key")
    return KeySource(settings.credentials_dir, settings.vault_key_file, settings.vault_key.reveal(), beside)


def _stream_copy(database: Path) -> None:
    """By way of a file: what is read while it is written to would be no copy. Raises BackupError, OSError."""
    from storage.backups import back_up  # noqa: PLC0415

    copy = database.with_name(f"{database.stem}.outgoing.db")
    try:
        back_up(database, copy)
        with copy.open("rb") as file:
            shutil.copyfileobj(file, sys.stdout.buffer, 1 << 20)
        sys.stdout.buffer.flush()
    finally:
        copy.unlink(missing_ok=True)


def _tell_of_new_key(path: Path) -> None:
    rule = "=" * 78
    print(
        f"{rule}\nA vault key was made for this new database: {path}\n"
        "Without it nothing sealed can ever be read again. Keep a copy of it, apart from the\n"
        f"database and from its backups.\n{rule}",
        file=sys.stderr,
    )


def _unsound_keys(settings: Settings) -> list[str]:
    """What the form of a key does not tell."""
    if settings.changelly_dialect != "v2" or not settings.changelly_private_key:
        return []
    from bot.providers.swaps import BadKey, require_private_key  # noqa: PLC0415

    try:
        require_private_key(settings.changelly_private_key.reveal())
    except BadKey as error:
        return [f"CHANGELLY_PRIVATE_KEY: is not {error}"]
    return []


def _unsound_vault_key(settings: Settings) -> list[str]:
    """Whether it is a key at all; if it is the database's own, the start tells."""
    from storage.vault import VaultError  # noqa: PLC0415

    try:
        _key_source(settings).find()
    except VaultError as error:
        return [str(error)]
    return []


def _settings() -> Settings:
    try:
        settings = settings_table.read()
    except SettingsError as error:
        sys.exit(_fault(*error.faults))
    if faults := _unsound_keys(settings):
        sys.exit(_fault(*faults))
    return settings


def _fault(*faults: str) -> int:
    for fault in faults:
        print(f"changedesk: {fault}", file=sys.stderr)
    return CONFIGURATION


def _failed(why: str) -> int:
    print(f"changedesk: {why}", file=sys.stderr)
    return FAILED


def _nothing(parser: argparse.ArgumentParser) -> None:
    """This command takes no arguments."""


def _for_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tied", action="store_true", help="stop when the input closes")


def _for_sandbox(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=8090, help="of the chat page; 0: any free one (default: 8090)")


def _for_backup(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="which must not exist yet; - for the output")


def _for_restore(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="that `backup` made; - for the input")


def _for_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("coins", nargs="+", metavar="COIN", help="tickers or names; SUM_ALL_COINS: the whole market")
    parser.add_argument("--period", default="30d", help="1d 7d 30d 3m 1y all (default: 30d)")
    parser.add_argument("--every", default="", help="step of the grid, such as 1h, 1d (default: what fits the data)")
    parser.add_argument("--fields", default="", help="any of price,cap,volume (default: price; of the market cap)")
    parser.add_argument("--samples", default="md", help="how densely: sm md lg (default: md)")
    parser.add_argument("--raw", action="store_true", help="the source's own times instead of a grid")
    parser.add_argument("--out", type=Path, required=True, help="file to write: .csv or .parquet")


Command = Callable[[argparse.Namespace], int]
COMMANDS: tuple[tuple[Command, Callable[[argparse.ArgumentParser], None]], ...] = (
    (start, _for_sandbox),
    (run, _for_run),
    (sandbox, _for_sandbox),
    (check, _nothing),
    (new_key, _nothing),
    (rotate_key, _nothing),
    (backup, _for_backup),
    (restore, _for_restore),
    (migrate, _nothing),
    (health, _nothing),
    (doctor, _nothing),
    (export, _for_export),
)
