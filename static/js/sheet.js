/* Keys of the scoring sheet: n and p go to the next and the previous criterion, e to its evidence, ? shows the keys.
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
  const acts = {
    n: () => go(here() + 1),
    p: () => go(Math.max(here() - 1, 0)),
    e: () => criteria()[Math.max(here(), 0)]?.querySelector("[data-evidence] a")?.focus(),
    "?": () => {
      const keys = document.querySelector("[data-keys]");
      keys.open = !keys.open;
      keys.querySelector("summary").focus();
    },
  };
  document.addEventListener("keydown", (event) => {
    const act = acts[event.key];
    if (!act || off() || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.("textarea, select, input:not([type=radio]), dialog")) return;
    event.preventDefault();
    act();
  });
}
