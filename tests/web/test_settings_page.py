from __future__ import annotations


def test_it_changes_language_and_theme(alice, people):
    response = alice.post("/settings/", {"language": "en", "theme": "dark"})
    assert response["Location"] == "/settings/"
    page = alice.get("/settings/").text
    people.alice.refresh_from_db()
    assert (people.alice.language, people.alice.theme) == ("en", "dark")
    assert 'data-bs-theme="dark"' in page
    assert 'lang="en"' in page
    assert "Settings saved" in page


def test_a_choice_that_does_not_exist_is_refused(alice, people):
    response = alice.post("/settings/", {"language": "fr", "theme": "dark"})
    assert response.status_code == 422
    assert "zk-error" in response.text
    people.alice.refresh_from_db()
    assert (people.alice.language, people.alice.theme) == ("zh-hans", "auto")


def test_the_theme_follows_the_system_at_first(alice):
    assert 'data-bs-theme="auto"' in alice.get("/settings/").text


def test_it_rejects_other_methods(alice):
    assert alice.put("/settings/").status_code == 405
