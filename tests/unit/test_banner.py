"""The launcher's banner."""

from __future__ import annotations

from core.settings import load_settings
from launcher.banner import banner
from launcher.plan import Plan

TOKEN = "123456789:AAExampleExampleExampleExampleExample"


def plan(*, sandbox: bool = False, own_store: bool = True, **environ: str) -> Plan:
    settings = load_settings({"TELEGRAM_BOT_TOKEN": TOKEN, **environ}, None)
    return Plan(sandbox=sandbox, own_store=own_store, environ=environ, settings=settings)


def test_a_password_of_the_user_is_not_shown() -> None:
    shown = banner(plan(sandbox=True, API_USER="ann", API_PASSWORD="open-sesame"), [])
    assert "user ann, password: yours" in shown
    assert "open-sesame" not in shown


def test_the_sandbox_in_a_store_that_is_not_its_own_says_so() -> None:
    assert "REDIS_URL" in banner(plan(sandbox=True, own_store=False), [])
    assert "REDIS_URL" not in banner(plan(sandbox=True), [])


def test_programs_that_have_not_reported_are_named() -> None:
    assert "Not up yet: bot, worker." in banner(plan(), ["bot", "worker"])
    assert "Not up yet" not in banner(plan(), [])


def test_the_api_is_shown_where_this_machine_reaches_it() -> None:
    assert "http://127.0.0.1:5000, user admin" in banner(
        plan(API_PASSWORD="a-long-password", API_HOST="0.0.0.0"), []
    )
    assert "http://[::1]:5000" in banner(plan(API_PASSWORD="a-long-password", API_HOST="::"), [])


def test_the_last_line_is_what_to_do_next() -> None:
    def last(shown: str) -> str:
        return shown.strip().splitlines()[-1].strip()

    assert last(banner(plan(sandbox=True), [])) == "Open http://127.0.0.1:8080 and press Start"
    assert last(banner(plan(), [], "club_bot")) == "Open https://t.me/club_bot and press Start"
    assert last(banner(plan(), ["bot"])) == "Open your bot in Telegram and press Start"


def test_admins_are_counted() -> None:
    assert "Admins    2\n" in banner(plan(ADMIN_IDS="1,2"), [])
