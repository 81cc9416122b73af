"""What is kept: one SQLite file, its repositories one noun a file, and the vault that seals what must not be read."""

import sys

# sqlite-utils loads these where they are installed, to store their types, of which we have none: 15 MB and 60 ms.
_HIDDEN = [name for name in ("numpy", "pandas") if name not in sys.modules]
sys.modules.update(dict.fromkeys(_HIDDEN))  # type: ignore[arg-type]  # None: "not to be found", as the import system has it
import sqlite_utils  # noqa: E402, F401  # with those out of its sight

for _name in _HIDDEN:
    del sys.modules[_name]
