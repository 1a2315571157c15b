/* What a page is asked by the tests; each answers with its complaints. Runs before the page's own scripts. */
"use strict";

window.pageChecks = (() => {
  const nameOf = (e) => `${e.tagName.toLowerCase()}.${e.className?.baseVal ?? e.className} ${e.textContent.trim().slice(0, 40)}`;
  let shifted = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) shifted += entry.value;
  }).observe({ type: "layout-shift", buffered: true });

  /* One heading, one of each landmark, one primary action, ids once, nothing inline, nothing that jumps. */
  function structure(limit) {
    const told = [];
    const all = (selector) => [...document.querySelectorAll(selector)];
    for (const once of ["h1", "main", "body > header", "body > footer"]) {
      if (all(once).length !== 1) told.push(`${all(once).length} × ${once}`);
    }
    if (!document.querySelector("h1")?.textContent.trim()) told.push("empty h1");
    const ids = all("[id]").map((e) => e.id);
    const twice = new Set(ids.filter((id, i) => ids.indexOf(id) !== i));
    if (twice.size) told.push(`id twice: ${[...twice]}`);
    const primary = all("main .button-primary").filter((e) => e.checkVisibility() && !e.closest("dialog"));
    if (primary.length > 1) told.push(`${primary.length} primary actions: ${primary.map((e) => e.textContent.trim())}`);
    if (all("[style]").some((e) => !e.closest("svg"))) told.push("inline style");
    if (shifted > limit) told.push(`the layout shifted by ${shifted.toFixed(3)}`);
    return told;
  }

  /* What reaches beyond the screen, unless it lies in a frame that scrolls by itself. */
  function overflow() {
    const room = document.documentElement.clientWidth;
    const width = document.documentElement.scrollWidth;
    if (width <= room) return [];
    const scrolls = (e) => {
      for (let p = e.parentElement; p; p = p.parentElement) {
        if (["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(p).overflowX)) return true;
      }
      return false;
    };
    const wide = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > room + 1);
    return [`${width} px wide at ${room}: ${wide.filter((e) => !scrolls(e)).slice(-3).map(nameOf).join(" | ")}`];
  }

  /* Each kind of thing that takes the focus shows it, by an outline, which forced colours keep. */
  function focus() {
    const told = new Set();
    const seen = new Set();
    for (const e of document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")) {
      const kind = `${e.tagName.toLowerCase()}.${e.className}`;
      if (seen.has(kind) || e.disabled || !e.checkVisibility()) continue;
      seen.add(kind);
      e.focus({ focusVisible: true, preventScroll: true });
      if (document.activeElement !== e) continue;
      const style = getComputedStyle(e);
      if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) told.add(`no focus ring: ${kind}`);
    }
    for (const e of document.querySelectorAll(".status")) if (!e.textContent.trim()) told.add("a status without a word");
    document.activeElement?.blur();
    return [...told];
  }

  const moving = () =>
    document.getAnimations().filter((a) => a.effect.getComputedTiming().duration > 0).map((a) => `moves: ${nameOf(a.effect.target)}`);

  function openAll() {
    for (const details of document.querySelectorAll("main details:not(:has(dialog))")) details.open = true;
  }

  /* What a reader meets: text and spoken names, outside of code, digests, cited works and passages in another language. */
  function texts() {
    const told = [];
    const apart = "script, style, code, kbd, samp, pre, textarea, cite, .mono, .digest, [translate=no], [lang]:not(html, [lang^=zh])";
    const walk = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      if (!node.parentElement.closest(apart)) told.push(node.textContent);
    }
    const spoken = ["aria-label", "title", "placeholder", "alt", "data-label"];
    for (const e of document.querySelectorAll(spoken.map((name) => `[${name}]`).join())) {
      if (!e.closest(apart)) told.push(...spoken.map((name) => e.getAttribute(name)).filter(Boolean));
    }
    return told;
  }

  /* Send the page's form with nothing but its token. */
  function sendNothing() {
    const form = document.createElement("form");
    form.method = "post";
    form.append(document.querySelector("[name=csrfmiddlewaretoken]").cloneNode());
    document.body.append(form);
    form.submit();
  }

  return { structure, overflow, focus, moving, openAll, texts, sendNothing };
})();
