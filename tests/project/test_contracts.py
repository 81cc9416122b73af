"""What keeps the house in order: layers, sizes, and nothing of one machine in what all get."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRODUCT = sorted(path for part in ("bot", "handlers", "storage") for path in (ROOT / part).rglob("*.py"))
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
LONGEST_MODULE = 400
LONGEST_FUNCTION = 50
OF_A_MACHINE = re.compile(rb"/(?:work|root|home|Users)/[\w.]+|/tmp/\w+|[A-Z]:\\\\Users")


def kept() -> list[Path]:
    """What goes to others."""
    folders = ("bot", "handlers", "storage", "tests", "deploy", ".ci")
    found = [path for folder in folders for path in (ROOT / folder).rglob("*")] + list(ROOT.glob("[!.]*"))
    return [path for path in found if path.is_file() and "__pycache__" not in path.parts]


def test_the_import_contracts_are_kept():
    done = subprocess.run(  # noqa: S603  # our own tool
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_every_part_of_the_house_stands_in_the_layers():
    (layers,) = (contract["layers"] for contract in CONTRACTS if contract["type"] == "layers")
    named = {name.strip() for layer in layers for name in layer.split("|")}
    parts = {f"bot.{path.stem}" for path in (ROOT / "bot").glob("[!_]*.py")} | {"bot.__main__"}
    parts |= {f"bot.{path.parent.name}" for path in (ROOT / "bot").glob("*/__init__.py")}
    assert parts | {"handlers", "storage"} == named


def test_the_sandbox_knows_no_part_of_the_inside():
    (foreign,) = (set(each["forbidden_modules"]) for each in CONTRACTS if each.get("source_modules") == ["bot.sandbox"])
    parts = {f"bot.{path.stem}" for path in (ROOT / "bot").glob("[!_]*.py")}
    parts |= {f"bot.{path.parent.name}" for path in (ROOT / "bot").glob("*/__init__.py")} - {"bot.sandbox"}
    assert parts <= foreign


def test_modules_and_functions_stay_readable():
    long = [path for path, source in sources() if len(source.splitlines()) > LONGEST_MODULE]
    long += [
        f"{path}: {node.name}"
        for path, source in sources()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno >= LONGEST_FUNCTION
    ]
    assert not long


def test_a_module_says_what_one_finds_there():
    assert not [path for path, source in sources() if not ast.get_docstring(ast.parse(source))]


def sources() -> Iterator[tuple[str, str]]:
    for path in PRODUCT:
        yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


def test_nothing_names_a_place_on_somebodys_machine():
    own = Path(__file__)
    found = {
        f"{path.relative_to(ROOT)}: {match[0].decode()}"
        for path in kept()
        if path != own
        for match in OF_A_MACHINE.finditer(path.read_bytes())
    }
    assert not found


@pytest.mark.parametrize("path", ["requirements.lock", "tests/requirements.lock"])
def test_the_lock_names_no_index(path: str):
    assert "://" not in (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("family", sorted(path.stem for path in (ROOT / "handlers").glob("[!_]*.py")))
def test_every_family_of_commands_has_its_tests(family: str):
    assert (ROOT / "tests" / "handlers" / f"test_{family}.py").is_file()


@pytest.mark.parametrize(
    "layer", ["domain", "storage", "services", "views", "handlers", "delivery", "providers", "texts"]
)
def test_every_layer_has_its_tests(layer: str):
    assert list((ROOT / "tests" / layer).glob("test_*.py"))
