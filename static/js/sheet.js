/* Keys of the scoring sheet: n and p go to the next and the previous criterion, m to the next that lacks a score or its
   reason; 0 to 5 and x (not demonstrated) choose; r goes to the reason, e to the evidence, f to a finding; ? shows the keys.
   Not while something is typed, nor when the reader has turned single keys off at the foot of the page (WCAG 2.1.4). */
"use strict";

{
  const off = () => {
    try {
      return localStorage.getItem("portal:shortcut") === "off";
    } catch {
      return false;
    }
  };
  const criteria = () => [...document.querySelectorAll("[data-criterion]")];
  const here = () => {
    const held = document.activeElement?.closest("[data-criterion]");
    return held ? criteria().indexOf(held) : -1;
  };
  const go = (place) => {
    const section = criteria()[place];
    if (!section) return;
    // The score that is chosen, or the first that can be; a criterion without a score is met at its heading.
    const choice = section.querySelector("input[type=radio]:checked") || section.querySelector("input[type=radio]:enabled");
    const target = choice || section.querySelector("h2");
    if (!choice) target.tabIndex = -1;
    target.focus({ preventScroll: true });
    section.scrollIntoView({ block: "start" });
  };
  const inside = (words) => criteria()[Math.max(here(), 0)]?.querySelector(words);
  const lacks = (section) => {
    const control = section.querySelector("[data-score]");
    return control && (!control.querySelector(":checked") || !section.querySelector("[name=rationale]").value.trim());
  };
  const choose = (value) => {
    const choice = inside(`[data-score] input[value="${value}"]:enabled`);
    if (!choice) return;
    choice.checked = true;
    choice.focus();
    choice.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const acts = {
    n: () => go(here() + 1),
    p: () => go(Math.max(here() - 1, 0)),
    m: () => go(criteria().findIndex((section, place) => place > here() && lacks(section))),
    x: () => choose("not_demonstrated"),
    r: () => inside("[name=rationale]")?.focus(),
    e: () => inside("[data-evidence] a")?.focus(),
    f: () => {
      const finding = inside("[data-finding]");
      if (!finding) return;
      finding.open = true;
      finding.querySelector("textarea").focus();
    },
    "?": () => {
      const keys = document.querySelector("[data-keys]");
      keys.open = !keys.open;
      keys.querySelector("summary").focus();
    },
  };
  for (const digit of "012345") acts[digit] = () => choose(digit);
  document.addEventListener("keydown", (event) => {
    const act = acts[event.key];
    if (!act || off() || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.("textarea, select, input:not([type=radio]), dialog")) return;
    event.preventDefault();
    act();
  });
}
