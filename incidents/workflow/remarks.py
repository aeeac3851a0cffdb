"""What a verb did beside what was asked: for the person who asked, at any door."""

from django.contrib.auth.models import User
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from incidents.models import TimelineEntry
from itsm.ui.names import person_name


def remarks(entry: TimelineEntry) -> list[str]:
    """Sentences about side effects that the entry tells of; none for most."""
    data, said = entry.data, []
    if person := data.get("not_in_team"):
        user = User.objects.filter(pk=person).first()
        name = person_name(user, "?")
        said.append(_("%(name)s is not in the new team, so nobody is assigned now.") % {"name": name})
    family = data.get("children", {})
    if isinstance(family, dict) and (left := family.get("left")):
        said.append(
            ngettext(
                "%d child incident that you may not see was left as it is. Tell its team.",
                "%d child incidents that you may not see were left as they are. Tell their teams.",
                left,
            )
            % left
        )
    return said
