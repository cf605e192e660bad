"""The words: found everywhere, compared, compiled."""

import gettext

import pytest
from babel.messages.catalog import Catalog, Message

from okrplanner import translations


def complaint(id, string, **more):
    return translations.complain(Message(id), Message(id, string, **more))


@pytest.mark.parametrize(
    ("id", "string", "more", "expected"),
    [
        ("Plan", "計画", {}, ""),
        ("Plan", "", {}, "not translated"),
        ("Plan", "計画", {"flags": ["fuzzy"]}, "fuzzy"),
        ("Due %(day)s", "%(day)sまで", {}, ""),
        ("Due %(day)s", "期限", {}, "lost a placeholder"),
        ("Due %(day)s", "%(date)sまで", {}, "names a placeholder that nobody fills"),
        (("%(n)s team", "%(n)s teams"), ("%(n)sチーム",), {}, ""),
        (("%(n)s team", "%(n)s teams"), ("",), {}, "not translated"),
    ],
)
def test_what_a_reader_would_miss_is_named(id, string, more, expected):
    assert complaint(id, string, **more) == expected


def test_a_message_without_an_entry_is_missing():
    assert translations.complain(Message("Plan"), None) == "missing"


def test_words_are_found_in_python_and_in_templates(tmp_path, monkeypatch):
    monkeypatch.setattr(translations, "ROOT", tmp_path)
    (tmp_path / "people").mkdir()
    (tmp_path / "people" / "views.py").write_text('say = _("Two words")\nngettext("%(n)s day", "%(n)s days", n)\n')
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(
        "{% load i18n %}<p title=\"{% translate 'A title' %}\">\n"
        "{% blocktranslate trimmed with day=x %}\n  It's due\n  on {{ day }}.\n{% endblocktranslate %}"
        '{% translate "May" context "month" %}'
    )
    found = {(translations.name(message), message.context) for message in translations.used() if message.id}
    assert found == {
        ("Two words", None),
        ("%(n)s day", None),
        ("A title", None),
        ("It's due on %(day)s.", None),
        ("May", "month"),
    }


def test_a_catalog_is_compiled_when_it_is_newer(tmp_path, monkeypatch):
    monkeypatch.setattr(translations, "ROOT", tmp_path)
    folder = tmp_path / "okrplanner" / "locale" / "ja" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    catalog = Catalog(locale="ja", charset="utf-8")
    catalog.add("Plan", "計画")
    with (folder / "django.po").open("wb") as file:
        translations.write_po(file, catalog)
    translations.compile_catalogs()
    compiled = folder / "django.mo"
    with compiled.open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Plan") == "計画"
    before = compiled.stat().st_mtime_ns
    translations.compile_catalogs()
    assert compiled.stat().st_mtime_ns == before
