/* Security keys (WebAuthn): a form with data-security-key="create" or "get" asks the key when its button is pressed, and
   sends what the key answers. Without script the page says that an authenticator app does without. */
"use strict";

const fromText = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
const described = (list) => (list || []).map((one) => ({ ...one, id: fromText(one.id) }));

async function created(options) {
  const publicKey = { ...options, challenge: fromText(options.challenge) };
  publicKey.user = { ...options.user, id: fromText(options.user.id) };
  publicKey.excludeCredentials = described(options.excludeCredentials);
  const key = await navigator.credentials.create({ publicKey });
  const response = { attestationObject: toText(key.response.attestationObject) };
  response.transports = key.response.getTransports?.() || [];
  return [key, response];
}

async function gotten(options) {
  const publicKey = { ...options, challenge: fromText(options.challenge) };
  publicKey.allowCredentials = described(options.allowCredentials);
  const key = await navigator.credentials.get({ publicKey });
  const response = { authenticatorData: toText(key.response.authenticatorData), signature: toText(key.response.signature) };
  if (key.response.userHandle) response.userHandle = toText(key.response.userHandle);
  return [key, response];
}

for (const form of document.querySelectorAll("form[data-security-key]")) {
  let answered = false;
  const problem = form.querySelector("[data-security-key-problem]");
  form.addEventListener("submit", async (event) => {
    if (answered) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    problem.hidden = true;
    try {
      const options = JSON.parse(form.dataset.options).publicKey;
      const [key, response] = await (form.dataset.securityKey === "create" ? created(options) : gotten(options));
      response.clientDataJSON = toText(key.response.clientDataJSON);
      form.elements.credential.value = JSON.stringify({
        type: key.type,
        id: key.id,
        rawId: toText(key.rawId),
        response,
        authenticatorAttachment: key.authenticatorAttachment,
        clientExtensionResults: key.getClientExtensionResults(),
      });
      answered = true;
      form.requestSubmit();
    } catch {
      problem.hidden = false;
    }
  });
}
