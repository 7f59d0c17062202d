"""Words and remarks that say that a person wants no messages, or that a number is not theirs."""
# ruff: noqa: RUF001 - Cyrillic words

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

_REFUSED: Final = frozenset({
    "unsubscribed", "opted out", "opted-out", "opt-out", "optout", "revoked", "withdrawn", "do not contact", "dnc",
    "dnd", "widerrufen", "abgemeldet", "abbestellt", "nicht erteilt", "verweigert", "désabonné", "désinscrit",
    "dado de baja", "dada de baja", "descadastrado", "disiscritto", "wypisany", "отписан", "отписана", "отписался",
    "отписалась", "отказ", "отказался", "отказалась", "не согласен", "не согласна", "відписаний", "never",
    "never subscribed", "not subscribed", "blocked", "blockiert", "gesperrt", "bloqué", "bloqueado", "bloccato",
    "zablokowany", "заблокирован", "заблокирована", "заблокований", "blacklisted", "suppressed", "inactive",
    "inaktiv", "inactif", "inactivo", "inattivo", "inativo", "nieaktywny", "pasif", "неактивен", "неактивна",
    "неактивный", "inactief", "deceased", "verstorben", "décédé", "décédée", "fallecido", "fallecida", "deceduto",
    "falecido", "zmarły", "умер", "умерла", "overleden", "gekündigt", "ausgetreten", "выбыл", "выбыла",
})  # fmt: skip
"""Words for people who want no messages, or are not there any longer."""
_ALSO_OTHER_WORDS: Final = frozenset({"stop", "baja", "cleaned", "left", "former", "ehemalig"})
"""The same, but words for other things too."""
_TO_CALL: Final = (
    r"call|calls|contact|contacts|write|message|messages|messaging|text|texts|phone|ring|sms|send|disturb|whatsapp"
    r"|marketing"
)
_PHRASE: Final = re.compile(
    "|".join((
        rf"\b(?:do not|don['’]?t|never|stop|no more)\s(?:{_TO_CALL})\b"
        r"|\bno (?:calls|messages|texts|sms|whatsapp|marketing)\b|\bno contact(?!\s\w)|\bno (?:call|message|text)$",
        r"\bwrong (?:number|person|phone)|\binvalid (?:number|phone)|\b(?:number|phone)(?: is)? (?:wrong|invalid)",
        r"\bnot in service|\bout of service|\bunsubscribed|\bopted[ -]out|\bremoved? from (?:the )?list|\bdeceased",
        r"\bpassed away|\bdn[cd]\b",
        r"\b(?:nicht|nie)(?: mehr)? (?:anrufen|kontaktieren|anschreiben|schreiben|stören|benachrichtigen)",
        r"\bkeine(?: weiteren| weitere)? (?:nachricht|anruf|werbung|sms|whatsapp|infos|newsletter|kontakt)",
        r"\b(?:falsche|ungültige) \w*nummer|nummer(?: ist)? (?:falsch|ungültig|nicht mehr)|\bnicht mehr gültig",
        r"\bverstorben|\babgemeldet|\bwiderrufen|\bwidersprochen",
        r"\bne (?:pas|plus) (?:appeler|contacter|écrire|déranger|envoyer|solliciter|joindre)",
        r"\b(?:mauvais|faux) num[ée]ro|\bnum[ée]ro (?:erroné|invalide|incorrect)|\bdésabonné|\bdésinscrit|\bdécédé",
        r"\bno (?:llamar|contactar|escribir|molestar|enviar|mandar)|\bn[úu]mero (?:equivocado|erróneo|incorrecto)",
        r"\bdad[oa] de baja|\bfallecid[oa]",
        r"\bnon (?:chiamare|contattare|scrivere|disturbare|inviare)|\bnumero (?:sbagliato|errato|inesistente)",
        r"\bn[ãa]o (?:ligar|contatar|contactar|escrever|enviar|perturbar|incomodar|mandar)|\bn[úu]mero errado",
        r"\bnie (?:dzwoni|kontaktowa|pisa|wysyła|przeszkadza)|\b(?:zły|błędny|nieprawidłowy) numer",
        r"\baramayın|\baranmasın|\brahatsız etme|\bmesaj (?:atma|gönderme)yın|\byanlış numara",
        r"\bне (?:звон|пис|пиш|беспоко|отправл|присыл|связыв|слать|тревож|дзвон|телефонува|турбува|надсила)",
        r"\b(?:неверн|неправильн|ошибочн|чуж|несуществующ|невірн|хибн)\w* (?:номер|тел)|\bне ?тот номер",
        r"\bномер (?:неверн|неправильн|не существует|не обслуживается|недействител)|\bч[её]рн\w+ спис",
        r"\bотписал(?:ся|ась)|\bумер(?:ла)?\b",
        r"\bniet(?: meer)? (?:bellen|contacteren|benaderen|storen|appen)|\b(?:verkeerd|fout) nummer|\boverleden",
    ))
)  # fmt: skip
"""In a remark, in small letters: this person wants no messages, or the number is not theirs."""
_PARTS_OF_PHRASES: Final = (
    "not ", "n't ", "n’t ", "dont ", "never ", "no cal", "no con", "no mes", "no mar", "no mol", "no man", "no mor",
    "no sms", "no sen", "no tex", "no wha", "no pho", "no lla", "no esc", "no env", "no wri", "no rin", "no dis",
    "stop ", "wrong", "invalid", "in service", "of service", "unsub", "opted", "remove", "decease", "passed away",
    "dnc", "dnd", "nicht ", "nie anr", "nie mehr", "nie schr", "nie dzw", "nie kon", "nie pis", "nie wys",
    "nie prz", "keine ", "falsch", "ungültig", "verstorb", "abgemeldet", "widerr", "widerspr", "ne pas", "ne plus",
    "faux", "mauvais", "erron", "incorrect", "désabonn", "désinscr", "décéd", "equivocad", "erróneo", "de baja",
    "fallecid", "non chi", "non con", "non scr", "non dis", "non inv", "sbagliat", "errat", "inesist", "não ",
    "nao ", "errado", "błędny", "zły", "nieprawid", "aramay", "aranmas", "rahats", "mesaj", "yanlış", "не зв",
    "не пис", "не пиш", "не бес", "не отп", "не при", "не свя", "не сла", "не тре", "не дзв", "не тел", "не тур",
    "не над", "неверн", "неправ", "ошибочн", "чуж", "несущ", "недейств", "невірн", "хибн", "нетот", "черн", "чёрн",
    "отписал", "умер", "niet ", "verkeerd", "fout ", "overleden",
)  # fmt: skip
"""One of them is in each phrase: a long list is looked through for them first."""
_OF_TIME_OR_WAY: Final = re.compile(
    r"\b(?:only|nur|только|лише|тільки|solo|sólo|seulement|uniquement|soltanto|somente|apenas|tylko|sadece|alleen"
    r"|before|after|until|vor|nach|до|после|avant|après|antes|después|prima|dopo|przed)\b"
)
"""With it, a phrase is about the time or the way: "do not call, only write"."""


def is_refusal(cell: str) -> bool:
    """True for "unsubscribed" and "Please do not call", not for "do not call before 9"."""
    word = cell.casefold()
    return word in _REFUSED or (_PHRASE.search(word) is not None and not _OF_TIME_OR_WAY.search(word))


def may_be_refusal(cell: str) -> bool:
    """The same, and for words that mean other things too: "stop"."""
    return cell.casefold() in _ALSO_OTHER_WORDS or is_refusal(cell)


def has_refusals(cells: Collection[str]) -> bool:
    """True if one of the cells is a refusal. Fast: for a hundred thousand different ones."""
    whole = "\n".join(cells).casefold()
    words = whole.split("\n")
    if not _REFUSED.isdisjoint(words):
        return True
    likely = [part for part in _PARTS_OF_PHRASES if part in whole]
    return any(is_refusal(word) for word in words if any(part in word for part in likely))
