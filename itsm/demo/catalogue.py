"""What Nordwerk runs: places, teams, services, what they stand on, and how faults are sorted."""

from dataclasses import dataclass
from typing import NamedTuple

from incidents.enums import Criticality, ItemKind
from incidents.models import Category, ConfigurationItem, Location, Service, Team
from itsm.demo.words import OFFICES, TEAMS


class Offer(NamedTuple):
    name: str
    team: str
    criticality: Criticality
    depends_on: tuple[str, ...]
    description: str
    is_public: bool = True


B, H, N = Criticality.BUSINESS, Criticality.HIGH, Criticality.NORMAL
OFFERS = (
    Offer("Office networks", "Network", B, (), "Cable and Wi-Fi in all offices and plants."),
    Offer("VPN and remote access", "Network", B, ("Office networks",), "Work from home and on the road."),
    Offer("Sign-in (SSO)", "Identity", B, ("Virtual servers",), "One account for all applications."),
    Offer("E-mail and calendar", "Workplace", B, ("Sign-in (SSO)",), "Mailboxes, shared ones included."),
    Offer("ERP (SAP)", "ERP", B, ("Sign-in (SSO)", "Virtual servers"), "Orders, stock, invoices, ledger."),
    Offer(
        "Warehouse scanners",
        "Workplace",
        H,
        ("Office networks", "ERP (SAP)"),
        "Hand-held devices in the halls.",
    ),
    Offer("File shares", "Platform", H, ("Virtual servers",), "Team and project folders."),
    Offer("Telephony", "Network", H, ("Office networks",), "Desk phones, queues, softphones."),
    Offer(
        "Customer portal", "Platform", H, ("Sign-in (SSO)", "ERP (SAP)"), "Where customers see their orders."
    ),
    Offer(
        "Plant control interface", "Field service", H, ("Office networks",), "Orders to machines and back."
    ),
    Offer("Video meetings", "Workplace", N, ("Sign-in (SSO)",), "Rooms and laptops."),
    Offer("Printing", "Workplace", N, ("Office networks",), "Office and label printers."),
    Offer("Laptops and phones", "Workplace", N, (), "Devices, docks, screens."),
    Offer("Data warehouse", "Data and reporting", N, ("ERP (SAP)",), "Figures for planning and finance."),
    Offer("Time and travel", "ERP", N, ("ERP (SAP)",), "Working hours, expenses."),
    Offer("Virtual servers", "Platform", H, (), "What the other services run on.", is_public=False),
)

CATEGORIES = {
    "Access and sign-in": ("Password", "Second factor", "Missing right", "New starter"),
    "Network": ("VPN", "Wi-Fi", "Telephony"),
    "Business applications": ("ERP", "Time and travel", "Customer portal", "Plant interface"),
    "E-mail and meetings": ("Mailbox", "Calendar", "Video"),
    "Workplace": ("Laptop", "Screen and dock", "Printer", "Scanner", "Phone"),
    "Data and files": ("File share", "Reports", "Restore"),
    "Servers and platforms": ("Capacity", "Database", "Failed job"),
}

#: names of things, what they are, the service they carry and where they stand
ITEMS = (
    *((f"{code}-fw-0{n}", ItemKind.NETWORK, "VPN and remote access", office)
      for code, office in (("de", "Hamburg"), ("pt", "Lisbon"), ("sg", "Singapore"), ("br", "São Paulo")) for n in (1, 2)),
    *((f"{code}-wlan", ItemKind.NETWORK, "Office networks", office)
      for code, office in (("ham", "Hamburg"), ("che", "Chemnitz"), ("krk", "Kraków"), ("nbo", "Nairobi"),
                           ("jnb", "Johannesburg"), ("aar", "Aarhus"), ("mmx", "Malmö"), ("lys", "Lyon"))),
    *((f"erp-app-0{n}", ItemKind.SERVER, "ERP (SAP)", "Hamburg") for n in (1, 2, 3)),
    ("erp-db", ItemKind.DATABASE, "ERP (SAP)", "Hamburg"),
    ("erp-customs-interface", ItemKind.APPLICATION, "ERP (SAP)", "Hamburg"),
    *((f"sso-node-{n}", ItemKind.SERVER, "Sign-in (SSO)", "Hamburg") for n in (1, 2, 3)),
    ("sms-gateway", ItemKind.APPLICATION, "Sign-in (SSO)", "Hamburg"),
    ("mail-edge-1", ItemKind.SERVER, "E-mail and calendar", "Hamburg"),
    ("mail-edge-2", ItemKind.SERVER, "E-mail and calendar", "Lisbon"),
    *((f"scanner-ap-hall{n}", ItemKind.NETWORK, "Warehouse scanners", "Kraków") for n in (1, 2, 3)),
    *((f"ZT-41{n}", ItemKind.PRINTER, "Printing", office)
      for n, office in enumerate(("Aarhus", "Kraków", "Chemnitz", "Hamburg", "Lisbon"))),
    *((f"MFP-{office[:3].upper()}-1", ItemKind.PRINTER, "Printing", office) for office in ("Hamburg", "Lyon", "Nairobi")),
    *((f"fs-{code}", ItemKind.SERVER, "File shares", office)
      for code, office in (("eu", "Hamburg"), ("asia", "Singapore"), ("latam", "São Paulo"))),
    *((f"pbx-{code}", ItemKind.SERVER, "Telephony", office)
      for code, office in (("eu", "Hamburg"), ("africa", "Nairobi"))),
    ("customer-portal-web", ItemKind.APPLICATION, "Customer portal", "Hamburg"),
    ("customer-portal-search", ItemKind.APPLICATION, "Customer portal", "Hamburg"),
    *((f"plc-gateway-{code}", ItemKind.SERVER, "Plant control interface", office)
      for code, office in (("che", "Chemnitz"), ("aar", "Aarhus"), ("krk", "Kraków"))),
    *((f"room-{name}", ItemKind.WORKPLACE, "Video meetings", "Hamburg") for name in ("elbe", "alster", "bille")),
    ("dwh-primary", ItemKind.DATABASE, "Data warehouse", "Hamburg"),
    ("dwh-replica-1", ItemKind.DATABASE, "Data warehouse", "Hamburg"),
    ("dwh-replica-2", ItemKind.DATABASE, "Data warehouse", "Singapore"),
    ("dwh-loader", ItemKind.APPLICATION, "Data warehouse", "Hamburg"),
    ("expenses-app", ItemKind.APPLICATION, "Time and travel", "Hamburg"),
    ("time-terminal-che", ItemKind.WORKPLACE, "Time and travel", "Chemnitz"),
    *((f"vm-host-0{n}", ItemKind.SERVER, "Virtual servers", "Hamburg") for n in (1, 2, 3, 4)),
    ("vm-storage-a", ItemKind.SERVER, "Virtual servers", "Hamburg"),
    ("dock-firmware-1.14", ItemKind.WORKPLACE, "Laptops and phones", None),
)  # fmt: skip


@dataclass(frozen=True)
class Catalogue:
    offices: dict[str, Location]
    teams: dict[str, Team]
    services: dict[str, Service]
    items: dict[str, ConfigurationItem]
    categories: dict[str, Category]


def make_catalogue() -> Catalogue:
    offices = {
        office.name: Location.objects.create(name=office.name, country=office.country, time_zone=office.zone)
        for office in OFFICES
    }
    teams = {
        name: Team.objects.create(name=name, email=f"{name.lower().replace(' ', '-')}@nordwerk.example")
        for name in TEAMS
    }
    services = _services(teams)
    items = {
        name: ConfigurationItem.objects.create(
            name=name, kind=kind, service=services[service], location=offices[office] if office else None
        )
        for name, kind, service, office in ITEMS
    }
    return Catalogue(offices, teams, services, items, _categories())


def _services(teams: dict[str, Team]) -> dict[str, Service]:
    services = {
        offer.name: Service.objects.create(
            name=offer.name,
            team=teams[offer.team],
            criticality=offer.criticality,
            description=offer.description,
            is_public=offer.is_public,
        )
        for offer in OFFERS
    }
    for offer in OFFERS:
        services[offer.name].depends_on.set(services[name] for name in offer.depends_on)
    return services


def _categories() -> dict[str, Category]:
    found = {}
    for name, parts in CATEGORIES.items():
        top = Category.objects.create(name=name)
        found[name] = top
        found |= {part: Category.objects.create(name=part, parent=top) for part in parts}
    return found
