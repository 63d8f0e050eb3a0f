"""The way of everybody through the event, from sign-in to the prize."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from demo.play import bank, matchday
from demo.play.cast import Cast, Side
from demo.play.client import Api, Person, Phones, results, wait_until
from demo.play.errors import PlayError
from demo.play.progress import Progress
from demo.play.sockets import Socket, check_no_gap
from demo.play.worldcup import WorldCup

TEAM_SIZE = 2
ENTRY_FEE_RIALS = 1_000_000
DEPOSIT_RIALS = 1_500_000
PRIZE_BASIS_POINTS = [5000, 3000, 2000]
TOURNAMENTS = "/api/tournaments/tournaments"
STEPS_OF_ONE = 7


@dataclass
class Journey:
    """What is known on the way; ``stories`` has a line about each thing worth telling."""

    api: Api
    phones: Phones
    cup: WorldCup
    cast: Cast
    progress: Progress
    stories: list[str] = field(default_factory=list)
    suffix: str = ""
    tournament: dict[str, Any] = field(default_factory=dict)
    winners: list[dict[str, Any]] = field(default_factory=list)
    prizes: dict[str, int] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"{TOURNAMENTS}/{self.tournament['id']}/"

    @property
    def steps(self) -> int:
        sides = len(self.cast.sides)
        return len(self.cast.everybody) + 4 * sides + len(self.cup.fixtures) + STEPS_OF_ONE

    def play(self) -> None:
        """All of it. :raises PlayError: something went another way than promised."""
        self.sign_in()
        self.gather_teams()
        self.top_up()
        self.announce_tournament()
        with Socket(self.cast.side(self.cup.final.winner).captain, "/ws/notifications/") as notifications:
            head = notifications.of_type("hello")[0]["head_seq"]
            self.join()
            self.start()
            matchday.play_all(self)
            self.check_ranking()
            self.check_prizes()
            self.check_leaderboard()
            self.check_notifications(notifications, head)

    def sign_in(self) -> None:
        self.progress.phase("Signing in with codes from SMS")
        self.progress.together(self._sign_in, self.cast.everybody)

    def _sign_in(self, person: Person) -> None:
        person.sign_in(self.phones)
        if person is not self.cast.staff:
            person.patch("/api/users/users/me/", {"full_name": person.name, "language": "en"})

    def gather_teams(self) -> None:
        self.progress.phase("Gathering teams")
        self.suffix = self._free_suffix(self.cast.sides[0])
        self.progress.together(self._gather, self.cast.sides)

    def _free_suffix(self, side: Side) -> str:
        """``""``, or what an earlier play makes necessary: ``" 2"``, ``" 3"`` …"""
        taken = {
            team["name"] for team in results(side.captain.get("/api/teams/teams/", search=side.country, page_size=100))
        }
        number = 1
        while f"{side.country}{_suffix(number)}" in taken:
            number += 1
        return _suffix(number)

    def _gather(self, side: Side) -> None:
        side.team_name = f"{side.country}{self.suffix}"
        side.team_id = side.captain.post("/api/teams/teams/", {"name": side.team_name})["id"]
        side.captain.post(f"/api/teams/teams/{side.team_id}/add-member/", {"user_id": side.mate.id})
        invitations = results(side.mate.get("/api/teams/invitations/"))
        answer = {"invitation_id": invitations[0]["id"], "status": "accepted"}
        side.mate.post("/api/teams/respond-invitation/", answer)

    def top_up(self) -> None:
        self.progress.phase("Paying at the bank")
        self.progress.together(self._top_up, self.cast.sides)

    def _top_up(self, side: Side) -> None:
        captain = side.captain
        payment = captain.post("/api/wallet/deposit/", {"amount": DEPOSIT_RIALS}, headers=_key())
        bank.pay(self.api.browser, payment["payment_url"])
        self.api.tally.add("payments")
        path = f"/api/wallet/payments/{payment['payment_id']}/"
        wait_until(lambda: captain.get(path)["status"] == "settled", what=f"the payment of {captain.name}")
        _expect(captain.get("/api/wallet/balance/")["total_balance"], DEPOSIT_RIALS, f"{captain.name}'s balance")

    def announce_tournament(self) -> None:
        self.progress.phase("Announcing the tournament")
        organiser, now = self.cast.organiser, datetime.now(UTC)
        games = results(organiser.get("/api/tournaments/games/"))
        if not games:
            raise PlayError("there is no game to play: run manage.py demo_data")
        game = next((game for game in games if "FC" in game["name"]), games[0])
        draft = {
            "name": f"World Cup 2018{self.suffix}",
            "description": "The knock-out stage of 2018 once more. Data: openfootball (CC0).",
            "game": game["id"],
            "type": "team",
            "team_size": TEAM_SIZE,
            "max_participants": len(self.cast.sides),
            "format": "single_elimination",
            "format_options": {"third_place": True},
            "entry_fee": ENTRY_FEE_RIALS,
            "prize_source": "entry_pool",
            "prize_distribution": PRIZE_BASIS_POINTS,
            "registration_start_date": (now - timedelta(minutes=1)).isoformat(),
            "registration_end_date": (now + timedelta(hours=1)).isoformat(),
            "start_date": (now + timedelta(hours=2)).isoformat(),
        }
        self.tournament = organiser.post(f"{TOURNAMENTS}/", draft)
        self.tournament = organiser.post(f"{self.url}publish/")
        _expect(self.tournament["status"], "registration_open", "the status of a published tournament")
        self.progress.done()

    def join(self) -> None:
        self.progress.phase("Paying the entry fee and joining")
        self.progress.together(self._join, self.cast.sides)
        captain = self.cast.sides[0].captain
        balance = captain.get("/api/wallet/balance/")["total_balance"]
        _expect(balance, DEPOSIT_RIALS - ENTRY_FEE_RIALS, "what is left after the entry fee")

    def _join(self, side: Side) -> None:
        body = {"team_id": side.team_id, "member_ids": [player.id for player in side.players]}
        key = _key()
        side.entrant_id = side.captain.post(f"{self.url}join/", body, headers=key)["id"]
        if side is self.cast.sides[0]:
            again = side.captain.send("POST", f"{self.url}join/", json=body, headers=key)
            _expect((again.status_code, again.headers.get("Idempotency-Replayed")), (201, "true"), "a repeated join")
            self.stories.append(
                f"{side.country} joined twice with one Idempotency-Key: one seat, one fee, the same answer."
            )

    def start(self) -> None:
        self.progress.phase("Seeding and checking in")
        organiser = self.cast.organiser
        order = [self.cast.side(country).entrant_id for country in self.cup.best_first]
        organiser.post(f"{self.url}participants/seed/", {"order": order})
        now = datetime.now(UTC).isoformat()
        organiser.patch(self.url, {"registration_end_date": now, "check_in_start_date": now})
        self.progress.together(lambda side: side.captain.post(f"{self.url}check_in/"), self.cast.sides)
        lobby = {"lobby_id": f"WC-{secrets.token_hex(3)}", "lobby_password": secrets.token_hex(4)}
        organiser.put(f"{self.url}credentials/", lobby)
        self.progress.phase("Starting the event")
        self.tournament = organiser.post(f"{self.url}start/")
        _expect(self.tournament["status"], "ongoing", "the status of a started tournament")
        self.progress.done()
        wait_until(lambda: self._all_got(lobby), what="an SMS with the lobby for each of the 32 players")
        self.stories.append(f"All {len(self.cast.players)} players got the lobby's id and password by SMS.")
        self.progress.done()

    def _all_got(self, lobby: dict[str, str]) -> bool:
        wanted = lobby.values()
        return all(
            any(all(value in text for value in wanted) for text in self.phones.received(player.number))
            for player in self.cast.players
        )

    def check_ranking(self) -> None:
        self.progress.phase("Reading the final ranking")
        self.tournament = self.cast.stranger.get(self.url)
        _expect(self.tournament["status"], "completed", "the status of the tournament at the end")
        standings = results(self.cast.stranger.get(f"{self.url}standings/"))
        _expect([row["name"] for row in standings[:4]], self._team_names(4), "the standings")
        _expect([row["place"] for row in standings[:4]], [1, 2, 3, 4], "the places")
        self._check_bracket()
        self.winners = results(self.cast.stranger.get(f"{self.url}winners/"))
        _expect([row["entrant"]["name"] for row in self.winners], self._team_names(3), "the winners")
        self.progress.done()

    def _check_bracket(self) -> None:
        matches = self.cast.stranger.get(f"{self.url}bracket/")["matches"]
        _expect(len(matches), len(self.cup.fixtures), "the matches of the bracket")
        for match in matches:
            one, two, winner = (match[name]["id"] for name in ("participant1_team", "participant2_team", "winner_team"))
            country = {side.team_id: side.country for side in self.cast.sides}
            fixture = self.cup.fixture_between(country[one], country[two])
            played = None if fixture is None else (fixture.winner, [fixture.game])
            _expect((country[winner], match["games"]), played, f"{country[one]} against {country[two]}")

    def _team_names(self, number: int) -> list[str]:
        return [self.cast.side(country).team_name for country in self.cup.ranking[:number]]

    def check_prizes(self) -> None:
        """Sixteen fees, less the platform's part, at 50/30/20, each team's share in equal parts to its players."""
        self.progress.phase("Looking into the wallets")
        plan = self.cast.stranger.get(f"{self.url}payout-plan/")
        fees = ENTRY_FEE_RIALS * len(self.cast.sides)
        _expect(plan["prize_pool"] + plan["platform_fee"], fees, "prizes and the platform's fee together")
        for place, basis_points in enumerate(PRIZE_BASIS_POINTS):
            side = self.cast.side(self.cup.ranking[place])
            share = plan["prize_pool"] * basis_points // 10_000
            _expect(self.winners[place]["prize"], share, f"the prize of {side.country}")
            for player in side.players:
                wallet = player.get("/api/wallet/balance/")
                _expect(wallet["withdrawable_balance"], share // TEAM_SIZE, f"what {player.name} can withdraw")
                self.prizes[player.name] = wallet["withdrawable_balance"]
        self.progress.done()

    def check_leaderboard(self) -> None:
        """What the cup brought is written down after it: the champions stand on the board of the game."""
        self.progress.phase("Reading the leaderboard")
        champion = self.cast.side(self.cup.final.winner).captain
        standings = f"/api/users/users/{champion.id}/standings/"
        wait_until(lambda: champion.get(standings), what=f"{champion.name} on the leaderboard")
        best = champion.get("/api/users/top-players-by-rank/", game=self.tournament["game"]["id"], page_size=3)
        told = " · ".join(f"{row['username']} {row['score']} ({row['rank']['name']})" for row in best)
        self.stories.append(f"The leaderboard of {self.tournament['game']['name']} begins {told}.")
        self.progress.done()

    def check_notifications(self, socket: Socket, head: int) -> None:
        self.progress.phase("Counting notifications")
        champion = self.cast.side(self.cup.final.winner).captain
        socket.wait_for(lambda frame: frame.get("kind") == "prize_paid", what="the news of the prize")
        frames = socket.of_type("notification")
        check_no_gap(frames, after=head, what=f"the notifications of {champion.name}")
        self.stories.append(f"{champion.name} heard of all {len(frames)} notifications live, none missing, none twice.")
        self.progress.done()


def _suffix(number: int) -> str:
    return "" if number == 1 else f" {number}"


def _key() -> dict[str, str]:
    return {"Idempotency-Key": secrets.token_hex(16)}


def _expect(found: object, wanted: object, what: str) -> None:
    """:raises PlayError: they differ."""
    if found != wanted:
        raise PlayError(f"{what}: expected {wanted}, found {found}")
