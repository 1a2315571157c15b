"""How things stand, part by part: a state, a sentence, and what the operator can do about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.presentation.figures import day, duration, moment, size
from portal.certificates.models import Certificate

from . import health, keys, queues, stores
from .models import ChainCheck, Process
from .queues import Work

CLOCK_LATE = timedelta(seconds=60)
CHECK_LATE = timedelta(days=2)
GOOD, LOOK, BAD = "passed", "attention", "failed"


@dataclass(frozen=True)
class Part:
    """One part of the portal. `state` is passed, attention or failed; `advice` says what to do in the last two."""

    code: str
    title: str
    state: str
    text: str
    advice: str = ""
    url: str = ""

    @property
    def word(self) -> str:
        return {GOOD: _("in order"), LOOK: _("look at it"), BAD: _("act now")}[self.state]


def parts(work: Sequence[Work]) -> list[Part]:
    """Every part, in the order in which the others depend on it; `work` is what `queues.work` gives."""
    usable = {part: state == health.OK for part, state in health.parts().items()}
    processes = list(Process.objects.all())
    found = [_database(usable["database"]), _queue(usable["queue"]), _files(usable["files"]), _key()]
    return [*found, _workers(processes), _clock(processes), _work(work), _certificates(), _mail(), _ledger()]


def _database(usable: bool) -> Part:
    text = _("It answers.") if usable else _("It does not answer.")
    return Part("database", _("Database"), GOOD if usable else BAD, text)


def _queue(usable: bool) -> Part:
    text = _("Messages to the workers can be sent.") if usable else _("Messages to the workers cannot be sent.")
    advice = _("Start the queue server. What waits is in the database and is taken up then.")
    return Part(
        "queue", _("Queue"), GOOD if usable else BAD, text, "" if usable else advice, reverse("operations:work")
    )


def _files(usable: bool) -> Part:
    room, faults, url = stores.room(), stores.fault_count(), reverse("operations:storage")
    title = _("File store")
    if not usable:
        advice = _("Check that the folder is there and may be written, and that the disk is not full.")
        return Part("files", title, BAD, _("Files cannot be written."), advice, url)
    if faults:
        text = ngettext(
            "%(count)d stored file is lost or was changed.", "%(count)d stored files are lost or were changed.", faults
        )
        advice = _("Find out why, and bring the files back from a backup.")
        return Part("files", title, BAD, text % {"count": faults}, advice, url)
    text = _("%(free)s of %(size)s are free.") % {"free": size(room.free), "size": size(room.size)}
    advice = _("Make room before uploads are refused.") if room.is_low else ""
    return Part("files", title, LOOK if room.is_low else GOOD, text, advice, url)


def _key() -> Part:
    ring, title, url = keys.ring(), _("Signing key"), reverse("operations:keys")
    signer = ring.signer
    if signer is None:
        advice = _("Name the PKCS#12 file and its passphrase in the settings; the log says what is wrong with them.")
        return Part("key", title, BAD, _("There is no key that can be used: no certificate is signed."), advice, url)
    words = _("Valid until {day}.")
    if ring.is_development:
        words = _("A development key, fit for trying out only; valid until {day}.")
    text = format_html(words, day=day(signer.valid_until))
    state = max((certificate.state for certificate in ring.certificates), key=(GOOD, LOOK, BAD).index)
    advice = "" if state == GOOD else _("Have the key renewed by its authority, and name the new file in the settings.")
    return Part("key", title, state, text, advice, url)


def _workers(processes: Sequence[Process]) -> Part:
    url, by_queue = reverse("operations:work"), queues.workers_by_queue(processes)
    missing = [queue for queue, count in by_queue.items() if not count]
    count = sum(process.is_heard for process in processes if process.kind == Process.Kind.WORKER)
    if missing:
        text = _("Nobody takes from the queue: %(queues)s.") % {"queues": ", ".join(missing)}
        advice = _("Start a worker for it. What waits is taken up by itself.")
        return Part("workers", _("Workers"), BAD, text, advice, url)
    text = ngettext("%(count)d worker reports itself.", "%(count)d workers report themselves.", count)
    silent = [p.name for p in processes if p.kind == Process.Kind.WORKER and not p.is_heard]
    if silent:
        advice = _("Not heard any more: %(names)s. What they had in hand was taken over.") % {
            "names": ", ".join(silent)
        }
        return Part("workers", _("Workers"), LOOK, text % {"count": count}, advice, url)
    return Part("workers", _("Workers"), GOOD, text % {"count": count}, "", url)


def ticked_at(processes: Sequence[Process]) -> datetime | None:
    """When a clock last sent something."""
    ticks = [p.facts["ticked_at"] for p in processes if p.kind == Process.Kind.CLOCK and p.facts.get("ticked_at")]
    return datetime.fromisoformat(max(ticks)) if ticks else None


def _clock(processes: Sequence[Process]) -> Part:
    url, title, ticked = reverse("operations:work"), _("Clock"), ticked_at(processes)
    advice = _("Start the clock (Celery beat), exactly one. Without it nothing that was missed is found.")
    if ticked is None:
        return Part("clock", title, BAD, _("No clock has reported itself."), advice, url)
    age = timezone.now() - ticked
    text = _("It last sent something %(ago)s ago.") % {"ago": duration(age.total_seconds())}
    late = age > CLOCK_LATE
    return Part("clock", title, BAD if late else GOOD, text, advice if late else "", url)


def _work(work: Sequence[Work]) -> Part:
    url, title = reverse("operations:work"), _("Waiting work")
    late = [line for line in work if line.is_late]
    if late:
        text = _("Has waited for long: %(names)s.") % {"names": ", ".join(str(line.title) for line in late)}
        advice = _("Look at the workers; if all are busy, add one.")
        return Part("work", title, LOOK, text, advice, url)
    waiting = sum(line.waiting for line in work)
    text = ngettext("%(count)d thing waits, none for long.", "%(count)d things wait, none for long.", waiting)
    return Part("work", title, GOOD, text % {"count": waiting} if waiting else _("Nothing waits."), "", url)


def _certificates() -> Part:
    troubled = list(Certificate.objects.filter(status=Certificate.Status.PREPARING).exclude(trouble="")[:10])
    title, url = _("Issuing of certificates"), reverse("operations:work")
    if not troubled:
        return Part("certificates", title, GOOD, _("No certificate is held up."), "", url)
    text = _("Held up: %(numbers)s.") % {"numbers": ", ".join(certificate.number for certificate in troubled)}
    advice = _("The reason stands beside each; mend it, and the portal tries again by itself.")
    return Part("certificates", title, BAD, text, advice, url)


def _mail() -> Part:
    given_up, url = queues.letters_given_up(), reverse("operations:work")
    if given_up:
        text = ngettext(
            "%(count)d letter could not be sent in the end.",
            "%(count)d letters could not be sent in the end.",
            given_up,
        )
        advice = _("Check the mail server and the addresses. The inbox of each person has it all the same.")
        return Part("mail", _("E-mail"), LOOK, text % {"count": given_up}, advice, url)
    return Part("mail", _("E-mail"), GOOD, _("No letter was given up."), "", url)


def _ledger() -> Part:
    last, title, url = ChainCheck.last_ended(), _("Audit trail"), reverse("operations:audit")
    if last is None:
        return Part("ledger", title, LOOK, _("Not checked yet."), _("Ask for a check."), url)
    state, text = chain_words(last)
    if state == GOOD and timezone.now() - last.ended_at > CHECK_LATE:
        return Part("ledger", title, LOOK, text, _("The daily check has not run. Look at the clock."), url)
    advice = _("Stop, keep a copy of the database, and find out who had access to it.") if state == BAD else ""
    return Part("ledger", title, state, text, advice, url)


def chain_words(check: ChainCheck) -> tuple[str, str]:
    """The state of a check that has ended, and its sentence."""
    checked = moment(check.ended_at)
    if check.is_whole:
        return GOOD, format_html(
            _("Whole up to entry {number}, checked {moment}."), number=check.entries, moment=checked
        )
    words = ngettext(
        "Does not hold at {count} place, checked {moment}.",
        "Does not hold at {count} places, checked {moment}.",
        check.fault_count,
    )
    return BAD, format_html(words, count=check.fault_count, moment=checked)


FAULTS: dict[str, Callable[[], str]] = {
    "missing": lambda: _("entries are missing from here on"),
    "unlinked": lambda: _("it does not follow the entry before it"),
    "altered": lambda: _("its content was altered"),
    "surplus": lambda: _("entries were put behind the end"),
    "cut": lambda: _("the end was removed"),
    "text": lambda: _("a text that belongs to it was altered"),
}
