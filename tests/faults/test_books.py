"""Random use of tournaments and wallet, held against a model of it that fits on a page."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from common.errors import DomainError
from matches.models import Match
from matches.services import results
from tests.factories.games import GameFactory
from tests.factories.users import StaffFactory, UserFactory
from tests.factories.wallet import assert_ledger_holds, deposit
from tests.faults.sizes import full
from tournaments.models import Entrant, Tournament
from tournaments.services import editing, lifecycle, payouts, registration
from users.assurance import Assurance
from wallet.models import Withdrawal
from wallet.selectors import balance, balances
from wallet.services import adjustments, destinations, promotions, withdrawals

MILLION = 1_000_000
STEPS = 50
PLAYERS, CUPS = 5, 3
SHEBA = "IR062960000000100324200001"
done: Counter[str] = Counter()

who = st.integers(0, PLAYERS - 1)
which = st.integers(0, CUPS - 1)
amounts = st.integers(1, 9).map(lambda millions: millions * MILLION)


class Purse:
    """What one user has, as the model sees it."""

    def __init__(self) -> None:
        self.bonus = self.deposited = self.winnings = self.held = 0

    def pay(self, amount: int) -> tuple[int, int, int] | None:
        """Take it from promotion, deposits and winnings, in this order; None if they are short."""
        if amount > self.bonus + self.deposited + self.winnings:
            return None
        bonus = min(amount, self.bonus)
        deposited = min(amount - bonus, self.deposited)
        parts = (bonus, deposited, amount - bonus - deposited)
        self.put(tuple(-part for part in parts))
        return parts

    def put(self, parts: tuple[int, ...]) -> None:
        self.bonus += parts[0]
        self.deposited += parts[1]
        self.winnings += parts[2]


class Cup:
    """One tournament in the model: who has paid what, and how far it is."""

    def __init__(self, row: Tournament, fee: int) -> None:
        self.row, self.fee = row, fee
        self.entries: dict[int, tuple[int, int, int]] = {}
        self.status = "published"
        self.out: list[int] = []
        self.paid_out: list[int] = []

    @property
    def pool(self) -> int:
        return self.fee * len(self.entries)

    @property
    def escrow(self) -> int:
        return 0 if self.status in {"completed", "cancelled"} else self.pool - len(self.paid_out) * self.third

    @property
    def third(self) -> int:
        """The prize of who loses before the final: a tenth of nine tenths."""
        return self.pool * 9 // 100


class Books(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        # what pytest-django does around a test, around one run of the machine
        self.block = transaction.atomic()
        self.block._from_testcase = True
        self.block.__enter__()
        self.now = datetime(2027, 3, 1, 12, tzinfo=UTC)
        self.purses: defaultdict[int, Purse] = defaultdict(Purse)
        self.cups: list[Cup] = []
        self.held: dict[int, tuple[int, int]] = {}
        self.last_withdrawal: dict[int, datetime] = {}

    def teardown(self) -> None:
        try:
            assert_ledger_holds()
        finally:
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)

    @initialize()
    def begin(self) -> None:
        self.staff = [StaffFactory(), StaffFactory()]
        self.players = [UserFactory() for _ in range(PLAYERS)]
        self.game = GameFactory()
        self.destinations = [
            destinations.add(actor=player, assurance=self.sure, number=SHEBA, owner_name="A B", now=self.now).pk
            for player in self.players
        ]
        self.now += timedelta(days=2)
        self.cups = [self._cup(fee) for fee in (MILLION, 2 * MILLION, 3 * MILLION)]

    def _cup(self, fee: int) -> Cup:
        row = editing.create(
            actor=self.staff[0],
            now=self.now,
            name="Cup",
            game=self.game,
            registration_start_at=self.now - timedelta(hours=1),
            registration_end_at=self.now + timedelta(days=9_000),
            start_at=self.now + timedelta(days=9_001),
            entry_fee_rial=fee,
            prize_source="entry_pool",
            prize_distribution=[5_000, 3_000, 1_000, 1_000],
            platform_fee_bps=1_000,
            max_participants=4,
        )
        return Cup(lifecycle.publish(tournament_id=row.pk, actor=self.staff[0], now=self.now), fee)

    @property
    def sure(self) -> Assurance:
        return Assurance(level=2, proved_at=self.now)

    def attempt(self, name: str, call: Any, **arguments: Any) -> str:
        """ "done", or the code of the refusal; the clock goes on by a minute."""
        self.now += timedelta(minutes=1)
        try:
            call(now=self.now, **arguments)
            told = "done"
        except DomainError as error:
            told = error.code
        done[f"{name}: {told}"] += 1
        return told

    @rule(index=who, amount=amounts)
    def deposit(self, index: int, amount: int) -> None:
        deposit(self.players[index], amount, self.now)
        self.purses[index].deposited += amount
        done["deposit: done"] += 1

    @rule(index=who, amount=amounts, number=st.integers(0, 3))
    def give_promotion(self, index: int, amount: int, number: int) -> None:
        arguments = {"user_id": self.players[index].pk, "amount_rial": amount, "campaign": f"campaign {number}"}
        if self.attempt("promotion", promotions.grant, actor=self.staff[0], **arguments) == "done":
            self.purses[index].bonus += amount

    @rule(index=who, number=which, saved=st.booleans())
    def join(self, index: int, number: int, saved: bool) -> None:
        cup, player = self.cups[number], self.players[index]
        if saved:
            self.deposit(index, cup.fee)
        told = self.attempt("join", registration.join, tournament_id=cup.row.pk, actor=player)
        if cup.status != "published":
            assert told == "registration_closed"
        elif index in cup.entries:
            assert told == "already_joined"
        elif len(cup.entries) == 4:
            assert told in {"tournament_full", "insufficient_funds"}
        else:
            parts = self.purses[index].pay(cup.fee)
            assert told == ("insufficient_funds" if parts is None else "done")
            if parts is not None:
                cup.entries[index] = parts

    @rule(index=who, number=which)
    def leave(self, index: int, number: int) -> None:
        cup, player = self.cups[number], self.players[index]
        told = self.attempt("leave", registration.leave, tournament_id=cup.row.pk, actor=player)
        if told == "done":
            self.purses[index].put(cup.entries.pop(index))
        else:
            assert index not in cup.entries or cup.status != "published"

    @rule(number=which, ready=st.booleans())
    def start(self, number: int, ready: bool) -> None:
        if ready:
            for index in range(2):
                self.join(index, number, saved=True)
        cup = self.cups[number]
        if cup.status == "published":  # nothing is left to a lot, so that a run can be repeated
            order = Entrant.objects.holding_a_seat().filter(tournament=cup.row).order_by("pk")
            registration.seed(
                tournament_id=cup.row.pk, order=[entrant.pk for entrant in order], actor=self.staff[0], now=self.now
            )
        told = self.attempt("start", lifecycle.start, tournament_id=cup.row.pk, actor=self.staff[0])
        assert (told == "done") == (cup.status == "published" and len(cup.entries) >= 2)
        if told == "done":
            cup.status = "ongoing"

    @precondition(lambda self: any(cup.status == "ongoing" for cup in self.cups))
    @rule(data=st.data(), first=st.booleans())
    def play(self, data: st.DataObject, first: bool) -> None:
        cup = data.draw(st.sampled_from([cup for cup in self.cups if cup.status == "ongoing"]))
        match = Match.objects.filter(tournament=cup.row, status="ongoing").order_by("pk").first()
        assert match is not None
        winner = match.entrant_a if first else match.entrant_b
        told = self.attempt("play", results.resolve, match_id=match.pk, actor=self.staff[0], winner_id=winner.user_id)
        assert told == "done"
        loser = match.entrant_b if first else match.entrant_a
        if match.round < max(cup.row.matches.values_list("round", flat=True)):
            cup.out.append(self._index_of(loser))
            return
        self._pay_out(cup)
        for entrant, tenths in ((winner, 5), (loser, 3)):
            self.purses[self._index_of(entrant)].winnings += cup.pool * 9 * tenths // 100
        cup.status = "completed"

    def _pay_out(self, cup: Cup) -> None:
        for index in cup.out:
            if index not in cup.paid_out:
                self.purses[index].winnings += cup.third
                cup.paid_out.append(index)

    def _index_of(self, entrant: Entrant) -> int:
        return self.players.index(entrant.captain)

    @rule()
    def sweep(self) -> None:
        """Whoever is out is paid once nobody else can take the same place."""
        self.now += timedelta(minutes=1)
        payouts.sweep(now=self.now)
        done["sweep: done"] += 1
        for cup in self.cups:
            if cup.status == "ongoing" and len(cup.out) == len(cup.entries) - 2:
                self._pay_out(cup)

    @rule(number=which, really=st.integers(0, 3))
    def cancel(self, number: int, really: int) -> None:
        if really:
            return
        cup = self.cups[number]
        told = self.attempt("cancel", lifecycle.cancel, tournament_id=cup.row.pk, actor=self.staff[0], reason="x")
        if cup.status in {"published", "ongoing"}:
            assert told == ("prizes_paid" if cup.paid_out else "done")
        else:
            assert told == "tournament_state"
        if told == "done":
            for index, parts in cup.entries.items():
                self.purses[index].put(parts)
            cup.status = "cancelled"

    @rule(number=which)
    def replace(self, number: int) -> None:
        if self.cups[number].status in {"completed", "cancelled"}:
            self.cups[number] = self._cup(self.cups[number].fee)

    @rule(index=who, amount=amounts, everything=st.booleans())
    def withdraw(self, index: int, amount: int, everything: bool) -> None:
        player, purse = self.players[index], self.purses[index]
        if everything:
            amount = max(purse.winnings, MILLION)
        self.now += timedelta(hours=9)
        told = self.attempt(
            "withdraw", withdrawals.request, actor=player, amount_rial=amount, assurance=self.sure,
            destination_id=self.destinations[index],
        )  # fmt: skip
        if told != "done":
            too_soon = index in self.last_withdrawal and self.now - self.last_withdrawal[index] < timedelta(days=1)
            assert told == ("withdrawal_too_soon" if too_soon else "insufficient_funds")
            assert too_soon or amount > purse.winnings
            return
        purse.winnings -= amount
        purse.held += amount
        withdrawal = Withdrawal.objects.latest("pk")
        self.held[withdrawal.pk] = (index, amount)
        self.last_withdrawal[index] = withdrawal.created_at

    @precondition(lambda self: self.held)
    @rule(data=st.data(), how=st.sampled_from(["cancel", "reject", "approve"]))
    def decide(self, data: st.DataObject, how: str) -> None:
        pk = data.draw(st.sampled_from(sorted(self.held)))
        index, amount = self.held[pk]
        calls = {
            "cancel": (withdrawals.cancel, {"actor": self.players[index]}),
            "reject": (withdrawals.reject, {"actor": self.staff[0], "reason": "no"}),
            "approve": (withdrawals.approve, {"actor": self.staff[1], "assurance": self.sure}),
        }
        call, arguments = calls[how]
        told = self.attempt(how, call, withdrawal_id=pk, **arguments)
        if told == "done" and how != "approve":
            self.held.pop(pk)
            self.purses[index].held -= amount
            self.purses[index].winnings += amount
            self.last_withdrawal.pop(index, None)

    @rule(index=who, amount=amounts, bucket=st.sampled_from(["deposited", "winnings"]), take=st.booleans())
    def adjust(self, index: int, amount: int, bucket: str, take: bool) -> None:
        signed = -amount if take else amount
        proposed = adjustments.propose(
            user_id=self.players[index].pk, bucket=bucket, amount_rial=signed, against="platform", reason="x",
            actor=self.staff[0], now=self.now,
        )  # fmt: skip
        told = self.attempt("adjust", adjustments.approve, adjustment_id=proposed.pk, actor=self.staff[1])
        has = getattr(self.purses[index], bucket)
        assert told == ("insufficient_funds" if take and amount > has else "done")
        if told == "done":
            setattr(self.purses[index], bucket, has + signed)

    @invariant()
    def books_are_what_the_model_says(self) -> None:
        for index, player in enumerate(getattr(self, "players", [])):
            has, said = balances(player), self.purses[index]
            assert (has.bonus, has.deposited, has.winnings, has.held) == (
                said.bonus,
                said.deposited,
                said.winnings,
                said.held,
            )
        for cup in self.cups:
            assert balance(cup.row.pk) == cup.escrow


@pytest.mark.django_db
@pytest.mark.timeout(full(6 * 3600, short=600))
def test_books_agree_with_a_model_whatever_is_done(record_property: Any) -> None:
    """100,000 steps in full size, 5,000 in short."""
    done.clear()
    examples = full(2_300, short=110)
    run_state_machine_as_test(
        Books,
        settings=settings(
            max_examples=examples, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )  # fmt: skip
    record_property("operations", sum(done.values()))
    for name, count in sorted(done.items()):
        record_property(name, count)
