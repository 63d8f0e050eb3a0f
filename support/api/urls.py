from rest_framework.routers import SimpleRouter

from support.api.views import SupportAssignmentViewSet, TicketViewSet

router = SimpleRouter()
router.register("tickets", TicketViewSet, basename="ticket")
router.register("support-assignments", SupportAssignmentViewSet, basename="support-assignment")

urlpatterns = router.urls
