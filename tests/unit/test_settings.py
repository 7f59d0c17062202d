"""Settings: sources, types, and error messages."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from core.domain.errors import ConfigurationError
from core.domain.version import VERSION
from core.settings import SECRETS, VARIABLES, Settings, check_api_host, load_settings

TOKEN = "123456789:AAExampleExampleExampleExampleExample"


def refusal(**environ: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(environ, None)
    return str(caught.value)


def test_nothing_set_gives_the_documented_defaults() -> None:
    settings = load_settings({}, None)
    assert settings.telegram_api_url == "https://api.telegram.org"
    assert settings.whatsapp_api_url == "https://graph.facebook.com/v26.0"
    assert settings.viber_api_url == "https://chatapi.viber.com"
    assert (settings.telegram_rate, settings.whatsapp_rate, settings.viber_rate) == (25, 80, 20)
    assert (settings.retry_count, settings.retry_interval) == (5, 60)
    assert settings.delete_finished_timeout == settings.delete_failed_timeout == 30 * 86_400
    assert (settings.api_host, settings.api_port, settings.sandbox_port) == ("127.0.0.1", 5000, 8080)
    assert settings.api_password is None
    assert settings.admin_ids == frozenset()
    assert settings.zone == ZoneInfo("UTC")


def test_values_come_from_the_environment_typed() -> None:
    settings = load_settings(
        {
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "ADMIN_IDS": " 12, 34 ,",
            "TZ": "Europe/Berlin",
            "WHATSAPP_RATE": "0.5",
        },
        None,
    )
    assert settings.telegram_bot_token is not None
    assert settings.telegram_bot_token.get_secret_value() == TOKEN
    assert settings.admin_ids == {12, 34}
    assert settings.zone.key == "Europe/Berlin"
    assert settings.whatsapp_rate == 0.5


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text(
        "API_PORT=5001\nAPI_USER=\"the boss\"  # a comment\nVIBER_SENDER_NAME='Bäckerei $HOME'\n"
    )
    settings = load_settings({"API_PORT": "5002"}, env_file)
    assert settings.api_port == 5002
    assert settings.api_user == "the boss"
    assert settings.viber_sender_name == "Bäckerei $HOME"


def test_an_empty_variable_is_not_set_and_hides_the_file(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text(f"TELEGRAM_BOT_TOKEN={TOKEN}\nAPI_PORT=\n")
    settings = load_settings({"TELEGRAM_BOT_TOKEN": " "}, env_file)
    assert settings.telegram_bot_token is None
    assert settings.api_port == 5000


def test_a_missing_file_is_fine(tmp_path: Path) -> None:
    assert load_settings({}, tmp_path / "none.env") == load_settings({}, None)


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_may_stand_in_a_file_of_its_own(name: str, tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text(f"{TOKEN}\n")
    settings = load_settings({f"{name}_FILE": str(path)}, None)
    assert getattr(settings, name.lower()).get_secret_value() == TOKEN


def test_a_secret_given_twice_is_refused(tmp_path: Path) -> None:
    said = refusal(API_PASSWORD="hush-hush", API_PASSWORD_FILE=str(tmp_path / "x"))
    assert said.startswith("API_PASSWORD: is set, and API_PASSWORD_FILE too")
    assert "hush-hush" not in said


def test_a_secret_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert "API_PASSWORD_FILE" in refusal(API_PASSWORD_FILE=str(tmp_path / "none"))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ADMIN_IDS", "abc", 'ADMIN_IDS: "abc" is not a number. Example: ADMIN_IDS=111111111,222222222'),
        ("ADMIN_IDS", "12,-5", 'ADMIN_IDS: "-5" is not a user id'),
        ("ADMIN_IDS", "@ann", '"@ann" is not a number'),
        ("ADMIN_IDS", "123456789012345678", '"123456789012345678" is too large for a user id'),
        ("API_PORT", "0", 'API_PORT: "0" is not between 1 and 65535. Example: API_PORT=5000'),
        ("API_PORT", "65536", "is not between 1 and 65535"),
        ("API_PORT", "5e3", '"5e3" is not a whole number'),
        ("SANDBOX_PORT", "http", "SANDBOX_PORT: "),
        ("TELEGRAM_RATE", "0", "TELEGRAM_RATE: "),
        ("WHATSAPP_RATE", "-1", "WHATSAPP_RATE: "),
        ("VIBER_RATE", "nan", "VIBER_RATE: "),
        ("VIBER_RATE", "fast", 'VIBER_RATE: "fast" is not a number'),
        ("RETRY_COUNT", "-1", "RETRY_COUNT: "),
        ("RETRY_INTERVAL", "1.5", "RETRY_INTERVAL: "),
        ("WORKER_CONCURRENCY", "0", "WORKER_CONCURRENCY: "),
        ("TZ", "Mars/Olympus", 'TZ: "Mars/Olympus" is not a time zone'),
        ("TZ", "/etc/localtime", "TZ: "),
        ("TZ", "..", "TZ: "),
        ("LOG_LEVEL", "loud", 'LOG_LEVEL: "loud" is none of DEBUG'),
        ("TELEGRAM_API_URL", "api.telegram.org", "TELEGRAM_API_URL: is not an address that starts with http"),
        ("WHATSAPP_API_URL", "https://", "WHATSAPP_API_URL: "),
        ("VIBER_API_URL", "ftp://x", "VIBER_API_URL: "),
        ("TELEGRAM_API_URL", "https://api.telegram.org/bot", "ends in /bot, which belongs to each call"),
        (
            "TELEGRAM_API_URL",
            f"https://api.telegram.org/bot{TOKEN}",
            "ends in /bot, which belongs to each call",
        ),
        ("WHATSAPP_API_URL", "https://graph.facebook.com", "does not end in a version of the Graph API"),
        ("WHATSAPP_API_URL", "https://graph.facebook.com/26.0", "does not end in a version of the Graph API"),
        ("WHATSAPP_API_URL", "https://graph.facebook.com/v26.0/1/messages", "and nothing behind it"),
        ("WHATSAPP_TOKEN", "\u0415\u0410\u0410abc", "a letter in it that is not from A to Z"),
        ("VIBER_AUTH_TOKEN", "445da6\u200baz1", "a letter in it that is not from A to Z"),
        ("REDIS_URL", "localhost:6379", "REDIS_URL: is not an address that starts with redis://"),
        ("REDIS_URL", "redis://h:99999/0", "REDIS_URL: "),
        ("REDIS_URL", "sentinel://one,two", "REDIS_URL: does not name Sentinels and their master"),
        ("REDIS_URL", "sentinel://one,,two/main", "REDIS_URL: "),
        ("STORE_REPLICAS", "-1", "STORE_REPLICAS: "),
        ("API_USER", "a:b", "API_USER: "),
        ("API_HOST", "a b", "API_HOST: "),
        ("WHATSAPP_PHONE_NUMBER_ID", "+1202555", "WHATSAPP_PHONE_NUMBER_ID: "),
        ("VIBER_SENDER_NAME", "x" * 29, "VIBER_SENDER_NAME: "),
    ],
)
def test_nonsense_is_refused_with_name_reason_and_example(name: str, value: str, said: str) -> None:
    text = refusal(**{name: value})
    assert said in text
    assert f"Example: {name}=" in text


@pytest.mark.parametrize("name", SECRETS)
def test_a_wrong_secret_is_never_repeated(name: str) -> None:
    text = refusal(**{name: "hush hush\x07"})
    assert text.startswith(f"{name}: ")
    assert "hush" not in text


def test_a_password_in_a_wrong_store_address_is_never_repeated() -> None:
    assert "hush" not in refusal(REDIS_URL="http://:hush@host/0")


def test_a_token_in_the_wrong_variable_is_never_repeated() -> None:
    assert TOKEN not in refusal(ADMIN_IDS=TOKEN)


def test_every_wrong_variable_has_a_line_of_its_own() -> None:
    lines = refusal(API_PORT="x", TZ="x", ADMIN_IDS="x").splitlines()
    assert [line.partition(":")[0] for line in lines] == ["ADMIN_IDS", "TZ", "API_PORT"]


def test_every_example_is_accepted() -> None:
    text = refusal(**dict.fromkeys((*VARIABLES[:-1], "LOG_LEVEL"), "\x07 \x07"))
    examples = dict(line.rpartition("Example: ")[2].split("=", 1) for line in text.splitlines())
    assert set(examples) >= set(VARIABLES) - {"DATA_DIR", "VIBER_SENDER_NAME"}
    load_settings(examples, None)


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, ("WHATSAPP_TOKEN", "WHATSAPP_PHONE_NUMBER_ID")),
        ({"WHATSAPP_TOKEN": "x"}, ("WHATSAPP_PHONE_NUMBER_ID",)),
        ({"WHATSAPP_TOKEN": "x", "WHATSAPP_PHONE_NUMBER_ID": "100200300"}, ()),
    ],
)
def test_a_messenger_names_the_variables_it_lacks(given: dict[str, str], missing: tuple[str, ...]) -> None:
    assert load_settings(given, None).missing_for("whatsapp") == missing


def test_telegram_and_viber_name_their_variables() -> None:
    settings = load_settings({}, None)
    assert settings.missing_for("telegram") == ("TELEGRAM_BOT_TOKEN",)
    assert settings.missing_for("viber") == ("VIBER_AUTH_TOKEN", "VIBER_SENDER_NAME")


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("redis://host:6379/0", "redis://:p%40%20s@host:6379/0"),
        ("redis://ann@host/1", "redis://ann:p%40%20s@host/1"),
        ("redis://:own@host/0", "redis://:own@host/0"),
        ("rediss://[::1]:6380", "rediss://:p%40%20s@[::1]:6380"),
        ("sentinel://one:26380,two/main/1", "sentinel://:p%40%20s@one:26380,two/main/1"),
    ],
)
def test_the_store_password_goes_into_the_address_unless_one_is_there(url: str, address: str) -> None:
    assert load_settings({"REDIS_URL": url, "REDIS_PASSWORD": "p@ s"}, None).store_address() == address


def test_the_password_of_the_sentinels_is_one_of_its_own() -> None:
    environ = {"REDIS_URL": "sentinel://one,two/main", "REDIS_PASSWORD": "a", "SENTINEL_PASSWORD": "b&"}
    assert load_settings(environ, None).store_address() == "sentinel://:a@one,two/main?sentinel_password=b%26"


def test_options_of_tls_stay_and_a_password_among_them_is_a_secret() -> None:
    url = "rediss+sentinel://one,two/main?ssl_ca_certs=%2Fetc%2Fca.pem"
    found = load_settings({"REDIS_URL": url, "SENTINEL_PASSWORD": "b&"}, None)
    assert found.store_address() == f"{url}&sentinel_password=b%26"
    found = load_settings({"REDIS_URL": f"{url}&sentinel_password=own", "SENTINEL_PASSWORD": "b"}, None)
    assert found.store_address() == f"{url}&sentinel_password=own"
    assert "own" in found.secret_values()


def test_secrets_show_neither_in_repr_nor_in_str() -> None:
    environ = dict.fromkeys(SECRETS, TOKEN) | {"REDIS_URL": "redis://:hush@host/0"}
    shown = repr(load_settings(environ, None)) + str(load_settings(environ, None))
    assert TOKEN not in shown
    assert "hush" not in shown


def test_secret_values_lists_every_secret_once() -> None:
    environ = {name: f"{TOKEN}{number}" for number, name in enumerate(SECRETS)}
    environ["REDIS_URL"] = "redis://:a%2Fb@host/0"
    assert load_settings(environ, None).secret_values() == {
        *(environ[name] for name in SECRETS),
        "a/b",
        "a%2Fb",
    }


def test_settings_cannot_be_changed_after_they_were_read() -> None:
    settings = Settings()
    with pytest.raises(ValidationError):
        settings.api_port = 1  # type: ignore[misc]  # the assignment is what must fail


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    assert project["project"]["version"] == VERSION


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"TELEGRAM_BOT_TOKEN: {TOKEN}\n", ".env, line 1: cannot be read."),
        (
            f"\n# ours\nTELEGRAM_TOKEN={TOKEN}\n",
            "TELEGRAM_TOKEN is no setting. Do you mean TELEGRAM_BOT_TOKEN?",
        ),
        (f"TELEGRAM_BOT_TOKEN=\n{TOKEN}\n", ".env, line 2: cannot be read."),
        (
            f"TELEGRAM-BOT-TOKEN={TOKEN}\n",
            "TELEGRAM-BOT-TOKEN is no setting. Do you mean TELEGRAM_BOT_TOKEN?",
        ),
        ("ADMINS_IDS=1001\n", "line 1: ADMINS_IDS is no setting. Do you mean ADMIN_IDS?"),
        ("admin_ids=1001\n", "admin_ids is no setting. Do you mean ADMIN_IDS?"),
        (f'API_PORT=5001\nTELEGRAM_BOT_TOKEN="{TOKEN}\nADMIN_IDS=1001\n', "close every quote"),
        ("API_PASSWORD=pa #word\n", "the value of API_PASSWORD ends at the #"),
        (
            "API_PASSWORD=\u201ca-long-password\u201d\n",
            "the quotation marks around the value of API_PASSWORD",
        ),
        ("API_PASSWORD=pa$word\n", "line 1: docker compose reads the $ in the value of API_PASSWORD"),
        ('API_PASSWORD="pa$word"\n', "Put the value in single quotes."),
        ("ADMIN_IDS=1\nTZ=UTC\nADMIN_IDS=2\n", "line 3: ADMIN_IDS is in line 1 too, with another value."),
        ("Bäckerei=1\n".encode("latin-1"), ".env: is not UTF-8 text."),
        (f"TELEGRAM_BOT_TOKEN={TOKEN}\n".encode("utf-16"), ".env: is not UTF-8 text."),
    ],
)
def test_a_line_of_the_file_that_cannot_be_meant_is_named(
    tmp_path: Path, text: str | bytes, said: str
) -> None:
    env_file = tmp_path / ".env"
    env_file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigurationError, match=re.escape(said)) as refused:
        load_settings({}, env_file)
    assert TOKEN not in str(refused.value)


def test_the_bot_is_no_admin_of_itself() -> None:
    assert f"ADMIN_IDS: {TOKEN.partition(':')[0]} is the bot itself" in refusal(
        TELEGRAM_BOT_TOKEN=TOKEN, ADMIN_IDS=f"1001,{TOKEN.partition(':')[0]}"
    )


def test_the_api_listens_on_an_address_of_this_machine_only() -> None:
    given = {"API_PASSWORD": "a-long-password"}
    check_api_host(load_settings({**given, "API_HOST": "0.0.0.0"}, None))
    for host in ("192.0.2.1", "no-such-host.invalid"):
        with pytest.raises(ConfigurationError, match=f'API_HOST: "{host}" is no address of this machine'):
            check_api_host(load_settings({**given, "API_HOST": host}, None))


def test_a_file_may_hold_what_is_of_no_concern_here(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_bytes(
        b"\xef\xbb\xbfCOMPOSE_PROJECT_NAME=shop\r\nHTTPS_PROXY=http://proxy:3128\r\nexport API_PORT=5001\r\n"
        b"API_PASSWORD='pa #$word'\r\nAPI_USER=boss # who\r\nLOOSE\r\n"
    )
    settings = load_settings({}, env_file)
    assert (settings.api_port, settings.api_user) == (5001, "boss")
    assert settings.api_password is not None
    assert settings.api_password.get_secret_value() == "pa #$word"


@pytest.mark.parametrize(
    "proxy", ["socks4://127.0.0.1:1080", "socks5:/127.0.0.1:1080", "http://:3128", "proxy:http"]
)
def test_a_proxy_that_cannot_be_used_is_refused_in_a_sentence(proxy: str) -> None:
    with pytest.raises(ConfigurationError, match="ALL_PROXY: is not the address of a proxy that can be used"):
        load_settings({"ALL_PROXY": proxy}, None)


@pytest.mark.parametrize(
    "proxy", ["socks5://me:pa@127.0.0.1:1080", "socks5h://proxy", "http://proxy:3128", "proxy:3128"]
)
def test_http_and_socks_proxies_are_taken(proxy: str) -> None:
    assert load_settings({"HTTPS_PROXY": proxy, "NO_PROXY": "*.local, 10.0.0.0/8"}, None).tz == "UTC"


def test_a_short_password_is_refused_where_the_api_is_open_to_others() -> None:
    said = refusal(API_HOST="0.0.0.0", API_PASSWORD="hush-hush-1")
    assert said.startswith("API_PASSWORD: is shorter than 12 characters")
    for host, password in (("0.0.0.0", "hush-hush-12"), ("127.0.0.1", "short")):
        given = {"API_HOST": host, "API_PASSWORD": password}
        assert load_settings(given, env_file=None).api_password is not None


def test_the_same_line_twice_in_the_file_is_taken(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("ADMIN_IDS=1\nOTHER=a\nADMIN_IDS=1\nOTHER=b\n")
    assert load_settings({}, env_file).admin_ids == frozenset({1})
