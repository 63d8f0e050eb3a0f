from django.contrib.admin.apps import AdminConfig


class StaffAdminConfig(AdminConfig):
    """The admin of Django with our own way in (config.admin_site)."""

    default_site = "config.admin_site.StaffSite"
