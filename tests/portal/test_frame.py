import re

import pytest

SETTINGS = "/administration/account/"


def test_the_page_in_use_is_marked_in_the_menu(as_alice):
    page = as_alice.get("/administration/account/notifications/").text
    marked = re.findall(r'href="([^"]+)" aria-current="page"', page)
    assert marked == [SETTINGS, "/administration/account/notifications/"]


def test_title_skip_link_and_content(as_alice):
    page = as_alice.get(SETTINGS).text
    assert "<title>Account Settings · Portal</title>" in page
    assert 'href="#content"' in page
    assert page.count("<h1") == page.count('id="content"') == page.count("<main") == 1


def test_htmx_may_not_run_scripts_or_keep_pages(as_alice):
    [config] = re.findall(r'name="htmx-config" content=\'(.*?)\'', as_alice.get(SETTINGS).text)
    assert config == (
        '{"allowEval": false, "allowScriptTags": false, "includeIndicatorStyles": false, '
        '"defaultSettleDelay": 0, "selfRequestsOnly": true, "historyCacheSize": 0}'
    )


def test_names_are_escaped_in_the_frame(as_alice, alice, acme):
    acme.name = alice.name = '"><img src=x onerror=alert(1)>'
    acme.save()
    alice.save()
    page = as_alice.get(SETTINGS).text
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


@pytest.mark.parametrize("address", ["/not/there/", "/accounts/password/reset/key/1-wrong/"])
def test_wrong_addresses_are_answered_kindly(client, db, address):
    text = client.get(address, follow=True).text
    assert "There is no such page" in text or "This link has been used already" in text


def test_a_wrong_address_keeps_the_menu(as_alice):
    answer = as_alice.get("/not/there/")
    assert answer.status_code == 404
    assert "Account Settings" in answer.text


def test_too_many_tries_are_told(client, db, settings):
    settings.ACCOUNT_RATE_LIMITS = {"reset_password": "1/m/ip"}
    form = {"email": "nobody@acme.example"}
    answers = [client.post("/accounts/password/reset/", form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 429]
    assert "That was tried too often." in answers[1].text
