"""What is handed to those who run the desk: the unit is hardened, and every name in these files is one there is."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bot.settings import TABLE
from bot.web.metrics import FAMILIES, PREFIX

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
NAMES = {setting.name for setting in TABLE} | {f"{setting.name}_FILE" for setting in TABLE}
HARDENED = [
    "DynamicUser=yes",
    "StateDirectory=changedesk",
    "LoadCredentialEncrypted=vault_key:/etc/changedesk/vault_key.cred",
    "ProtectSystem=strict",
    "ProtectHome=yes",
    "PrivateTmp=yes",
    "PrivateDevices=yes",
    "NoNewPrivileges=yes",
    "MemoryDenyWriteExecute=yes",
    "SystemCallFilter=@system-service",
    "LimitCORE=0",
    "MemorySwapMax=0",
    "UMask=0077",
    "Restart=on-failure",
    "TimeoutStopSec=45",
    "WatchdogSec=60",
    "Type=notify",
    "CapabilityBoundingSet=",
]
WORST = 20
"""Tenths: 2.0 of systemd's own scale, on which 10 is wide open."""


def text(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("directive", HARDENED)
def test_the_unit_is_hardened_by(directive: str):
    assert directive in text("changedesk.service").splitlines()


def test_a_wrong_key_or_setting_is_not_tried_for_ever():
    assert "RestartPreventExitStatus=2 78" in text("changedesk.service")
    assert re.search(r"RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX\n", text("changedesk.service"))


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="this machine has no systemd to ask")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_systemd_itself_calls_it_safe(unit: Path):
    done = subprocess.run(  # noqa: S603  # systemd's own tool
        ["systemd-analyze", "security", "--offline=true", f"--threshold={WORST}", str(unit)],  # noqa: S607
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-200:] + done.stderr


def test_alerts_are_about_figures_there_are():
    named = set(re.findall(r"\bchangedesk_\w+", text("alerts.yml")))
    assert named
    assert named <= {PREFIX + family.name for family in FAMILIES}


@pytest.mark.parametrize("file", ["changedesk.service", "changedesk-backup.service", "Containerfile", "compose.yaml"])
def test_settings_are_ones_there_are(file: str):
    foreign = {"PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "XDG_CACHE_HOME", "MPLCONFIGDIR"}
    named = set(re.findall(r"(?:Environment=|ENV |\s)([A-Z][A-Z_]{4,})(?:=|: )", text(file)))
    assert {name for name in named if name not in foreign} <= NAMES


def test_the_container_holds_no_secret_and_runs_as_nobody_in_particular():
    assert "USER 10001" in text("Containerfile")
    compose = text("compose.yaml")
    assert "BOT_TOKEN:" not in compose
    assert all(word in compose for word in ("read_only: true", "cap_drop: [ALL]", "no-new-privileges:true", "core: 0"))
