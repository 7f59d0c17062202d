"""Words of people who opt out of messages, or back in."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_LONGEST: Final = 8
"""Words: in a longer sentence the same words mean other things too."""

_STOP: Final = frozenset({
    # English, with the words that carriers demand
    "stop", "stop all", "stopall", "stop promotions", "quit", "end", "cancel", "cancel subscription", "unsubscribe",
    "opt out", "optout", "remove", "no more", "no more messages", "stop it", "stop this", "stop messages",
    "stop texting",
    "leave alone", "do not contact", "dont contact", "do not text", "dont text", "do not write", "dont write",
    "do not message", "dont message", "stop sending", "stop sending messages", "stop messaging", "stop writing",
    "unsubscribe all", "stop promotion", "revoke", "stop ads", "no ads", "stop spam", "stop spamming",
    "delete number",
    "take off list", "remove from list", "stop contacting", "not interested stop", "stop marketing",
    # German
    "stopp", "abmelden", "abbestellen", "austragen", "keine werbung", "werbung stoppen", "werbung stopp", "aufhoren",
    "nicht mehr schreiben", "nicht schreiben", "keine nachrichten", "keine nachrichten mehr",
    "nicht mehr anschreiben",
    "abmeldung", "kundigen", "aus liste streichen", "austragen lassen", "in ruhe lassen", "lasst in ruhe",
    "schreibt nicht mehr", "schreiben sie nicht mehr", "hort auf", "hor auf", "horen sie auf",
    # Spanish
    "baja", "alto", "dar baja", "darme baja", "dar de baja", "darme de baja", "darse de baja", "cancelar",
    "cancelar suscripcion", "parar", "detener", "detener promociones", "no mas", "no mas mensajes",
    "no escribir", "no escriban", "no escriban mas", "no molestar", "dejen de escribir", "no quiero mas mensajes",
    "basta",
    "no quiero recibir mensajes", "no quiero recibir mas mensajes",
    # Portuguese
    "sair", "pare", "parar promocoes", "cancelar inscricao", "descadastrar", "remover", "nao quero mais",
    "nao enviar", "nao envie mais", "nao quero receber", "nao quero receber mais mensagens", "parem",
    "cancelar promocoes", "parem de mandar mensagem", "nao mandem mais mensagens",
    # French
    "arret", "arreter", "arretez", "arrete", "arreter promotions", "desabonner", "desabonnement", "desinscrire",
    "desinscription", "se desabonner", "me desabonner", "desabonnez", "plus de messages", "ne plus ecrire",
    "ne ecrivez plus", "n ecrivez plus", "ne mecrivez plus", "ne m ecrivez plus", "laissez tranquille", "stopper",
    "arreter les promotions",
    # Italian
    "annulla", "annullare", "fermare", "ferma", "disiscrivi", "disiscrivimi", "disiscrizione", "cancellami",
    "cancella",
    "cancellare", "interrompi", "interrompi promozioni", "non scrivere piu", "non scrivetemi piu", "non scrivete piu",
    "rimuovi", "rimuovimi", "niente messaggi", "smettetela",
    # Polish
    "wypisz", "wypisz sie", "wypisac", "rezygnuje", "rezygnacja", "przestan", "przestancie", "anuluj",
    "nie pisz", "nie piszcie", "nie pisac", "zatrzymaj", "zatrzymaj promocje", "zakoncz", "nie chce wiadomosci",
    "wypiszcie",
    # Turkish
    "dur", "durdur", "iptal", "cik", "ayril", "abonelikten cik", "yazmayin", "mesaj atmayin", "istemiyorum",
    "promosyonlari durdur", "mesaj istemiyorum", "yeter",
    # Russian
    "стоп", "отписаться", "отписка", "отпишите", "отпиши", "остановить", "не присылать", "не присылайте", "не пишите",
    "не писать", "не пиши", "прекратить", "прекратите", "прекратить рекламу", "не получать акции", "хватит", "отмена",
    "отменить подписку", "удалите", "удалить", "удалите номер", "отстаньте", "не беспокоить", "не беспокойте",
    "отказ",
    "не надо писать", "не надо больше", "не хочу получать сообщения", "больше не пишите", "больше не присылайте",
    "удалите из рассылки", "уберите из рассылки", "не присылайте больше", "отключить рассылку", "остановите",
    "отписаться от рассылки", "не шлите", "больше не шлите",
    # Ukrainian
    "відписатися", "відписатись", "відпишіть", "відписка", "зупинити", "припиніть", "не пишіть", "не надсилати",
    "не надсилайте", "досить", "скасувати", "скасувати підписку", "припинити рекламу", "видаліть", "не турбуйте",
    "більше не пишіть",
})  # fmt: skip
_START: Final = frozenset({
    "start", "unstop", "subscribe", "resume", "opt in", "optin", "resume promotions", "unpause", "restart",
    "старт", "подписаться", "подписка", "возобновить", "возобновить рекламу", "получать акции", "подпишите",
    "anmelden", "abonnieren", "werbung fortsetzen", "alta", "darme alta", "darme de alta", "suscribir", "suscribirse",
    "suscribirme", "reanudar promociones", "sabonner", "s abonner", "abonner", "mabonner", "m abonner", "reprendre",
    "reprendre promotions", "iscriviti", "iscrivimi", "riprendi promozioni", "inscrever", "retomar promocoes",
    "zapisz",
    "abone ol", "basla", "підписатися", "підписатись", "відновити",
})  # fmt: skip
_FILLERS: Final = frozenset({
    "please", "pls", "plz", "thanks", "thank", "you", "thx", "me", "my", "us", "now", "the", "this", "that", "to",
    "it",
    "from", "your", "list", "any", "anymore", "again", "ok", "okay", "hi", "hello", "sorry", "just", "all", "sms",
    "bitte", "danke", "mich", "mir", "uns", "jetzt", "mal", "sofort", "eurer", "ihrer", "der", "die", "das", "hallo",
    "por", "favor", "gracias", "obrigado", "obrigada", "porfavor", "ya", "de", "el", "la", "los", "as", "os", "se",
    "svp", "stp", "sil", "s", "il", "te", "vous", "plait", "merci", "les", "le", "grazie", "per", "favore",
    "prego", "mi",
    "prosze", "dziekuje", "mnie", "do", "lutfen", "tesekkurler", "beni", "bana", "artik",
    "пожалуйста", "спасибо", "меня", "мне", "нам", "пож", "плиз", "больше", "прошу", "мой", "ваши", "будь",
    "ласка", "дякую",
    "мені", "мене", "здравствуйте",
})  # fmt: skip


def wants_messages(words: str) -> bool | None:
    """False for an opt-out, True for an opt-in, None for other words."""
    said = _tokens(words)
    if not 0 < len(said) <= _LONGEST:
        return None
    bare = [one for one in said if one not in _FILLERS]
    forms = {" ".join(said), " ".join(bare)}
    if forms & _STOP:
        return False
    return True if forms & _START else None


def _tokens(words: str) -> list[str]:
    """Its words without case, marks over letters, punctuation and pictures."""
    plain = unicodedata.normalize("NFKD", words.casefold().replace("ı", "i").replace("ł", "l"))
    kept = "".join(one for one in plain if not unicodedata.combining(one) or one in "\u0306\u0308")
    whole = re.sub(r"['’`´]", "", unicodedata.normalize("NFC", kept))
    for letter in "äëïöüÿ":
        whole = whole.replace(letter, unicodedata.normalize("NFD", letter)[0])
    return re.findall(r"[^\W_]+", whole)
