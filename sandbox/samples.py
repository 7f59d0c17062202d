"""Messages of all kinds that a person can send from the page without having a file at hand."""

import base64
from typing import Any, Final

from sandbox.telegram.params import Upload

Json = dict[str, Any]
_SMILE: Final = base64.b64decode(
    "UklGRu4FAABXRUJQVlA4WAoAAAAQAAAAfwAAfwAAQUxQSNgAAAABcOS2jSTp/5/2sbscOz0rEBETwOemrlbRyQJyTCbfUPLO"
    "o4lRNDWGJmfQ7ACaP00JRynlHOWcoqQjlNZPed2U2EuZnZTaR7ldlNxD2Tek9OeU/5Qa7kYdT6jlXtTzLjXdibpuRG1fD+q7"
    "DTV+LajzO0GtP4fU+28QtfgcohTvBCrxWqAQ26AOrwfKsBGqsBOKcHsN9kIJjlZgNxTgeDwMw7EhomEaDNtYGIfCOhLmgbCP"
    "w8QoDA3C2BhMjsDwAMwfRsRRpBxD0hHENSOzEcEtyH+Eppd42wJWUDgg8AQAAJAhAJ0BKoAAgAA+7WStUSmlP6KqkY0z8B2J"
    "aADNRlDffml+v5FnoKOS9D5gHOw8wHm5/6P1mf5P1AP7F1EHoO/sB6dfsd/2j/wZRb5q/wn4ifG/Apsr+gB0lkXpcCbpm+8A"
    "/0Glb7d8hbCnrQCCEkQ/bmaC9wSIhwV/yMim6nZewnhgGXTlAVR1c1/c6qfYyICdiPPV3V2m6nbsms29LREXPILgCUv3BD18"
    "XZosHEUGv7C+sGlAsxWs7IZoDDnHDLwHbj7NQwlcw5Li4C4ZqitJmF+dEJedPZNkPqzlPSVLprJJYf1flQX/aBjPGts2Z9T3"
    "Qt1PWgKlDs4sXe8rCFeIWKfDeDc0Yc6mwCZUWMd/YyNg/MAA/vXhADvyUuV7VwJPgySPYPdinzeKPalpKXxqJB1vLVjP7uIE"
    "J+sX1x4C1kQTnMAdNghDxBu9xbR2FTfgix1wCYN6Lz531A+o9f7ewAP4w5J5KCI/rqTVzO8SxwOhUH9OAFKCdEiqONLCMKZK"
    "ah8lOo865PvZGZ5bpcjSWsl/SW9UdF9uBtfL+rTQhkbwfZ+qBohDfkIKAPwwNgAacvY2DcrHMtmBG0opJbl9gkY2Hh2wUAfC"
    "kcJTUtw1+jpWId4Tcmmo3yugON047lu9XhjfjbiC2qUrwykN08v8fqPL6HHTBCY80fynAP9oVUWN+f1p284IjutpNFwQKvUP"
    "I60qZRF1O8CBA4NblBXBUHvUaiFk0vFC4fLMQkL6I9DnUcjjp5xKT4HLHndFHNip8DykwBmJg2LvTc3f5szQ6xgqPNXaCOh1"
    "dLiKOIKljJ9a32DF0kXC9kho3mHmDbPhGfYsx9/4uNFy+pr+TMU4NG4UB136DwrodB5p2ulRaysCin/mEIZH7YT6s9cFXrND"
    "ar8F0Oz74Qq4nRw4Fl4yS4GvFq+G6XoboZbLsI65SM1wm8vtcieh9nO509efzbjvUHRl2ZMihOtmHIrCG6OhZp3tuCb0ebzl"
    "UToJExP44GwZ/4Dhwh/tMoftjbiUcmE0BFtgADYN4HoWII/QYGrO5z1vHJEYpBMwnYUeUEdCkmlCN56XvaB3A2byZgWgIiLl"
    "uW3rHLxXvcqZooNWCuFmUI8sM8vtE8aeqOFq7jONr/O6jrE6SmkUi81I1yH7drN724wHGZG7UEy48pO3rpO9gwG5B7xBhyQL"
    "CSoCAWI5BZOxQOPwgua0rDEg/e91t4J3y9Fgk7VvidDJNChr2HbigjnR7rMu4p9UiFO2DHiQvImXcoj4PksiqcAexK2cKhmO"
    "UdP7brYXY5GOf04z0CzS9/d50j2MfRdCincAcOyVoxqgNGHZYpzQw1Fb8GVEavPdeQSC0dm5yirX3uglV3gTrvY8MMqQfxD3"
    "SFrEOwgLH2JhLFozZy5szvdTnYmY+8EVWpjfMfO3tIzFhg+o1pdVbiu3+gfrJLGSye2etu7S3kkdJOiMJF3Kt2xEohprg4SA"
    "aJdfTNLkIFUAF5wW7yI6Vp6DFa6Yg6tnddrZFQ3nUX138g/EK6jMi+saDJo7dYMi7LgSC3kRbiK4167rXPdAAQQiTMbEEcoV"
    "01DlnmiFctqa8dZzBcUD6H/ey12Pt4ptHUEq0D61/yf96E9qjW4IXkQSowChktSL/Adzc3vZaQKnbKTrNAoASJQ1it56GjP0"
    "em6OOF97K96OoAAAAAA="
)
"""A sticker: a WebP picture with a transparent ground."""
_FILM: Final = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(2_000)
_SOUND: Final = b"OggS\0\x02" + bytes(22) + b"OpusHead" + bytes(2_000)
UPLOADS: Final = {
    "voice": Upload("voice.ogg", "audio/ogg", _SOUND),
    "video_note": Upload("video.mp4", "video/mp4", _FILM),
    "animation": Upload("party.gif.mp4", "video/mp4", _FILM),
    "sticker": Upload("sticker.webp", "image/webp", _SMILE),
}
"""The films and sounds have the right heads, and nothing in them can be played."""
_HALL: Final[Json] = {"latitude": 52.516181, "longitude": 13.376935}
_VOTES: Final[Json] = {"voter_count": 0}
CARDS: Final[dict[str, Json]] = {
    "location": {
        "location": _HALL,
        "venue": {"location": _HALL, "title": "Club house", "address": "Pariser Platz 1, Berlin"},
    },
    "poll": {
        "poll": {
            "id": "1",
            "question": "Which day suits you best?",
            "options": [
                {"persistent_id": str(place), "text": text, **_VOTES}
                for place, text in enumerate(("Friday evening", "Saturday morning", "Sunday"))
            ],
            "total_voter_count": 0,
            "is_closed": False,
            "is_anonymous": True,
            "type": "regular",
            "allows_multiple_answers": False,
            "allows_revoting": True,
            "members_only": False,
        }
    },
}
