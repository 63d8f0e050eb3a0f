from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RefreshTokenReused:
    """A refresh token was used again after its successor: its session has been revoked."""

    user_id: int
    session_id: int
