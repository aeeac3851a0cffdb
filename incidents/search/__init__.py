"""One way to find incidents by words, whichever database holds them."""

from django.db.models import Q, QuerySet

from incidents.models import Incident, parse_number


def search_incidents(queryset: QuerySet[Incident], text: str) -> QuerySet[Incident]:
    pk = parse_number(text)
    return queryset.filter(Q(title__icontains=text) | Q(description__icontains=text) | Q(pk=pk or -1))
