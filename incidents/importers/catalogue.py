"""Everything a log knows by name (people, teams, sites, items, categories, problems), made when first met."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from incidents.importers.people import People
from incidents.importers.servicenow import SOURCE_NAME, Row
from incidents.models import Category, ConfigurationItem, Location, Problem, Team

#: (category, subcategory); without the second it is the category itself.
Path = tuple[str, str | None]
#: {"teams": {"Group 70", ...}, ...}
Missing = dict[str, set[Any]]


class Names:
    """Primary keys by name, read once and kept: a desk has thousands of names, not millions."""

    def __init__(self) -> None:
        self.people = People(SOURCE_NAME)
        self.teams = dict(Team.objects.values_list("name", "pk"))
        self.locations = dict(Location.objects.values_list("name", "pk"))
        self.items = dict(ConfigurationItem.objects.values_list("name", "pk"))
        problems = Problem.objects.filter(source_name=SOURCE_NAME).order_by("-pk")
        self.problems = dict(problems.values_list("source_number", "pk"))
        self.categories: dict[Path, int] = {}
        for pk, name, parent in Category.objects.values_list("pk", "name", "parent__name"):
            self.categories[(parent, name) if parent else (name, None)] = pk

    def missing(self, rows: Iterable[Row]) -> Missing:
        """What `rows` name and we do not know yet."""
        people, teams, locations, items, problems = (set[str | None]() for _ in range(5))
        categories = set[Path]()
        for row in rows:
            people |= {row.caller, row.opened_by, row.updated_by, row.assignee}
            teams.add(row.team)
            locations.add(row.location)
            items.add(row.item)
            problems.add(row.problem)
            if row.category:
                categories |= {(row.category, None), (row.category, row.subcategory)}
        return {
            "people": self.people.missing(name for name in people if name),
            "teams": teams - {None} - self.teams.keys(),
            "locations": locations - {None} - self.locations.keys(),
            "configuration items": items - {None} - self.items.keys(),
            "problems": problems - {None} - self.problems.keys(),
            "categories": categories - self.categories.keys(),
        }

    def create(self, missing: Missing, *, at: datetime) -> None:
        """Inside the transaction of the incidents that need them."""
        self.people.create(missing["people"], at=at)
        # One by one, so that each has its history; there are few.
        self.teams |= {name: Team.objects.create(name=name).pk for name in sorted(missing["teams"])}
        locations = [Location(name=name) for name in sorted(missing["locations"])]
        self.locations |= {row.name: row.pk for row in Location.objects.bulk_create(locations)}
        items = [ConfigurationItem(name=name) for name in sorted(missing["configuration items"])]
        self.items |= {row.name: row.pk for row in ConfigurationItem.objects.bulk_create(items)}
        problems = [
            Problem(title=name, source_name=SOURCE_NAME, source_number=name)
            for name in sorted(missing["problems"])
        ]
        self.problems |= {row.source_number: row.pk for row in Problem.objects.bulk_create(problems)}
        self._create_categories(missing["categories"])

    def category(self, category: str | None, subcategory: str | None) -> int | None:
        return None if category is None else self.categories[category, subcategory]

    def _create_categories(self, paths: Iterable[Path]) -> None:
        tops = sorted(top for top, below in paths if below is None)
        for row in Category.objects.bulk_create(Category(name=name) for name in tops):
            self.categories[row.name, None] = row.pk
        for top, below in sorted((top, below) for top, below in paths if below is not None):
            parent = self.categories[top, None]
            self.categories[top, below] = Category.objects.create(name=below, parent_id=parent).pk


def pk_in(names: Mapping[str, int], name: str | None) -> int | None:
    return None if name is None else names[name]
