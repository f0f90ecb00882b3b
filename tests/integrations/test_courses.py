import pytest
from django.utils import timezone

from tests.factories import ConnectionFactory, CourseFactory

HOSTILE = '"><script>alert(1)</script>{{7*7}}'


def names_in(answer) -> list[str]:
    return [course.name for course in answer.context["page"]]


@pytest.fixture
def connection(acme):
    return ConnectionFactory(account=acme)


@pytest.fixture
def courses(connection):
    CourseFactory(connection=connection, name="Phishing", code="P-1")
    CourseFactory(connection=connection, name="Old", is_active=False)
    CourseFactory(connection=connection, name="Gone", gone_at=timezone.now(), is_active=False)


def test_who_opens_courses(client, as_alice, as_bob, as_charlie, courses):
    everything = ["Gone", "Old", "Phishing"]
    assert client.get("/courses/")["Location"] == "/login/?next=/courses/"
    assert names_in(as_alice.get("/courses/")) == everything
    assert names_in(as_bob.get("/courses/")) == everything
    assert names_in(as_charlie.get("/courses/")) == []
    assert as_alice.post("/courses/").status_code == 405


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=p-1", ["Phishing"]),
        ("q=hish", ["Phishing"]),
        ("state=active", ["Phishing"]),
        ("state=inactive", ["Old"]),
        ("state=gone", ["Gone"]),
        ("provider=litmos", ["Gone", "Old", "Phishing"]),
        ("provider=other&sort=-name", ["Phishing", "Old", "Gone"]),
        ("sort=-code", ["Phishing", "Old", "Gone"]),
        ("sort=connection__api_key_sealed", ["Gone", "Old", "Phishing"]),
    ],
)
def test_search_filters_and_order(as_alice, courses, query, names):
    assert names_in(as_alice.get(f"/courses/?{query}")) == names


def test_states_in_words(as_alice, courses):
    page = as_alice.get("/courses/").text
    assert '<span class="badge bg-green-lt">Active</span>' in page
    assert '<span class="badge bg-secondary-lt">Inactive</span>' in page
    assert '<span class="badge bg-orange-lt">No longer at Litmos</span>' in page


def test_empty_lists_say_what_to_do(as_alice, as_bob, connection):
    assert 'href="/administration/integrations/"' in as_alice.get("/courses/").text
    assert "An Administrator sets up an integration" in as_bob.get("/courses/").text
    CourseFactory(connection=connection)
    assert "No course matches" in as_alice.get("/courses/?q=nothing").text


def test_names_are_inert(as_alice, connection):
    CourseFactory(connection=connection, name=HOSTILE, code=HOSTILE)
    page = as_alice.get("/courses/").text
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}") == 2


@pytest.mark.parametrize("count", [3, 60])
def test_queries_do_not_grow(as_alice, connection, count, django_assert_max_num_queries):
    CourseFactory.create_batch(count, connection=connection)
    with django_assert_max_num_queries(9):
        as_alice.get("/courses/?state=active&provider=litmos")


def test_what_no_database_holds_is_refused(as_alice):
    assert as_alice.get("/courses/?q=%00").status_code == 400
