"""The check of the message catalogues: each fault is found, and a sound room is left in peace."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.catalogues import check_catalogues, compile_catalogues, of_python, of_template

HEADER = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""
SOURCE = 'from django.utils.translation import gettext_lazy as _\nTITLE = _("Level %(level)s")\n'


@pytest.fixture
def room(tmp_path: Path) -> Path:
    for folder in ("portal", "assessments", "evaluations", "templates", "locale/portal/zh_Hans/LC_MESSAGES"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "portal/pages.py").write_text(SOURCE, encoding="utf-8")
    return tmp_path


def with_entries(room: Path, entries: str) -> list[str]:
    (room / "locale/portal/zh_Hans/LC_MESSAGES/django.po").write_text(HEADER + entries, encoding="utf-8")
    return check_catalogues(room)


def test_check_translated_room_is_silent(room: Path) -> None:
    assert with_entries(room, 'msgid "Level %(level)s"\nmsgstr "等级%(level)s"\n') == []


@pytest.mark.parametrize(
    ("entries", "fault"),
    [
        ("", "portal/pages.py:2: not translated: 'Level %(level)s'"),
        ('msgid "Level %(level)s"\nmsgstr ""\n', "empty translation"),
        ('#, fuzzy\nmsgid "Level %(level)s"\nmsgstr "等级%(level)s"\n', "fuzzy"),
        ('msgid "Level %(level)s"\nmsgstr "等级"\n', "placeholders differ"),
        ('msgid "Level %(level)s"\nmsgstr "等级%(level)s"\n\nmsgid "Gone"\nmsgstr "无"\n', "no source marks this text"),
        (
            'msgid "Level %(level)s"\nmsgstr "级%(level)s"\n\nmsgid "Level %(level)s"\nmsgstr "层%(level)s"\n',
            "otherwise",
        ),
        ('msgctxt "tier"\nmsgid "Level %(level)s"\nmsgstr "等级%(level)s"\n', "not translated"),
    ],
)
def test_check_names_each_fault(room: Path, entries: str, fault: str) -> None:
    assert any(fault in line for line in with_entries(room, entries))


def test_of_python_follows_imported_names_and_leaves_other_calls_alone() -> None:
    source = (
        "from django.utils.translation import npgettext_lazy as counted, pgettext\n"
        'counted("run", "one run", "%(n)s runs", 2)\npgettext("tier", "high")\n'
        '_("not ours")\nprint("nor this")\npgettext("tier", spoken)\n'
    )
    found = [(message.context, message.text, message.plural) for message in of_python(source, "x.py")]
    assert found == [("run", "one run", "%(n)s runs"), ("tier", "high", None)]


def test_of_template_reads_every_tag_that_django_reads() -> None:
    source = (
        '{% load i18n %}{% translate "Sign (in)" %}\n{{ _("Help") }}{% include "x.html" with title=_("Runs") %}\n'
        '{% translate "high" context "tier" %}\n'
        "{% blocktranslate trimmed count n=n %}one\n run{% plural %}{{ n }} runs{% endblocktranslate %}"
    )
    found = [(m.context, m.text, m.plural, m.place) for m in of_template(source, "x.html")]
    assert found == [
        (None, "Sign (in)", None, "x.html:1"),
        (None, "Help", None, "x.html:2"),
        (None, "Runs", None, "x.html:2"),
        ("tier", "high", None, "x.html:3"),
        (None, "one run", "%(n)s runs", "x.html:4"),
    ]


def test_compile_writes_what_gettext_reads(room: Path) -> None:
    import gettext

    with_entries(room, 'msgid "Level %(level)s"\nmsgstr "等级%(level)s"\n')
    assert compile_catalogues(room) == 1
    with (room / "locale/portal/zh_Hans/LC_MESSAGES/django.mo").open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Level %(level)s") == "等级%(level)s"
