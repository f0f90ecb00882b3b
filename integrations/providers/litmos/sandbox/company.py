"""The made-up company: its teams, its jobs and its courses. No list ever runs out."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, islice, product

COMPANY = "Acme"
DOMAIN = "acme.example"

#: Name, and the name of the team above.
TEAMS = (
    ("Engineering", ""),
    ("Sales", ""),
    ("Sales EMEA", "Sales"),
    ("Customer Support", ""),
    ("Finance", ""),
    ("Human Resources", ""),
    ("Platform Engineering", "Engineering"),
    ("Research &amp; Development", ""),
    ("Marketing", ""),
    ("Sales Americas", "Sales"),
    ("Payroll", "Finance"),
    ("Operations", ""),
    ("Warehouse", "Operations"),
    ("Warehouse Night Shift", "Warehouse"),
    ("Quality Assurance", "Engineering"),
    ("Legal", ""),
    ("Talent Acquisition", "Human Resources"),
    ("IT Service Desk", ""),
    ("Sales APAC", "Sales"),
    ("Procurement", "Finance"),
    ("Communications", "Marketing"),
    ("Field Service", "Operations"),
    ("Executive Assistants", ""),
    ("Information Security", ""),
    ("Contractors", ""),
)
SITES = (
    *("Boston", "London", "Berlin", "Paris", "Madrid", "Warszawa", "Stockholm", "Bengaluru"),
    *("Tokyo", "São Paulo", "Lagos", "Nairobi", "Sydney", "Dubai", "Atlanta", "Manchester"),
    *("Hamburg", "Lyon", "Valencia", "Kraków", "Göteborg", "Pune", "Osaka", "Curitiba"),
)
CREWS = (
    *("Sales", "Support", "Finance", "Marketing", "Logistics", "Engineering", "Reception"),
    *("Facilities", "Field Service", "Onboarding", "Audit", "Training"),
)

JOBS = (
    *("Account Executive", "Software Engineer", "Support Specialist", "Financial Analyst"),
    *("HR Business Partner", "Warehouse Associate", "Marketing Coordinator", "Data Analyst"),
    *("Quality Engineer", "Service Desk Analyst", "Buyer", "Project Lead", "Office Assistant"),
    *("Legal Counsel", "Field Technician", "Payroll Specialist", "Product Designer"),
)
LEADING_JOBS = ("Head of Department", "Director", "Regional Lead", "Team Lead")
COST_CENTRES = ("CC-1000", "CC-1200", "CC-2100", "CC-2400", "CC-3300", "CC-4700")
EMPLOYMENT = ("Permanent", "Permanent", "Permanent", "Fixed term", "Contractor", "Apprentice")

#: Code, name, description, whether it is active.
COURSES = (
    ("PHISH-101", "Phishing Awareness Essentials", "How to tell a phishing e-mail.", True),
    ("BEC-110", "Spotting Business E-mail Compromise", "Invoices, gift cards, the boss.", True),
    ("PASS-120", "Passphrases and Multi-Factor Log-in", "Why length wins.", True),
    ("REPORT-130", "Reporting Suspicious Messages", "The report button and what follows.", True),
    ("PHISH-101-2019", "Phishing Awareness (2019 edition)", "Replaced by PHISH-101.", False),
    ("REMOTE-140", "Working Safely Away from the Office", "Trains, cafés, hotel Wi-Fi.", True),
    ("SMISH-150", "Smishing and Vishing", "Phishing by text message and by phone.", True),
    ("GDPR-200", "Data Protection Basics", "Personal data &amp; your duties.", True),
    ("SOCIAL-160", "Social Engineering at the Front Desk", "", True),
    ("", "Welcome to Acme", "For everybody's first day.", True),
    ("QR-170", "QR Codes and Quishing", "Look before you scan.", True),
    ("USB-099", "Found a USB Stick?", "No longer offered.", False),
)
TOPICS = ("Phishing", "Passwords", "Privacy", "Incident Reporting", "Secure Coding", "Travel")
LEVELS = ("Refresher", "for Leaders", "Advanced", "Quiz", "for New Starters")


def team_names(wanted: int) -> Iterator[tuple[str, str]]:
    return islice(_team_names(), wanted)


def _team_names() -> Iterator[tuple[str, str]]:
    yield from TEAMS
    for crew, site in product(CREWS, SITES):
        yield f"{site} {crew}", ""
    for number in count(1):
        for crew, site in product(CREWS, SITES):
            yield f"{site} {crew} – Group {number}", f"{site} {crew}"


def courses(wanted: int) -> Iterator[tuple[str, str, str, bool]]:
    return islice(_courses(), wanted)


def _courses() -> Iterator[tuple[str, str, str, bool]]:
    yield from COURSES
    for year in count(2021):
        for topic, level in product(TOPICS, LEVELS):
            code = f"{topic[:4].upper()}-{level[:3].upper()}-{year}".replace(" ", "")
            yield code, f"{topic} {level} {year}", "", year > 2021 or level != "Quiz"
