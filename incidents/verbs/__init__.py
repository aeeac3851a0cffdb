"""What can be done to an incident: the table, and what it is made of."""

from incidents.verbs.definition import Definition, Page, Who
from incidents.verbs.table import VERBS, address_of, verbs_from, verbs_where

__all__ = ["VERBS", "Definition", "Page", "Who", "address_of", "verbs_from", "verbs_where"]
