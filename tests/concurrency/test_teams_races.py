"""Teams under real threads: the limits hold however many answer at once."""

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from common.errors import DomainError
from teams.models import Invitation, Team, TeamMember
from teams.services import invitations, membership, places, teams
from tests.factories.teams import InvitationFactory, MemberFactory, TeamFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


def in_parallel(*jobs: Callable[[], Any]) -> list[str]:
    """Run the jobs at the same moment, each on a connection of its own; the codes they were refused with, sorted."""
    barrier, codes = Barrier(len(jobs)), []

    def run(job: Callable[[], Any]) -> None:
        try:
            barrier.wait(10)
            job()
        except DomainError as error:
            codes.append(error.code)
        except Exception as error:
            codes.append(repr(error))
        finally:
            connection.close()

    threads = [Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(codes)


def answering(invitation: Invitation, accept: bool = True) -> Callable[[], Invitation]:
    return lambda: invitations.respond(
        invitation_id=invitation.pk, accept=accept, actor=invitation.user, now=timezone.now()
    )


def after_which_all_wait(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Both of two threads have counted before either goes on: the race, made certain."""
    both_have_counted, count = Barrier(2), getattr(places, name)

    def counted(subject: Any) -> int:
        number = count(subject)
        both_have_counted.wait(10)
        return number

    monkeypatch.setattr(places, name, counted)


def test_without_the_lock_of_the_user_the_limit_of_teams_breaks(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.MAX_TEAMS_PER_USER = 1
    user = UserFactory()
    offers = [InvitationFactory(user=user) for _ in range(2)]
    after_which_all_wait(monkeypatch, "count_teams")
    monkeypatch.setattr(places, "lock_user", lambda user_id: None)
    assert in_parallel(*[answering(offer) for offer in offers]) == []
    assert TeamMember.objects.filter(user=user).count() == 2


def test_without_the_lock_of_the_team_its_size_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    team = TeamFactory(max_members=2)
    offers = [InvitationFactory(team=team) for _ in range(2)]
    after_which_all_wait(monkeypatch, "count_members")
    monkeypatch.setattr(places, "lock_team", lambda team_id: Team.objects.get(pk=team_id))
    monkeypatch.setattr(places, "touch", lambda team: None)
    assert in_parallel(*[answering(offer) for offer in offers]) == []
    assert TeamMember.objects.filter(team=team).count() == 3


def test_a_user_is_in_ten_teams_at_most_whatever_is_accepted_and_founded_at_once() -> None:
    user = UserFactory()
    for _ in range(7):
        MemberFactory(user=user, team=TeamFactory())
    offers = [InvitationFactory(user=user) for _ in range(6)]
    founding = [lambda n=n: teams.create(actor=user, name=f"Own {n}", now=timezone.now()) for n in range(2)]
    assert in_parallel(*[answering(offer) for offer in offers], *founding) == ["too_many_teams"] * 5
    assert TeamMember.objects.filter(user=user).count() == 10
    accepted = Invitation.objects.filter(user=user, status="accepted").count()
    assert accepted + Team.objects.filter(captain=user).count() == 3


def test_a_team_takes_no_more_than_it_has_places() -> None:
    team = TeamFactory(max_members=5, members=1)
    offers = [InvitationFactory(team=team) for _ in range(8)]
    assert in_parallel(*[answering(offer) for offer in offers]) == ["team_full"] * 5
    assert TeamMember.objects.filter(team=team).count() == 5
    team.refresh_from_db()
    assert team.version == 4


def test_one_invitation_is_answered_once() -> None:
    offer = InvitationFactory()
    codes = in_parallel(*[answering(offer)] * 3, *[answering(offer, accept=False)] * 3)
    assert codes == ["invitation_not_pending"] * 5
    offer.refresh_from_db()
    assert TeamMember.objects.filter(user=offer.user).count() == (1 if offer.status == "accepted" else 0)


def test_one_user_is_invited_once() -> None:
    team, user = TeamFactory(), UserFactory()

    def invite() -> None:
        invitations.invite(team_id=team.pk, user_id=user.pk, actor=team.captain, now=timezone.now())

    assert in_parallel(*[invite] * 6) == ["already_invited"] * 5
    assert Invitation.objects.count() == 1


def test_captains_who_accept_each_others_invitations_do_not_deadlock() -> None:
    for _ in range(5):
        one, two = TeamFactory(), TeamFactory()
        offers = [InvitationFactory(team=one, user=two.captain), InvitationFactory(team=two, user=one.captain)]
        assert in_parallel(*[answering(offer) for offer in offers]) == []
        assert TeamMember.objects.filter(team__in=[one, two]).count() == 4


def test_the_captaincy_goes_to_one_and_nobody_is_left_without() -> None:
    team = TeamFactory(members=4)
    heirs = [place.user_id for place in team.memberships.exclude(user=team.captain)]
    now = timezone.now()
    codes = in_parallel(
        *[
            lambda heir=heir: membership.transfer_captaincy(team_id=team.pk, user_id=heir, actor=team.captain, now=now)
            for heir in heirs
        ]
    )
    assert codes == ["not_team_captain"] * 3
    captain = team.memberships.get(role="captain").user_id
    team.refresh_from_db()
    assert team.captain_id == captain
    assert captain in heirs


@pytest.mark.parametrize("attempt", range(5))
def test_handing_over_while_the_heir_leaves_keeps_one_captain(attempt: int) -> None:
    team = TeamFactory(members=1)
    heir = team.memberships.exclude(user=team.captain).get().user
    now = timezone.now()
    [code] = in_parallel(
        lambda: membership.transfer_captaincy(team_id=team.pk, user_id=heir.pk, actor=team.captain, now=now),
        lambda: membership.leave(team_id=team.pk, actor=heir, now=now),
    )
    assert code in {"captain_must_hand_over", "not_a_member"}
    team.refresh_from_db()
    assert team.memberships.get(role="captain").user_id == team.captain_id


def test_an_invitation_is_not_accepted_into_a_team_that_closes() -> None:
    offer = InvitationFactory()
    team = offer.team
    codes = in_parallel(
        answering(offer), lambda: membership.leave(team_id=team.pk, actor=team.captain, now=timezone.now())
    )
    team.refresh_from_db()
    if team.closed_at:
        assert codes == ["invitation_not_pending"]
        assert team.memberships.count() == 0
    else:
        assert codes == ["captain_must_hand_over"]
        assert team.memberships.count() == 2
