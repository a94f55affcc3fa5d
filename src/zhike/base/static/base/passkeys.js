// Passkeys: what the server asks goes to the browser, what the browser answers goes to the server.
// Where passkeys cannot be used nothing of it is shown.
import { Refused, send } from "./send.js";

const usable = window.isSecureContext && "PublicKeyCredential" in window && !/^[\d.:[\]]+$/.test(location.hostname);

// Buffers travel as base64url.
const toBuffer = (text) => {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0)).buffer;
};
const toText = (buffer) => {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
};

function readable(options) {
  const found = { ...options, challenge: toBuffer(options.challenge) };
  if (options.user) found.user = { ...options.user, id: toBuffer(options.user.id) };
  for (const name of ["excludeCredentials", "allowCredentials"]) {
    if (options[name]) found[name] = options[name].map((one) => ({ ...one, id: toBuffer(one.id) }));
  }
  return found;
}

function answerOf(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = toText(credential.response[name]);
  }
  return { id: credential.id, rawId: toText(credential.rawId), type: credential.type, response, clientExtensionResults: {} };
}

async function run(box) {
  const { passkey: kind, ask, answer, next = "" } = box.dataset;
  const { publicKey } = await send(ask, {});
  const credential = await navigator.credentials[kind]({ publicKey: readable(publicKey) });
  const name = box.querySelector("input[name=name]")?.value ?? "";
  return send(answer, { ...answerOf(credential), name, next });
}

function say(box, error) {
  const said = box.querySelector("[data-said]");
  const { cancelled, known, offline } = said.dataset;
  const words = error.name === "InvalidStateError" ? known : cancelled;
  said.textContent = error instanceof Refused ? error.message === "offline" ? offline : error.message || cancelled : words;
  said.parentElement.hidden = false;
}

async function start(box, button) {
  button.disabled = true;
  try {
    const told = await run(box);
    if (told.url) {
      location.assign(told.url);
      return;
    }
    box.closest(".zk-page").innerHTML = told; // the recovery codes, which are shown this once
    document.querySelector("[data-codes]").focus();
  } catch (error) {
    say(box, error);
  }
  button.disabled = false;
}

for (const box of document.querySelectorAll("[data-passkey]")) {
  box.hidden = !usable;
  const button = box.querySelector("button");
  const form = box.querySelector("form");
  const event = form ? "submit" : "click";
  (form ?? button).addEventListener(event, (happened) => {
    happened.preventDefault();
    start(box, button);
  });
}
for (const note of document.querySelectorAll("[data-passkey-missing]")) note.hidden = usable;
