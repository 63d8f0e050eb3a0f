"""The whole product, played: ``./run play`` against every process of it, through its public doors alone."""

import re

import pytest

from tests.journeys.conftest import Product

pytestmark = [pytest.mark.xdist_group("journey"), pytest.mark.timeout(240)]
RANKING = ["France", "Croatia", "Belgium", "England"]


def test_world_cup_is_played_to_its_true_ranking_and_the_books_balance(product: Product) -> None:
    where = ("--url", product.url, "--sms-file", str(product.sms_file))

    played = product.run("-m", "demo.play", *where, "--seed", "2018", "--quiet", seconds=180)

    assert (played.returncode, played.stderr) == (0, "")
    assert re.findall(r"^  \d\. (\w+)", played.stdout, re.MULTILINE) == RANKING
    assert "Antoine Griezmann 3,600,000 · Kylian Mbappé 3,600,000 Rials" in played.stdout
    assert re.search(r"The leaderboard of .+ begins \S+ 400 \(Silver\) · ", played.stdout)
    checked = product.manage("ledger_check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
