"""Where the made-up company's people work and what they are called."""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass
from functools import cache

POOL = 200


@dataclass(frozen=True, slots=True)
class Place:
    """In `phone` and `postcode` each # stands for a digit."""

    country: str
    site: str
    culture: str
    timezone: str
    cities: tuple[tuple[str, str], ...]
    street: str
    phone: str
    postcode: str
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]


def _place(
    where: str, cities: str, *, street: str, phone: str, postcode: str, first: str, last: str
) -> Place:
    country, culture, timezone = where.split("|")
    pairs = tuple((city.partition("/")[0], city.partition("/")[2]) for city in cities.split("|"))
    names = tuple(first.split()), tuple(name.replace("_", " ") for name in last.split())
    return Place(
        country, f"{country} site", culture, timezone, pairs, street, phone, postcode, *names
    )


PLACES: tuple[Place, ...] = (
    _place(
        "United States|en-US|Eastern Standard Time",
        "Boston/MA|New York/NY|Atlanta/GA|Philadelphia/PA",
        street="{0} Maple Avenue",
        phone="+1 617 555 01##",
        postcode="0211#",
        first="Olivia Ethan Ava Marcus Chloe Jamal Grace Tyler Naomi Carlos Megan Andre Hannah Cole",
        last="Carter Nguyen Brooks Ramirez Sullivan Washington Cohen Bennett O'Neill Foster Diaz Hall",
    ),
    _place(
        "United Kingdom|en-GB|GMT Standard Time",
        "London|Manchester|Leeds|Bristol",
        street="{0} Station Road",
        phone="+44 20 7946 0###",
        postcode="SE1 #QT",
        first="Amelia Oliver Priya Harry Isla Callum Zara Tom Freya Imran Poppy Rhys Eleanor Kofi",
        last="Hughes Patel Whitaker Ahmed Clarke Okafor Fletcher Singh Barnes McAllister Reid Ward",
    ),
    _place(
        "Germany|de-DE|W. Europe Standard Time",
        "Berlin|Hamburg|München/Bayern|Köln/Nordrhein-Westfalen",
        street="Lindenstraße {0}",
        phone="+49 30 901820###",
        postcode="101##",
        first="Lena Jürgen Mia Lukas Sophie Jörg Aylin Felix Katharina Björn Nele Murat Greta Moritz",
        last="Müller Schäfer Yılmaz Weiß Hoffmann Krüger Vogel Böhm Schröder von_Berg Lang Winkler",
    ),
    _place(
        "France|fr-FR|Romance Standard Time",
        "Paris|Lyon|Nantes|Toulouse",
        street="{0} rue de la République",
        phone="+33 1 99 00 ## ##",
        postcode="750##",
        first="Camille Étienne Inès François Léa Mathieu Zoé Hugo Aïcha Théo Chloé Jean-Luc Élise Noé",
        last="Lefèvre Dubois Benali Moreau Girard Faure d'Arcy Rousseau Chevalier Diallo Marchand Roux",
    ),
    _place(
        "Spain|es-ES|Romance Standard Time",
        "Madrid|Valencia|Sevilla|Bilbao",
        street="Calle Mayor {0}",
        phone="+34 910 555 ###",
        postcode="280##",
        first="Lucía Álvaro Sofía Javier Carmen Íñigo Marta Pablo Nuria Sergio Elena Rubén Paula Iván",
        last="García_López Fernández Núñez Ibáñez Romero Castaño Vidal Ortega Muñoz Serrano Peña Gil",
    ),
    _place(
        "Poland|pl-PL|Central European Standard Time",
        "Warszawa|Kraków|Wrocław|Gdańsk",
        street="ul. Długa {0}",
        phone="+48 22 555 ## ##",
        postcode="00-1##",
        first="Zofia Łukasz Agnieszka Paweł Małgorzata Krzysztof Ewa Michał Joanna Tomasz Kinga Rafał",
        last="Kowalska Wiśniewski Dąbrowski Lewandowska Wójcik Zieliński Szymańska Woźniak Król Mazur",
    ),
    _place(
        "Sweden|sv-SE|W. Europe Standard Time",
        "Stockholm|Göteborg|Malmö",
        street="Storgatan {0}",
        phone="+46 8 465 00 ###",
        postcode="111 ##",
        first="Astrid Björn Elsa Åke Linnea Sven Maja Göran Freja Nils Ida Anders",
        last="Lindqvist Åkesson Bergström Öberg Nyström Sandberg Ekholm Holm Söderlund Forsberg",
    ),
    _place(
        "India|en-IN|India Standard Time",
        "Bengaluru/Karnataka|Pune/Maharashtra|Chennai/Tamil Nadu|Hyderabad/Telangana",
        street="{0} MG Road",
        phone="+91 80 5550 0###",
        postcode="5600##",
        first="Ananya Rohan Kavya Arjun Meera Vikram Divya Siddharth Nandini Karthik Isha Farhan",
        last="Sharma Iyer Reddy Banerjee Menon Khan Deshpande Chatterjee Rao Kulkarni Bose Nair",
    ),
    _place(
        "Japan|ja-JP|Tokyo Standard Time",
        "Tokyo|Osaka|Fukuoka",
        street="{0}-chome, Nihonbashi",
        phone="+81 3 5550 0###",
        postcode="103-00##",
        first="Haruka Kenji Yui Takumi Aiko Daichi Sakura Ren Mai Shota",
        last="Tanaka Kobayashi Watanabe Fujimoto Nakamura Ishikawa Matsuda Ōta Hayashi Mori",
    ),
    _place(
        "Brazil|pt-BR|E. South America Standard Time",
        "São Paulo/SP|Curitiba/PR|Recife/PE",
        street="Avenida Paulista, {0}",
        phone="+55 11 5550-0###",
        postcode="01310-1##",
        first="Beatriz João Larissa Thiago Conceição Rafael Letícia Caio Mônica Vinícius Ana Diego",
        last="Araújo da_Silva Gonçalves Barbosa Ribeiro Magalhães Teixeira Correia Lima Assunção",
    ),
    _place(
        "Nigeria|en-NG|W. Central Africa Standard Time",
        "Lagos|Abuja|Ibadan/Oyo",
        street="{0} Awolowo Road",
        phone="+234 1 555 0###",
        postcode="1012##",
        first="Adaeze Chinedu Funmilayo Emeka Ngozi Tunde Amina Segun Ifeoma Musa",
        last="Adeyemi Okonkwo Balogun Eze Abubakar Nwosu Olawale Danjuma Obi Bello",
    ),
    _place(
        "Kenya|en-KE|E. Africa Standard Time",
        "Nairobi|Mombasa|Kisumu",
        street="{0} Ngong Road",
        phone="+254 20 555 0###",
        postcode="001##",
        first="Wanjiru Brian Achieng Kipchoge Njeri Otieno Faith Kamau Zawadi Juma",
        last="Mwangi Odhiambo Kariuki Wambui Cheruiyot Mutua Hassan Njoroge Auma Kimani",
    ),
    _place(
        "Australia|en-AU|AUS Eastern Standard Time",
        "Sydney/NSW|Melbourne/VIC|Canberra/ACT",
        street="{0} George Street",
        phone="+61 2 5550 0###",
        postcode="200#",
        first="Ruby Lachlan Matilda Jack Mei Cooper Evie Darcy Tahlia Angus",
        last="Thompson Nguyen Kelly Papadopoulos Chen Murray Rossi Walsh Donnelly Tran",
    ),
    _place(
        "United Arab Emirates|ar-AE|Arabian Standard Time",
        "Dubai|Abu Dhabi",
        street="{0} Sheikh Zayed Road",
        phone="+971 4 555 0###",
        postcode="",
        first="Layla Omar Noura Khalid Mariam Yousef Reem Tariq",
        last="Al-Mansoori Haddad Al-Farsi Rahman Nasser Al-Zaabi Sayegh Qureshi",
    ),
)

LATIN = str.maketrans(
    {"ł": "l", "Ł": "L", "ø": "o", "ß": "ss", "đ": "d", "ı": "i", "æ": "ae", " ": "", "'": ""}
)


@cache
def numbers(pattern: str) -> tuple[str, ...]:
    """Some that follow the pattern, always the same."""
    source = random.Random(pattern)  # noqa: S311 made-up telephone numbers and postcodes
    wanted = POOL if "#" in pattern else 1
    return tuple(
        "".join(str(source.randrange(10)) if sign == "#" else sign for sign in pattern)
        for _ in range(wanted)
    )


@cache
def plain(name: str) -> str:
    """A name as it stands in an e-mail address."""
    spelled = unicodedata.normalize("NFKD", name.translate(LATIN))
    return "".join(letter for letter in spelled if letter.isascii()).lower()
