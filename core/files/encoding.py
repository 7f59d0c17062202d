"""Decodes files of unknown encoding: all plausible readings, the likeliest first."""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Final

from core.domain.errors import ValidationError
from core.domain.translatable import sentence

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_MARK: Final = "\ufeff"
"""In the middle of a text where files with marks were put together."""
_SHIFT_OF_JIS: Final = b"\x1b$B"
_SAMPLE: Final = 4096
_ZEROS_OF_UTF16: Final = 0.3
"""Latin letters, digits and separators have a zero byte each; a list of recipients is full of them."""
_SHORTEST: Final = 16
"""Bytes of a text in UTF-16 that may have been cut inside its last letter."""
LOST: Final = "\ufffd"
"""Replaces a byte that cannot be decoded. A cell with it has no value."""

_ENCODINGS: Final = {
    "cp1252": "Windows-1252",
    "cp1251": "Windows-1251",
    "cp1250": "Windows-1250",
    "mac_roman": "Mac Roman",
    "cp866": "DOS 866",
    "cp1125": "DOS 1125",
    "koi8_u": "KOI8",
    "cp1254": "Windows-1254",
    "cp1253": "Windows-1253",
    "cp1257": "Windows-1257",
    "cp1255": "Windows-1255",
    "cp1256": "Windows-1256",
    "cp1258": "Windows-1258",
    "iso8859_2": "ISO 8859-2",
    "iso8859_5": "ISO 8859-5",
    "iso8859_15": "ISO 8859-15",
    "cp850": "DOS 850",
    "cp852": "DOS 852",
    "cp437": "DOS 437",
    "cp857": "DOS 857",
    "iso8859_6": "ISO 8859-6",
    "cp874": "Windows-874",
    "mac_cyrillic": "Mac Cyrillic",
    "mac_latin2": "Mac Central European",
    "mac_greek": "Mac Greek",
    "mac_turkish": "Mac Turkish",
    "cp932": "Shift-JIS",
    "euc_jp": "EUC-JP",
    "gb18030": "GB 18030",
    "big5": "Big5",
    "cp949": "EUC-KR",
}
"""By codec. Of those that read a file the same, the first one counts."""
_USUAL: Final = frozenset({"cp1252", "cp1251"})
_PRIOR: Final = 0.08
_MIXTURE: Final = 0.3
"""Taken off the score of a reading in which every word is of another language."""
_SELDOM: Final = frozenset({"cp857", "cp1125", "cp874", "iso8859_6"})
_WIDE: Final = frozenset({"cp932", "euc_jp", "gb18030", "big5", "cp949"})
_ALPHABETS: Final = tuple(
    frozenset(letters)
    for letters in (
        "äöüß", "éèêëàâçîïôùûüœæ", "áéíóúñü", "ãõáâàéêíóôúçü", "àèéìíòóùî", "åäöé", "åæøé", "ąćęłńóśźż",
        "áčďéěíňóřšťúůýž", "áéíóöőúüű", "ăâîșțşţ", "çğıöşüâîû", "čćđšž",
        "áäčďéíĺľňóôŕšťúýž", "āčēģīķļņšūž", "ąčęėįšųūž", "äõöüšž", "áðéíóúýþæö", "ëç", "ĉĝĥĵŝŭ",
        "ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ",
    )
)  # fmt: skip
"""Letters beyond a to z, language by language, those with many lists first: a word takes all of its own from one."""
_LARGE: Final = 13
_CYRILLIC: Final = frozenset("абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґў")
_RARE_GREEK: Final = frozenset("ΰΐ")
_VOWELS: Final = frozenset("аеёиоуыэюяіїєўαεηιουωάέήίόύώϊϋΰΐ")
_WORDS: Final = re.compile(
    rb"(?<![^\s,;|\t\"<>@:/])[^\s,;|\t\"<>@:/\x80-\xff]*+[\x80-\xff][^\s,;|\t\"<>@:/]*"
)
_WIDE_WORDS: Final = re.compile(
    rb"(?<![^\s,;|\t\"<>@:/])[^\s,;|\t\"<>@:/\x80-\xff]*+[\x80-\xff](?:(?<=[\x80-\xff])[@|]|[^\s,;|\t\"<>@:/])*"
)
"""In Shift-JIS and others "@" and "|" can be the second half of a letter."""
_WIDE_SIGNS: Final = "０１２３４５６７８９－ー＋（）　"
_MOST_WORDS: Final = 400
_NEAR: Final = 0.12
_PLAUSIBLE: Final = 0.55
_MOST_OFFERED: Final = 5


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text and the encoding it was in, as people call it."""

    text: str
    encoding: str


def readings(data: bytes) -> list[Decoded]:
    """More than one only where the bytes do not tell. Raises ValidationError."""
    for mark, codec, name in _MARKS:
        if data.startswith(mark):
            rest = data[len(mark) :]
            return readings(rest) if _is_marked_wrong(rest, codec) else [_strictly(data, codec, name)]
    if data.find(_SHIFT_OF_JIS) >= 0:
        return [_strictly(data, "iso2022_jp", "ISO-2022-JP")]
    if (order := _utf16_without_mark(data)) is not None:
        return [_strictly(data, order, "UTF-16")]
    data = data.rstrip(b"\0")
    if b"\0" in data:
        raise _no_text()
    try:
        return [Decoded(data.decode().replace(_MARK, ""), "UTF-8")]
    except UnicodeDecodeError as error:
        if error.end == len(data) and error.reason == "unexpected end of data":
            return [_broken_utf8(data)]  # the file was cut inside its last letter
        return [_broken_utf8(data)] if _is_mostly_utf8(data) else _legacy(data)


def _is_marked_wrong(data: bytes, codec: str) -> bool:
    """True if a program has put the mark of another encoding in front of a text."""
    if codec == "utf-8-sig":
        try:
            data.decode()
        except UnicodeDecodeError:
            return not _is_mostly_utf8(data)
        return False
    # Separators and ends of lines have a zero byte each in UTF-16.
    return b"\0" not in data and any(one in data for one in b"\r\n")


def _strictly(data: bytes, codec: str, name: str) -> Decoded:
    try:
        return Decoded(data.decode(codec).replace(_MARK, ""), name)
    except UnicodeDecodeError as error:
        if codec == "utf-8-sig" or (error.reason == "truncated data" and len(data) > _SHORTEST):
            return Decoded(data.decode(codec, "replace"), name)
        raise _no_text() from None


def _no_text() -> ValidationError:
    return ValidationError(
        [sentence("I can't read this file. Save the list as CSV (UTF-8) or as XLSX, then send it again.")]
    )


def _utf16_without_mark(data: bytes) -> str | None:
    """The byte order, where so many bytes of a text are zero that it must be UTF-16."""
    sample = data[:_SAMPLE]
    low, high = sample[::2], sample[1::2]
    if len(data) % 2 or len(sample) < 2:
        return None
    if high.count(0) >= len(high) * _ZEROS_OF_UTF16 and not low.count(0):
        return "utf-16-le"
    if low.count(0) >= len(low) * _ZEROS_OF_UTF16 and not high.count(0):
        return "utf-16-be"
    return None


def _broken_utf8(data: bytes) -> Decoded:
    return Decoded(data.decode("utf-8", "replace"), "UTF-8")


def _is_mostly_utf8(data: bytes) -> bool:
    """A few broken bytes do not change what all the others are: it is rare that bytes fit by chance."""
    text = data.decode("utf-8", "replace")
    lost = text.count(LOST)
    whole = len(text) - len(text.encode("ascii", "ignore")) - lost
    return whole >= max(2, lost * 2)


def _legacy(data: bytes) -> list[Decoded]:
    """The readings in the encodings of single countries that make words, the likeliest first."""
    pattern = _WIDE_WORDS if _cuts_letters(data) else _WORDS
    words = list(dict.fromkeys(pattern.findall(data)))[:_MOST_WORDS]
    scored: dict[tuple[str, ...], tuple[tuple[float, ...], str]] = {}
    for codec in _ENCODINGS:
        read = tuple(word.decode(codec, "replace") for word in words)
        lost = sum(LOST in word for word in read)
        if lost and (codec in _WIDE or lost > max(1, len(words) // 20)):
            continue
        if read not in scored:
            extra = _PRIOR * ((codec in _USUAL) - (codec in _SELDOM)) - _MIXTURE * (
                1 - _of_one_language(read)
            )
            scored[read] = (tuple(_likeness(word, codec) + extra for word in read), codec)
    if not scored:
        raise _no_text()
    ranked = sorted(scored.items(), key=lambda item: -sum(item[1][0]))
    best, (scores, _codec) = ranked[0]
    offered = [codec for read, (own, codec) in ranked if _is_near(best, scores, read, own)][:_MOST_OFFERED]
    found = [Decoded(data.decode(codec, "replace"), _ENCODINGS[codec]) for codec in offered]
    return list({one.text: one for one in reversed(found)}.values())[::-1]


def _cuts_letters(data: bytes) -> bool:
    """True if a separator would be a half of a letter in an encoding that can read all of the file."""
    for codec in _WIDE:
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        if sum(map(text.count, "@|")) < data.count(b"@") + data.count(b"|"):
            return True
    return False


def _of_one_language(words: tuple[str, ...]) -> float:
    """The share of the words with letters beyond a to z that one language can write, in the best one."""
    special = [letters for word in words if (letters := _special(word) & _ALL_LATIN)]
    most = max((sum(one <= letters for one in special) for letters in _ALPHABETS), default=0)
    return most / len(special) if special else 1.0


def _special(word: str) -> set[str]:
    # The small form of the Turkish capital is two characters in Python.
    return {one for one in word.replace("İ", "i").lower() if ord(one) > 0x7F}


def _is_near(
    best: tuple[str, ...], scores: tuple[float, ...], read: tuple[str, ...], own: tuple[float, ...]
) -> bool:
    """True if the words that differ are nearly as likely as in the best reading."""
    pairs = [(one, two) for a, b, one, two in zip(best, read, scores, own, strict=True) if a != b]
    difference = sum(one - two for one, two in pairs) / max(1, len(pairs))
    return not pairs or (
        difference < _NEAR and sum(own) / len(own) > min(_PLAUSIBLE, sum(scores) / len(scores) - 0.05)
    )


def _likeness(word: str, codec: str) -> float:
    """Likeness to a real word, from 0 to 1."""
    if codec in _WIDE:
        word = word.strip(_WIDE_SIGNS)
        if not word:
            return 0.9
    core = word.strip(".,!?()[]{}'’‘“”„«»-–—…0123456789+*&%€$£#=\u00a0")
    outside = [one for one in word if ord(one) > 0x7F and one not in core]
    if not core:
        # Signs beside numbers ("12 €") are likely, in western lists above all.
        return (
            0.6
            if codec in ("cp1252", "cp1251", "cp1250") and all(one in "€£–—“”„’«» \u00a0" for one in word)
            else 0.3
        )
    if not all(one.isalpha() or unicodedata.category(one) == "Mn" or one in "-'’.&·" for one in core):
        return 0.0
    if core.isascii():
        return 0.5
    if len(core) == 1 or not any(map(str.isalpha, core)):
        return 0.3
    scripts = {_script(one) for one in core if one.isalpha()}
    if len(scripts) > 1 and not scripts <= {"HIRAGANA", "KATAKANA", "CJK", "KATAKANA-HIRAGANA", "HALFWIDTH"}:
        return 0.0
    score = _SCORES.get(next(iter(scripts)), _other)(core, codec)
    if any(one in "£¥¢¤§¬¦¨©®°¶†‡•ºª¿¡" for one in outside):
        score -= 0.4
    return max(0.0, score * _case(core))


def _case(word: str) -> float:
    """Small letters with capitals among them are no word, nor two capitals in front of small ones."""
    letters = [one for one in word if one.isalpha() and one.lower() != one.upper()]
    if not letters:
        return 1.0
    if len(letters) == 1 or all(map(str.isupper, letters)):
        return 0.9 if len(letters) > 1 else 0.8
    if all(map(str.islower, letters)):
        return 0.88
    if letters[0].isupper() and letters[1].isupper():
        return 0.4
    pairs = sum(one.islower() and two.isupper() for one, two in pairwise(word))
    if not pairs:
        return 1.0
    return max(0.1, 0.8 - 0.35 * pairs) if word[0].isupper() else 0.1


def _latin(word: str, _codec: str) -> float:
    special = _special(word)
    if not any(special <= letters for letters in _ALPHABETS):
        return 0.15 if special <= _ALL_LATIN else 0.05
    count = sum(ord(one) > 0x7F for one in word)
    if count > 2 and count * 2 > len(word):
        return 0.2
    if special <= _COMMON:
        return 0.95
    if special & _RARE:
        return 0.6
    if special & _MISTAKEN:
        return 0.8
    return 0.9 if any(special <= letters for letters in _ALPHABETS[:_LARGE]) else 0.8


def _vowels(word: str) -> float:
    """Words of four letters or more have vowels and consonants."""
    if len(word) < 4:
        return 0.9
    share = sum(one in _VOWELS for one in word.lower()) / len(word)
    return 1.0 if 0.2 <= share <= 0.7 else 0.35


def _cyrillic(word: str, _codec: str) -> float:
    lower = word.lower()
    if not set(lower) - set("-'’.") <= _CYRILLIC:
        return 0.3
    odd = lower[0] in "ъыь" or any(one in lower for one in ("ъъ", "ьь", "ыы", "ъь", "ьъ", "щщ", "ээ"))
    return 0.3 if odd else _vowels(word)


def _greek(word: str, _codec: str) -> float:
    return 0.2 if set(word.lower()) & _RARE_GREEK else 0.95 * _vowels(word)


def _han(word: str, codec: str) -> float:
    """The common characters come first in the tables of each encoding."""
    common = 0
    for one in word:
        first = one.encode(codec, "replace")[0] if codec in _WIDE else 0
        common += {
            "gb18030": 0xB0 <= first <= 0xD7, "big5": 0xA4 <= first <= 0xC6, "cp932": 0x82 <= first <= 0x97,
            "euc_jp": 0xA4 <= first <= 0xCF, "cp949": 0xB0 <= first <= 0xC8,
        }.get(codec, False)  # fmt: skip
    kana = any(_script(one) in ("HIRAGANA", "KATAKANA") for one in word)
    return (0.95 if kana else 0.85) * common / len(word) if len(word) > 1 else 0.6


def _hangul(word: str, codec: str) -> float:
    return 0.95 if codec == "cp949" and all(0xB0 <= one.encode(codec)[0] <= 0xC8 for one in word) else 0.3


def _kana(word: str, codec: str) -> float:
    return 0.1 if any("\uff61" <= one <= "\uff9f" for one in word) else _han(word, codec)


def _semitic(word: str, _codec: str) -> float:
    return 0.9 if len(word) > 1 else 0.4


def _thai(word: str, _codec: str) -> float:
    """No word begins with a mark or with a vowel that follows its consonant."""
    return 0.1 if unicodedata.category(word[0]) == "Mn" or word[0] in "ะาำๅ" else 0.95


def _other(_word: str, _codec: str) -> float:
    return 0.2


_COMMON: Final = frozenset("äöüßéèêàâçîôùáíóúñãåøëïìò")
_MISTAKEN: Final = frozenset("õûæ")
"""Windows-1252 readings of frequent letters in related encodings: "Gyõzõ" for "Győző", "Æwiek" for "Ćwiek"."""
_RARE: Final = frozenset("þðĉĝĥĵŝŭ")
_ALL_LATIN: Final = frozenset().union(*_ALPHABETS)
_SCORES: Final = {
    "LATIN": _latin,
    "CYRILLIC": _cyrillic,
    "GREEK": _greek,
    "CJK": _han,
    "HIRAGANA": _kana,
    "KATAKANA": _kana,
    "KATAKANA-HIRAGANA": _kana,
    "HALFWIDTH": _kana,
    "HANGUL": _hangul,
    "THAI": _thai,
    "HEBREW": _semitic,
    "ARABIC": _semitic,
}


@cache
def _script(character: str) -> str:
    return unicodedata.name(character, "UNKNOWN").partition(" ")[0]
