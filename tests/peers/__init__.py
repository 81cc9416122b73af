"""Other people's test benches around our desk. `make test` installs them beside the environment, not into it."""

import os
import sys
from pathlib import Path

import pytest

INSTALLED = Path(sys.prefix, "peers")

if INSTALLED.is_dir():
    # Behind all else: where a bench wants another version of what the desk uses, the desk's own is what counts.
    sys.path.append(str(INSTALLED))
elif os.environ.get("CHANGEDESK_CI") == "1":  # noqa: TID251  # whether a bench may be missing is no setting of the bot
    pytest.fail("tg-auto-test is not installed, and where the whole suite must run it may not be missing: `make test`")
else:
    pytest.skip("tg-auto-test is not installed: `make test` does it", allow_module_level=True)
