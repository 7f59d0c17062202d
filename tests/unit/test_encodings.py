"""Texts whose encoding nobody has told: read right, or with the right reading among those that are asked about."""

from __future__ import annotations

import pytest

from core.files.encoding import LOST, readings
from core.files.questions import NeedsAnswer
from core.files.recipient_list import read_list

SURE = [
    ("cp1252", "Jürgen Müller|Käthe Groß"), ("cp1252", "Zoë Ångström"), ("cp1252", "Ann, 12 €"),
    ("cp1251", "Иван Петров|Ольга"), ("cp1251", "Щука из Ельца"), ("cp1250", "Łukasz Dvořák|Žofie Šímová|Jiří"),
    ("cp1250", "Błażej Wójcik"), ("mac_roman", "Jürgen Müller|Käthe Groß|Zoë"), ("mac_roman", "José"),
    ("cp866", "Иван Петров"), ("koi8_r", "Иван Петров"), ("mac_cyrillic", "Иван Петров"), ("iso8859_5", "Иван Петров"),
    ("cp850", "Jürgen Müller"), ("cp1253", "Γιώργος Παπαδόπουλος"), ("cp1256", "محمد علي"),
    ("iso8859_2", "Łukasz Dvořák"), ("cp1254", "Şule Yılmaz|Çağrı Öztürk|İbrahim Güneş"), ("cp857", "İbrahim Güneş"),
    ("cp1125", "Їжак Ґалаґан|Єва Ільницька"), ("iso2022_jp", "山田太郎"),
    ("shift_jis", "山田太郎|さくら"), ("big5", "陳志明|林美玲"), ("utf-16-le", "Иван"), ("utf-8", "Zoë 山田"),
]  # fmt: skip
ASKED = [
    ("cp1250", "Győző Őry|Ágnes Szűcs"), ("cp1250", "Željko Čović"), ("cp1250", "Jacek Ćwiek"), ("cp1257", "Rūta"),
    ("cp874", "สมชาย|ประเสริฐ"), ("iso8859_6", "محمد علي"),
    ("cp1254", "Ayşe Yılmaz|Gökçe Öztürk"), ("cp1257", "Jānis Bērziņš"), ("cp1255", "דוד כהן"),
    ("euc_kr", "김민수|이영희"),
    ("gb18030", "王伟|李娜"), ("euc_jp", "山田太郎"),
]  # fmt: skip


def listed(names: str) -> str:
    return "phone;name\n" + "".join(f"+491512000510{n};{name}\n" for n, name in enumerate(names.split("|")))


@pytest.mark.parametrize(("codec", "names"), SURE)
def test_names_are_read_as_they_were_written(codec: str, names: str) -> None:
    assert readings(listed(names).encode(codec))[0].text == listed(names)


@pytest.mark.parametrize(
    ("codec", "names"),
    [
        ("cp1252", "Jürgen Müller|Käthe Groß"),
        ("cp1252", "Søren Ærø|Åge Kjærgaard|Jørn Bæk"),
        ("cp1252", "João Conceição|Inês Simões|Antônio"),
        ("cp1252", "Françoise Lefèvre|Noël Côté|Zoé Benoît"),
        ("cp1252", "Íñigo Peña|José Ángel"),
        ("cp1254", "Şule Yılmaz|Çağrı Öztürk|İbrahim Güneş"),
        ("cp1250", "Łukasz Żółć|Małgorzata Święty"),
    ],
)
def test_lists_in_one_language_are_not_asked_about(codec: str, names: str) -> None:
    assert [one.text for one in readings(listed(names).encode(codec))] == [listed(names)]


@pytest.mark.parametrize(("codec", "names"), ASKED)
def test_where_several_readings_make_names_the_right_one_is_among_them(codec: str, names: str) -> None:
    found = [one.text for one in readings(listed(names).encode(codec))]
    assert listed(names) in found
    assert not any(LOST in text for text in found)


def test_the_admin_picks_a_reading_by_its_names() -> None:
    data = listed("Győző Őry|Béla Szűcs").encode("cp1250")
    with pytest.raises(NeedsAnswer) as asked:
        read_list(data)
    question = asked.value.question
    assert question.text == "Which spelling of these names is right?"
    (right,) = [one for one in question.choices if one.label.startswith("Győző")]
    read = read_list(data, {"encoding": right.key})
    assert [one.variables["name"] for one in read.recipients] == ["Győző Őry", "Béla Szűcs"]


def test_one_broken_byte_changes_no_other_name() -> None:
    data = listed("Jürgen|Zoë|Käthe").encode().replace("ä".encode(), b"\xe4")
    read = read_list(data)
    assert [dict(one.variables) for one in read.recipients] == [{"name": "Jürgen"}, {"name": "Zoë"}, {}]
