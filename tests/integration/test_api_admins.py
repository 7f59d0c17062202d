"""Orders of programs are in the audit log, and large ones wait for approval."""

from __future__ import annotations

from core.domain.audit import Actor, AuditAction
from core.domain.broadcast import BroadcastStatus
from core.services.audit_log import set_actor
from tests.support.api_server import USER, Api, running_api
from tests.support.core import until

TWO = (("1001", "telegram"), ("1002", "telegram"))


async def test_what_came_in_over_http_is_written_down_as_such(redis_url: str) -> None:
    async with running_api(redis_url) as api:
        assert (await api.send("Hello", *TWO)).status == 200
        assert (await api.call("DELETE", "/delete_all")).status == 200
        lines = (await api.core.audit_log.page()).items
        assert [(line.actor, line.action) for line in lines] == [
            (Actor(f"api:{USER}", USER), AuditAction.PURGED),
            (Actor(f"api:{USER}", USER), AuditAction.ORDERED),
        ]


async def test_a_caller_without_access_leaves_no_line(redis_url: str) -> None:
    async with running_api(redis_url) as api:
        assert (await api.call("DELETE", "/delete_all", auth=None)).status == 401
        assert (await api.core.audit_log.page()).items == ()


async def test_a_large_order_is_answered_as_scheduled_and_waits_for_an_admin(redis_url: str) -> None:
    async with running_api(redis_url, ADMIN_IDS="100,101", APPROVAL_ABOVE="1", UNDO_SECONDS="1") as api:
        reply = await api.send("Hello", *TWO)
        assert (len(reply.json["scheduled"]), reply.json["started"]) == (2, [])
        listed = (await api.call("GET", "/get_scheduled")).json["scheduled"]
        assert listed == reply.json["scheduled"]
        await api.deliver()
        assert (await api.call("GET", "/get_finished")).json["finished_main"] == []
        (broadcast,) = await api.core.approvals.waiting()
        set_actor(Actor("telegram:100", "Ann"))
        assert (await api.core.approvals.approve(broadcast.id, 1)).status is BroadcastStatus.SCHEDULED
        await until(lambda: _has_started(api, broadcast.id))
        await api.deliver()
        assert len((await api.call("GET", "/get_finished")).json["finished_main"]) == 2


async def _has_started(api: Api, broadcast_id: str) -> bool:
    """It is held for a second, in which it can be undone."""
    return await api.core.ledger.start(broadcast_id) is BroadcastStatus.SENDING
