"""Assembles the core for a program."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from core.domain.messengers.traits import Messenger
from core.files.file_reader import FileReader
from core.queue.rq_starter import RqStarter
from core.services.accounts import Accounts
from core.services.amendments import Amendments
from core.services.approvals import Approvals
from core.services.audiences import Audiences
from core.services.audit_log import AuditLog
from core.services.broadcasts import Broadcasts
from core.services.duplicate_check import DuplicateCheck
from core.services.erasure import Erasure
from core.services.gap_values import GapValues
from core.services.invitations import Invitations
from core.services.list_uses import ListUseService
from core.services.members import Members
from core.services.panic import Panic
from core.services.purge import Purge
from core.services.reachability import Reachability
from core.services.recipients import RecipientService
from core.services.reports import Reports
from core.services.retries import Retries
from core.services.search import Search
from core.services.segments import Segments
from core.services.series import SeriesService
from core.services.status import StatusService
from core.services.subscriptions import Subscriptions
from core.services.team import Team
from core.settings import Settings
from core.store.account_status import AccountStatusStore
from core.store.accounts import AccountStore
from core.store.amendments import AmendmentStore
from core.store.audiences import AudienceStore
from core.store.audit import AuditStore
from core.store.auto_texts import AutoTextStore
from core.store.bell import Bell
from core.store.chat.alerts import AlertStore
from core.store.chat.approval_requests import ApprovalRequestStore
from core.store.chat.drafts import DraftStore
from core.store.chat.live_cards import LiveCardStore
from core.store.chat.overdue import OverdueStore
from core.store.chat.pending_lists import PendingListStore
from core.store.chat.presses import PressStore
from core.store.chat.prompts import PromptStore
from core.store.chat.readers import ReaderStore
from core.store.chat.searches import SearchStore
from core.store.chat.team_messages import TeamMessageStore
from core.store.checks import store_warnings, wait_for_store
from core.store.claim_memory import ClaimMemory, lane_seconds
from core.store.clock import StoreClock
from core.store.connection import AsyncStore, SyncStore, connect, connect_sync, store_time
from core.store.contacts import ContactStore
from core.store.deliveries import DeliveryQueue
from core.store.embedded import origin, store_url
from core.store.erasure import ErasureStore
from core.store.health import HealthStore
from core.store.heartbeat import Heartbeat
from core.store.holds import HoldStore
from core.store.idempotency import IdempotencyStore
from core.store.inbound import InboundStore
from core.store.invitations import InvitationStore
from core.store.ledger import LedgerStore
from core.store.panic import PanicStore
from core.store.quiet_hours import QuietHoursStore
from core.store.reachability import ReachabilityStore
from core.store.receipt_inbox import ReceiptBatcher, ReceiptInboxStore
from core.store.schema import check_schema
from core.store.scripts import Scripts
from core.store.series import SeriesStore
from core.store.subscribers import SubscriberStore
from core.store.team import TeamStore
from core.store.templates import TemplateStore
from core.store.uploads import UploadStore

log = logging.getLogger(__name__)


def rates_of(settings: Settings) -> dict[Messenger, float]:
    """Messages per second, from the settings <MESSENGER>_RATE."""
    return {messenger: float(getattr(settings, f"{messenger.value}_rate")) for messenger in Messenger}


class Core:
    """All services and stores that a program uses."""

    def __init__(
        self,
        settings: Settings,
        client: AsyncStore,
        sync: SyncStore,
        store_clock: StoreClock,
        claim_memory: ClaimMemory | None = None,
    ) -> None:
        scripts = Scripts(client, settings.store_replicas)
        self.settings = settings
        self.clock = store_clock
        self.starter = RqStarter(sync)
        self.bell = Bell(client)
        self.files = FileReader()
        self.ledger = LedgerStore(client, scripts)
        self.deliveries = DeliveryQueue(
            client,
            scripts,
            rates_of(settings),
            lane_life=lane_seconds(settings.late_after),
            memory=claim_memory,
        )
        self.health = HealthStore(client, scripts)
        self.heartbeat = Heartbeat(scripts, settings.late_after, origin(settings), store_clock, claim_memory)
        self.account_store = AccountStore(client)
        self.receipt_inbox = ReceiptInboxStore(client, scripts)
        self.receipt_batcher = ReceiptBatcher(self.receipt_inbox)
        self.inbound = InboundStore(client, scripts)
        self.amendment_store = AmendmentStore(client, scripts)
        self.contacts = ContactStore(client, scripts)
        self.subscribers = SubscriberStore(client, scripts, self.contacts, self.receipt_inbox)
        self.auto_texts = AutoTextStore(client)
        self.uploads = UploadStore(client, scripts)
        self.templates = TemplateStore(client, scripts)
        self.quiet = QuietHoursStore(client)
        self.idempotency = IdempotencyStore(scripts)
        self._open_chat_stores(client, scripts)
        self._open_services(client, scripts)

    def _open_chat_stores(self, client: AsyncStore, scripts: Scripts) -> None:
        self.alerts = AlertStore(client, scripts)
        self.approval_requests = ApprovalRequestStore(client)
        self.cards = LiveCardStore(client)
        self.reply_cards = LiveCardStore(client, "ms:cards:replies")
        self.series_cards = LiveCardStore(client, "ms:cards:series")
        self.amendment_cards = LiveCardStore(client, "ms:cards:amend")
        self.drafts = DraftStore(client, scripts)
        self.overdue = OverdueStore(client)
        self.team_messages = TeamMessageStore(client)
        self.pending_lists = PendingListStore(client)
        self.prompts = PromptStore(client)
        self.readers = ReaderStore(client)
        self.searches = SearchStore(client)
        self.presses = PressStore(client)

    def _open_services(self, client: AsyncStore, scripts: Scripts) -> None:
        ledger, settings = self.ledger, self.settings
        contacts, subscribers = self.contacts, self.subscribers
        lists, reach = AudienceStore(client, scripts), ReachabilityStore(client)
        series, panic = SeriesStore(client, scripts), PanicStore(client, scripts)
        erasure, account_status = ErasureStore(client, scripts), AccountStatusStore(client, scripts)
        self.audit_log = AuditLog(AuditStore(client, scripts, settings.audit_keep))
        self.accounts = Accounts(self.account_store, settings)
        self.reachability = Reachability(reach, settings)
        self.broadcasts = Broadcasts(
            ledger, self.starter, settings, self.reachability, self.audit_log, HoldStore(scripts)
        )
        self.segments = Segments(lists, contacts, subscribers, ledger)
        self.recipients = RecipientService(self.segments, contacts, subscribers, self.reachability)
        self.audiences = Audiences(
            lists, self.segments, self.recipients, contacts, subscribers, self.audit_log
        )
        self.members = Members(lists, self.audiences, self.recipients, self.segments, contacts, subscribers)
        self.series = SeriesService(
            series,
            ledger,
            self.starter,
            self.broadcasts,
            self.audiences,
            self.recipients,
            self.audit_log,
            self.reachability,
        )
        self.list_uses = ListUseService(lists, self.broadcasts, series)
        self.purge = Purge(ledger, self.starter, settings, self.series, self.audit_log)
        self.subscriptions = Subscriptions(
            contacts,
            subscribers,
            reach,
            self.auto_texts,
            ledger,
            self.broadcasts,
            lists,
            self.deliveries,
        )
        self.erasure = Erasure(
            erasure, ledger, lists, self.drafts, contacts, subscribers, reach, self.audit_log
        )
        self.panic = Panic(panic, self.audit_log)
        self.retries = Retries(ledger, self.audit_log, self.reachability)
        self.amendments = Amendments(self.amendment_store, self.broadcasts, self.audit_log, self.clock)
        self.approvals = Approvals(ledger, self.starter, settings, self.audit_log)
        self.team = Team(TeamStore(client, scripts), settings, self.audit_log)
        self.invitations = Invitations(InvitationStore(client, scripts), self.team, self.audit_log)
        self.reports = Reports(ledger, settings, self.audit_log)
        self.gap_values = GapValues(ledger, self.audit_log)
        self.duplicate_check = DuplicateCheck(ledger)
        self.search = Search(ledger)
        self.status = StatusService(
            ledger, self.health, settings, rates_of(settings), panic, self.audit_log, series, account_status
        )


@asynccontextmanager
async def open_core(settings: Settings, claim_memory: ClaimMemory | None = None) -> AsyncIterator[Core]:
    """Wait for the store, check it, and close everything at the end. Raises ConfigurationError.

    `claim_memory`: of a program that claims.
    """
    url = store_url(settings)
    client, sync = connect(url), connect_sync(url)
    try:
        await wait_for_store(client, settings.store_replicas)
        await check_schema(client)
        for warning in await store_warnings(client, settings.store_replicas):
            log.warning("%s", warning)
        yield Core(settings, client, sync, StoreClock(await store_time(client)), claim_memory)
    finally:
        await client.aclose()
        sync.close()
