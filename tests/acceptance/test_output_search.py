"""All that the running product says at LOG_LEVEL=DEBUG is searched: no token, password, text or address of anybody."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import aiohttp
import pytest
from redis.asyncio import Redis

from core.settings import load_settings
from core.store.embedded import store_url
from tests.acceptance.product import Product, eventually, running_product
from tests.support.sandbox_server import ADMIN, STRANGER, TELEGRAM_TOKEN

PASSWORD: Final = "an-own-password-9Q"
TEXT: Final = "Zeppelin at noon"
VALUE: Final = "Quetzalcoatl"
PHONE: Final = "+12025550123"
TELEGRAM_ID: Final = "90017235"
VIBER_ID: Final = "vIbErUsErIdOfSomebody=="
WORDS_OF_A_STRANGER: Final = "Rumpelstiltskin"

pytestmark = pytest.mark.asyncio(loop_scope="session")


def login_of(password: str) -> dict[str, str]:
    return {"Authorization": aiohttp.encode_basic_auth("admin", password)}


async def order(product: Product, http: aiohttp.ClientSession, *people: tuple[str, str]) -> int:
    recipients = [{"uuid": uuid, "service": service} for uuid, service in people]
    url, login = f"{product.api_url}/send_message", login_of(PASSWORD)
    async with http.post(url, json={"body": TEXT, "recipients": recipients}, headers=login) as answer:
        await answer.read()
        return answer.status


async def pages(product: Product, http: aiohttp.ClientSession) -> str:
    """The API's pages that need no password, and its refusals."""
    found = []
    for path in ("/health", "/docs", "/openapi.json", "/get_finished", "/nothing", "/receipts/whatsapp"):
        async with http.get(f"{product.api_url}{path}", headers=login_of("wrong")) as answer:
            found.append(str(dict(answer.headers)) + await answer.text())
    return "\n".join(found)


async def jobs_of(folder: Path) -> str:
    """The arguments of all jobs of RQ and of its failed ones, and the audit log."""
    settings = load_settings({"DATA_DIR": str(folder / "data" / "sandbox")}, env_file=None)
    found: list[Any] = []
    async with Redis.from_url(store_url(settings)) as client:
        async for key in client.scan_iter(match=b"rq:*"):
            kind: Any = await client.type(key)
            found += [key, await client.hgetall(key) if kind == b"hash" else b""]
        found += [await client.xrange(stream) for stream in ("ms:audit", "ms:audit_others")]
    return str(found)


async def test_no_log_job_or_page_tells_a_secret_a_text_or_an_address(tmp_path: Path) -> None:
    settings = {"LOG_LEVEL": "DEBUG", "API_PASSWORD": PASSWORD, "RETRY_COUNT": "1", "RETRY_INTERVAL": "1"}
    async with running_product(tmp_path, **settings) as product, aiohttp.ClientSession() as http:
        sandbox = product.sandbox
        await sandbox.say(f"/start {WORDS_OF_A_STRANGER}", STRANGER)
        await sandbox.say(WORDS_OF_A_STRANGER, STRANGER)
        await sandbox.fault("whatsapp", "delay", ms=200)
        people = [(TELEGRAM_ID, "telegram"), ("1001", "telegram"), (PHONE, "whatsapp"), (VIBER_ID, "viber")]
        assert await order(product, http, *people) == 200
        assert await order(product, http, ("not an address", "telegram"), (PHONE, "nowhere")) == 400
        later = f"/send whatsapp:{PHONE} | in 2 hours | {TEXT} {VALUE}"
        await sandbox.say(later, ADMIN)
        await sandbox.bot_says(f"{TEXT} {VALUE}")
        await sandbox.say(f"/send telegram:{TELEGRAM_ID}, viber:{VIBER_ID} | now | {TEXT}", ADMIN)
        await sandbox.say(f"/forget {PHONE}", ADMIN)
        jobs: list[str] = []

        async def reached() -> bool:
            jobs.append(await jobs_of(tmp_path))
            phones = {str(one["recipient"]) for one in await sandbox.delivered()}
            return "1001" in phones

        await eventually(reached)
        await product.says("attempt=")
        told = {"log": product.said, "jobs": "\n".join(jobs), "page": await pages(product, http)}
        await product.stop()
        told["log"] = product.said
        assert "DEBUG worker" in told["log"]
        assert "DEBUG bot" in told["log"]
        secrets = (TELEGRAM_TOKEN, TELEGRAM_TOKEN.partition(":")[2], PASSWORD)
        texts = (TEXT, VALUE, WORDS_OF_A_STRANGER)
        addresses = (PHONE, PHONE.lstrip("+"), TELEGRAM_ID, VIBER_ID, VIBER_ID.rstrip("="))
        for secret in (*secrets, *texts, *addresses):
            for place, output in told.items():
                lines = [line for line in output.splitlines() if secret in line]
                assert not lines, (place, secret, lines[:3])
