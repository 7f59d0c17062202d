"""Assembles the core for a program."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from core.domain.messengers.traits import Messenger
from core.files.reading import FileReader
from core.queue.rq_starter import RqStarter
from core.services.accounts import Accounts
from core.services.amendments import AmendmentService
from core.services.approvals import ApprovalService
from core.services.audiences import Audiences
from core.services.audit_log import AuditLog
from core.services.broadcasts import Broadcasts
from core.services.duplicate_check import DuplicateCheck
from core.services.erasure import Erasure
from core.services.gap_values import GapValues
from core.services.invitations import Invitations
from core.services.members import Members
from core.services.panic import Panic
from core.services.purge import Purge
from core.services.reachability import Reachability
from core.services.recipients import RecipientService
from core.services.reports import Reports
from core.services.retries import RetryService
from core.services.search import SearchService
from core.services.segments import Segments
from core.services.series import SeriesService
from core.services.status import StatusService
from core.services.subscriptions import Subscriptions
from core.services.team import TeamService
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
from core.store.chat.readers import ReaderStore
from core.store.chat.searches import SearchStore
from core.store.clock import StoreClock
from core.store.connection import (
    AsyncStore,
    SyncStore,
    check_schema,
    connect,
    connect_sync,
    store_time,
    store_warnings,
    wait_for_store,
)
from core.store.contacts import ContactStore
from core.store.deliveries import DeliveryQueue
from core.store.embedded import origin, store_url
from core.store.erasure import ErasureStore
from core.store.health import HealthStore
from core.store.holds import HoldStore
from core.store.idempotency import IdempotencyStore
from core.store.inbound import InboundStore
from core.store.invitations import InvitationStore
from core.store.ledger import LedgerStore
from core.store.panic import PanicStore
from core.store.quiet_hours import QuietHoursStore
from core.store.reachability import ReachabilityStore
from core.store.receipt_inbox import ReceiptInboxStore, ReceiptIntake
from core.store.scripts import Scripts
from core.store.series import SeriesStore
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
        self, settings: Settings, client: AsyncStore, sync: SyncStore, store_clock: StoreClock
    ) -> None:
        scripts, rates = Scripts(client, settings.store_replicas), rates_of(settings)
        panic, series = PanicStore(client, scripts), SeriesStore(client, scripts)
        self.settings = settings
        self.clock = store_clock
        self.ledger = LedgerStore(client, scripts)
        self.starter = RqStarter(sync)
        self.health = HealthStore(client, scripts, settings.late_after, origin(settings), store_clock)
        self.account_store = AccountStore(client)
        self.accounts = Accounts(self.account_store, settings)
        self.deliveries = DeliveryQueue(client, scripts, rates)
        self.receipt_inbox = ReceiptInboxStore(client, scripts)
        self.inbound = InboundStore(client, scripts)
        self.receipt_intake = ReceiptIntake(self.receipt_inbox)
        self.amendment_store = AmendmentStore(client, scripts)
        self.contacts = ContactStore(client, scripts, self.receipt_inbox)
        self.auto_texts = AutoTextStore(client)
        self.uploads = UploadStore(client, scripts)
        self.templates = TemplateStore(client, scripts)
        self.bell = Bell(client)
        self.quiet = QuietHoursStore(client)
        self.idempotency = IdempotencyStore(scripts)
        self.readers = ReaderStore(client)
        self.overdue = OverdueStore(client)
        self.alerts = AlertStore(client, scripts)
        self.approval_requests = ApprovalRequestStore(client)
        self.cards = LiveCardStore(client)
        self.reply_cards = LiveCardStore(client, "ms:cards:replies")
        self.amendment_cards = LiveCardStore(client, "ms:cards:amend")
        self.searches = SearchStore(client)
        self.drafts = DraftStore(client, scripts)
        self.pending_lists = PendingListStore(client)
        self.files = FileReader()
        self.audit_log = AuditLog(AuditStore(client, scripts, settings.audit_keep))
        lists, reachability = AudienceStore(client, scripts), ReachabilityStore(client)
        self.reachability = Reachability(reachability, settings)
        self.broadcasts = Broadcasts(
            self.ledger, self.starter, settings, self.reachability, self.audit_log, HoldStore(scripts)
        )
        self.segments = Segments(lists, self.contacts, self.ledger)
        self.recipients = RecipientService(lists, self.segments, self.contacts, self.reachability)
        self.audiences = Audiences(
            lists, self.segments, self.recipients, self.contacts, self.reachability, self.audit_log
        )
        self.members = Members(lists, self.audiences, self.recipients, self.contacts)
        self.series = SeriesService(
            series,
            self.ledger,
            self.starter,
            self.broadcasts,
            self.audiences,
            self.recipients,
            self.audit_log,
        )
        self.purge = Purge(self.ledger, self.starter, settings, self.series, self.audit_log)
        erasure = ErasureStore(client, scripts)
        self.subscriptions = Subscriptions(
            self.contacts,
            reachability,
            self.auto_texts,
            self.ledger,
            self.broadcasts,
            lists,
            erasure,
            self.deliveries,
        )
        self.panic = Panic(panic, self.audit_log)
        self.retries = RetryService(self.ledger, self.audit_log, self.reachability)
        self.amendments = AmendmentService(self.amendment_store, self.broadcasts, self.audit_log, store_clock)
        self.reports = Reports(self.ledger, settings, self.audit_log)
        self.approvals = ApprovalService(self.ledger, self.starter, settings, self.audit_log)
        self.team = TeamService(TeamStore(client, scripts), settings, self.audit_log)
        self.invitations = Invitations(InvitationStore(client, scripts), self.team, self.audit_log)
        self.gap_values = GapValues(self.ledger, self.audit_log)
        self.erasure = Erasure(
            erasure,
            self.ledger,
            lists,
            self.drafts,
            self.contacts,
            reachability,
            self.audit_log,
        )
        self.duplicate_check = DuplicateCheck(self.ledger)
        self.search = SearchService(self.ledger)
        account_status = AccountStatusStore(client, scripts)
        self.status = StatusService(
            self.ledger, self.health, settings, rates, panic, self.audit_log, series, account_status
        )


@asynccontextmanager
async def open_core(settings: Settings) -> AsyncIterator[Core]:
    """Wait for the store, check it, and close everything at the end. Raises ConfigurationError."""
    url = store_url(settings)
    client, sync = connect(url), connect_sync(url)
    try:
        await wait_for_store(client, settings.store_replicas)
        await check_schema(client)
        for warning in await store_warnings(client, settings.store_replicas):
            log.warning("%s", warning)
        yield Core(settings, client, sync, StoreClock(await store_time(client)))
    finally:
        await client.aclose()
        sync.close()
