// A log that could not be sent because there is no connection is kept on this machine and sent later, once: its key is the one
// that the form drew, and the server writes one record a key. It goes out when there is a connection again, or with the next page.
// What is kept belongs to whoever wrote it: signed in as somebody else it waits.

import { toast } from "./toast.js";

const STORE = "unsent-logs";
const words = document.getElementById("unsent")?.dataset;
const HEADERS = { "HX-Request": "true", "HX-Request-Type": "partial" };

const read = () => JSON.parse(localStorage.getItem(STORE) ?? "[]");
const write = (logs) => localStorage.setItem(STORE, JSON.stringify(logs));
const say = (text, given) => Object.entries(given).reduce((said, [name, value]) => said.replace(`{${name}}`, value), text);

export const unsentOf = (user) => read().filter((log) => log.user === user);
export const addUnsent = (log) => write([...read().filter(({ key }) => key !== log.key), log]);

// Pages over plain http have no crypto.randomUUID.
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

function keep(form) {
  const said = new URLSearchParams(new FormData(form));
  said.delete("csrfmiddlewaretoken");
  said.set("written_at", new Date().toISOString());
  const log = { user: form.dataset.log, name: form.dataset.logName, url: form.action, key: said.get("key"), body: said.toString() };
  addUnsent(log);
  form.reset();
  form.querySelector("[name=key]").value = newKey();
  toast(say(words.kept, log));
}

async function sendOne(log) {
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const response = await fetch(log.url, { method: "POST", headers: { ...HEADERS, Accept: "application/json", "X-CSRFToken": token }, body: new URLSearchParams(log.body) });
  // Signed out, or a server that is not well: later.
  if (response.redirected || response.headers.get("HX-Redirect") || response.status >= 500) return false;
  const rest = read().filter(({ key }) => key !== log.key);
  if (!response.ok) {
    const answer = document.createElement("template");
    answer.innerHTML = await response.text();
    const why = answer.content.querySelector(".zk-error, [role=alert]")?.textContent.trim() || String(response.status);
    toast(say(words.refused, { name: log.name, why, text: new URLSearchParams(log.body).get("text") ?? "" }), "error");
  }
  write(rest);
  return response.ok;
}

async function sendAll() {
  const mine = unsentOf(words.user);
  if (!mine.length || !navigator.onLine) return;
  let sent = 0;
  for (const log of mine) {
    try {
      if (await sendOne(log)) sent += 1;
    } catch {
      break; // still no connection
    }
  }
  if (sent) {
    toast(say(words.sent, { n: sent }));
    for (const part of document.querySelectorAll("[data-live]")) part.dispatchEvent(new Event("zk:fresh"));
  }
}

// One page at a time sends what is kept.
const once = () => (navigator.locks ? navigator.locks.request(STORE, { ifAvailable: true }, (lock) => (lock ? sendAll() : null)) : sendAll());

if (words?.user) {
  document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
    if (ctx?.sourceElement?.matches("form[data-log]")) keep(ctx.sourceElement);
  });
  document.addEventListener("zk:unsent", (event) => {
    if (!event.detail.form.matches("form[data-log]")) return;
    event.preventDefault();
    keep(event.detail.form);
  });
  addEventListener("online", once);
  once();
}
