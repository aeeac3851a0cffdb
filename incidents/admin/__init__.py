"""The agents' door. Each module registers the pages of its nouns."""

from incidents.admin import catalogue, incident, monitoring, people, review, sla, tokens

__all__ = ["catalogue", "incident", "monitoring", "people", "review", "sla", "tokens"]
