"""Texts that are opt-outs, and texts that are not."""

from __future__ import annotations

import pytest

from core.parsing.opt_out import wants_messages

WANTS_NO_MORE = (
    "STOP", "QUIT", "Cancel", "END", "Stop. Thank you", "STOP!!! pls", "sair", "basta", "dur", "Parar", "please stop",
    "stop sending me this", "unsubscribe me", "Abmelden bitte", "Bitte nicht mehr schreiben", "не пишите мне",
    "Отпишите меня, пожалуйста", "cancelar", "remove me", "STOP 🙏", "arrêtez", "stop it", "iptal", "wypisz", "optout",
    "Leave me alone", "Detener promociones", "Parar promoções", "Interrompi promozioni", "Werbung stoppen",
    "Arrêter les promotions", "Stop promotions", "Прекратить рекламу", "Не получать акции", "Hör auf!", "désabonner",
    "відписатися", "S T O P", "Take me off this list", "Please remove my number", "un-subscribe",
    "Do not message me again", "Ich möchte keine Nachrichten mehr", "Bitte löschen Sie meine Nummer",
    "Bitte aus dem Verteiler nehmen", "Je ne veux plus recevoir vos messages", "Désabonnez-moi",
    "Quiero darme de baja", "Não quero mais receber", "Toglietemi dalla lista", "Proszę przestać pisać",
    "Lütfen mesaj göndermeyin", "Прекратите мне писать", "СТОП СПАМ", "Afmelden!", "sluta skicka", "lopeta",
    "odhlásit", "leiratkozás", "dezabonează-mă", "διαγραφή", "إلغاء الاشتراك", "لغو ۱۱", "הסירו אותי",
    "退订", "配信停止", "수신거부", "berhenti", "hủy", "ยกเลิก", "बंद करो",
)  # fmt: skip


@pytest.mark.parametrize("words", WANTS_NO_MORE)
def test_who_wants_no_more_messages_is_understood(words: str) -> None:
    assert wants_messages(words) is False


@pytest.mark.parametrize("words", ["start", "Please subscribe me", "подписаться", "S'abonner", "Anmelden"])
def test_who_wants_them_again_is_understood(words: str) -> None:
    assert wants_messages(words) is True


@pytest.mark.parametrize(
    "words",
    [
        "cancel my order", "Can you stop by tomorrow?", "don't stop", "until the end of the month", "отмена заказа",
        "Ich muss meinen Sohn abmelden", "I will cancel", "Quiero cancelar la cita", "not interested", "取消预约",
        "Ja bitte", "thank you", "да", "", "🙏", "I would like to stop by the shop and cancel nothing at all today",
    ],
)  # fmt: skip
def test_other_words_wish_for_nothing(words: str) -> None:
    assert wants_messages(words) is None
