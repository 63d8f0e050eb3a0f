from django.apps import AppConfig


class UsersConfig(AppConfig):
    name = "users"

    def ready(self) -> None:
        from users import handlers  # noqa: F401  (registers them)
        from users.api import schema  # noqa: F401  (registers the authentication scheme for OpenAPI)
