"""One way to find incidents by words, whichever database holds them."""

from incidents.search.finding import search_incidents

__all__ = ["search_incidents"]
