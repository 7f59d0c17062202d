"""Sentences written down as JSON, and read back with what they were made of."""

from __future__ import annotations

from datetime import date

from core.domain.translatable import Country, Day, Sentence, sentence, sentences

Packed = str | int | float | list["Packed"] | dict[str, "Packed"]


def pack_sentence(value: object) -> Packed:
    """A sentence or a field of one; a text that is no sentence stays as it is."""
    match value:
        case Sentence():
            fields: dict[str, Packed] = {name: pack_sentence(one) for name, one in value.fields.items()}
            return {"one": value.template, "many": value.plural, "count": value.number, "fields": fields}
        case Day():
            return {"day": value.date.isoformat(), "year": value.year}
        case Country():
            return {"country": value.code}
        case tuple():
            return [pack_sentence(one) for one in value]
        case int() | float():
            return value
    return str(value)


def unpack_sentence(packed: Packed) -> str:
    """Read what pack_sentence() wrote."""
    return str(_unpacked(packed))


def _unpacked(packed: Packed) -> object:
    match packed:
        case {"one": str(one), "many": str(many), "count": int(count), "fields": dict(packed_fields)}:
            fields = {str(name): _unpacked(value) for name, value in packed_fields.items()}
            if not many:
                return sentence(one, **fields)
            return sentences(one, many, count, **{n: v for n, v in fields.items() if n != "count"})
        case {"day": str(day), "year": year}:
            return Day(date.fromisoformat(day), year=bool(year))
        case {"country": str(code)}:
            return Country(code)
        case list():
            return tuple(_unpacked(one) for one in packed)
    return packed
