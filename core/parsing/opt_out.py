"""Words of people who opt out of messages, or back in."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Final

_FEWEST_LETTERS: Final = 3
_LONGEST: Final = 8
"""Words: in a longer sentence the same words mean other things too."""

_STOP: Final = frozenset({
    # English, with the words that carriers demand
    "stop", "stop all", "stopall", "stop promotions", "quit", "end", "cancel", "cancel subscription",
    "unsubscribe", "opt out", "optout", "remove", "no more", "no more messages", "stop it", "stop this",
    "stop messages", "stop texting", "leave alone", "do not contact", "dont contact", "do not text",
    "dont text", "do not write", "dont write", "do not message", "dont message", "stop sending",
    "stop sending messages", "stop messaging", "stop writing", "unsubscribe all", "stop promotion", "revoke",
    "stop ads", "no ads", "stop spam", "stop spamming", "delete number", "remove number", "no more texts",
    "no texts", "unsubcribe", "unsuscribe", "un subscribe", "dont want messages", "do not want messages",
    "i dont want messages", "i dont want these messages", "lose number", "take off list", "remove from list",
    "stop contacting", "not interested stop", "stop marketing",
    # German
    "stopp", "abmelden", "abbestellen", "austragen", "keine werbung", "werbung stoppen", "werbung stopp",
    "aufhoren", "nicht mehr schreiben", "nicht schreiben", "keine nachrichten", "keine nachrichten mehr",
    "nicht mehr anschreiben", "keine weiteren nachrichten", "ich möchte keine nachrichten",
    "ich möchte keine nachrichten mehr", "ich will keine nachrichten mehr", "nicht mehr senden",
    "nichts mehr senden", "schickt nichts mehr", "schickt nicht mehr", "aus verteiler nehmen",
    "aus verteiler loschen", "nimm raus", "nummer loschen", "loschen sie nummer", "newsletter abbestellen",
    "newsletter abmelden", "werbung abbestellen", "abmeldung", "kundigen", "aus liste streichen",
    "austragen lassen", "in ruhe lassen", "lasst in ruhe", "schreibt nicht mehr", "schreiben sie nicht mehr",
    "hort auf", "hor auf", "horen sie auf",
    # Spanish
    "baja", "alto", "dar baja", "darme baja", "dar de baja", "darme de baja", "darse de baja", "cancelar",
    "cancelar suscripcion", "parar", "detener", "detener promociones", "no mas", "no mas mensajes",
    "no escribir", "no escriban", "no escriban mas", "no molestar", "dejen de escribir",
    "no quiero mas mensajes", "basta", "quiero darme de baja", "borrar numero", "borren numero",
    "eliminar numero", "eliminen numero", "dejen de molestar", "no quiero mensajes",
    "no quiero recibir mensajes", "no quiero recibir mas mensajes",
    # Portuguese
    "sair", "pare", "parar promocoes", "cancelar inscricao", "descadastrar", "remover", "nao quero mais",
    "nao enviar", "nao envie mais", "nao quero receber", "nao quero receber mais mensagens", "parem",
    "para de mandar mensagem", "nao quero mais receber", "tire da lista", "tira da lista", "sair da lista",
    "remova numero", "remova da lista", "cancele", "descadastre", "nao me envie mais", "cancelar promocoes",
    "parem de mandar mensagem", "nao mandem mais mensagens",
    # French
    "arret", "arreter", "arretez", "arrete", "arreter promotions", "desabonner", "desabonnement", "desinscrire",
    "desinscription", "se desabonner", "me desabonner", "desabonnez", "plus de messages", "ne plus ecrire",
    "ne ecrivez plus", "n ecrivez plus", "ne mecrivez plus", "ne m ecrivez plus", "laissez tranquille",
    "stopper", "arreter les promotions", "je ne veux plus recevoir messages", "je ne veux plus de messages",
    "nenvoyez plus rien", "nenvoyez plus", "retirez", "retirez de liste", "supprimez numero",
    # Italian
    "annulla", "annullare", "fermare", "ferma", "disiscrivi", "disiscrivimi", "disiscrizione", "cancellami",
    "cancella", "cancellare", "interrompi", "interrompi promozioni", "non scrivere piu", "non scrivetemi piu",
    "non scrivete piu", "non voglio piu ricevere messaggi", "non voglio ricevere messaggi",
    "toglietemi dalla lista", "toglimi dalla lista", "toglietemi", "cancellatemi", "disiscrivetemi", "rimuovi",
    "rimuovimi", "niente messaggi", "smettetela",
    # Polish
    "wypisz", "wypisz sie", "wypisac", "rezygnuje", "rezygnacja", "przestan", "przestancie", "anuluj",
    "nie pisz", "nie piszcie", "nie pisac", "zatrzymaj", "zatrzymaj promocje", "zakoncz", "nie chce wiadomosci",
    "wypiszcie", "nie chce wiecej wiadomosci", "usun", "usun numer", "przestan pisac", "przestac pisac",
    # Turkish
    "dur", "durdur", "iptal", "cik", "ayril", "abonelikten cik", "yazmayin", "mesaj atmayin", "istemiyorum",
    "mesaj gondermeyin", "mesaj gonderme", "cikmak istiyorum", "listeden cikar", "listeden cikarin", "iptal et",
    "promosyonlari durdur", "mesaj istemiyorum", "yeter",
    # Russian
    "стоп", "отписаться", "отписка", "отпишите", "отпиши", "остановить", "не присылать", "не присылайте",
    "не пишите", "не писать", "не пиши", "прекратить", "прекратите", "прекратить рекламу", "не получать акции",
    "хватит", "отмена", "отменить подписку", "удалите", "удалить", "удалите номер", "отстаньте",
    "не беспокоить", "не беспокойте", "отказ", "не надо писать", "не надо больше", "не хочу получать сообщения",
    "больше не пишите", "больше не присылайте", "удалите из рассылки", "уберите из рассылки",
    "не присылайте больше", "отключить рассылку", "остановите", "стоп спам", "стоп реклама", "стоп рассылка",
    "хватит спамить", "прекратите писать", "прекратите спам", "уберите из списка", "удалите из списка",
    "отпишите от рассылки", "уберите", "отключите рассылку", "отписаться от рассылки", "не шлите",
    "больше не шлите",
    # Ukrainian
    "відписатися", "відписатись", "відпишіть", "відписка", "зупинити", "припиніть", "не пишіть", "не надсилати",
    "не надсилайте", "досить", "скасувати", "скасувати підписку", "припинити рекламу", "видаліть",
    "не турбуйте", "більше не пишіть", "приберіть зі списку", "видаліть зі списку",
    # Dutch, Swedish, Norwegian, Danish, Finnish
    "afmelden", "uitschrijven", "uitschrijving", "stop met sturen", "geen berichten", "geen berichten meer",
    "niet meer sturen", "niet meer appen", "meld af", "schrijf uit", "avsluta", "avregistrera", "avprenumerera",
    "sluta", "sluta skicka", "avslutt", "meld av", "slutt", "afmeld", "frameld", "afslut", "lopeta", "peruuta",
    "peru tilaus",
    # Czech, Slovak, Hungarian, Romanian, Greek, Bulgarian, Croatian and Serbian
    "odhlásit", "odhlaste", "zrušit", "přestaňte psát", "nepište", "odhlásiť", "zrušiť", "leiratkozás",
    "leiratkozom", "dezabonare", "dezabonează", "dezabonează mă", "dezabonați", "διαγραφή", "σταμάτα",
    "σταματήστε", "απεγγραφή", "στοπ", "спри", "спрете", "отказвам се", "odjava", "odjavi", "prekini", "одјава",
    # Arabic, Persian, Hebrew
    "إلغاء", "الغاء", "إلغاء الاشتراك", "الغاء الاشتراك", "توقف", "إيقاف", "ايقاف", "لغو", "لغو11", "لغو 11",
    "لغو۱۱", "لغو ۱۱",
    "لغو اشتراک", "הסר", "הסירו", "הסירו אותי", "הסרה", "ביטול", "ביטול מנוי", "הפסיקו",
    # Chinese, Japanese, Korean, Indonesian, Vietnamese, Thai, Hindi, Swahili
    "退订", "退訂", "取消", "取消订阅", "取消訂閱", "停止", "配信停止", "解除", "登録解除", "수신거부", "중지",
    "구독취소", "berhenti", "stop kirim", "jangan kirim", "jangan kirim lagi", "unreg", "hủy", "hủy đăng ký",
    "ยกเลิก", "หยุด", "बंद करो", "बंद करें", "acha", "ondoa",
})  # fmt: skip
_START: Final = frozenset({
    "start", "unstop", "subscribe", "resume", "opt in", "optin", "resume promotions", "unpause", "restart",
    "старт", "подписаться", "подписка", "возобновить", "возобновить рекламу", "получать акции", "подпишите",
    "anmelden", "abonnieren", "werbung fortsetzen", "alta", "darme alta", "darme de alta", "suscribir",
    "suscribirse", "suscribirme", "reanudar promociones", "sabonner", "s abonner", "abonner", "mabonner",
    "m abonner", "reprendre", "reprendre promotions", "iscriviti", "iscrivimi", "riprendi promozioni",
    "inscrever", "retomar promocoes", "zapisz", "abone ol", "basla", "підписатися", "підписатись", "відновити",
})  # fmt: skip
_FILLERS: Final = frozenset({
    "please", "pls", "plz", "thanks", "thank", "you", "thx", "me", "my", "us", "now", "the", "this", "that",
    "to", "it", "from", "your", "list", "any", "anymore", "again", "ok", "okay", "hi", "hello", "sorry", "just",
    "all", "sms", "bitte", "danke", "mich", "mir", "uns", "jetzt", "mal", "sofort", "eurer", "ihrer", "sie",
    "meine", "dem", "der", "die", "das", "hallo", "por", "favor", "gracias", "obrigado", "obrigada", "porfavor",
    "ya", "mi", "meu", "moi", "vos", "mon", "de", "el", "la", "los", "as", "os", "se", "svp", "stp", "sil", "s",
    "il", "te", "vous", "plait", "merci", "les", "le", "grazie", "per", "favore", "prego", "prosze", "dziekuje",
    "mnie", "do", "lutfen", "tesekkurler", "beni", "bana", "artik", "пожалуйста", "спасибо", "меня", "мне",
    "нам", "пож", "плиз", "больше", "прошу", "мой", "ваши", "будь", "ласка", "дякую", "мені", "мене",
    "здравствуйте", "meg", "mig", "mij", "alstublieft", "aub",
})  # fmt: skip


def wants_messages(words: str) -> bool | None:
    """False for an opt-out, True for an opt-in, None for other words."""
    said = _tokens(words)
    if len(said) > _FEWEST_LETTERS and max(map(len, said)) == 1:
        said = ["".join(said)]  # S T O P
    if not 0 < len(said) <= _LONGEST:
        return None
    forms = _forms(said)
    if forms & _forms_of(_STOP):
        return False
    return True if forms & _forms_of(_START) else None


def _forms(said: list[str]) -> set[str]:
    """The words, and the words without fillers."""
    return {" ".join(said), " ".join(one for one in said if one not in _FILLERS)} - {""}


@cache
def _forms_of(phrases: frozenset[str]) -> frozenset[str]:
    """Phrases as wants_messages() compares them."""
    return frozenset(form for phrase in phrases for form in _forms(_tokens(phrase)))


def _tokens(words: str) -> list[str]:
    """Its words without case, marks over letters, punctuation and pictures."""
    plain = unicodedata.normalize("NFKD", words.casefold().replace("ı", "i").replace("ł", "l"))
    kept = "".join(one for one in plain if not unicodedata.combining(one) or one in "\u0306\u0308")
    whole = re.sub(r"['’`´]", "", unicodedata.normalize("NFC", kept))
    for letter in "äëïöüÿ":
        whole = whole.replace(letter, unicodedata.normalize("NFD", letter)[0])
    return re.findall(r"[^\W_]+", whole)
