"""Words of an account's own: which fields they may hold, and what is put in their place."""

import pytest

from integrations.mail_words import (
    FIELDS,
    IN_A_SUBJECT,
    STANDARD_SUBJECT,
    STANDARD_TEXT,
    filled,
    filled_text,
    paragraphs,
    problems_of,
)


def test_the_standard_words_have_no_problem():
    assert problems_of(STANDARD_SUBJECT, IN_A_SUBJECT) == []
    assert problems_of(STANDARD_TEXT, FIELDS) == []


@pytest.mark.parametrize(
    ("words", "sentences"),
    [
        ("[[ account ]] and [[link]]", []),
        ("{{ account }} {% load x %} {account.secret}", []),
        (
            "[[Account]] [[secret]] [[secret]]",
            [
                "[[Account]] is no field. Use one of those listed.",
                "[[secret]] is no field. Use one of those listed.",
            ],
        ),
        ("[[]]", ["[[]] is no field. Use one of those listed."]),
        (
            "[[account] and [[link]]",
            ["A field begins with [[ and ends with ]], and one of them is missing."],
        ),
    ],
)
def test_what_is_wrong_is_named(words, sentences):
    assert problems_of(words, FIELDS) == sentences


@pytest.mark.parametrize("name", ["counts", "details", "link"])
def test_a_subject_takes_no_long_field(name):
    [sentence] = problems_of(f"[[{name}]]", IN_A_SUBJECT)
    assert sentence == f"[[{name}]] can't stand here: a subject is one short line."


def test_values_are_put_in_once_and_are_no_templates():
    values = {"account": "[[link]] {{ secret }}", "link": "https://portal.example/"}
    assert filled("[[account]] at [[link]]", values) == (
        "[[link]] {{ secret }} at https://portal.example/"
    )


def test_empty_values_leave_no_gap():
    assert filled_text("[[details]]\n\nA\n\n[[counts]]\n \nB", {"details": "", "counts": ""}) == (
        "A\n\nB"
    )


def test_the_link_parts_the_lines():
    text = "See https://p.example/1/ now\nor later\n\nBye"
    assert paragraphs(text, "https://p.example/1/") == [
        [["See ", " now"], ["or later"]],
        [["Bye"]],
    ]


def test_many_brackets_take_no_time():
    """With time that grows as the square of the length, this would take hours."""
    assert len(problems_of("[[" * 1_000_000, FIELDS)) == 1
