"""The Content Security Policy blocks whatever is written into a page; so nothing is."""

import re

import pytest
from django.conf import settings

FORBIDDEN = {
    "a style attribute": r"<[^>]*\sstyle\s*=",
    "an event attribute": r"<[^>]*\son[a-z]+\s*=",
    "an htmx event attribute": r"\shx-on[:-]",
    "an inline script": r"<script(?![^>]*\ssrc=)(?![^>]*type=\"application/json\")",
    "an inline style sheet": r"<style[\s>]",
    "a script address": r"javascript:",
    "another host's file": r"<(?:script|link|img)[^>]*(?:src|href)\s*=\s*[\"'](?:https?:)?//",
    "unescaped output": r"\|\s*safe\b|autoescape off",
}
PAGES = sorted(
    path
    for path in (settings.BASE_DIR / "templates").rglob("*.html")
    if "emails" not in path.parts and "email" not in path.parts
)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(settings.BASE_DIR)))
def test_no_template_has_what_the_policy_blocks(path):
    text = path.read_text()
    assert [name for name, pattern in FORBIDDEN.items() if re.search(pattern, text, re.I)] == []


@pytest.mark.parametrize(
    "line",
    [
        '<p style="color: red">',
        "<a href='#' onclick='go()'>",
        "<script>go()</script>",
        '<a href="javascript:go()">',
        '<img src="https://cdn.example/x.png">',
        "{{ name|safe }}",
    ],
)
def test_the_patterns_find_what_they_name(line):
    assert any(re.search(pattern, line, re.I) for pattern in FORBIDDEN.values())


WITHOUT_A_WAY_BACK = {"portal/dashboard.html"}
BASES = ("base.html", "integrations/page.html", "mails/setting_page.html")


def pages() -> list[str]:
    """Templates of whole pages inside the frame, by their names."""
    folder = settings.BASE_DIR / "templates"
    texts = {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.html")}
    return sorted(
        name
        for name, text in texts.items()
        if name not in BASES and any(f'{{% extends "{base}" %}}' in text for base in BASES)
    )


@pytest.mark.parametrize("name", pages())
def test_each_page_has_a_title_and_says_where_it_is(name):
    text = (settings.BASE_DIR / "templates" / name).read_text()
    assert "{% block title %}" in text
    assert "{% block heading %}" in text
    crumbs = "{% block breadcrumbs %}" in text or "{% block crumbs %}" in text
    assert crumbs != (name in WITHOUT_A_WAY_BACK)
