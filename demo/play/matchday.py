"""The matches: most are confirmed, one is disputed, in one the loser stays silent, in two people talk."""

import json
import secrets
from functools import partial
from typing import TYPE_CHECKING, Any

from demo.play import scoreboard
from demo.play.cast import Side
from demo.play.client import results, wait_until
from demo.play.errors import PlayError
from demo.play.sockets import Socket, check_no_gap
from demo.play.worldcup import Fixture

if TYPE_CHECKING:
    from demo.play.journey import Journey

MATCHES = "/api/tournaments/matches"
DISPUTED = {"Colombia", "England"}
SILENT = {"Sweden", "Switzerland"}
CHATTING = ({"France", "Argentina"}, {"France", "Croatia"})
GUARDED = {"Uruguay", "Portugal"}
MISSED_MESSAGES = 3
Match = dict[str, Any]


def play_all(journey: "Journey") -> None:
    """Play whatever is ongoing until all sixteen matches are over; winners meet without anybody's help."""
    played: set[int] = set()
    while len(played) < len(journey.cup.fixtures):
        ready = wait_until(partial(_ready, journey, played), what="the next matches becoming ongoing")
        journey.progress.phase(f"Playing: {_fixture(journey, ready[0]).round.replace('_', ' ')}")
        # its confirmation time is the whole tournament's, so nothing else may be submitted meanwhile
        alone = [match for match in ready if _countries(journey, match) == SILENT]
        together = [match for match in ready if match not in alone]
        for match in alone:
            play_silent(journey, match)
            journey.progress.done()
        journey.progress.together(lambda match: play_one(journey, match), together)
        played |= {match["id"] for match in ready}


def _listed(journey: "Journey") -> list[Match]:
    query = {"tournament": journey.tournament["id"], "page_size": 100}
    return results(journey.cast.organiser.get(f"{MATCHES}/", **query))


def _ready(journey: "Journey", played: set[int]) -> list[Match]:
    return [match for match in _listed(journey) if match["status"] == "ongoing" and match["id"] not in played]


def _sides(journey: "Journey", match: Match) -> tuple[Side, Side]:
    by_team = {side.team_id: side for side in journey.cast.sides}
    return by_team[match["participant1_team"]["id"]], by_team[match["participant2_team"]["id"]]


def _countries(journey: "Journey", match: Match) -> set[str]:
    return {side.country for side in _sides(journey, match)}


def _fixture(journey: "Journey", match: Match) -> Fixture:
    one, two = _sides(journey, match)
    fixture = journey.cup.fixture_between(one.country, two.country)
    if fixture is None or fixture.team1 != one.country:
        raise PlayError(f"{one.country} against {two.country} was not played in 2018: the bracket is wrong")
    return fixture


def play_one(journey: "Journey", match: Match) -> None:
    fixture, countries = _fixture(journey, match), _countries(journey, match)
    winner, loser = journey.cast.side(fixture.winner), journey.cast.side(fixture.loser)
    if countries in CHATTING:
        talk(journey, match, winner, loser)
    submit(winner, match, fixture)
    if countries == GUARDED:
        try_what_is_forbidden(journey, match, winner)
    if countries == DISPUTED:
        dispute(journey, match, fixture)
        done = journey.cast.staff.get(_path(match))
        how = "resolved"
    else:
        done = loser.captain.post(f"{_path(match)}confirm_result/")
        how = "confirmed"
    _check_over(done, winner, how)


def submit(winner: Side, match: Match, fixture: Fixture) -> None:
    """The winner's captain sends the real score with a screenshot of it."""
    picture = scoreboard.draw(fixture, mark=secrets.token_hex(3))
    claimed = winner.captain.post(
        f"{_path(match)}submit_result/",
        data={"winner_id": str(winner.team_id), "games": json.dumps([fixture.game])},
        files={"result_proof": ("score.png", picture, "image/png")},
    )
    if claimed["status"] != "pending_confirmation" or not claimed["result_proof"]:
        raise PlayError(f"a submitted result is {claimed['status']} with the proof {claimed['result_proof']}")


def try_what_is_forbidden(journey: "Journey", match: Match, winner: Side) -> None:
    path = f"{_path(match)}confirm_result/"
    stranger = journey.cast.stranger.is_refused(path, status=403)
    own_side = winner.mate.is_refused(path, status=400)
    journey.stories.append(f"A stranger may not confirm a result ({stranger}), nor the side that sent it ({own_side}).")


def dispute(journey: "Journey", match: Match, fixture: Fixture) -> None:
    loser, winner = journey.cast.side(fixture.loser), journey.cast.side(fixture.winner)
    reason = "The goalkeeper left the line before the kick."
    disputed = loser.captain.post(f"{_path(match)}dispute_result/", {"reason": reason})
    if (disputed["status"], disputed["dispute_reason"]) != ("disputed", reason):
        raise PlayError(f"a disputed match is {disputed['status']}: {disputed['dispute_reason']}")
    ruling = {"winner_id": winner.team_id, "note": "The video shows a fair save."}
    journey.cast.staff.post(f"{_path(match)}resolve/", ruling)
    journey.stories.append(f"{loser.country} disputed the shoot-out; staff decided for {winner.country}.")


def play_silent(journey: "Journey", match: Match) -> None:
    """Nobody answers: with no time left to confirm, the product confirms by itself."""
    fixture = _fixture(journey, match)
    winner, loser = journey.cast.side(fixture.winner), journey.cast.side(fixture.loser)
    minutes = journey.tournament["confirmation_minutes"]
    journey.cast.organiser.patch(journey.url, {"confirmation_minutes": 0})
    submit(winner, match, fixture)
    journey.cast.organiser.patch(journey.url, {"confirmation_minutes": minutes})
    done = wait_until(
        lambda: next((now for now in [winner.captain.get(_path(match))] if now["status"] == "completed"), None),
        what="a result that nobody answers being confirmed by time",
        seconds=45,
    )
    _check_over(done, winner, "auto_confirmed")
    journey.stories.append(f"{loser.country} stayed silent; the result was confirmed by time.")


def talk(journey: "Journey", match: Match, winner: Side, loser: Side) -> None:
    """A word before the match; one side falls off the net, and gets what it missed when it is back."""
    room = results(winner.captain.get("/api/chat/conversations/", match=match["id"]))
    if len(room) != 1:
        raise PlayError(f"match {match['id']} has {len(room)} rooms to talk in, not one")
    path = f"/ws/chat/{room[0]['id']}/"
    with Socket(winner.captain, path) as here:
        with Socket(loser.captain, path) as there:
            before = there.of_type("hello")[0]["head_seq"]
            _say(here, "Good luck! موفق باشید")
            seen = _hear(there, before + 1)["seq"]
        for number in range(MISSED_MESSAGES):
            _say(here, f"Are you there? ({number + 1})")
        _hear(here, seen + MISSED_MESSAGES)
        with Socket(loser.captain, path) as again:
            again.send(type="resume", after_seq=seen)
            again.wait_for(lambda frame: frame["type"] == "resumed", what="what was missed")
            missed = [frame["message"] for frame in again.of_type("new_message")]
            check_no_gap(missed, after=seen, what=f"what {loser.captain.name} missed")
            if len(missed) != MISSED_MESSAGES:
                raise PlayError(f"{loser.captain.name} missed {MISSED_MESSAGES} messages but was told {len(missed)}")
            _say(again, "Back again. Let us play!")
            _hear(here, seen + MISSED_MESSAGES + 1)
    journey.stories.append(
        f"{winner.country} and {loser.country} talked; one lost the net, and got what it had missed."
    )


def _say(socket: Socket, text: str) -> None:
    socket.send(type="chat_message", content=text, client_id=secrets.token_hex(8))


def _hear(socket: Socket, seq: int) -> dict[str, Any]:
    frame = socket.wait_for(
        lambda frame: frame["type"] == "new_message" and frame["message"]["seq"] == seq, what=f"message {seq}"
    )
    message: dict[str, Any] = frame["message"]
    return message


def _path(match: Match) -> str:
    return f"{MATCHES}/{match['id']}/"


def _check_over(match: Match, winner: Side, how: str) -> None:
    team = (match["winner_team"] or {}).get("id")
    if (match["status"], match["sub_status"], team) != ("completed", how, winner.team_id):
        raise PlayError(
            f"match {match['id']} should be completed ({how}) and won by {winner.country}, "
            f"but it is {match['status']} ({match['sub_status']}) and won by team {team}"
        )
