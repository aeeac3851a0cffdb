from django.contrib.admin import AdminSite
from django.utils.translation import gettext_lazy as _


class DeskSite(AdminSite):
    site_title = _("Service desk")
    site_header = _("Service desk")
    index_title = _("Desk")
