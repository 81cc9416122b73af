"""Other people's benches around our desk, and their clients at our stand-ins; installed beside the environment."""

import os
import sys
from pathlib import Path

import pytest

INSTALLED = Path(sys.prefix, "peers")

if INSTALLED.is_dir():
    # Behind all else: where a bench wants another version of what the desk uses, the desk's own is what counts.
    sys.path.append(str(INSTALLED))
elif os.environ.get("CHANGEDESK_CI") == "1":  # noqa: TID251  # whether a bench may be missing is no setting of the bot
    pytest.fail("other people's clients are missing, and where the whole suite must run they may not: `make test`")
else:
    pytest.skip("other people's clients are missing: `make test` installs them", allow_module_level=True)
