from django.contrib import admin

from chat.models import Conversation
from common.readonly_admin import ReadOnlyAdmin


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin):
    """Which rooms there are; what is said in them is read by their members and, where they may, by staff in the app."""

    list_display = ["id", "kind", "title", "last_seq", "last_message_at"]
    list_filter = ["kind"]
    search_fields = ["title"]
