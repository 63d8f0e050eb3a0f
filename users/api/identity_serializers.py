from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from common.api.fields import NameField, TextField
from users import selectors
from users.enums import DocumentKind, IdentityStatus
from users.models import IdentityReview
from users.serializers import UserBriefSerializer
from users.services import identity

REASON_LENGTH = 500


class IdentityStateSerializer(serializers.ModelSerializer[IdentityReview]):
    """How it goes with one's own documents; nothing of them."""

    class Meta:
        model = IdentityReview
        fields = ["status", "reason", "submitted_at", "reviewed_at"]
        read_only_fields = fields


class VerificationLevelSerializer(serializers.Serializer[Any]):
    level = serializers.IntegerField()
    needs = serializers.ChoiceField(["phone", "second_factor", "identity"])
    reached = serializers.BooleanField()
    allows = serializers.ListField(
        child=serializers.ChoiceField(["tournaments", "withdrawals"]),
        help_text="``tournaments`` are those whose required_verification_level is this one.",
    )


class VerificationStatusSerializer(serializers.Serializer[Any]):
    level = serializers.IntegerField(help_text="1: a phone; 2: an authenticator app; 3: the identity is verified.")
    phone = serializers.BooleanField()
    second_factor = serializers.BooleanField()
    identity = IdentityStateSerializer(allow_null=True, help_text="The latest request; null if there was none.")
    levels = VerificationLevelSerializer(many=True)


class IdentityInput(serializers.Serializer[Any]):
    full_name = NameField(max_length=100, min_length=3)
    national_id = serializers.CharField(max_length=20, help_text="Ten digits, Persian or Latin.")
    birth_date = serializers.DateField(help_text="In the Gregorian calendar.")
    id_card_front = serializers.FileField(help_text="A JPEG, PNG or WebP picture, like the others.")
    id_card_back = serializers.FileField(required=False)
    selfie = serializers.FileField(help_text="The person with the card in hand.")


class IdentityReviewSerializer(serializers.ModelSerializer[IdentityReview]):
    user = UserBriefSerializer(read_only=True)
    reviewed_by = UserBriefSerializer(read_only=True, allow_null=True)

    class Meta:
        model = IdentityReview
        fields = ["id", "user", "status", "reason", "submitted_at", "reviewed_by", "reviewed_at", "purge_at"]
        read_only_fields = fields


class IdentityDocumentLinkSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(DocumentKind.choices)
    url = serializers.CharField(help_text="For reviewers, with their token; every look is recorded.")


class IdentityReviewDetailSerializer(IdentityReviewSerializer):
    national_id = serializers.SerializerMethodField()
    national_id_taken = serializers.SerializerMethodField(help_text="Another account is verified under it.")
    documents = serializers.SerializerMethodField()

    class Meta(IdentityReviewSerializer.Meta):
        fields = [
            *IdentityReviewSerializer.Meta.fields,
            "full_name", "birth_date", "national_id", "national_id_taken", "documents",
        ]  # fmt: skip

    def get_national_id(self, review: IdentityReview) -> str | None:
        return identity.national_id_of(review)

    def get_national_id_taken(self, review: IdentityReview) -> bool:
        return selectors.verified_under_same_id(review) is not None

    @extend_schema_field(IdentityDocumentLinkSerializer(many=True))
    def get_documents(self, review: IdentityReview) -> list[dict[str, str]]:
        return [
            {"kind": kind, "url": reverse("identity-review-document", kwargs={"pk": review.pk, "kind": kind})}
            for kind in selectors.documents_left(review)
        ]


class RejectInput(serializers.Serializer[Any]):
    reason = TextField(max_length=REASON_LENGTH, help_text="Shown to the person.")


class IdentityReviewQuery(serializers.Serializer[Any]):
    status = serializers.ChoiceField(IdentityStatus.choices, required=False)
