"""The page for organisers says what the engine does."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

import tournaments.engine
from tournaments.engine import FORMATS, EntrantId, OptionValue, StageConfig, complete_config, plan_stage
from tournaments.engine.heats import SCORING_PRESETS
from tournaments.engine.ranking import PRESETS

DOCS = Path(tournaments.engine.__file__).parents[2] / "docs"
PAGE = (DOCS / "formats.md").read_text(encoding="utf-8")


def drawing() -> ModuleType:
    spec = importlib.util.spec_from_file_location("pictures", DOCS / "pictures.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_picture_is_what_the_engine_plans() -> None:
    drawn = drawing().pictures()
    kept = {path.name: path.read_text(encoding="utf-8") for path in (DOCS / "formats").glob("*.svg")}
    assert kept == drawn, "python docs/pictures.py draws them again"


def test_every_picture_is_on_the_page() -> None:
    assert sorted(re.findall(r"\(formats/(\w+\.svg)\)", PAGE)) == sorted(
        path.name for path in (DOCS / "formats").glob("*.svg")
    )


@pytest.mark.parametrize("format_", sorted(FORMATS))
def test_every_format_is_on_the_page_with_its_options(format_: str) -> None:
    assert f"[`{format_}`]" in PAGE
    for option in FORMATS[format_].options:
        assert f"`{option.name}`" in PAGE, option.name


def test_every_ranking_is_on_the_page() -> None:
    table = PAGE[PAGE.index("| `ranking` | metrics |") : PAGE.index("Or give your own list")]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)[1:] == list(PRESETS)
    for preset in SCORING_PRESETS:
        assert preset in PAGE


COUNTS: list[tuple[str, int, int, dict[str, OptionValue]]] = [
    ("single_elimination", 8, 7, {}),
    ("single_elimination", 64, 63, {}),
    ("double_elimination", 8, 15, {}),
    ("double_elimination", 16, 31, {}),
    ("double_elimination", 64, 127, {}),
    ("gsl", 4, 5, {}),
    ("stepladder", 64, 63, {}),
    ("round_robin", 8, 28, {}),
    ("round_robin", 64, 2016, {}),
    ("groups", 8, 12, {"group_count": 2}),
    ("groups", 64, 96, {"group_count": 16}),
    ("swiss", 16, 32, {}),
    ("swiss", 64, 192, {}),
    ("swiss_limited", 8, 10, {"wins": 2, "losses": 2}),
    ("swiss_limited", 16, 33, {}),
    ("swiss_limited", 64, 132, {}),
]


@pytest.mark.parametrize(("format_", "entrants", "matches", "options"), COUNTS)
def test_the_page_counts_matches_right(
    format_: str, entrants: int, matches: int, options: dict[str, OptionValue]
) -> None:
    seeds = [EntrantId(str(seed)) for seed in range(1, entrants + 1)]
    assert len(plan_stage(StageConfig(format_, options), seeds).matches) == matches
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| [`{format_}`]"))
    assert f"{matches:,}" in row


def test_the_example_of_a_ranking_is_legal() -> None:
    complete_config(StageConfig("round_robin", {"ranking": ("POINTS", "GAME_DIFF", "H2H", "PLAYOFF")}))
