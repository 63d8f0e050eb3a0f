from notifications.services.notifying import Notice, notify, notify_many

__all__ = ["Notice", "notify", "notify_many"]
