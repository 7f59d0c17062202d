"""The card under a preview: put together from what the core says of the order now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot import drafting, previewing
from bot.desk import Desk, Toast, Touch, redraw
from bot.screen import Screen
from bot.screens import night as screens_night
from bot.screens import preview as screens_preview
from bot.screens import window as screens_window
from bot.wire import Tap
from core.domain.audience import Gathered
from core.domain.content import Content
from core.services.nights import nights
from core.store.drafts import Draft


async def drawer(desk: Desk, draft: Draft, people: Gathered) -> Callable[[Draft], Screen]:
    """What draws the card of the draft, in whichever revision it is kept."""
    core, present = desk.core, desk.present()
    rates = {messenger: state.rate for messenger, state in (await core.status.read()).messengers.items()}
    screened = await core.broadcasts.screen(people.recipients)
    windows = await core.windows.look(screened.recipients, draft.send_at)
    warnings = screens_window.warnings(draft.content or Content(text=""), windows)
    warnings += await previewing.warnings(desk, draft, screened)
    begins = draft.repeat.following(present.now, made=0) if draft.repeat else draft.send_at
    asleep = nights(screened.recipients, core.settings.quiet, begins or present.now)
    return lambda drawn: screens_preview.preview(
        replace(drawn, duplicates=people.duplicates),
        screened,
        rates,
        present,
        warnings,
        screens_night.lines(drawn, asleep),
        screens_night.rows(drawn, asleep),
    )


async def loud(desk: Desk, touch: Touch, _tap: Tap, draft: Draft) -> Toast:
    """Whether quiet hours are kept: the other way round, and the card drawn anew."""
    kept = await drafting.keep(desk, replace(draft, loud=not draft.loud))
    draw = await drawer(desk, kept, await drafting.gathered(desk, kept))
    await redraw(desk, touch, draw(kept))
    return Toast()
