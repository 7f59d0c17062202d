"""QR codes of links."""

from __future__ import annotations

from io import BytesIO

_PIXELS = 12
"""Of one module of the code; about 400 pixels for a short link."""
_QUIET_ZONE = 4
"""Modules of white around it, which readers need."""


def qr_png(link: str) -> bytes:
    """A PNG, black on white, that reads well from a screen and from paper."""
    import segno  # large, and drawn seldom

    picture = BytesIO()
    segno.make_qr(link, error="m").save(picture, kind="png", scale=_PIXELS, border=_QUIET_ZONE)
    return picture.getvalue()
