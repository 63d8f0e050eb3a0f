"""Level 3: a person sends documents, a reviewer looks at them and decides; the documents are deleted afterwards."""

import hmac
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from common import audit, national_id, uploads
from common.db import needs_transaction, use_case
from common.errors import InvalidInput, NotFound, PermissionDenied
from common.events import publish
from common.limits import hit
from common.sealing import seal, unseal
from common.state import transition
from users import rules
from users.enums import IDENTITY_TRANSITIONS, DocumentKind, IdentityStatus
from users.errors import (
    IdentityAlreadySubmitted,
    IdentityNotApproved,
    IdentityNotPending,
    NotAdministrator,
    OwnIdentity,
)
from users.events import IdentityDecided
from users.models import IdentityDocument, IdentityReview, User

DAY = 86_400
MAX_AGE_YEARS = 120
FOLDER = "identity"
OPEN = (IdentityStatus.PENDING, IdentityStatus.APPROVED)


def submit(
    *,
    actor: User,
    full_name: str,
    number: str,
    birth_date: date,
    documents: Mapping[DocumentKind, UploadedFile],
    now: datetime,
) -> IdentityReview:
    """Ask to be verified. ``number`` is the national id; ``documents`` are the front of the card and a selfie at least.

    Whether somebody else is verified under the number is told to the reviewers alone.

    :raises RateLimited: over IDENTITY_SUBMISSIONS_PER_DAY, accepted or not.
    :raises InvalidInput: no such national id, or a birth date that cannot be or is too late (IDENTITY_MINIMUM_AGE).
    :raises IdentityAlreadySubmitted: a request waits, or the actor is verified. :raises FileRejected: no picture.
    """
    hit(key=f"identity:{actor.pk}", limit=settings.IDENTITY_SUBMISSIONS_PER_DAY, window_seconds=DAY, now=now)
    digits = national_id.normalise(number)
    _check_age(birth_date, now.date())
    if IdentityReview.objects.filter(user=actor, status__in=OPEN).exists():
        raise IdentityAlreadySubmitted
    # pictures are decoded and sealed before the transaction, which takes a moment only
    stored: dict[DocumentKind, uploads.StoredFile] = {}
    try:
        for kind, file in documents.items():
            stored[kind] = uploads.store_sealed_image(file, folder=FOLDER)
        return _record(actor=actor, full_name=full_name, digits=digits, birth_date=birth_date, stored=stored, now=now)
    except BaseException:
        for document in stored.values():
            default_storage.delete(document.path)
        raise


@use_case
def _record(
    *,
    actor: User,
    full_name: str,
    digits: str,
    birth_date: date,
    stored: Mapping[DocumentKind, uploads.StoredFile],
    now: datetime,
) -> IdentityReview:
    review = IdentityReview.objects.create(
        user=actor,
        full_name=full_name,
        birth_date=birth_date,
        national_id=seal(digits.encode()),
        national_id_hash=hash_of(digits),
        submitted_at=now,
    )
    IdentityDocument.objects.bulk_create(
        IdentityDocument(review=review, kind=kind, path=file.path, content_type=file.content_type, sha256=file.sha256)
        for kind, file in stored.items()
    )
    audit.record(action="identity.submit", actor=actor, target=review, now=now)
    return review


@use_case
def look(*, review_id: int, actor: User, now: datetime) -> IdentityReview:
    """What a person has sent, for who decides; the look is recorded.

    :raises PermissionDenied: the actor reviews nobody. :raises NotFound: no such review.
    :raises OwnIdentity: it is the actor's own.
    """
    review = _for_reviewer(review_id, actor)
    audit.record(action="identity.look", actor=actor, target=review, now=now)
    return review


def open_document(*, review_id: int, kind: DocumentKind, actor: User, now: datetime) -> tuple[bytes, str]:
    """One picture as it was sent and re-encoded, and its content type; nobody gets it before the look is recorded.

    :raises PermissionDenied, NotFound, OwnIdentity: as for ``look``, or the picture is deleted.
    """
    review = _shown_to(actor, IdentityReview.objects.filter(pk=review_id).first())
    document = review.documents.exclude(path="").filter(kind=kind).first()
    if document is None:
        raise NotFound
    picture = uploads.open_sealed(document.path)
    _record_look(review=review, kind=kind, actor=actor, now=now)
    return picture, document.content_type


@use_case
def _record_look(*, review: IdentityReview, kind: DocumentKind, actor: User, now: datetime) -> None:
    audit.record(action="identity.look_at_document", actor=actor, target=review, now=now, document=str(kind))


@use_case
def approve(*, review_id: int, actor: User, now: datetime) -> IdentityReview:
    """The person is who they say: their account is verified to level 3 under this name, and they are told.

    :raises PermissionDenied, NotFound, OwnIdentity: as for ``look``. :raises IdentityNotPending: decided before.
    :raises NationalIdTaken: (by constraint) another account is verified under the number: one person has one.
    """
    review = _decided(review_id, IdentityStatus.APPROVED, actor, "", now)
    review.purge_at = now + timedelta(days=settings.IDENTITY_DOCUMENTS_DAYS)
    review.save()
    User.objects.filter(pk=review.user_id).update(identity_verified_at=now, verified_name=review.full_name)
    _tell(review, now)
    return review


@use_case
def reject(*, review_id: int, actor: User, reason: str, now: datetime) -> IdentityReview:
    """Not on these documents. The person is told the reason and may send others.

    :raises PermissionDenied, NotFound, OwnIdentity, IdentityNotPending: as for ``approve``.
    :raises InvalidInput: no reason is given.
    """
    review = _decided(review_id, IdentityStatus.REJECTED, actor, _required(reason), now)
    review.purge_at = now + timedelta(days=settings.IDENTITY_REJECTED_DOCUMENTS_DAYS)
    review.save()
    _tell(review, now)
    return review


@use_case
def revoke(*, review_id: int, actor: User, reason: str, now: datetime) -> IdentityReview:
    """An administrator takes a verification back, and the person is told why. They may send documents again.

    :raises NotAdministrator: the actor may not. :raises NotFound: no such review. :raises OwnIdentity: one's own.
    :raises IdentityNotApproved: there is nothing to revoke. :raises InvalidInput: no reason is given.
    """
    if not rules.is_administrator(actor):
        raise NotAdministrator
    review = _for_reviewer(review_id, actor)
    transition(review, IdentityStatus.REVOKED, IDENTITY_TRANSITIONS, error=IdentityNotApproved)
    review.reason, review.reviewed_by, review.reviewed_at = _required(reason), actor, now
    soon = now + timedelta(days=settings.IDENTITY_REJECTED_DOCUMENTS_DAYS)
    review.purge_at = min(review.purge_at or soon, soon)
    review.save()
    User.objects.filter(pk=review.user_id).update(identity_verified_at=None, verified_name="")
    audit.record(action="identity.revoke", actor=actor, target=review, now=now, reason=review.reason)
    _tell(review, now)
    return review


def purge_due(*, now: datetime) -> int:
    """Delete what was sent and is past its time; returns of how many reviews. Safe to call twice.

    Files first: a crash in between leaves a row that is due again, and never a file that nobody knows of.
    """
    due = list(IdentityReview.objects.filter(purge_at__lte=now).order_by("purge_at", "pk").values_list("pk", flat=True))
    for review_id in due:
        for path in IdentityDocument.objects.filter(review=review_id).exclude(path="").values_list("path", flat=True):
            default_storage.delete(path)
        _forget(review_id=review_id, now=now)
    return len(due)


@use_case
def _forget(*, review_id: int, now: datetime) -> None:
    review = IdentityReview.objects.locked().filter(pk=review_id, purge_at__lte=now).first()
    if review is None:
        return
    review.documents.update(path="")
    review.full_name, review.birth_date, review.national_id, review.purge_at = "", None, None, None
    if review.status != IdentityStatus.APPROVED:
        review.national_id_hash = None
    review.save()
    audit.record(action="identity.purge", actor=None, target=review, now=now)


def national_id_of(review: IdentityReview) -> str | None:
    """Unsealed; None once it is deleted. :raises ValueError: the key it was sealed under is gone."""
    return unseal(bytes(review.national_id)).decode() if review.national_id is not None else None


def hash_of(digits: str) -> bytes:
    """A keyed hash that finds the same person again: the ten digits alone would be guessed in an hour."""
    return hmac.digest(settings.IDENTITY_PEPPER.encode(), f"national-id:{digits}".encode(), "sha256")


def _check_age(birth_date: date, today: date) -> None:
    age = today.year - birth_date.year - ((today.month, today.day) < (birth_date.month, birth_date.day))
    if not 0 <= age <= MAX_AGE_YEARS:
        raise InvalidInput.of("birth_date", "invalid_birth_date", _("This cannot be a birth date."))
    if age < settings.IDENTITY_MINIMUM_AGE:
        raise InvalidInput.of("birth_date", "too_young", _("You are not old enough to be verified."))


def _required(reason: str) -> str:
    if not reason.strip():
        raise InvalidInput.of("reason", "required", _("Say why."))
    return reason.strip()


@needs_transaction
def _for_reviewer(review_id: int, actor: User) -> IdentityReview:
    return _shown_to(actor, IdentityReview.objects.locked().filter(pk=review_id).first())


def _shown_to(actor: User, review: IdentityReview | None) -> IdentityReview:
    if not rules.reviews_identities(actor):
        raise PermissionDenied
    if review is None:
        raise NotFound
    if review.user_id == actor.pk:
        raise OwnIdentity
    return review


@needs_transaction
def _decided(review_id: int, to: IdentityStatus, actor: User, reason: str, now: datetime) -> IdentityReview:
    review = _for_reviewer(review_id, actor)
    transition(review, to, IDENTITY_TRANSITIONS, error=IdentityNotPending)
    review.reason, review.reviewed_by, review.reviewed_at = reason, actor, now
    audit.record(action=f"identity.{to}", actor=actor, target=review, now=now, reason=reason)
    return review


def _tell(review: IdentityReview, now: datetime) -> None:
    publish(IdentityDecided(review_id=review.pk, user_id=review.user_id, status=review.status, reason=review.reason))
