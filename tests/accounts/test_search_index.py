"""What searches look through a million rows with, on PostgreSQL alone."""

import pytest
from django.db import connection as database
from django_scopes import scopes_disabled

from accounts.search_index import search_index
from targets.models import Target


def add(columns: str) -> None:
    operation = search_index("another_search", "targets_target", columns)
    with database.schema_editor() as editor:
        operation.code(None, editor)


@pytest.mark.django_db(transaction=True)
def test_a_role_that_may_not_add_it_goes_on_without(caplog):
    add("(no_such_column::text)")
    warned = [record.args[0] for record in caplog.records]
    assert warned == (["another_search"] if database.vendor == "postgresql" else [])
    with scopes_disabled():
        assert Target.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.services
@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("target_search", ["upper((name)::text)", "((email_key)::text)"]),
        ("change_search", ["upper((label)::text)", "upper((detail)::text)"]),
    ],
)
def test_the_indexes_are_there_and_of_the_expressions_that_django_asks_for(name, columns):
    with database.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [name])
        ((made,),) = cursor.fetchall()
    parts = made.partition(" WHERE ")[0].partition(" USING gin (")[2].removesuffix(")").split(", ")
    assert [part.removesuffix(" gin_trgm_ops") for part in parts] == columns
