"""Meanings of headings, in the languages of the lists."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import KEEP, Flag, auto
from functools import cache, reduce
from operator import or_
from typing import Final

from core.domain.messengers.traits import Messenger
from core.domain.recipients import is_part_of_name
from core.files.messenger_names import messenger_named


class Means(Flag, boundary=KEEP):
    """Meaning of a heading."""

    NOTHING = 0
    RECIPIENT = auto()
    """A recipient as typed: telegram:1001."""
    PERHAPS_RECIPIENT = auto()
    MESSENGER = auto()
    """The messenger of the address beside it."""
    PHONE = auto()
    OTHER_PHONE = auto()
    """A number that is not the person's own, or not the first one: an emergency contact, a fax, an office."""
    STRANGER = auto()
    """With OTHER_PHONE: the number of no person on the list, as a fax, an emergency contact, an old number."""
    ELSEWHERE = auto()
    """A name in some other service: Instagram, an e-mail address."""
    CONSENT = auto()
    """Agreement to messages."""
    OPT_OUT = auto()
    """Refusal of messages."""
    STATE = auto()
    """Perhaps agreement, if it says yes or no: "active", "valid"."""
    COUNTRY = auto()
    """The country, or the country code, of the number beside it."""
    AREA_CODE = auto()
    """The first part of the number beside it."""
    NUMBER = auto()
    """A number that may be a phone number, as "Number" and "Contact" say."""
    KNOWN = auto()
    """No address, but certainly a heading: a name, a sum."""

    @property
    def is_address(self) -> bool:
        return bool(self & _ADDRESSES)


OF_MESSENGER: Final = {messenger: Means(1 << 16 + place) for place, messenger in enumerate(Messenger)}
"""The address on one messenger."""

_ADDRESSES: Final = Means.RECIPIENT | Means.PHONE | Means.OTHER_PHONE | reduce(or_, OF_MESSENGER.values())

_RECIPIENT: Final = frozenset({"recipient", "recipients", "получатель", "получатели"})
_PERHAPS: Final = frozenset({"address", "who", "to", "uuid", "адрес", "кому"})
_MESSENGER: Final = frozenset({
    "messenger", "service", "мессенджер", "сервис", "месенджер", "channel", "kanal", "canal", "canale", "app",
    "serwis",
    "komunikator", "messagerie", "mensajeria", "mensageiro", "messaggistica",
})  # fmt: skip
_CHAT_ID: Final = frozenset({
    "chat_id", "chatid",
})  # fmt: skip
_COUNTRY: Final = frozenset({
    "country", "country_code", "countrycode", "dial_code", "calling_code", "phone_country", "nation", "land",
    "ländercode", "landesvorwahl", "ländervorwahl", "länderkennung", "pays", "code_pays", "indicatif", "país", "pais",
    "código_de_país", "codigo_pais", "código_país", "codigo_de_pais", "ddi", "paese", "prefisso", "prefijo", "kraj",
    "kod_kraju", "ülke", "ulke", "ülke_kodu",
    "страна", "код_страны", "країна", "код_країни", "landcode", "landnummer",
})  # fmt: skip
_AREA_CODE: Final = (
    "vorwahl", "=areacode", "=ddd", "=vorwahlnummer", "prefix", "prefixo", "kierunkow", "кодгорода",
    "кодоператора", "=alankodu", "=netnummer", "=kengetal", "=riktnummer", "=lada", "=std", "=stdcode",
)  # fmt: skip
_CONSENT: Final = (
    "consent", "einwillig", "zustimm", "einverstand", "optin", "accepts", "=gdpr", "=dsgvo", "=rgpd", "newsletter",
    "consentement", "consentimiento", "consentimento", "consenso", "zgod", "согласи", "згода", "рассылк", "розсилк",
    "=izin", "=onay", "marketing", "permission", "subscribed", "согласен", "согласны", "=agree", "=agreed", "=iagree",
    "accetto", "acepto", "aceita", "accepte", "samtyck", "samtykke", "souhlas", "suhlas", "hozzajarul", "=acord",
    "pristan", "suostumu", "συγκαταθ", "הסכמ", "موافق", "الموافق", "同意", "동의", "=riza",
)  # fmt: skip
_STATE: Final = (
    "=active", "=isactive", "=aktiv", "=activo", "=actif", "=attivo", "=ativo", "=aktywny", "=aktif", "активен",
    "активн", "деиствующ", "=valid", "=isvalid", "gultig", "деиствител",
)  # fmt: skip
_OPT_OUT: Final = (
    "unsubscrib", "optout", "=bounced", "=bounce", "=dnc", "blocked", "gesperrt", "abgemeldet", "widerspruch",
    "widerruf", "desabonn", "=baja", "descadastr", "disiscri", "wypisan", "отписал", "отписан", "отказ", "відпис",
    "відмов", "donotcontact", "=stop", "austritt", "ausgetreten", "verstorben", "deceased", "gekundigt", "inaktiv",
    "=inactive", "выбыл", "уволен", "умер", "decede", "fallecid", "=left", "resigned", "optedout", "=dnd",
    "suppress", "blacklist", "=deleted", "=removed", "удален", "geloscht", "kundigung", "abbestell",
    "widersprochen", "robinson", "rezygn", "kontaktsperre", "werbesperre", "sperrvermerk", "nonactive", "inactiv",
    "inattiv", "неактив", "заблок", "listanegra", "listenoire", "czarnalista", "karaliste", "черныисписок",
    "чорниисписок", "черномсписке",
    # "Do not call", as one word
    "donot", "dont", "=nosms", "=nocall", "=nocalls", "=nocontact", "=nowhatsapp", "=nomarketing", "nichtkontakt",
    "nichtanruf", "nichtanschreib", "nichtschreib", "keinewerbung", "keinenachricht", "keinewhatsapp", "keinesms",
    "keinekontakt", "keinanruf", "nepas", "nocontact", "nollamar", "nomolest", "noenviar", "noescrib", "noncontatt",
    "nonchiam", "nondisturb", "noninvi", "naocontat", "naocontact", "naoligar", "naoperturb", "naoenvi", "niedzwon",
    "niekontakt", "niewysyl", "niepisa", "незвон", "неписа", "небеспоко", "несвязыв", "неотправ", "нерассыл",
    "недзвон", "нетурбув", "ненадсил", "нетелефон", "nietbellen", "nietbenader", "nietcontact", "nietappen",
    "ikkekontakt", "intekontakt", "rahatsizetme", "aranmasin", "aramayin", "mesajatma",
)  # fmt: skip
# The beginnings of words, without marks over letters; a word with "=" in front has to be the whole of one.
_PHONE: Final = (
    "phone", "mobil", "cell", "=tel", "telefon", "telephon", "telefono", "=fon", "handy", "rufnummer", "portable",
    "=gsm", "movil", "celular", "telemovel", "komork", "=kom", "телефон", "моб", "сотов", "=тел", "=cep", "msisdn",
    "телеф", "טלפון", "הטלפון", "נייד", "סלולרי", "פלאפון", "هاتف", "الهاتف", "جوال", "الجوال", "موبايل",
    "الموبايل", "تلفون", "محمول", "تلفن", "موبایل", "همراه", "τηλ", "κινητ", "puhelin", "điênthoai", "đienthoai",
    "=sđt", "=hp", "=nohp", "telepon", "ponsel", "simu", "whatsapp", "mobtel", "smartphone", "=mob", "mobiel",
    "mobitel", "talrun", "ტელეფონ", "մոբ", "հեռախոս", "মোবাইল", "ফোন", "मोबाइल", "फोन", "फ़ोन", "=contactno",
    "=contactnumber", "=contactnr", "=alternateno", "=alternatenumber", "=mobno",
)  # fmt: skip
_PHONE_WITHIN: Final = (
    "電話", "电话", "手机", "手機", "携帯", "전화", "휴대폰", "핸드폰", "연락처", "โทร",
)  # fmt: skip
"""Languages that set no blank between words."""
_NUMBERS: Final = frozenset({
    "number", "numbers", "no", "nr", "nummer", "nummern", "numero", "numeros", "numer", "номер", "номера", "contact",
    "contacts", "kontakt", "kontakte", "contacto", "contato", "contatto", "контакт", "контакты", "tal", "numara",
})  # fmt: skip
_NOBODYS: Final = (
    "emergency",
    "=ice",
    "notfall",
    "urgence",
    "emergenc",
    "emergenza",
    "awaryj",
    "экстрен",
    "екстрен",
    "acil",
    "nagl",
    "fax",
    "faks",
    "факс",
    "telefax",
    "doctor",
    "arzt",
    "hausarzt",
    "medecin",
    "medico",
    "lekarz",
    "врач",
    "лікар",
    "doktor",
    "noodcontact",
    "nodkontakt",
    "prevenir",
    "veszhelyzet",
    "επειγουσ",
    "nouzov",
)
_OWN: Final = frozenset({
    "own", "my", "new", "eigene", "eigener", "meine", "neue", "neuer", "новыи", "свои", "нове", "nouveau", "nuevo",
    "nuovo", "novo", "nowy", "yeni", "nieuw",
})  # fmt: skip
"""Beside a word for a number: it is the person's."""
_FORMER: Final = (
    "=alte", "=alter", "=altes", "=old", "=former", "=previous", "=ancien", "=vecchio", "=antiguo", "=antigo",
    "=fruher", "=fruhere", "стар", "прежн", "=stary", "=eski", "=oud", "=oude",
)  # fmt: skip
"""Numbers of earlier times, which may be somebody else's now."""
_RELATIVES: Final = (
    "mother", "father", "mutter", "vater", "=mama", "=mum", "=mom", "=dad", "=papa", "parent", "eltern", "guardian",
    "vormund", "=mere", "=pere", "tuteur", "madre", "padre", "=mae", "=pai", "matk", "ojciec", "ojca", "opiekun",
    "мать", "мат", "отец", "отц", "мам", "пап", "=mamy", "=taty", "=tata", "родит", "батьк", "=anne", "=baba",
    "=veli", "spouse", "husband", "wife", "partner", "ehe", "conjoint", "conyuge", "coniuge", "malzon", "супруг",
    "муж", "жен", "=es", "=oma", "=opa", "grandm", "grandf", "grandp", "grossm", "grossv", "abuel", "nonn", "бабуш",
    "дедуш", "babci", "dziad", "tante", "onkel", "aunt", "uncle", "sibling", "geschwister", "babysit", "neighbo",
    "nachbar",
)  # fmt: skip
"""Other people by what they are to the one on the list."""
_NOT_OWN: Final = (
    *_NOBODYS, *_RELATIVES,
    "office", "=work", "business", "company", "dienst", "buro", "firm", "geschaft", "bureau", "travail", "trabajo",
    "domow", "oficina", "empresa", "trabalho", "escritorio", "ufficio", "lavoro", "=praca", "sluzb", "biuro", "раб",
    "служеб", "офис", "робоч", "=is", "=ofis", "sirket", "=home", "=house", "festnetz", "residencial", "=vaste",
    "hemtelefon", "=fix", "vezetekes", "σταθερ", "=privat", "landline", "=fixe", "=fijo", "=fixo", "=fisso",
    "=casa", "domicile", "stacjonar", "=dom", "домаш", "город", "=ev", "sabit", "second", "secondary", "=alt",
    "=alte", "=alter", "=altes", "=old", "=former", "=previous", "=ancien", "=vecchio", "=antiguo", "=antigo",
    "=fruher", "=fruhere", "стар", "прежн", "alternat", "other", "zweit", "weiter", "autre", "=otro", "=otra",
    "outro", "outra", "altro", "drug", "inny", "втор", "друг", "доп", "інш", "ikinci", "diger", "manager",
    "trainer", "teacher", "lehrer", "referr", "empfohlen", "contactperson", "ansprechpartner", "kontaktperson",
    "assistant", "pager", "isdn", "telex", "callback", "main", "zentrale", "центр",
)  # fmt: skip
_ELSEWHERE: Final = (
    "instagram", "=insta", "=ig", "twitter", "=x", "tiktok", "facebook", "=fb", "=mail", "email", "=e", "courriel",
    "correo", "почт", "пошт", "eposta", "github", "linkedin", "skype", "discord", "snapchat", "youtube", "=vk",
    "вк", "website", "=web", "bank", "=bankverbindung", "=blz", "=sortcode", "geburt", "=geb", "=gebdatum", "birth",
    "=dob", "=born", "naissance", "nacimiento", "nascimento", "nascita", "urodz", "рожд", "dogum", "=url", "=iban",
    "=bic", "снилс", "=инн", "=огрн", "=огрнип", "=кпп", "=оквэд", "=бик", "паспорт", "passport", "=pesel", "=nip",
    "=regon", "=dni", "=nif", "=nie", "=curp", "=rfc", "=cpf", "=cnpj", "=ssn", "=aadhaar", "=cnic", "=nric",
    "tckimlik", "=tckn", "steuer", "taxid", "taxno", "taxnumber", "codicefiscale", "partitaiva", "=imei",
    "kundennum", "kundennr", "kundenid", "mitgliedsn", "mitgliednr", "rechnungsn", "vertragsn", "auftragsn",
    "bestellnum", "orderno", "ordernumber", "orderid", "invoiceno", "invoicenumber", "customerno", "customernumber",
    "customerid", "memberno", "membernumber", "memberid", "=policy", "policyno", "policynumber", "номеркарты",
    "aktenz", "=az", "geschaftsz", "vorgangs", "caseno", "casenumber", "fileno", "filenumber", "делон", "номердел",
    "картылоял", "картаклиент", "картылояльности", "картаалоял", "номердоговора", "номерзаказа", "договор",
    "sozialvers", "versicherungsn", "krankenkass", "=barcode", "штрихкод", "=ean", "=isbn", "=ip", "ipaddress",
    "optinip", "confirmip", "konto", "account", "=plz", "=zip", "postal", "postleitzahl", "индекс",
)  # fmt: skip
_KNOWN: Final = (
    "name", "vorname", "nachname", "nom", "prenom", "nombre", "apellido", "nome", "cognome", "sobrenome", "imie",
    "nazwisk",
    "имя", "фамил", "фио", "отчеств", "имʼя", "ім", "прізв", "isim", "soyad", "=ad", "sum", "summe", "betrag",
    "montant",
    "importe", "valor", "importo", "kwota", "сумм", "tutar", "amount", "price", "preis", "цена", "date", "datum",
    "fecha",
    "дата", "data", "tarih", "city", "stadt", "ville", "ciudad", "город", "note", "notiz", "comment", "status",
    "=row", "=why",
    "=id", "=nr", "=no", "label", "first", "last", "given", "family", "group", "gruppe", "klasse", "class",
    "timestamp",
)  # fmt: skip
_SHORT_HEADING: Final = 3
_WORDS_OF_QUESTIONS: Final = frozenset({"is", "es", "ev", "dom", "mere"})
"""Turkish, Polish or French words for work, spouse and home that are common words in other languages."""
_NO_WORD: Final = re.compile(r"\W+")
_DIGITS: Final = re.compile(r"\d+")


def word(cell: str) -> str:
    """The heading as the name of a gap: "First name" = "first_name"."""
    plain = _NO_WORD.sub("_", cell.casefold()).strip("_")[:60]
    return f"_{plain}" if plain[:1].isdigit() else plain


def folded(cell: str) -> str:
    """Without marks over letters and without case."""
    decomposed = unicodedata.normalize(
        "NFKD", cell.casefold().replace("ß", "ss").replace("ł", "l").replace("ı", "i")
    )
    kept = "".join(
        one for one in decomposed if unicodedata.category(one) != "Mn" or "\u0400" <= one <= "\u04ff"
    )
    return unicodedata.normalize("NFC", kept)


@cache
def meaning(cell: str) -> Means:
    """Return the meaning of a heading, NOTHING for an unknown word."""
    name = word(cell)
    found = _exactly(name)
    tokens = [one for one in re.split(r"[\W_]+", folded(cell)) if one]
    if not tokens or len(cell) > 80:
        return found
    joined = ["".join(tokens), "".join(tokens[-2:])]
    if _has([*tokens, *joined], _AREA_CODE) and not found & Means.COUNTRY:
        return found | Means.AREA_CODE
    return found | _of_address(tokens, name, found) | _wish(tokens)


def _of_address(tokens: list[str], name: str, found: Means) -> Means:
    """The messengers and phones that a heading names; a service elsewhere, or a known word."""
    for messenger in filter(None, map(messenger_named, name.split("_"))):
        found |= OF_MESSENGER[messenger]
    if name in _CHAT_ID:
        found |= OF_MESSENGER[Messenger.TELEGRAM]
    joined = "".join(tokens)
    phone = _has([*tokens, joined], _PHONE) or any(one in joined for one in _PHONE_WITHIN)
    phone = phone or bool(found & OF_MESSENGER[Messenger.WHATSAPP])
    if phone:
        found |= Means.OTHER_PHONE if _is_other(tokens, name) else Means.PHONE
    elif _has(tokens, _NOBODYS) or (
        _has(tokens, ("=alt", *_FORMER, *_RELATIVES)) and any(map(_is_number, tokens))
    ):
        found |= Means.OTHER_PHONE
    if found & Means.OTHER_PHONE and _has(tokens, _NOBODYS + _FORMER):
        found |= Means.STRANGER
    if _has([*tokens, joined], _ELSEWHERE) and not found:
        found |= Means.ELSEWHERE
    known = all(one in _NUMBERS or one in _OWN or one.isdecimal() for one in tokens)
    if not found and known and any(one in _NUMBERS for one in tokens):
        found |= Means.NUMBER
    if _has(tokens, _KNOWN) or is_part_of_name(name):
        found |= Means.KNOWN
    return found


def _wish(tokens: list[str]) -> Means:
    """Agreement or refusal, unless it is about e-mail."""
    whole = [*tokens, "".join(tokens)]
    if _has(tokens, ("=mail", "=email")):
        return Means.NOTHING
    if _has(whole, _OPT_OUT):
        return Means.OPT_OUT
    if _has(whole, _CONSENT):
        return Means.CONSENT
    return Means.STATE if _has(whole, _STATE) else Means.NOTHING


def regions_of(headings: Iterable[str]) -> list[str]:
    """The countries whose people write such headings."""
    headings = list(headings)
    tokens = [one for heading in headings for one in re.split(r"[\W_]+", heading.casefold()) if one]
    found = [region for token in tokens for region in _WRITTEN_IN.get(token, ())]
    letters = {one for heading in headings for one in heading}
    found += [
        region
        for first, last, regions in _SCRIPTS
        if any(first <= one <= last for one in letters)
        for region in regions
    ]
    return list(dict.fromkeys(found))


_SCRIPTS: Final = (
    ("\u0590", "\u05ff", ("IL",)),
    ("\u0370", "\u03ff", ("GR", "CY")),
    ("\u0e00", "\u0e7f", ("TH",)),
    ("\uac00", "\ud7af", ("KR",)),
    ("\u3040", "\u30ff", ("JP",)),
    ("\u10a0", "\u10ff", ("GE",)),
    ("\u0530", "\u058f", ("AM",)),
    ("\u0900", "\u097f", ("IN",)),
)
"""First and last letter; the countries that write it."""


_WRITTEN_IN: Final = {
    word: regions
    for words, regions in (
        (
            "handy handynummer mobilnummer rufnummer vorname nachname telefonnummer betrag festnetz dienstl privat "
            "mutter vater eltern schüler adresse klasse spieler mitglied kunde straße plz ort",
            ("DE", "AT", "CH"),
        ),
        ("natel", ("CH",)),
        ("naam achternaam voornaam mobiel telefoonnummer", ("NL", "BE")),
        ("namn mobilnummer personnummer förnamn efternamn hemtelefon", ("SE",)),
        ("navn fornavn mobilnr mobiltelefon etternavn efternavn", ("DK", "NO")),
        ("nimi puhelin puhelinnumero sukunimi etunimi", ("FI",)),
        ("jméno příjmení", ("CZ", "SK")),
        ("vardas pavardė", ("LT",)),
        ("vārds uzvārds tālrunis", ("LV",)),
        ("eesnimi perenimi", ("EE",)),
        ("priimek", ("SI",)),
        ("име", ("BG",)),
        ("аты тегі", ("KZ",)),
        ("ism familiya", ("UZ",)),
        ("şəhər nömrə", ("AZ",)),
        ("meno priezvisko", ("SK",)),
        ("név telefonszám mobilszám", ("HU",)),
        ("nume prenume", ("RO", "MD")),
        ("prezime", ("HR", "RS")),
        ("nama telepon hp ponsel", ("ID", "MY")),
        ("họ tên điện thoại sđt", ("VN",)),
        ("aadhaar pan pincode", ("IN",)),
        ("نام موبایل تلفن همراه", ("IR",)),
        ("الاسم اسم الهاتف هاتف الجوال جوال موبايل", ("SA", "AE", "EG", "JO", "MA", "IQ")),
        ("氏名 電話番号 携帯電話 携帯 お名前", ("JP",)),
        ("姓名 手机 手机号 手机号码 电话 联系电话", ("CN",)),
        ("手機 電話", ("TW", "HK")),
        ("cellulare cognome numero", ("IT",)),
        ("telemóvel telemovel", ("PT",)),
        ("celular sobrenome", ("BR", "MX", "CO", "AR")),
        ("móvil movil apellido apellidos", ("ES", "MX")),
        ("téléphone portable prénom prenom", ("FR", "BE")),
        ("komórka komórkowy imię nazwisko telefonu", ("PL",)),
        ("cep soyad telefonu gsm", ("TR",)),
        ("имя фамилия фио отчество телефон сотовый", ("RU", "KZ", "BY")),
        ("ім'я імя ім прізвище мобільний", ("UA",)),
    )
    for word in words.split()
}


def _exactly(name: str) -> Means:
    found = Means.NOTHING
    if name in _RECIPIENT:
        found |= Means.RECIPIENT
    if name in _PERHAPS:
        found |= Means.PERHAPS_RECIPIENT
    if name in _MESSENGER:
        found |= Means.MESSENGER
    if name in _COUNTRY:
        found |= Means.COUNTRY
    return found


def _is_other(tokens: list[str], name: str) -> bool:
    number = next((int(one) for one in reversed(tokens) if _DIGITS.fullmatch(one)), None)
    if number is None and (ending := re.search(r"[^\W\d](\d)$", name)):
        number = int(ending[1])
    if len(tokens) > _SHORT_HEADING:  # a question: "What is your phone number?", "¿Cuál es tu teléfono?"
        tokens = [one for one in tokens if one not in _WORDS_OF_QUESTIONS]
    return (number is not None and 2 <= number <= 9) or _has(tokens, _NOT_OWN)


def _has(tokens: list[str], words: tuple[str, ...]) -> bool:
    return any(
        token == one[1:] if one[0] == "=" else token.startswith(one) or _ends(token, one)
        for token in tokens
        for one in words
    )


def _ends(token: str, one: str) -> bool:
    """German puts words together: Notfallhandy, Mobiltelefon."""
    return len(one) >= 5 and token.endswith(one)


def _is_number(token: str) -> bool:
    return token in _NUMBERS or token.endswith(("nummer", "numer", "номер", "number"))


def names_relative(label: str) -> bool:
    """True for the label of somebody else's number in a person's card: "Mom"."""
    return _has([one for one in re.split(r"[\W_]+", folded(label)) if one], _RELATIVES)


def names_former(label: str) -> bool:
    """True for the label of a number of earlier times: "old", "alte Nummer"."""
    return _has([one for one in re.split(r"[\W_]+", folded(label)) if one], _FORMER)


def heading_of(name: str) -> str:
    """Return the heading under which a column is read as the variable of that name."""
    return name if word(name) == name and not _is_taken(name) else f"{{{name}}}"


def _is_taken(name: str) -> bool:
    means = meaning(name)
    return means.is_address or bool(means & (Means.MESSENGER | Means.PERHAPS_RECIPIENT))
