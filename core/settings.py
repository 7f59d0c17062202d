"""The settings: read once at start from the environment and .env, typed, nonsense refused."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote, urlsplit
from zoneinfo import ZoneInfo

from dotenv import dotenv_values
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from core.domain.broadcast import Late
from core.domain.errors import ConfigurationError
from core.domain.quiet_hours import QuietHours
from core.settings_types import (
    TOKEN_FORM,
    AdminIds,
    Attempts,
    Crowd,
    Hold,
    Host,
    HttpUrl,
    LateChoice,
    Level,
    Lines,
    Password,
    PhoneNumberId,
    Port,
    QuietSpan,
    Rate,
    Seconds,
    Secret,
    SenderName,
    Slots,
    StoreUrl,
    TelegramToken,
    UserName,
    Zone,
)

_DAY: Final = 86_400


class Settings(BaseModel):
    """One attribute per variable, named as the variable in lower case. None means: not set."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    telegram_bot_token: TelegramToken | None = None
    admin_ids: AdminIds = frozenset()
    editor_ids: AdminIds = frozenset()
    viewer_ids: AdminIds = frozenset()
    approval_above: Crowd = 0
    audit_keep: Lines = 10_000
    telegram_api_url: HttpUrl = "https://api.telegram.org"

    whatsapp_token: Secret | None = None
    whatsapp_phone_number_id: PhoneNumberId | None = None
    whatsapp_app_secret: Secret | None = None
    whatsapp_verify_token: Secret | None = None
    whatsapp_api_url: HttpUrl = "https://graph.facebook.com/v26.0"

    viber_auth_token: Secret | None = None
    viber_sender_name: SenderName | None = None
    viber_api_url: HttpUrl = "https://chatapi.viber.com"

    webhook_url: HttpUrl | None = None
    webhook_secret: Secret | None = None

    tz: Zone = "UTC"
    quiet_hours: QuietSpan | None = None
    late: LateChoice = "ask"
    late_after: Seconds = 900
    retry_count: Attempts = 5
    retry_interval: Seconds = 60
    delete_finished_timeout: Seconds = 30 * _DAY
    delete_failed_timeout: Seconds = 30 * _DAY
    telegram_rate: Rate = 25.0
    whatsapp_rate: Rate = 80.0
    viber_rate: Rate = 20.0
    webhook_rate: Rate = 50.0
    worker_concurrency: Slots = 200
    undo_seconds: Hold = 10

    redis_url: StoreUrl | None = Field(default=None, repr=False)  # it may bring its password
    redis_password: Password | None = None
    data_dir: Path = Path("data")

    api_host: Host = "127.0.0.1"
    api_port: Port = 5000
    api_user: UserName = "admin"
    api_password: Password | None = None

    sandbox_port: Port = 8080
    log_level: Level = "INFO"

    @field_validator("editor_ids", "viewer_ids")
    @classmethod
    def _one_role_each(cls, ids: frozenset[int], info: ValidationInfo) -> frozenset[int]:
        for earlier in ("admin_ids", "editor_ids"):
            doubled = ids & info.data.get(earlier, frozenset())
            if doubled and earlier != info.field_name:
                raise ValueError(f"{min(doubled)} stands in {earlier.upper()} too: everybody has one role")
        return ids

    @property
    def zone(self) -> ZoneInfo:
        """The zone of every date that is shown or typed without one."""
        return ZoneInfo(self.tz)

    @property
    def quiet(self) -> QuietHours | None:
        """When nobody is written to who has no quiet hours of their own."""
        return QuietHours.parse(f"{self.quiet_hours}@{self.tz}") if self.quiet_hours else None

    @property
    def late_choice(self) -> Late:
        """What becomes of a planned broadcast that is too late, where nobody said otherwise."""
        return Late(self.late)

    def missing_for(self, messenger: str) -> tuple[str, ...]:
        """The variables that are not set and without which `messenger` ("telegram", ...) cannot deliver."""
        needed = _NEEDED[messenger]
        return tuple(name for name in needed if getattr(self, name.lower()) is None)

    def secret_values(self) -> frozenset[str]:
        """Every secret, as text, to be scrubbed from whatever is shown or logged."""
        values = [value.get_secret_value() for _, value in self if isinstance(value, SecretStr)]
        password = urlsplit(self.redis_url or "").password
        values += [password, unquote(password)] if password else []
        return frozenset(values)

    def store_address(self) -> str | None:
        """REDIS_URL with REDIS_PASSWORD in it, unless the URL brings its own; None without REDIS_URL."""
        if self.redis_url is None or self.redis_password is None:
            return self.redis_url
        parts = urlsplit(self.redis_url)
        if parts.password is not None:
            return self.redis_url
        host = parts.netloc.rpartition("@")[2]
        password = quote(self.redis_password.get_secret_value(), safe="")
        return parts._replace(netloc=f"{parts.username or ''}:{password}@{host}").geturl()


_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "telegram": ("TELEGRAM_BOT_TOKEN",),
    "whatsapp": ("WHATSAPP_TOKEN", "WHATSAPP_PHONE_NUMBER_ID"),
    "viber": ("VIBER_AUTH_TOKEN", "VIBER_SENDER_NAME"),
    "webhook": ("WEBHOOK_URL", "WEBHOOK_SECRET"),
}

VARIABLES: Final = tuple(name.upper() for name in Settings.model_fields)
"""Every variable there is, in the order of .env.example."""

SECRETS: Final = (
    "TELEGRAM_BOT_TOKEN",
    "WHATSAPP_TOKEN",
    "WHATSAPP_APP_SECRET",
    "WHATSAPP_VERIFY_TOKEN",
    "VIBER_AUTH_TOKEN",
    "WEBHOOK_SECRET",
    "REDIS_PASSWORD",
    "API_PASSWORD",
)
"""The variables that may also be given as NAME_FILE, the path of a file that holds the value."""

_EXAMPLES: Final[Mapping[str, str]] = {
    "TELEGRAM_BOT_TOKEN": "123456789:AAExampleExampleExampleExampleExample",
    "ADMIN_IDS": "123456789,987654321",
    "EDITOR_IDS": "222222222,333333333",
    "VIEWER_IDS": "444444444,555555555",
    "APPROVAL_ABOVE": "1000",
    "AUDIT_KEEP": "10000",
    "TELEGRAM_API_URL": "https://api.telegram.org",
    "WHATSAPP_TOKEN": "EAAexample",
    "WHATSAPP_PHONE_NUMBER_ID": "106540352242922",
    "WHATSAPP_APP_SECRET": "0123456789abcdef0123456789abcdef",
    "WHATSAPP_VERIFY_TOKEN": "a-word-of-your-own",
    "WHATSAPP_API_URL": "https://graph.facebook.com/v26.0",
    "VIBER_AUTH_TOKEN": "445da6az1s345z78-dazcczb2542zv51a-e0vc5fva17480im9",
    "VIBER_SENDER_NAME": "Corner Shop",
    "VIBER_API_URL": "https://chatapi.viber.com",
    "WEBHOOK_URL": "https://example.com/messages",
    "WEBHOOK_SECRET": "a-long-word-that-both-sides-know",
    "TZ": "Europe/Berlin",
    "QUIET_HOURS": "22:00-08:00",
    "LATE": "ask",
    "LATE_AFTER": "900",
    "RETRY_COUNT": "5",
    "RETRY_INTERVAL": "60",
    "DELETE_FINISHED_TIMEOUT": "2592000",
    "DELETE_FAILED_TIMEOUT": "2592000",
    "TELEGRAM_RATE": "25",
    "WHATSAPP_RATE": "80",
    "VIBER_RATE": "20",
    "WEBHOOK_RATE": "50",
    "WORKER_CONCURRENCY": "200",
    "UNDO_SECONDS": "10",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "REDIS_PASSWORD": "a-long-password",
    "DATA_DIR": "data",
    "API_HOST": "127.0.0.1",
    "API_PORT": "5000",
    "API_USER": "admin",
    "API_PASSWORD": "a-long-password",
    "SANDBOX_PORT": "8080",
    "LOG_LEVEL": "INFO",
}


def load_settings(environ: Mapping[str, str] | None = None, env_file: str | Path | None = ".env") -> Settings:
    """Read the settings from `environ` (default: the process's own) and, below it, from `env_file` if there.

    A variable that is empty in the environment is not set, whatever the file says. Raises ConfigurationError
    with one line per wrong variable: its name, what is wrong, and an example of a right value.
    """
    given = _gathered(os.environ if environ is None else environ, env_file)
    problems: dict[str, str] = {}
    values: dict[str, str] = {}
    for name in VARIABLES:
        try:
            value = _value(name, given)
        except ValueError as error:
            problems[name] = str(error)
        else:
            values |= {name.lower(): value} if value else {}
    return _validated(values, problems)


def _gathered(environ: Mapping[str, str], env_file: str | Path | None) -> dict[str, str]:
    from_file = dotenv_values(env_file, interpolate=False) if env_file else {}
    return {name: value.strip() for name, value in {**from_file, **environ}.items() if value is not None}


def _value(name: str, given: Mapping[str, str]) -> str | None:
    path = given.get(f"{name}_FILE") if name in SECRETS else None
    if not path:
        return given.get(name)
    if given.get(name):
        raise ValueError(f"is set, and {name}_FILE too: keep one of them")
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise ValueError(f'cannot be read from {name}_FILE="{path}"') from None


def _validated(values: Mapping[str, str], problems: dict[str, str]) -> Settings:
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        for found in error.errors(include_url=False, include_input=False):
            problems[str(found["loc"][0]).upper()] = found["msg"].removeprefix("Value error, ")
    else:
        if not problems:
            return settings
    raise ConfigurationError("\n".join(_line(name, problems[name]) for name in VARIABLES if name in problems))


def _line(name: str, problem: str) -> str:
    without_token = TOKEN_FORM.sub("***", problem)  # somebody may have pasted it into the wrong variable
    return f"{name}: {without_token}. Example: {name}={_EXAMPLES[name]}"
