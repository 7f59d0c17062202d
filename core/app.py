"""Puts the core together: what a program gets when it opens it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from core.domain.messengers.traits import Messenger
from core.ports import Gauges, Ledger, Noticeboard, Readers, Starter
from core.queue.rq_starter import RqStarter
from core.runtime import Heartbeat
from core.services.amendments import Amending
from core.services.approvals import Approval
from core.services.audiences import Audiences, Keeping
from core.services.audit_log import Journal
from core.services.broadcasts import Broadcasts
from core.services.duplicate_check import Likeness
from core.services.panic import Panic
from core.services.purge import Purge
from core.services.reachability import Windows
from core.services.reports import Reports
from core.services.retries import Resending
from core.services.search import Searching
from core.services.series import Recurring
from core.services.status import StatusService
from core.services.team import Staff
from core.settings import Settings
from core.store.account_status import StandingStore
from core.store.amendments import AmendmentStore
from core.store.audiences import AudienceStore
from core.store.audit import RedisAuditTrail
from core.store.chat.alerts import RedisNoticeboard
from core.store.chat.approval_requests import QuestionStore
from core.store.chat.drafts import DraftStore
from core.store.chat.live_cards import CardStore
from core.store.chat.overdue import OverdueStore
from core.store.chat.readers import RedisReaders
from core.store.chat.searches import SearchStore
from core.store.connection import (
    AsyncStore,
    SyncStore,
    check_schema,
    connect,
    connect_once,
    connect_sync,
    store_warnings,
    wait_for_store,
)
from core.store.contacts import ContactStore
from core.store.deliveries import Moves
from core.store.embedded import store_url
from core.store.health import RedisGauges
from core.store.idempotency import OnceStore
from core.store.ledger import RedisDecisions, RedisHistory, RedisLedger
from core.store.panic import RedisBrake
from core.store.quiet_hours import QuietStore
from core.store.reachability import LetterStore, ReachStore
from core.store.receipt_inbox import Inbox, Intake
from core.store.resend import RedisResender
from core.store.scripts import Scripts
from core.store.series import SeriesStore
from core.store.team import RedisRoster
from core.store.uploads import UploadStore

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Core:
    """Everything a program may ask of the core."""

    settings: Settings
    broadcasts: Broadcasts
    recurring: Recurring
    purge: Purge
    panic: Panic
    resending: Resending
    amending: Amending
    amendments: AmendmentStore
    reports: Reports
    journal: Journal
    approval: Approval
    staff: Staff
    status: StatusService
    windows: Windows
    likeness: Likeness
    searching: Searching
    searches: SearchStore
    drafts: DraftStore
    contacts: ContactStore
    audiences: Audiences
    cards: CardStore
    amendment_cards: CardStore
    questions: QuestionStore
    heartbeat: Heartbeat
    gauges: Gauges
    notices: Noticeboard
    once: OnceStore
    readers: Readers
    overdue: OverdueStore
    quiet: QuietStore
    ledger: Ledger
    starter: Starter
    moves: Moves
    uploads: UploadStore
    inbox: Inbox
    intake: Intake


def rates_of(settings: Settings) -> dict[Messenger, float]:
    """Messages a second for each messenger, as the settings <MESSENGER>_RATE say."""
    return {messenger: float(getattr(settings, f"{messenger.value}_rate")) for messenger in Messenger}


def _assemble(settings: Settings, client: AsyncStore, once: AsyncStore, sync: SyncStore) -> Core:
    scripts, rates = Scripts(client), rates_of(settings)
    ledger, gauges, starter = RedisLedger(client, scripts), RedisGauges(client), RqStarter(sync)
    inbox, brake = Inbox(client, scripts), RedisBrake(client, scripts)
    reach = ReachStore(client, inbox)
    contacts, history = ContactStore(client, reach), RedisHistory(client)
    journal = Journal(RedisAuditTrail(client, scripts, settings.audit_keep))
    broadcasts = Broadcasts(ledger, starter, settings, reach, journal)
    lists = AudienceStore(client, scripts)
    audiences = Audiences(lists, contacts, journal)
    book = SeriesStore(client, scripts)
    recurring = Recurring(book, ledger, starter, broadcasts, audiences, journal, Keeping(audiences, lists))
    amendments = AmendmentStore(client, scripts)
    return Core(
        settings=settings,
        broadcasts=broadcasts,
        recurring=recurring,
        purge=Purge(ledger, starter, settings, recurring, journal),
        panic=Panic(brake, journal),
        resending=Resending(ledger, RedisResender(scripts), journal),
        amending=Amending(amendments, broadcasts, journal),
        amendments=amendments,
        reports=Reports(ledger, settings, journal),
        journal=journal,
        approval=Approval(ledger, RedisDecisions(scripts), starter, settings, journal),
        staff=Staff(RedisRoster(client, scripts), settings, journal),
        status=StatusService(
            ledger, gauges, settings, rates, brake, journal, book, StandingStore(client, scripts)
        ),
        likeness=Likeness(history, ledger),
        searching=Searching(history, ledger),
        searches=SearchStore(client),
        windows=Windows(LetterStore(client), settings),
        drafts=DraftStore(client),
        contacts=contacts,
        audiences=audiences,
        cards=CardStore(client),
        amendment_cards=CardStore(client, "ms:cards:amend"),
        questions=QuestionStore(client),
        heartbeat=Heartbeat(gauges),
        gauges=gauges,
        notices=RedisNoticeboard(client),
        once=OnceStore(scripts),
        readers=RedisReaders(client),
        overdue=OverdueStore(client),
        quiet=QuietStore(client),
        ledger=ledger,
        starter=starter,
        moves=Moves(client, once, scripts, rates),
        uploads=UploadStore(client),
        inbox=inbox,
        intake=Intake(inbox),
    )


@asynccontextmanager
async def open_core(settings: Settings) -> AsyncIterator[Core]:
    """Waits for the store, checks it, and closes all at the end. Raises ConfigurationError."""
    url = store_url(settings)
    client, once, sync = connect(url), connect_once(url), connect_sync(url)
    try:
        await wait_for_store(client)
        await check_schema(client)
        for warning in await store_warnings(client):
            log.warning("%s", warning)
        yield _assemble(settings, client, once, sync)
    finally:
        await client.aclose()
        await once.aclose()
        sync.close()
