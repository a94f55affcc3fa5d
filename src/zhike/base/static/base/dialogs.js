// Links that open as a dialog over the page, so that nobody leaves a list for one question.
//
//   data-dialog           on a link: the part of the page that it leads to opens in a dialog; on a button it is the address
//   data-leave            inside: closes it without saving
//   data-saved="task-5"   in the answer: it is done, the dialog closes, and the row with this id leaves the list
//   data-live             on a part of the page that htmx draws again when something was saved (hx-trigger="zk:fresh")
//
// Another script opens one by `zk:open`, with { url, opener }.
// Without this file the links lead to pages that ask the same. A form inside that could not be sent because there is no
// connection is offered to whoever keeps such forms (log.js): `zk:unsent`.

const AS_PART = { "HX-Request": "true", "HX-Request-Type": "partial" };

async function load(url, options = {}) {
  const response = await fetch(url, { ...options, headers: { ...AS_PART, ...options.headers } });
  const elsewhere = response.headers.get("HX-Redirect");
  if (elsewhere || response.redirected) { location.assign(elsewhere ?? response.url); return null; }
  return { ok: response.ok, status: response.status, text: await response.text() };
}

async function openDialog(url, opener = document.activeElement) {
  const found = await load(url).catch(() => null);
  if (!found) { document.dispatchEvent(new CustomEvent("zk:failed", { detail: { kind: "offline", again: opener } })); return null; }
  if (!found.ok) { location.assign(url); return null; }
  return showDialog(found.text, opener);
}

function showDialog(text, opener = document.activeElement) {
  const dialog = document.createElement("dialog");
  dialog.className = "zk-dialog zk-bare zk-asked";
  fill(dialog, text);
  document.body.append(dialog);
  dialog.addEventListener("close", () => { dialog.remove(); if (opener?.isConnected) opener.focus({ preventScroll: true }); });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-leave]")) { event.preventDefault(); dialog.close(); }
  });
  dialog.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.target.method !== "get") post(dialog, event.target, event.submitter, opener);
  });
  dialog.showModal();
  enter(dialog);
  return dialog;
}

// A link inside of a dialog leads on in the same one.
async function goOn(dialog, link) {
  const found = await load(link.href).catch(() => null);
  if (!found?.ok) { location.assign(link.href); return; }
  fill(dialog, found.text);
  enter(dialog);
}

function fill(dialog, text) {
  dialog.innerHTML = text;
  const title = dialog.querySelector("h1, h2");
  if (title) {
    title.id ||= "dialog-title";
    dialog.setAttribute("aria-labelledby", title.id);
  }
  window.htmx?.process(dialog);
  document.dispatchEvent(new CustomEvent("zk:opened", { detail: { dialog } }));
}

const FIELDS = "[autofocus], input:checked, textarea, select, input:not([type=hidden], [type=radio], [type=checkbox])";

function enter(dialog) {
  const wanted = dialog.querySelector("[aria-invalid=true], [autofocus]") ?? dialog.querySelector("[data-focus]") ?? dialog.querySelector(FIELDS) ?? dialog.querySelector("button");
  wanted?.focus();
  if (wanted?.matches("input:not([type=radio])")) wanted.select?.();
}

async function post(dialog, form, submitter, opener) {
  const buttons = [...form.querySelectorAll("button")];
  const body = new URLSearchParams(new FormData(form, submitter));
  buttons.forEach((button) => { button.disabled = true; });
  let found;
  try {
    found = await load(form.action, { method: "POST", body });
  } catch {
    buttons.forEach((button) => { button.disabled = false; });
    const isKept = !document.dispatchEvent(new CustomEvent("zk:unsent", { cancelable: true, detail: { form } }));
    if (isKept) dialog.close();
    else document.dispatchEvent(new CustomEvent("zk:failed", { detail: { kind: "offline", again: form } }));
    return;
  }
  if (!found) return;
  if (found.status >= 500) {
    buttons.forEach((button) => { button.disabled = false; });
    document.dispatchEvent(new CustomEvent("zk:failed", { detail: { kind: "broken", again: form } }));
    return;
  }
  if (saved(found.text, dialog, opener)) return;
  fill(dialog, found.text);
  enter(dialog);
}

// Say whether an answer means that it is done; then close, and let the page show it.
function saved(text, dialog, opener) {
  const answer = document.createElement("template");
  answer.innerHTML = text;
  const mark = answer.content.querySelector("[data-saved]");
  if (!mark) return false;
  dialog?.close();
  const row = mark.dataset.saved ? document.getElementById(mark.dataset.saved) : null;
  const toasts = [...answer.content.querySelectorAll("#toasts > *")];
  document.dispatchEvent(new CustomEvent("zk:saved", { detail: { toasts, row: row?.closest("[data-row]"), opener } }));
  for (const part of document.querySelectorAll("[data-live]")) part.dispatchEvent(new Event("zk:fresh"));
  return true;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-dialog]");
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  const dialog = link.closest("dialog.zk-asked");
  if (dialog) goOn(dialog, link); else openDialog(link.href ?? link.dataset.dialog, link);
});

// Another script asks for it.
document.addEventListener("zk:open", ({ detail: { url, opener } }) => openDialog(url, opener));
