"""What `./run bench engine` makes of its measurements. Nothing here depends on how long anything takes."""

import json
import sys

import pytest

from benchmarks.engine import __main__ as command
from benchmarks.engine import matching, ours, positions, report, running
from benchmarks.engine.figures import Figure, Figures, agreement, exponent, goals
from benchmarks.engine.measuring import Stopwatch
from benchmarks.engine.rows import ROWS
from tournaments.engine.swiss.pairing import pair_round

KEYS = [row.key for row in ROWS]
OURS = sorted({contender.work for row in ROWS for contender in row.contenders if contender.program == "engine"})


def figure(*rounds, peak=0, facts=None, trouble=""):
    return Figure([list(times) for times in rounds], facts or [{} for _ in rounds], peak, trouble)


def found(**seconds):
    """Figures of ours with one repetition each, as key_size."""
    figures = Figures()
    for name, value in seconds.items():
        key, _, size = name.rpartition("_")
        figures.cells[key.replace("_", " "), "ours", int(size)] = figure([value])
    return figures


@pytest.mark.parametrize("work", OURS)
def test_every_work_of_ours_is_measured(work, tmp_path):
    size = 16
    path = tmp_path / "positions.jsonl"
    positions.write(size, path)
    lines = list(ours.WORKS[work](ours.Job(size, str(path)), Stopwatch(2, 60.0, lambda: None)))
    rounds = {"swiss": positions.rounds_of(size), "swiss stage": positions.rounds_of(size) - 1}
    assert [len(line["times"]) for line in lines] == [2] * rounds.get(work, 1)
    assert all(line["peak"] >= 0 for line in lines)


def test_what_the_engine_remembers_is_forgotten_before_each_repetition(monkeypatch):
    from tournaments.engine import double

    double._table(8, 1, "reset", ("natural",), False)
    assert double._table.cache_info().currsize
    ours.forget()
    assert double._table.cache_info().currsize == 0


def test_positions_are_the_same_in_every_run_and_read_as_written(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    positions.write(16, one)
    positions.write(16, two)
    assert one.read_bytes() == two.read_bytes()
    assert list(positions.read(one)) == [position for position, _ in positions.tournament(16)]


def test_positions_are_those_of_a_swiss():
    rounds = [position for position, _ in positions.tournament(16)]
    assert len(rounds) == 4
    for number, position in enumerate(rounds):
        assert sum(position.points) == 16 * number
        assert {len(set(row)) for row in position.met} == {number}
        assert sum(position.sides) == 0


@pytest.mark.parametrize("size", [8, 32])
def test_heaviest_edges_are_our_criteria(size):
    """Nobody meets anybody twice, and pairs of equals outweigh all pairs across score groups."""
    for position, _ in positions.tournament(size):
        weights = {frozenset(edge[:2]): edge[2] for edge in matching.edges_of(position, None)}
        pairing = pair_round(position.field())
        assert all(frozenset(pair) in weights for pair in pairing.pairs)
        assert not any(other in position.met[one] for one, other in weights)
        gaps = sum((position.points[a] - position.points[b]) ** 2 for a, b in pairing.pairs)
        assert gaps == pairing.cost.gaps
        level = [weights[frozenset(pair)] for pair in pairing.pairs if len({position.points[at] for at in pair}) == 1]
        uneven = [weight for pair, weight in weights.items() if len({position.points[at] for at in pair}) == 2]
        assert not level or not uneven or min(level) > max(uneven)


def test_sparse_edges_are_some_of_the_dense_ones():
    (*_, (position, _)) = positions.tournament(64)
    dense = {edge[:2] for edge in matching.edges_of(position, None)}
    sparse = {edge[:2] for edge in matching.edges_of(position, 2)}
    assert sparse < dense
    assert {edge[:2] for edge in matching.edges_of(position, 64)} == dense


def test_exponent_is_the_slope():
    assert exponent({512: 1.0, 1024: 2.0, 4096: 8.0}) == pytest.approx(1)
    assert exponent({512: 1.0, 1024: 4.0, 2048: 16.0}) == pytest.approx(2)
    assert exponent({512: 1.0}) is None


def test_growth_leaves_small_and_unfinished_sizes_out():
    figures = found(swiss_128=100.0, swiss_512=1.0, swiss_1024=2.0)
    figures.cells["swiss", "ours", 4096] = figure([99.0], trouble="> 20 s")
    assert figures.growth("swiss", "ours") == pytest.approx(1)


def test_figure_takes_the_best_of_each_round():
    times = figure([3.0, 1.0], [5.0, 9.0])
    assert (times.best, times.median, times.worst) == (3.0, 4.5, 5.0)
    assert times.ratio_to(figure([0.5])) == 2.0


def test_figure_adds_up_the_passes():
    total = Figure()
    total.add([{"times": [2.0], "peak": 5, "gaps": 3}], "")
    total.add([{"times": [1.0], "peak": 4, "gaps": 3}], "> 20 s")
    assert (total.times, total.peak, total.facts, total.trouble) == ([[2.0, 1.0]], 5, [{"gaps": 3}], "> 20 s")
    assert not total.complete


def test_agreement_counts_rounds_that_both_paired():
    mine = figure([1], [1], [1], facts=[{"gaps": gaps, "rematches": 0, "pairs": 2} for gaps in (0, 2, 4)])
    theirs = figure([1], [1], facts=[{"gaps": 0, "rematches": 1, "pairs": 2}, {"gaps": 1, "rematches": 0, "pairs": 2}])
    assert agreement(mine, theirs) == (0, 1, 1)
    assert agreement(mine, Figure()) is None


def test_goals_are_met_missed_or_not_measured():
    figures = found(
        swiss_4096=0.009, swiss_16384=0.051, plan_double_4096=0.003, one_result_64=1.0, one_result_16384=2.1
    )
    by_title = {goal.title: goal for goal in goals(figures, ROWS)}
    assert not by_title["Swiss round of 4,096, worst"].missed
    assert by_title["Swiss round of 16,384, mean"].missed
    assert not by_title["Double elimination of 4,096, planned"].missed
    assert by_title["Double elimination of 16,384, planned"].measured is None
    assert by_title["One result at 16,384 ÷ one result at 64"].missed
    text = report.verdict(list(by_title.values()))
    assert [text.count(word) for word in ("met\n", "MISSED", "not measured")] == [3, 4, 3]


def test_round_that_an_exact_matching_pairs_better_misses_a_goal():
    figures = Figures()
    figures.cells["swiss", "ours", 128] = figure([1], facts=[{"gaps": 2, "rematches": 0, "pairs": 64}])
    figures.cells["swiss", "networkx, dense", 128] = figure([1], facts=[{"gaps": 1, "rematches": 0, "pairs": 64}])
    (goal,) = [goal for goal in goals(figures, ROWS) if "exact" in goal.title]
    assert goal.missed


def test_table_names_who_is_absent_and_who_took_too_long():
    (row,) = [row for row in ROWS if row.key == "plan double"]
    figures = found(plan_double_512=0.001)
    figures.of(row.key, "brackets-manager", 512).trouble = "absent"
    figures.cells[row.key, "tournament-pairings", 512] = figure([0.5], trouble="> 20 s")
    lines = report.table(row, figures).splitlines()
    assert "    brackets-manager            absent" in lines
    assert any(line.startswith("    tournament-pairings") and line.endswith("> 20 s") for line in lines)
    assert any("500.0" in line for line in lines)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0000166, "16.6 µs"), (0.00123, "1.23 ms"), (0.5, "500 ms"), (13.5, "13.5 s")]
)
def test_duration_has_three_digits(seconds, text):
    assert report.duration(seconds) == text


def test_run_without_peers_names_them_and_writes_the_figures(tmp_path, capsys):
    path = tmp_path / "figures.json"
    absent = ["--absent", "brackets-manager=no node", "--absent", "tournament-pairings=no node"]
    command.main(["--quick", "--only", "plan round robin", "--json", str(path), *absent])
    text = capsys.readouterr().out
    assert "absent: tournament-pairings: no node" in text
    assert "tournament-pairings         absent" in text
    written = json.loads(path.read_text())
    assert written["absent"]["brackets-manager"] == "no node"
    (row,) = written["rows"]
    by_name = {contender["name"]: contender["sizes"]["64"] for contender in row["contenders"]}
    assert by_name["ours"]["best"] > 0
    assert by_name["tournament-pairings"] == {"trouble": "absent", "times": [], "facts": []}


def test_job_that_fails_tells_why():
    ran = running.run((sys.executable, "-c", "raise ValueError('no such work')"), {}, 60.0)
    assert ran.lines == []
    assert ran.trouble == "failed: ValueError: no such work"


def test_lines_of_a_job_are_read_and_its_announcements_are_not_figures():
    code = 'import sys, json; json.load(sys.stdin); print(\'{"begin": true}\'); print(\'{"times": [1.5], "peak": 7}\')'
    ran = running.run((sys.executable, "-c", code), {"size": 4}, 60.0)
    assert (ran.lines, ran.trouble) == ([{"times": [1.5], "peak": 7}], "")


def test_job_whose_measurements_took_too_long_is_ended():
    code = 'import time; print(\'{"times": [99], "peak": 7}\', flush=True); time.sleep(600)'
    ran = running.run((sys.executable, "-c", code), {}, 60.0)
    assert ran.trouble == "> 60 s"


def test_peers_that_were_too_slow_are_not_tried_at_larger_sizes():
    (row,) = [row for row in ROWS if row.key == "swiss"]
    figures = Figures()
    networkx = next(contender for contender in row.contenders if contender.name == "networkx, dense")
    figures.of(row.key, networkx.name, 512).trouble = "> 20 s"
    programs = running.Programs({})
    assert command._hindrance(row, networkx, 1024, figures, programs) == "not tried: > 20 s at 512"
    assert command._hindrance(row, networkx, 128, figures, programs) == ""
    assert command._hindrance(row, networkx, 4096, figures, programs) == "not tried above 1,024"
