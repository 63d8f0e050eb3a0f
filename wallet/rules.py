from users.models import User


def may_ask_gateway(user: User) -> bool:
    """Staff who may change payments may have the gateway asked again."""
    return user.is_active and user.has_perm("wallet.change_payment")
