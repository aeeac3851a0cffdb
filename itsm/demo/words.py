"""Places and names of the Nordwerk Group."""

from typing import NamedTuple


class Office(NamedTuple):
    name: str
    country: str
    zone: str
    people: int
    first_names: str
    last_names: str


GERMAN = "Anna Jonas Mia Felix Clara Emil Hanna Max Lea Paul Frieda Moritz Ida Anton Greta Theo"
GERMAN_LAST = "Weber Schulz Hoffmann Koch Richter Klein Wolf Neumann Schwarz Krüger Hartmann Lange Werner"
PORTUGUESE = "Inês João Beatriz Tiago Marta Rui Sofia Diogo Carla Nuno Teresa Pedro Rita André"
PORTUGUESE_LAST = "Santos Almeida Ribeiro Carvalho Teixeira Moreira Correia Mendes Nunes Soares Vieira"

OFFICES = (
    Office("Hamburg", "DE", "Europe/Berlin", 42, GERMAN, GERMAN_LAST),
    Office("Chemnitz", "DE", "Europe/Berlin", 24, GERMAN, GERMAN_LAST),
    Office("Lisbon", "PT", "Europe/Lisbon", 26, PORTUGUESE, PORTUGUESE_LAST),
    Office("Porto", "PT", "Europe/Lisbon", 12, PORTUGUESE, PORTUGUESE_LAST),
    Office(
        "Kraków",
        "PL",
        "Europe/Warsaw",
        24,
        "Zofia Jakub Maja Kacper Lena Filip Hanna Szymon Ola Wojciech Kasia Piotr",
        "Kowalski Wiśniewski Wójcik Kamiński Lewandowski Szymański Dąbrowski Mazur Krawczyk",
    ),
    Office(
        "Lyon",
        "FR",
        "Europe/Paris",
        10,
        "Camille Hugo Manon Louis Chloé Jules Léa Arthur",
        "Martin Bernard Petit Moreau Laurent Girard Roux Fontaine",
    ),
    Office(
        "Aarhus",
        "DK",
        "Europe/Copenhagen",
        9,
        "Freja Emil Ida Oscar Clara Noah Anna Lucas",
        "Jensen Nielsen Hansen Pedersen Larsen Madsen Holm",
    ),
    Office(
        "Malmö",
        "SE",
        "Europe/Stockholm",
        8,
        "Alva Hugo Wilma Elias Saga Axel Maja Nils",
        "Andersson Karlsson Nilsson Eriksson Berg Lund Sandberg",
    ),
    Office(
        "Nairobi",
        "KE",
        "Africa/Nairobi",
        13,
        "Wanjiru Brian Achieng Kevin Njeri Dennis Faith Samuel",
        "Kamau Otieno Mutua Kiprop Njoroge Odhiambo Wambui",
    ),
    Office(
        "Johannesburg",
        "ZA",
        "Africa/Johannesburg",
        9,
        "Thandi Sipho Naledi Pieter Lerato Johan Ayanda Kagiso",
        "Nkosi Botha Mokoena van Wyk Khumalo Naidoo Mahlangu".replace("van ", "van\u00a0"),
    ),
    Office(
        "Singapore",
        "SG",
        "Asia/Singapore",
        12,
        "Wei Hui Jun Mei Kai Priya Farah Arun Li Siti",
        "Tan Lim Lee Ng Wong Goh Rahman Nair Chua",
    ),
    Office(
        "São Paulo", "BR", "America/Sao_Paulo", 8, PORTUGUESE, "Silva Oliveira Souza Lima Costa Gomes Rocha"
    ),
    Office("Santos", "BR", "America/Sao_Paulo", 3, PORTUGUESE, "Barbosa Pinto Freitas Dias Ramos"),
)

#: name, office, department: people of the demo with a face
REQUESTERS = (
    ("joana", "Joana", "Pereira", "Lisbon", "Accounting"),
    ("henrik", "Henrik", "Sørensen", "Aarhus", "Plant management"),
    ("zanele", "Zanele", "Dlamini", "Johannesburg", "Sales"),
    ("marek", "Marek", "Zieliński", "Kraków", "Warehouse"),
    ("aisha", "Aisha", "Rahman", "Singapore", "Finance"),
    ("claire", "Claire", "Dubois", "Lyon", "Legal"),
    ("miguel", "Miguel", "Ferreira", "Santos", "Shipping"),
    ("sofia", "Sofia", "Lindqvist", "Malmö", "Human resources"),
    ("katrin", "Katrin", "Vogel", "Chemnitz", "Production"),
    ("viktor", "Viktor", "Braun", "Hamburg", "Executive office"),
)
DEPARTMENTS = (
    "Accounting",
    "Sales",
    "Warehouse",
    "Production",
    "Shipping",
    "Purchasing",
    "Human resources",
    "Finance",
    "Quality",
    "Engineering",
    "Customer care",
)

#: log-in, first and last name, office, role, teams
AGENTS = (
    ("lena", "Lena", "Fischer", "Hamburg", "Agent", ("Service desk", "Workplace")),
    ("tomas", "Tomás", "Rivera", "Lisbon", "Team lead", ("Service desk",)),
    ("amara", "Amara", "Okonkwo", "Nairobi", "Incident manager", ("Service desk",)),
    ("jonas", "Jonas", "Keller", "Hamburg", "Agent", ("Network",)),
    ("mei", "Mei", "Chua", "Singapore", "Agent", ("Network", "Platform")),
    ("wei", "Wei Ling", "Tan", "Singapore", "Agent", ("ERP",)),
    ("pawel", "Paweł", "Nowak", "Kraków", "Agent", ("Workplace", "Field service")),
    ("ines", "Inês", "Duarte", "Lisbon", "Team lead", ("Identity", "ERP")),
    ("rafael", "Rafael", "Costa", "São Paulo", "Agent", ("Platform", "Data and reporting", "Identity")),
    ("david", "David", "Mwangi", "Nairobi", "Agent", ("Field service", "Data and reporting")),
    ("greta", "Greta", "Holm", "Malmö", "Auditor", ()),
    ("ada", "Ada", "Brandt", "Hamburg", "Administrator", ()),
)
TEAMS = (
    "Service desk",
    "Network",
    "ERP",
    "Identity",
    "Workplace",
    "Platform",
    "Field service",
    "Data and reporting",
)
