/* Progressive enhancement only: each page works by link and form when this file does not arrive. */
"use strict";

document.documentElement.classList.add("has-script");

/* Times are UTC in the markup; the reader sees their own zone, and the UTC text stays as the title. */
function localiseTimes(root) {
  const language = document.documentElement.lang;
  const locale = language.startsWith("en") ? "en-GB" : language;
  for (const time of root.querySelectorAll("time[data-local]")) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    time.title = time.textContent;
    time.textContent = new Intl.DateTimeFormat(locale, {
      dateStyle: "medium",
      timeStyle: "short",
    }).format(at);
    time.removeAttribute("data-local");
  }
}

/* A confirmation is a disclosure in the page; with script it opens as a modal dialog instead. */
function prepareConfirmations(root) {
  for (const details of root.querySelectorAll("details[data-confirm]")) {
    const dialog = details.querySelector("dialog");
    if (!dialog || details.open) continue;
    dialog.removeAttribute("open");
    details.querySelector("summary").addEventListener("click", (event) => {
      event.preventDefault();
      details.open = true;
      dialog.showModal();
    });
    dialog.addEventListener("close", () => {
      details.open = false;
      details.querySelector("summary").focus();
    });
    dialog.querySelector("[data-close]")?.addEventListener("click", () => dialog.close());
    details.removeAttribute("data-confirm");
  }
}

/* Digits choose a score while the control has the focus. */
document.addEventListener("keydown", (event) => {
  const control = event.target.closest?.("[data-score]");
  if (!control || event.ctrlKey || event.metaKey || event.altKey || !/^[0-5]$/.test(event.key)) return;
  if (event.target.matches("textarea, input:not([type=radio])")) return;
  const choice = control.querySelector(`input[type=radio][value="${event.key}"]:not(:disabled)`);
  if (!choice) return;
  event.preventDefault();
  choice.checked = true;
  choice.focus();
  choice.dispatchEvent(new Event("change", { bubbles: true }));
});

/* A slash goes to the search, the page's own before the header's; on a narrow screen the menu opens for it. Not while
   something is typed or a dialog is open, nor when the reader has turned it off (WCAG 2.1.4), which the browser keeps. */
const SHORTCUT = "portal:shortcut";
const shortcutIsOff = () => {
  try {
    return localStorage.getItem(SHORTCUT) === "off";
  } catch {
    return false;
  }
};
document.addEventListener("DOMContentLoaded", () => {
  const choice = document.querySelector("[data-shortcut]");
  if (!choice) return;
  choice.checked = !shortcutIsOff();
  choice.addEventListener("change", () => localStorage.setItem(SHORTCUT, choice.checked ? "on" : "off"));
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || shortcutIsOff() || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("input, textarea, select, [contenteditable], dialog")) return;
  const field = document.querySelector("main [data-search]") || document.querySelector("[data-search]");
  if (!field) return;
  event.preventDefault();
  if (!field.checkVisibility()) field.closest("[popover]")?.showPopover();
  field.focus();
  field.select();
});

/* Autosave: the form's own address is asked to keep a draft, one request at a time, the last state always last.
   A form that names what it saw (`seen` or `revision`) learns the name of what it saved, so that its next save is no
   conflict. What is typed when the page is left, closed or put behind another is sent without waiting for a pause. */
function prepareAutosave(root) {
  for (const form of root.querySelectorAll("form[data-autosave]")) {
    const status = form.querySelector("[data-autosave-status]");
    let timer = 0;
    let dirty = false;
    let sending = null;
    const save = (leaving) => {
      if (!dirty || (sending && !leaving)) return;
      dirty = false;
      sending = send(leaving).then((saved) => {
        sending = null;
        if (saved && dirty) changed();
      });
    };
    const send = async (leaving) => {
      try {
        const answer = await fetch(form.dataset.autosave || form.action, {
          method: "POST",
          body: new FormData(form),
          headers: { "X-Autosave": "1" },
          keepalive: leaving,
          credentials: "same-origin",
        });
        if (!answer.ok) throw new Error(String(answer.status));
        const seen = answer.headers.get("X-Seen");
        const held = form.elements.seen || form.elements.revision;
        if (seen && held) held.value = seen;
        if (status) {
          const clock = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hour12: false });
          status.textContent = (status.dataset.saved || "{time}").replace("{time}", clock.format(new Date()));
        }
        return true;
      } catch (refused) {
        dirty = true;
        const reason = refused.message === "409" ? status?.dataset.conflict : "";
        if (status) status.textContent = reason || status.dataset.failed || "";
        return false;
      }
    };
    const changed = () => {
      dirty = true;
      clearTimeout(timer);
      timer = setTimeout(() => save(false), 900);
    };
    form.addEventListener("input", changed);
    form.addEventListener("change", changed);
    form.addEventListener("submit", (event) => {
      dirty = false;
      clearTimeout(timer);
      if (!sending) return;
      // What is on its way is awaited: it would change what this form says it has seen.
      event.preventDefault();
      sending.then(() => {
        dirty = false;
        clearTimeout(timer);
        form.requestSubmit(event.submitter);
      });
    });
    window.addEventListener("pagehide", () => save(true));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden" && !sending) save(true);
    });
    form.removeAttribute("data-autosave");
  }
}

/* What was typed while the sign-in had ended goes back into the form from which it came. Hidden fields stay as the
   fresh page has them, so that a change made meanwhile by somebody else is noticed. */
function putBackTyped(root) {
  const notice = root.querySelector("[data-typed]");
  if (!notice) return;
  const kept = new FormData(notice.querySelector("form[data-typed-apart]"));
  kept.delete("csrfmiddlewaretoken");
  const forms = [...document.querySelectorAll("main form")].filter((form) => !notice.contains(form));
  const fields = (form, name) => [...form.elements].filter((field) => field.name === name && !/^(hidden|file|submit)$/.test(field.type));
  const address = new URL(notice.dataset.typed, location.href).pathname;
  const form = forms.find((one) => {
    const own = [one.action, one.dataset.autosave].some((url) => url && new URL(url, location.href).pathname === address);
    return own && [...kept].some(([name, value]) => value && fields(one, name).length);
  });
  if (!form) return;
  for (const name of new Set(kept.keys())) {
    const values = kept.getAll(name);
    for (const [at, field] of fields(form, name).entries()) {
      if (field.type === "radio" || field.type === "checkbox") field.checked = values.includes(field.value);
      else if (field.multiple) for (const option of field.options) option.selected = values.includes(option.value);
      else if (values[at] !== undefined) field.value = values[at];
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }
  for (const part of notice.querySelectorAll("[data-typed-apart]")) part.hidden = true;
  notice.querySelector("[data-typed-back]").hidden = false;
}

/* A form is sent once, however often the button is pressed. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  setTimeout(() => delete form.dataset.sent, 5000);
});

window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

function enhance(root) {
  localiseTimes(root);
  prepareConfirmations(root);
  prepareAutosave(root);
  putBackTyped(root);
  root.querySelector("[data-focus]")?.focus();
}

document.addEventListener("DOMContentLoaded", () => enhance(document));
document.addEventListener("htmx:load", (event) => enhance(event.detail.elt));

/* An open menu closes on Escape and when the reader goes elsewhere. */
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.user-menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.user-menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
