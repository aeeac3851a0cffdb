from typing import Any

import factory
from django.contrib.auth.models import Group, User
from factory.django import DjangoModelFactory


class RequesterFactory(DjangoModelFactory[User]):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"person{n}")
    first_name = factory.Sequence(lambda n: f"Person{n}")
    last_name = "Example"
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.com")


class AgentFactory(RequesterFactory):
    """A member of staff in one role; `role=` names another one."""

    username = factory.Sequence(lambda n: f"agent{n}")
    first_name = factory.Sequence(lambda n: f"Agent{n}")
    is_staff = True

    @factory.post_generation
    def role(self: User, create: bool, extracted: str | None, **_details: Any) -> None:
        if create:
            self.groups.add(Group.objects.get(name=extracted or "Agent"))
