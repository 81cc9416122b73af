"""One desk a database: two that poll would take updates from each other."""

import fcntl
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING

from storage.files import give_to_owner

if TYPE_CHECKING:
    from storage.rotation import Rotation

DESK_LOOKS_WITHIN_S = 12


def only_one(database: Path) -> IO[str]:
    """Held until the process ends. Raises BlockingIOError where another desk holds it."""
    database.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = database.with_suffix(".lock").open("w")
    give_to_owner(database.with_suffix(".lock"))
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return lock


def begun(rotation: "Rotation", database: Path) -> bool:
    """Begins it once a desk that runs holds the new key; False where it does not come to it. It looks at its key file
    every few seconds.
    """
    with database.with_suffix(".lock").open("a") as lock:
        for _ in range(DESK_LOOKS_WITHIN_S * 5):
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
                alone = True  # and no desk starts before this file is closed
            except BlockingIOError:
                alone = False
            if alone or rotation.known_to_desk:
                rotation.begin()
                return True
            time.sleep(0.2)
    return False
