/* Sends a file in pieces and goes on after a lost connection or a restarted server; without script the form does it in one request. */
"use strict";

for (const form of document.querySelectorAll("form[data-upload-form]")) {
  const drop = form.querySelector("[data-upload]");
  if (drop) sendInPieces(form, drop);
}

function sendInPieces(form, drop) {
  const input = drop.querySelector("input[type=file]");
  const frame = drop.querySelector("[data-upload-progress]");
  const bar = frame.querySelector("progress");
  const status = frame.querySelector("[data-upload-status]");
  const buttons = [...form.querySelectorAll("button")];
  const freeze = (frozen) => buttons.forEach((button) => (button.disabled = frozen));
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const base = drop.dataset.uploadUrl;
  const PAUSES = [500, 1000, 2000, 4000, 8000];

  const words = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
  const bytes = (n) =>
    new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 }).format(n / 1048576) + " MB";
  const memory = (file) => `upload:${form.dataset.version}:${form.elements.role.value}:${file.name}:${file.size}:${file.lastModified}`;

  async function call(method, url, body, headers = {}) {
    const answer = await fetch(url, { method, body, credentials: "same-origin", headers: { "X-CSRFToken": token, ...headers } });
    const json = await answer.json().catch(() => ({}));
    return { status: answer.status, ok: answer.ok, json };
  }

  function show(offset, size) {
    frame.hidden = false;
    bar.value = size ? (100 * offset) / size : 0;
    status.textContent = words(drop.dataset.wordsProgress, { sent: bytes(offset), total: bytes(size) });
  }

  async function begin(file) {
    const known = localStorage.getItem(memory(file));
    if (known) {
      const found = await call("GET", `${base}${known}/`);
      if (found.ok && found.json.status === "open") return found.json;
    }
    const made = await call("POST", base, JSON.stringify({
      version: form.dataset.version,
      role: form.elements.role.value,
      origin: form.elements.origin?.value || "C",
      filename: file.name,
      size: file.size,
    }), { "Content-Type": "application/json" });
    if (!made.ok) throw new Refused(made.json);
    localStorage.setItem(memory(file), made.json.id);
    return made.json;
  }

  class Refused extends Error {
    constructor(json) {
      super(Object.values(json).flat().join(" "));
    }
  }

  async function send(file) {
    let { id, offset, chunk } = await begin(file);
    let failures = 0;
    while (offset < file.size) {
      show(offset, file.size);
      try {
        const piece = file.slice(offset, offset + chunk);
        const answer = await call("PATCH", `${base}${id}/`, piece, {
          "Upload-Offset": String(offset),
          "Content-Type": "application/offset+octet-stream",
        });
        if (answer.status >= 500) throw new TypeError("server");
        if (!answer.ok && answer.status !== 409) throw new Refused(answer.json);
        offset = answer.json.offset;
        failures = 0;
      } catch (error) {
        if (error instanceof Refused || failures >= 60) throw error;
        status.textContent = words(drop.dataset.wordsResume, { sent: bytes(offset) });
        await new Promise((resolve) => setTimeout(resolve, PAUSES[Math.min(failures++, PAUSES.length - 1)]));
        const found = await call("GET", `${base}${id}/`).catch(() => null);
        if (found?.ok) offset = found.json.offset;
      }
    }
    show(offset, file.size);
    const finished = await call("POST", `${base}${id}/finish/`, null);
    if (!finished.ok) throw new Refused(finished.json);
    localStorage.removeItem(memory(file));
    status.textContent = words(drop.dataset.wordsDone, { digest: finished.json.sha256 });
    return finished.json.id;
  }

  /* A file that belongs to something else on its form is put to it; then the form goes its way with what was typed. */
  async function goOn(id, submitter) {
    if (!form.dataset.attach) return window.location.assign(form.dataset.done);
    const put = await call("POST", form.dataset.attach, JSON.stringify({ file: id }), { "Content-Type": "application/json" });
    if (!put.ok) throw new Refused(put.json);
    input.value = "";
    freeze(false);
    form.requestSubmit(submitter);
  }

  form.addEventListener("submit", (event) => {
    const file = input.files[0];
    if (!file || !file.size || event.submitter?.hasAttribute("formaction")) return;
    event.preventDefault();
    freeze(true);
    send(file)
      .then((id) => goOn(id, event.submitter))
      .catch((error) => {
        frame.hidden = false;
        status.textContent = error.message;
        freeze(false);
      });
  });
}
