"""What the README says is so: settings, commands, exit codes, figures, log lines."""

import re
from pathlib import Path

import pytest

from bot import app, cli
from bot.settings import TABLE
from bot.web.metrics import FAMILIES, unnamed
from handlers._telegram import command_table
from tests.desk import Desk

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in README.splitlines() if line.startswith("|")]
COMMANDS = command_table(app.families())


@pytest.mark.parametrize("setting", TABLE, ids=lambda setting: setting.name)
def test_a_setting_stands_in_the_table_and_in_the_example_with_its_default(setting):
    (row,) = [row for row in ROWS if f"`{setting.name}`" in re.split(", ", row[0])]
    assert row[1] == (f"`{setting.default}`" if setting.default else "–")
    assert f"\n#{setting.name}={setting.default}\n" in EXAMPLE


def test_the_example_and_the_table_hold_nothing_else():
    names = {setting.name for setting in TABLE}
    assert set(re.findall(r"^#?([A-Z_]+)=", EXAMPLE, re.MULTILINE)) == names
    told = {name for row in ROWS if re.match("`[A-Z_]+`", row[0]) for name in re.findall("`([A-Z_]+)`", row[0])}
    assert {name for name in told if not name.endswith("_FILE")} == names


@pytest.mark.parametrize("name", sorted({command.name for command in COMMANDS.values() if not command.hidden}))
def test_a_command_is_shown_to_who_reads(name):
    assert any(re.search(rf"`/{name}\b", row[0]) for row in ROWS)


@pytest.mark.parametrize("alias", sorted({alias for command in COMMANDS.values() for alias in command.aliases}))
def test_so_is_its_other_name(alias):
    assert f"`/{alias}`" in README


@pytest.mark.parametrize("run", [run for run, _ in cli.COMMANDS], ids=lambda run: run.__name__)
def test_a_command_of_the_shell_is_told(run):
    name = run.__name__.strip("_").replace("_", "-")
    assert [row for row in ROWS if row[0] in {f"`changedesk {name}`", f"`changedesk {name} FILE`"}]
    assert run.__doc__


def test_no_command_of_the_shell_is_told_that_there_is_not():
    told = {name for row in ROWS for name in re.findall(r"^`changedesk ([\w-]+)", row[0])}
    assert told == {run.__name__.strip("_").replace("_", "-") for run, _ in cli.COMMANDS}


def test_exit_codes_are_told():
    (line,) = re.findall(r"Exit codes: (.*)", README)
    assert re.findall(r"\b\d+\b", line) == ["0", str(cli.FAILED), "2", str(cli.CONFIGURATION), str(cli.INTERRUPTED)]


def test_every_figure_is_told_as_it_stands_on_the_page_and_no_other():
    told = {match[1]: row[1:] for row in ROWS if (match := re.match(r"`changedesk_(\w+)`", row[0]))}
    assert told == {family.name: [family.kind, family.about] for family in FAMILIES}


async def test_every_figure_of_a_desk_at_work_stands_in_that_table(desk: Desk):
    await desk.ready()
    given = await desk.app.services.health.figures()
    assert unnamed(given) == set()


PRODUCT = [path for top in ("bot", "handlers", "storage") for path in (ROOT / top).rglob("*.py")]
LOGGED = "".join(path.read_text(encoding="utf-8") for path in PRODUCT)
LINES = README.partition("| A log line |")[2].partition("\n\n")[0].splitlines()
EVENTS = [event for line in LINES for event in re.findall(r"`([a-z_]+\.[a-z_]+)`", line.split(" | ")[0])]


@pytest.mark.parametrize("event", EVENTS)
def test_a_log_line_that_is_told_is_one_that_is_written(event):
    assert f'"{event}"' in LOGGED


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:bot|handlers|storage|tests|deploy)/[\w./-]+)`", README))))
def test_every_place_it_names_is_there(path):
    assert list(ROOT.glob(path.replace("<code>", "*").rstrip("/"))) or "<" in path


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\((?!https?:)([^)#]+)\)", README))))
def test_every_link_leads_somewhere(link):
    assert (ROOT / link).exists()
