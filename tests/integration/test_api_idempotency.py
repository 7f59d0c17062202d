"""POST /send_message with an Idempotency-Key: whatever is repeated and whenever the first try ends, it is sent once."""

from __future__ import annotations

import asyncio
import json

import pytest
from redis.asyncio import Redis

from api.orders import accept
from api.schemas import SendMessageBody
from core.domain.broadcast import Broadcast
from core.store.idempotency import LIFE_SECONDS, IdempotentRequest, RequestState
from tests.support.api_server import Api, Reply, running_api
from tests.support.lossy_proxy import lossy_proxy

ORDER = {
    "body": "Hello",
    "recipients": [{"uuid": "1", "service": "viber"}, {"uuid": "2", "service": "telegram"}],
}
OTHER = {**ORDER, "body": "Good-bye"}
WRONG = {**ORDER, "send_at": "2001-01-01 00:00:00"}


async def post(api: Api, order: object, key: str = "a-key") -> Reply:
    headers = {"Content-Type": "application/json", "Idempotency-Key": key}
    return await api.call("POST", "/send_message", data=json.dumps(order).encode(), headers=headers)


async def everything(api: Api) -> list[Broadcast]:
    return [one async for one in api.core.broadcasts.each_scheduled()] + await api.core.broadcasts.running()


async def cut_off(api: Api, order: object, *, accepted: bool) -> IdempotentRequest:
    """A first try whose process was killed: after it had been accepted, or before."""
    body = SendMessageBody.model_validate(order)
    once = await api.core.idempotency.begin(
        "a-key", body.model_dump_json(), await api.core.ledger.reserve_id()
    )
    if accepted:
        await accept(body, api.core, lambda _warning: None, broadcast_id=once.broadcast_id, once=once.name)
    return once


async def lease_over(store: Redis) -> None:
    (key,) = await store.keys("ms:once:*")
    await store.hset(key, "till", "1")


async def test_the_same_order_with_the_same_key_gets_the_same_answer_and_is_sent_once(
    api: Api, store: Redis
) -> None:
    first = await post(api, ORDER)
    assert (first.status, len(first.json["started"])) == (200, 2)
    await api.deliver()
    again = await post(api, ORDER)
    assert (again.status, again.content) == (200, first.content)
    assert await everything(api) == []
    (key,) = await store.keys("ms:once:*")
    assert 0 < await store.ttl(key) <= LIFE_SECONDS


async def test_many_at_once_with_one_key_make_one_broadcast(api: Api) -> None:
    replies = await asyncio.gather(*(post(api, ORDER) for _ in range(8)))
    assert {reply.status for reply in replies} <= {200, 409}
    assert len({reply.content for reply in replies if reply.status == 200}) == 1
    assert len(await everything(api)) == 1
    assert (await post(api, ORDER)).status == 200


async def test_other_keys_and_orders_without_one_are_orders_of_their_own(api: Api) -> None:
    for reply in (await post(api, ORDER), await post(api, ORDER, "another"), await api.post(ORDER)):
        assert reply.status == 200
    assert len(await everything(api)) == 3


async def test_another_order_with_a_used_key_is_refused(api: Api) -> None:
    await post(api, ORDER)
    reply = await post(api, OTHER)
    assert (reply.status, "belongs to another order" in reply.error) == (422, True)
    assert len(await everything(api)) == 1


async def test_while_the_first_try_is_under_way_a_second_one_is_told_to_wait(api: Api, store: Redis) -> None:
    await cut_off(api, ORDER, accepted=False)
    reply = await post(api, ORDER)
    assert (reply.status, "still being processed" in reply.error) == (409, True)
    assert 1 <= int(reply.headers["Retry-After"]) <= 15
    assert await everything(api) == []


@pytest.mark.parametrize("accepted", [False, True], ids=["before it was accepted", "before its answer"])
async def test_a_try_that_was_cut_off_is_made_good_by_the_next_one(
    api: Api, store: Redis, accepted: bool
) -> None:
    once = await cut_off(api, ORDER, accepted=accepted)
    await lease_over(store)
    reply = await post(api, ORDER)
    assert (reply.status, len(reply.json["started"])) == (200, 2)
    assert [broadcast.id for broadcast in await everything(api)] == [once.broadcast_id]
    assert (await post(api, ORDER)).content == reply.content


async def test_answers_of_the_store_that_get_lost_change_nothing(redis_url: str) -> None:
    async with lossy_proxy(redis_url) as proxy, running_api(proxy.url) as api:
        assert (await post(api, ORDER, "to teach the store its scripts")).status == 200
        await api.deliver()
        proxy.lose_answers(3)
        reply = await post(api, ORDER)
        assert (proxy.lost, reply.status) == (3, 200)
        assert len(await everything(api)) == 1
        assert (await post(api, ORDER)).content == reply.content


async def test_a_slow_first_try_and_the_one_that_took_over_make_one_broadcast(api: Api, store: Redis) -> None:
    slow = await cut_off(api, ORDER, accepted=False)
    await lease_over(store)
    assert (await post(api, ORDER)).status == 200
    body = SendMessageBody.model_validate(ORDER)
    await accept(body, api.core, lambda _warning: None, broadcast_id=slow.broadcast_id, once=slow.name)
    assert [broadcast.id for broadcast in await everything(api)] == [slow.broadcast_id]


async def test_a_broadcast_deleted_before_its_answer_was_kept_is_not_made_again(
    api: Api, store: Redis
) -> None:
    once = await cut_off(api, ORDER, accepted=True)
    await api.deliver()
    assert (await api.call("DELETE", "/delete_all")).status == 200
    await lease_over(store)
    reply = await post(api, ORDER)
    assert reply.status == 409
    assert f"#{once.broadcast_id} and has been deleted" in reply.error
    assert await everything(api) == []


async def test_after_a_refusal_the_key_takes_the_corrected_order(api: Api) -> None:
    assert (await post(api, WRONG)).status == 400
    assert (await post(api, WRONG)).status == 400
    assert (await post(api, ORDER)).status == 200
    assert (await post(api, OTHER)).status == 422
    assert len(await everything(api)) == 1


async def test_what_another_try_had_accepted_is_not_refused_any_more(api: Api, store: Redis) -> None:
    once = await cut_off(api, ORDER, accepted=True)
    await api.core.idempotency.refused(once)
    await lease_over(store)
    found = await api.core.idempotency.begin("a-key", "another order", "QQQQ")
    assert found.turn is RequestState.OTHER
    assert (await post(api, ORDER)).status == 200
    assert len(await everything(api)) == 1


@pytest.mark.parametrize("key", ["", "k" * 256, "Schlüssel"], ids=["empty", "too long", "not ASCII"])
async def test_a_key_that_is_none_is_refused_with_a_sentence(api: Api, key: str) -> None:
    reply = await post(api, ORDER, key)
    assert (reply.status, reply.error) == (
        400,
        "Idempotency-Key must be 1 to 255 printable ASCII characters.",
    )
    assert await everything(api) == []
