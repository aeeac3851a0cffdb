"""Nobody grants what they do not have: rights to roles, roles to people, accounts and sight to programs.

Membership of teams follows the same rule, in `workflow.staffing`.
"""

from django.contrib.auth.models import Group, Permission, User
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from incidents import policies
from incidents.models import Team
from itsm.ui.names import person_name


def rights_of(user: User) -> QuerySet[Permission]:
    """What roles and the account itself give, also to one that is switched off now: it may be switched on."""
    if user.is_superuser:
        return Permission.objects.all()
    own = Permission.objects.filter(Q(group__user=user) | Q(user=user))
    return Permission.objects.filter(pk__in=own.values("pk"))


def roles_within(user: User) -> QuerySet[Group]:
    """Roles that hold no right which this person has not."""
    return Group.objects.all() if user.is_superuser else Group.objects.exclude(permissions__in=_beyond(user))


def accounts_within(user: User) -> QuerySet[User]:
    """Those that may and see nothing which this person may not, by rights and by teams; their own among them.

    What its person reported or watches does not count: who keeps accounts has to let people in again.
    """
    if user.is_superuser:
        return User.objects.all()
    beyond = _beyond(user)
    within = User.objects.filter(is_superuser=False)
    within = within.exclude(groups__permissions__in=beyond).exclude(user_permissions__in=beyond)
    if not policies.sees_everything(user):
        within = within.exclude(teams__in=Team.objects.exclude(members=user))
    return within


def why_not_act_as(user: User, other: User) -> str:
    """The sentence that refuses `user` the account of `other`: its password, its rights, a key to it."""
    if accounts_within(user).filter(pk=other.pk).exists():
        return ""
    return _(
        "%(name)s may or sees more than you. Ask somebody who has at least the same rights and teams."
    ) % {"name": person_name(other)}


def why_not_see_as(user: User, other: User) -> str:
    """The sentence that refuses `user` to let a program hear what `other` sees."""
    if user.pk == other.pk or policies.sees_everything(user):
        return ""
    return _(
        "It would hear of incidents that you do not see. Choose yourself, or ask somebody who reads the "
        "confidential incidents of all teams."
    )


def _beyond(user: User) -> QuerySet[Permission]:
    return Permission.objects.exclude(pk__in=rights_of(user).values("pk"))
