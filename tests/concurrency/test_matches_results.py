"""One match, decided from all sides at once; ``STRESS=n`` multiplies the rounds."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from common.db import LockQuerySet
from common.models import AuditEntry
from common.sms import Sms
from matches import tasks
from matches.enums import DisputeOutcome
from matches.models import Match
from matches.services import progress, results
from notifications.models import Notification
from tests.concurrency.threads import in_parallel, one_waits_for_the_other, rounds, told
from tests.factories.tournaments import (
    fill,
    make_tournament,
    play,
    player_of,
    running_tournament,
    screenshot,
    side_id,
    start,
    submit,
)
from tests.factories.users import StaffFactory
from tests.factories.wallet import assert_ledger_holds
from tournaments.models import Entrant, Tournament
from tournaments.services import lifecycle
from users.models import User
from wallet.models import Journal
from wallet.selectors import balance

pytestmark = pytest.mark.django_db(transaction=True)
FEE = 1_000_000
LATE = timedelta(hours=1)


@pytest.fixture(autouse=True)
def books_hold() -> Iterator[None]:
    yield
    assert_ledger_holds()


def paid_tournament(count: int = 4, **fields: Any) -> Tournament:
    return running_tournament(
        count, **{"entry_fee_rial": FEE, "prize_source": "entry_pool", "prize_distribution": [7000, 3000], **fields}
    )


def first_round(tournament: Tournament) -> list[Match]:
    return list(tournament.matches.filter(round=1).order_by("number"))


def confirming(match: Match, by: Entrant | None = None) -> Callable[[], Match]:
    actor = player_of(by or match.entrant_b)
    return lambda: results.confirm(match_id=match.pk, actor=actor, now=timezone.now())


def submitting(match: Match, winner: Entrant, by: Entrant | None = None) -> Callable[[], Match]:
    return lambda: submit(match, winner, by=player_of(by or winner))


def disputing(match: Match) -> Callable[[], Match]:
    return lambda: results.dispute(
        match_id=match.pk, actor=player_of(match.entrant_b), reason="not so", now=timezone.now()
    )


def resolving(match: Match, staff: User, winner: Entrant) -> Callable[[], Match]:
    return lambda: results.resolve(match_id=match.pk, actor=staff, winner_id=side_id(winner), now=timezone.now())


def withdrawing(match: Match) -> Callable[[], Match]:
    return lambda: results.withdraw(match_id=match.pk, actor=player_of(match.entrant_a), now=timezone.now())


def expiring(match: Match) -> Callable[[], bool]:
    return lambda: results.expire(match_id=match.pk, now=timezone.now() + LATE)


def without_row_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every reader of a row waits a moment instead of locking it, so that both have read before either writes."""

    def unlocked(self: Any) -> Any:
        rows = self.order_by("pk")
        if self.model is Match:
            time.sleep(0.2)
        return rows

    monkeypatch.setattr(LockQuerySet, "locked", unlocked)


def test_without_the_locks_one_match_is_decided_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    match = submit(first_round(running_tournament(4))[0], Entrant.objects.order_by("pk").first())
    without_row_locks(monkeypatch)
    assert told(in_parallel(confirming(match), resolving(match, StaffFactory(), match.entrant_b))) == {"done": 2}


def test_a_confirmation_that_waited_for_the_claim_knows_its_winner(monkeypatch: pytest.MonkeyPatch) -> None:
    match = first_round(running_tournament(4))[0]
    outcomes = one_waits_for_the_other(
        monkeypatch, results, "notify", submitting(match, match.entrant_a), confirming(match)
    )
    assert told(outcomes) == {"done": 2}
    match.refresh_from_db()
    assert (match.status, match.outcome, match.winner) == ("completed", "confirmed", match.entrant_a)


def test_a_claim_that_waited_for_the_bracket_knows_both_sides(monkeypatch: pytest.MonkeyPatch) -> None:
    tournament = running_tournament(4)
    one, two = first_round(tournament)
    play(one, one.entrant_a)
    submit(two, two.entrant_a)
    final = tournament.matches.get(round=2)
    ruling = resolving(final, StaffFactory(), two.entrant_a)
    outcomes = one_waits_for_the_other(monkeypatch, progress, "notify_many", confirming(two), ruling)
    assert told(outcomes) == {"done": 2}
    final.refresh_from_db()
    assert (final.outcome, final.winner) == ("resolved", two.entrant_a)


def test_confirm_dispute_resolve_and_time_leave_one_outcome() -> None:
    staff = StaffFactory()
    for _ in rounds(4):
        tournament = paid_tournament(2, prize_distribution=[10_000])
        match = submit(first_round(tournament)[0], Entrant.objects.filter(tournament=tournament).order_by("pk").first())
        outcomes = in_parallel(
            confirming(match),
            disputing(match),
            resolving(match, staff, match.entrant_b),
            expiring(match),
            confirming(match),
            resolving(match, staff, match.entrant_a),
        )
        assert told(outcomes).keys() <= {
            "done", "match_not_pending_confirmation", "match_not_decidable", "confirmation_time_over",
        }  # fmt: skip
        match.refresh_from_db()
        tournament.refresh_from_db()
        endings = AuditEntry.objects.filter(
            target_id=match.pk,
            target_type="matches.match",
            action__in=["match.confirm", "match.resolve", "match.auto_confirm"],
        )
        assert (match.status, tournament.status, endings.count()) == ("completed", "completed", 1)
        prizes = Journal.objects.filter(kind="prize", key__startswith=f"prize:{tournament.pk}:")
        assert [prize.user_id for prize in prizes] == [match.winner.user_id]
        assert balance(tournament.pk) == 0


def test_both_sides_submit_at_once_and_one_claim_stands() -> None:
    for _ in rounds(4):
        match = first_round(running_tournament(2, prize_distribution=[10_000]))[0]
        a, b = match.entrant_a, match.entrant_b
        outcomes = in_parallel(
            submitting(match, a), submitting(match, b), submitting(match, b, by=a), submitting(match, a, by=b)
        )
        assert told(outcomes) == {"done": 1, "match_not_ongoing": 3}
        match.refresh_from_db()
        claim = AuditEntry.objects.get(action="match.submit", target_id=match.pk)
        assert (claim.actor, claim.changes) == (match.submitted_by, {"winner": match.claimed_winner_id})
        assert match.version == 3


def test_claims_withdrawals_and_answers_in_any_order_keep_the_claim_whole() -> None:
    for _ in rounds(4):
        tournament = running_tournament(4)
        match = first_round(tournament)[0]
        submit(match, match.entrant_a)
        outcomes = in_parallel(
            withdrawing(match), submitting(match, match.entrant_b, by=match.entrant_a), confirming(match),
            disputing(match), expiring(match), submitting(match, match.entrant_a),
        )  # fmt: skip
        assert "busy" not in told(outcomes)
        match.refresh_from_db()
        if match.status == "completed":
            assert match.winner is not None
            assert match.winner == match.claimed_winner
            final = tournament.matches.get(round=2)
            assert final.entrant_a == match.winner


def test_the_last_two_matches_decided_at_once_complete_the_tournament_once() -> None:
    for _ in rounds(3):
        tournament = paid_tournament(
            4, format_options={"third_place": True}, prize_distribution=[5000, 3000, 1500, 500]
        )
        for match in first_round(tournament):
            play(match, match.entrant_a)
        last = list(tournament.matches.exclude(round=1))
        assert len(last) == 2
        for match in last:
            submit(match, match.entrant_a)
        assert (
            told(in_parallel(*[confirming(match) for match in last], *[expiring(match) for match in last]))["done"] >= 2
        )
        tournament.refresh_from_db()
        assert tournament.status == "completed"
        assert AuditEntry.objects.filter(action="tournament.complete", target_id=tournament.pk).count() == 1
        paid = Journal.objects.filter(kind="prize", key__startswith=f"prize:{tournament.pk}:")
        assert (paid.count(), balance(tournament.pk)) == (4, 0)
        places = Entrant.objects.filter(tournament=tournament).order_by("place_first")
        assert [entrant.place_first for entrant in places] == [1, 2, 3, 4]


def test_both_semifinals_decided_at_once_make_one_final() -> None:
    for _ in rounds(4):
        tournament = paid_tournament(4)
        semifinals = [submit(match, match.entrant_a) for match in first_round(tournament)]
        assert told(in_parallel(*[confirming(match) for match in semifinals])) == {"done": 2}
        final = tournament.matches.get(round=2)
        assert (final.status, final.entrant_a, final.entrant_b) == (
            "ongoing", semifinals[0].entrant_a, semifinals[1].entrant_a,
        )  # fmt: skip
        assert Notification.objects.filter(dedupe_key=f"match_ready:{final.pk}").count() == 2


def test_cancelling_while_the_last_match_ends_refunds_or_pays_but_never_both() -> None:
    seen = set()
    for number in rounds(6):
        tournament = paid_tournament(2, prize_distribution=[10_000])
        match = submit(first_round(tournament)[0], Entrant.objects.filter(tournament=tournament).order_by("pk").first())

        def cancel(tournament: Tournament = tournament) -> Tournament:
            return lifecycle.cancel(
                tournament_id=tournament.pk, actor=tournament.creator, reason="off", now=timezone.now()
            )

        jobs = [confirming(match), cancel, disputing(match)]
        outcomes = in_parallel(*(jobs if number % 2 else jobs[::-1]))
        assert told(outcomes).keys() <= {"done", "tournament_state", "match_not_pending_confirmation"}
        tournament.refresh_from_db()
        match.refresh_from_db()
        seen.add(tournament.status)
        kinds = set(
            Journal.objects.filter(transfers__debit__tournament_id=tournament.pk).values_list("kind", flat=True)
        )
        if tournament.status == "cancelled":
            assert (match.status, kinds) == ("cancelled", {"refund"})
        else:
            assert (tournament.status, match.status) == ("completed", "completed")
            assert "refund" not in kinds
            assert "prize" in kinds
        assert balance(tournament.pk) == 0
    assert seen <= {"cancelled", "completed"}


def test_a_cancellation_and_an_answer_never_wait_for_each_other_crosswise(monkeypatch: pytest.MonkeyPatch) -> None:
    tournament = paid_tournament(2, prize_distribution=[10_000])
    match = submit(first_round(tournament)[0], Entrant.objects.filter(tournament=tournament).order_by("pk").first())

    def cancel() -> Tournament:
        return lifecycle.cancel(tournament_id=tournament.pk, actor=tournament.creator, reason="off", now=timezone.now())

    outcomes = one_waits_for_the_other(monkeypatch, results, "notify_many", disputing(match), cancel)
    assert told(outcomes) == {"done": 2}
    match.refresh_from_db()
    assert (match.status, match.is_disputed) == ("cancelled", True)


def two_cups(players: list[User], orders: tuple[list[int], list[int]]) -> list[Tournament]:
    """Two tournaments of the same people, seeded as given."""
    from tests.factories.tournaments import join

    cups = []
    for order in orders:
        tournament = make_tournament()
        for index in order:
            join(tournament, players[index])
        cups.append(start(tournament))
    return cups


def test_results_in_two_tournaments_of_the_same_people_never_wait_crosswise(monkeypatch: pytest.MonkeyPatch) -> None:
    players = [player_of(entrant) for entrant in fill(make_tournament(), 5)]
    for module in (progress, results):
        tell = module.notify_many
        monkeypatch.setattr(
            module, "notify_many", lambda *args, tell=tell, **kwargs: (tell(*args, **kwargs), time.sleep(0.1))
        )
    for _ in rounds(2):
        # the second cup's next final is between people of whom the first cup tells one later, and the other way round
        one, two = two_cups(players, ([0, 2, 3, 1], [3, 0, 4, 1]))
        jobs = []
        for cup in (one, two):
            waiting, last = first_round(cup)
            play(waiting, waiting.entrant_a)
            submit(last, last.entrant_b)
            jobs.append(confirming(last, by=last.entrant_a))
        assert told(in_parallel(*jobs)) == {"done": 2}


def test_a_sweep_twice_and_in_parallel_confirms_each_result_once(sms_outbox: list[Sms]) -> None:
    tournament = running_tournament(8)
    for match in first_round(tournament):
        submit(match, match.entrant_a)
    Match.objects.filter(status="pending_confirmation").update(confirm_deadline_at=timezone.now() - LATE)
    assert told(in_parallel(*[tasks.expire_pending_results] * 4)) == {"done": 4}
    tasks.expire_pending_results()
    assert AuditEntry.objects.filter(action="match.auto_confirm").count() == 4
    assert Notification.objects.filter(kind="result_auto_confirmed").count() == 8
    assert tournament.matches.filter(round=2, status="ongoing").count() == 2
    assert len(sms_outbox) == len({(message.to, message.text) for message in sms_outbox})


def test_a_proof_that_lost_the_race_leaves_no_file(settings: Any) -> None:
    match = first_round(running_tournament(2, prize_distribution=[10_000]))[0]
    job = lambda: results.submit(  # noqa: E731
        match_id=match.pk,
        actor=player_of(match.entrant_a),
        winner_id=side_id(match.entrant_a),
        proof=screenshot(),
        now=timezone.now(),
    )
    assert told(in_parallel(*[job] * 4)) == {"done": 1, "match_not_ongoing": 3}
    match.refresh_from_db()
    kept = [path for path in (settings.MEDIA_ROOT / "proofs").rglob("*") if path.is_file()]
    assert [path.name for path in kept if path.name == match.result_proof.rsplit("/", 1)[-1]] == [kept[0].name]
    assert len(kept) == 1


def test_replay_and_confirmation_at_once_leave_a_match_that_can_go_on(now: datetime) -> None:
    staff = StaffFactory()
    for _ in rounds(3):
        tournament = running_tournament(4)
        match = submit(first_round(tournament)[0], first_round(tournament)[0].entrant_a)
        replay = lambda match=match: results.resolve(  # noqa: E731
            match_id=match.pk, actor=staff, outcome=DisputeOutcome.REPLAY, now=timezone.now()
        )
        answers = told(in_parallel(replay, confirming(match), withdrawing(match)))
        assert answers.keys() <= {"done", "match_not_decidable", "match_not_pending_confirmation"}
        match.refresh_from_db()
        if match.status == "ongoing":
            assert (match.claimed_winner, match.submitted_side, match.confirm_deadline_at) == (None, "", None)
            play(match, match.entrant_a)
        assert tournament.matches.get(round=2).entrant_a == match.entrant_a
