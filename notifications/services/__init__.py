from notifications.services.notifying import notify

__all__ = ["notify"]
