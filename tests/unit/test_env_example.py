""".env.example and the settings agree."""

from __future__ import annotations

from pathlib import Path

from dotenv import dotenv_values

from core.settings import SECRETS, VARIABLES, load_settings

EXAMPLE = Path(__file__).parents[2] / ".env.example"


def test_every_variable_stands_in_the_example_and_nothing_else() -> None:
    assert sorted(dotenv_values(EXAMPLE)) == sorted(VARIABLES)


def test_the_example_copied_unchanged_gives_the_defaults() -> None:
    assert load_settings({}, EXAMPLE) == load_settings({}, None)


def test_the_example_holds_no_secret() -> None:
    given = dotenv_values(EXAMPLE)
    assert [name for name in SECRETS if given[name]] == []


def test_a_token_and_an_admin_are_all_that_is_missing_to_go_live() -> None:
    environ = {"TELEGRAM_BOT_TOKEN": "123456789:AAExampleExampleExampleExampleExample", "ADMIN_IDS": "1"}
    settings = load_settings(environ, EXAMPLE)
    assert settings.missing_for("telegram") == ()
    assert settings.admin_ids == {1}
