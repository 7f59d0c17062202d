"""Assembles the core for a program."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from core.domain.messengers.traits import Messenger
from core.files.reading import FileReader
from core.queue.rq_starter import RqStarter
from core.services.amendments import AmendmentService
from core.services.approvals import ApprovalService
from core.services.audiences import Audiences
from core.services.audit_log import AuditLog
from core.services.broadcasts import Broadcasts
from core.services.duplicate_check import DuplicateCheck
from core.services.gap_values import GapValues
from core.services.panic import Panic
from core.services.purge import Purge
from core.services.reachability import Reachability
from core.services.reports import Reports
from core.services.retries import RetryService
from core.services.search import SearchService
from core.services.series import SeriesService
from core.services.status import StatusService
from core.services.team import TeamService
from core.settings import Settings
from core.store.account_status import AccountStatusStore
from core.store.amendments import AmendmentStore
from core.store.audiences import AudienceStore
from core.store.audit import AuditStore
from core.store.bell import Bell
from core.store.chat.alerts import AlertStore
from core.store.chat.approval_requests import ApprovalRequestStore
from core.store.chat.drafts import DraftStore
from core.store.chat.live_cards import LiveCardStore
from core.store.chat.overdue import OverdueStore
from core.store.chat.pending_lists import PendingListStore
from core.store.chat.readers import ReaderStore
from core.store.chat.searches import SearchStore
from core.store.connection import (
    AsyncStore,
    SyncStore,
    check_schema,
    check_server,
    connect,
    connect_sync,
    store_warnings,
    wait_for_store,
)
from core.store.contacts import ContactStore
from core.store.deliveries import DeliveryQueue
from core.store.embedded import store_url
from core.store.health import HealthStore
from core.store.holds import HoldStore
from core.store.idempotency import IdempotencyStore
from core.store.ledger import LedgerStore
from core.store.panic import PanicStore
from core.store.quiet_hours import QuietHoursStore
from core.store.reachability import InboundMessageStore, ReachabilityStore
from core.store.receipt_inbox import ReceiptInboxStore, ReceiptIntake
from core.store.scripts import Scripts
from core.store.series import SeriesStore
from core.store.team import TeamStore
from core.store.uploads import UploadStore

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Core:
    settings: Settings
    broadcasts: Broadcasts
    series: SeriesService
    purge: Purge
    panic: Panic
    retries: RetryService
    amending: AmendmentService
    amendments: AmendmentStore
    reports: Reports
    audit_log: AuditLog
    approvals: ApprovalService
    gap_values: GapValues
    team: TeamService
    status: StatusService
    reachability: Reachability
    duplicate_check: DuplicateCheck
    search: SearchService
    searches: SearchStore
    drafts: DraftStore
    pending_lists: PendingListStore
    files: FileReader
    contacts: ContactStore
    audiences: Audiences
    cards: LiveCardStore
    amendment_cards: LiveCardStore
    questions: ApprovalRequestStore
    gauges: HealthStore
    notices: AlertStore
    once: IdempotencyStore
    readers: ReaderStore
    overdue: OverdueStore
    quiet: QuietHoursStore
    ledger: LedgerStore
    starter: RqStarter
    moves: DeliveryQueue
    uploads: UploadStore
    bell: Bell
    inbox: ReceiptInboxStore
    intake: ReceiptIntake


def rates_of(settings: Settings) -> dict[Messenger, float]:
    """Messages per second, from the settings <MESSENGER>_RATE."""
    return {messenger: float(getattr(settings, f"{messenger.value}_rate")) for messenger in Messenger}


def _assemble(settings: Settings, client: AsyncStore, sync: SyncStore) -> Core:
    scripts, rates = Scripts(client), rates_of(settings)
    ledger, starter = LedgerStore(client, scripts), RqStarter(sync)
    gauges = HealthStore(client, scripts, settings.late_after)
    inbox, panic = ReceiptInboxStore(client, scripts), PanicStore(client, scripts)
    reach, contacts = ReachabilityStore(client), ContactStore(client, inbox)
    audit_log = AuditLog(AuditStore(client, scripts, settings.audit_keep))
    reachability = Reachability(reach, InboundMessageStore(client), settings)
    broadcasts = Broadcasts(ledger, starter, settings, reachability, audit_log, HoldStore(scripts))
    audiences = Audiences(AudienceStore(client, scripts), contacts, audit_log)
    book = SeriesStore(client, scripts)
    series = SeriesService(book, ledger, starter, broadcasts, audiences, audit_log)
    amendments = AmendmentStore(client, scripts)
    return Core(
        settings=settings,
        broadcasts=broadcasts,
        series=series,
        purge=Purge(ledger, starter, settings, series, audit_log),
        panic=Panic(panic, audit_log),
        retries=RetryService(ledger, audit_log),
        amending=AmendmentService(amendments, broadcasts, audit_log),
        amendments=amendments,
        reports=Reports(ledger, settings, audit_log),
        audit_log=audit_log,
        approvals=ApprovalService(ledger, starter, settings, audit_log),
        gap_values=GapValues(ledger, audit_log),
        team=TeamService(TeamStore(client, scripts), settings, audit_log),
        status=StatusService(
            ledger, gauges, settings, rates, panic, audit_log, book, AccountStatusStore(client, scripts)
        ),
        duplicate_check=DuplicateCheck(ledger),
        search=SearchService(ledger),
        searches=SearchStore(client),
        reachability=reachability,
        drafts=DraftStore(client, scripts),
        pending_lists=PendingListStore(client),
        files=FileReader(),
        contacts=contacts,
        audiences=audiences,
        cards=LiveCardStore(client),
        amendment_cards=LiveCardStore(client, "ms:cards:amend"),
        questions=ApprovalRequestStore(client),
        gauges=gauges,
        notices=AlertStore(client, scripts),
        once=IdempotencyStore(scripts),
        readers=ReaderStore(client),
        overdue=OverdueStore(client),
        quiet=QuietHoursStore(client),
        ledger=ledger,
        starter=starter,
        moves=DeliveryQueue(client, scripts, rates),
        uploads=UploadStore(client, scripts),
        bell=Bell(client),
        inbox=inbox,
        intake=ReceiptIntake(inbox),
    )


@asynccontextmanager
async def open_core(settings: Settings) -> AsyncIterator[Core]:
    """Wait for the store, check it, and close everything at the end. Raises ConfigurationError."""
    url = store_url(settings)
    client, sync = connect(url), connect_sync(url)
    try:
        await wait_for_store(client)
        await check_server(client)
        await check_schema(client)
        for warning in await store_warnings(client):
            log.warning("%s", warning)
        yield _assemble(settings, client, sync)
    finally:
        await client.aclose()
        sync.close()
