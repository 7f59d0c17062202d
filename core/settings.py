"""Settings: read once at start from the environment and .env, typed and validated."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final, get_args
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic.fields import FieldInfo

from core.domain.broadcast import Late
from core.domain.errors import ConfigurationError
from core.domain.messengers.traits import Messenger
from core.domain.quiet_hours import QuietHours
from core.env_file import read_env_file
from core.runtime import can_listen
from core.settings_types import (
    TOKEN_FORM,
    AdminIds,
    Attempts,
    Host,
    HttpUrl,
    KeyPrefix,
    LateChoice,
    Level,
    LineCount,
    Password,
    PhoneNumberId,
    Port,
    QuietSpan,
    Rate,
    RecipientCount,
    Replicas,
    Seconds,
    Secret,
    SenderName,
    Slots,
    StoreUrl,
    TelegramToken,
    TelegramUrl,
    Token,
    UndoSeconds,
    UserName,
    WhatsAppUrl,
    Zone,
)

_DAY: Final = 86_400
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
_SHORTEST_PASSWORD: Final = 12


class Settings(BaseModel):
    """One field per variable, named like it in lower case; None: not set.

    A field holds all that is known about its variable. `examples` appears in error messages (without it, the default
    does), a SecretStr may be read from NAME_FILE and is hidden in logs, and `needed_by` names the messenger that cannot
    deliver without it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    telegram_bot_token: TelegramToken | None = Field(
        None,
        examples=["123456789:AAExampleExampleExampleExampleExample"],
        json_schema_extra={"needed_by": "telegram"},
    )
    admin_ids: AdminIds = Field(frozenset(), examples=["111111111,222222222"])
    editor_ids: AdminIds = Field(frozenset(), examples=["333333333,444444444"])
    viewer_ids: AdminIds = Field(frozenset(), examples=["555555555,666666666"])
    approval_above: RecipientCount = Field(0, examples=["1000"])
    audit_keep: LineCount = 10_000
    telegram_api_url: TelegramUrl = "https://api.telegram.org"

    whatsapp_token: Token | None = Field(
        None, examples=["EAAexample"], json_schema_extra={"needed_by": "whatsapp"}
    )
    whatsapp_phone_number_id: PhoneNumberId | None = Field(
        None, examples=["106540352242922"], json_schema_extra={"needed_by": "whatsapp"}
    )
    whatsapp_app_secret: Token | None = Field(None, examples=["0123456789abcdef0123456789abcdef"])
    whatsapp_verify_token: Secret | None = Field(None, examples=["a-word-of-your-own"])
    whatsapp_api_url: WhatsAppUrl = "https://graph.facebook.com/v26.0"

    viber_auth_token: Token | None = Field(
        None,
        examples=["445da6az1s345z78-dazcczb2542zv51a-e0vc5fva17480im9"],
        json_schema_extra={"needed_by": "viber"},
    )
    viber_sender_name: SenderName | None = Field(
        None, examples=["Corner Shop"], json_schema_extra={"needed_by": "viber"}
    )
    viber_api_url: HttpUrl = "https://chatapi.viber.com"

    webhook_url: HttpUrl | None = Field(
        None, examples=["https://example.com/messages"], json_schema_extra={"needed_by": "webhook"}
    )
    webhook_secret: Secret | None = Field(
        None, examples=["a-long-word-that-both-sides-know"], json_schema_extra={"needed_by": "webhook"}
    )

    tz: Zone = Field("UTC", examples=["Europe/Berlin"])
    quiet_hours: QuietSpan | None = Field(None, examples=["22:00-08:00"])
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
    undo_seconds: UndoSeconds = 10

    # May contain the password, so it stays out of repr().
    redis_url: StoreUrl | None = Field(None, examples=["redis://127.0.0.1:6379/0"], repr=False)
    redis_password: Password | None = Field(None, examples=["a-long-password"])
    redis_prefix: KeyPrefix | None = Field(None, examples=["shop:"])
    sentinel_password: Password | None = Field(None, examples=["a-long-password"])
    store_replicas: Replicas = Field(0, examples=["2"])
    data_dir: Path = Path("data")

    api_host: Host = "127.0.0.1"
    api_port: Port = 5000
    api_user: UserName = "admin"
    api_password: Password | None = Field(None, examples=["a-long-password"])

    sandbox_port: Port = 8080
    log_level: Level = "INFO"

    @field_validator("admin_ids", "editor_ids", "viewer_ids")
    @classmethod
    def _nobody_is_the_bot(cls, ids: frozenset[int], info: ValidationInfo) -> frozenset[int]:
        token = info.data.get("telegram_bot_token")
        bot = int(token.get_secret_value().partition(":")[0]) if token is not None else None
        if bot in ids:
            raise ValueError(f"{bot} is the bot itself. @userinfobot tells people their own ids")
        return ids

    @field_validator("editor_ids", "viewer_ids")
    @classmethod
    def _one_role_each(cls, ids: frozenset[int], info: ValidationInfo) -> frozenset[int]:
        for earlier in ("admin_ids", "editor_ids"):
            doubled = ids & info.data.get(earlier, frozenset())
            if doubled and earlier != info.field_name:
                raise ValueError(f"{min(doubled)} is also in {earlier.upper()}: a person has one role")
        return ids

    @field_validator("api_password")
    @classmethod
    def _long_enough(cls, password: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        local = info.data.get("api_host", "") in _LOOPBACK
        if password is not None and not local and len(password.get_secret_value()) < _SHORTEST_PASSWORD:
            raise ValueError(
                f"is shorter than {_SHORTEST_PASSWORD} characters, and API_HOST is open to others"
            )
        return password

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.tz)

    @property
    def quiet(self) -> QuietHours | None:
        return QuietHours.parse(f"{self.quiet_hours}@{self.tz}") if self.quiet_hours else None

    @property
    def late_choice(self) -> Late:
        return Late(self.late)

    def missing_for(self, messenger: str) -> tuple[str, ...]:
        """The unset variables without which `messenger` ("telegram", ...) cannot deliver."""
        return tuple(
            name.upper()
            for name, field in Settings.model_fields.items()
            if _needed_by(field) == messenger and getattr(self, name) is None
        )

    def hears_receipts(self, messenger: Messenger) -> bool:
        """True where everything is set that its receipts need, which may tell of a refusal after a first yes."""
        webhook = messenger.traits.webhook
        if webhook is None or webhook.challenge is None:
            return False
        return None not in (getattr(self, webhook.key), getattr(self, webhook.challenge.setting))

    def half_set_up(self, messenger: str) -> tuple[str, ...]:
        """The unset variables of a messenger of which others are set; none for one that is not set up at all."""
        needed = [field for field in Settings.model_fields.values() if _needed_by(field) == messenger]
        missing = self.missing_for(messenger)
        return missing if len(missing) < len(needed) else ()

    def secret_values(self) -> frozenset[str]:
        """Every secret as text, to be hidden in logs and messages."""
        values = [value.get_secret_value() for _, value in self if isinstance(value, SecretStr)]
        password = urlsplit(self.redis_url or "").password
        values += [password, unquote(password)] if password else []
        options = dict(parse_qsl(urlsplit(self.redis_url or "").query))
        values += filter(None, [options.get("sentinel_password")])
        return frozenset(values)

    def store_address(self) -> str | None:
        """REDIS_URL with the passwords in it, unless the URL has one, and REDIS_PREFIX as its fragment.

        None without REDIS_URL.
        """
        if self.redis_url is None:
            return None
        parts = urlsplit(self.redis_url)
        if self.redis_password is not None and parts.password is None:
            host = parts.netloc.rpartition("@")[2]
            password = quote(self.redis_password.get_secret_value(), safe="")
            parts = parts._replace(netloc=f"{parts.username or ''}:{password}@{host}")
        if self.sentinel_password is not None and parts.scheme.endswith("sentinel"):
            options = dict(parse_qsl(parts.query))
            options.setdefault("sentinel_password", self.sentinel_password.get_secret_value())
            parts = parts._replace(query=urlencode(options))
        return parts._replace(fragment=self.redis_prefix or "").geturl()


def _needed_by(field: FieldInfo) -> object:
    return field.json_schema_extra.get("needed_by") if isinstance(field.json_schema_extra, dict) else None


def _is_secret(field: FieldInfo) -> bool:
    # `Secret | None`: Secret is Annotated[SecretStr, ...], and the marker wraps the class.
    parts = get_args(field.annotation) or (field.annotation,)
    return any(getattr(part, "__origin__", part) is SecretStr for part in parts)


def _example(field: FieldInfo) -> str:
    example = field.examples[0] if field.examples else field.default
    return f"{example:g}" if isinstance(example, float) else str(example)


_FIELDS: Final = {name.upper(): field for name, field in Settings.model_fields.items()}

VARIABLES: Final = tuple(_FIELDS)
"""Every variable, in the order of the fields."""

SECRETS: Final = tuple(name for name, field in _FIELDS.items() if _is_secret(field))
"""The variables that may also be given as NAME_FILE, the path of a file that holds the value."""


def load_settings(environ: Mapping[str, str] | None = None, env_file: str | Path | None = ".env") -> Settings:
    """Read the settings from `environ` (default: os.environ) and `env_file`, if it exists; `environ` wins.

    A variable that is empty in `environ` counts as unset, whatever the file says. Raises ConfigurationError
    with one line per wrong variable: name, problem, example.
    """
    given = _merge(os.environ if environ is None else environ, env_file)
    _check_proxies(given)
    if environ is None:
        # Read from there by every program, and by the libraries that the chat uses.
        os.environ.update({name: given[name] for name in _PROXIES if given.get(name)})
    problems: dict[str, str] = {}
    values: dict[str, str] = {}
    for name in VARIABLES:
        try:
            value = _read(name, given)
        except ValueError as error:
            problems[name] = str(error)
        else:
            values |= {name.lower(): value} if value else {}
    return _validate(values, problems)


def check_api_host(settings: Settings) -> None:
    """Raises ConfigurationError when the API cannot listen on API_HOST."""
    if settings.api_password is not None and not can_listen(settings.api_host):
        raise ConfigurationError(
            f'API_HOST: "{settings.api_host}" is no address of this machine.'
            " Example: API_HOST=127.0.0.1, or 0.0.0.0 for all of its addresses"
        )


_PROXY_SCHEMES: Final = ("http", "https", "socks5", "socks5h")
_PROXIES: Final = tuple(
    spelled
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")
    for spelled in (name, name.lower())
)


def _check_proxies(given: Mapping[str, str]) -> None:
    for name in _PROXIES:
        address = given.get(name, "")
        if address and name.upper() != "NO_PROXY" and not _is_proxy(address):
            raise ConfigurationError(
                f"{name}: is not the address of a proxy that can be used."
                f" Example: {name}=http://127.0.0.1:3128 or {name}=socks5://127.0.0.1:1080"
            )


def _is_proxy(address: str) -> bool:
    try:
        parts = urlsplit(address if "://" in address else f"http://{address}")
        return (
            parts.scheme.lower() in _PROXY_SCHEMES
            and bool(parts.hostname)
            and parts.port != 0
            and parts.path in ("", "/")
        )
    except ValueError:
        return False


def _merge(environ: Mapping[str, str], env_file: str | Path | None) -> dict[str, str]:
    from_file = read_env_file(env_file, VARIABLES, SECRETS) if env_file else {}
    return {name: value.strip() for name, value in {**from_file, **environ}.items()}


def _read(name: str, given: Mapping[str, str]) -> str | None:
    path = given.get(f"{name}_FILE") if name in SECRETS else None
    if not path:
        return given.get(name)
    if given.get(name):
        raise ValueError(f"is set, and {name}_FILE too: keep one of them")
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise ValueError(f'cannot be read from {name}_FILE="{path}"') from None


def _validate(values: Mapping[str, str], problems: dict[str, str]) -> Settings:
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
    without_token = TOKEN_FORM.sub("***", problem)  # a token pasted into the wrong variable
    return f"{name}: {without_token}. Example: {name}={_example(_FIELDS[name])}"
