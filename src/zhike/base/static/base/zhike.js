// What a page does beyond links and forms: keys, panels, toasts. Without this file every page
// still works. Elements say what they answer to:
//   data-key="c"    pressing C clicks it ("s z": S or Z); inside a row only while J and K have led there
//   data-focus="l"  pressing L puts the cursor in it
//   data-go="t"     pressing G, then T, opens it data-rows      J and K walk its [data-row]s
//   data-key-label  what the key does, for the map under ? (keys.js)
//   data-neighbours the customers before and after this one in the list that was left last
//   data-once       a form that makes a record keeps its key when one comes back to it
//   data-dismiss    closes the toast around it   data-close     closes the panel around it
//   data-pick       a box that picks its row     data-pick-all  picks them all
//   data-picked     how many are picked          data-unpick    picks none
//   data-every      means all rows, on other pages too: picking a row means it no longer
//   data-sends      a choice that sends its form
//   data-finished   is shown when the last row has left
//   data-clone      adds another empty row below the last [data-clone-row] of its fieldset

const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const shown = (element) => element.getClientRects().length > 0;
const first = (selector) => all(selector).find(shown);

// ── Toasts: at most three; good news leaves after eight seconds, unless someone reads it ──

const TOAST_TIME = 8000;
const TOAST_LIMIT = 3;

function attend(toast) {
  if (toast.dataset.attended) return;
  toast.dataset.attended = "yes";
  if (toast.dataset.fades !== "yes") return;
  let timer;
  const start = () => { timer = setTimeout(() => toast.remove(), TOAST_TIME); };
  const stop = () => clearTimeout(timer);
  for (const event of ["mouseenter", "focusin"]) toast.addEventListener(event, stop);
  for (const event of ["mouseleave", "focusout"]) toast.addEventListener(event, start);
  start();
}

function attendToasts() {
  const toasts = all(".zk-toast");
  toasts.slice(0, -TOAST_LIMIT).forEach((toast) => toast.remove());
  toasts.forEach(attend);
}

document.addEventListener("zhike:toast", attendToasts); // one that a script has put there

let lastFailed; // the element, and the button that it was sent by

function failed(kind) {
  const toast = document.getElementById("failure").content.firstElementChild.cloneNode(true);
  toast.querySelector(`[data-text="${kind}"]`).hidden = false;
  document.getElementById("toasts").append(toast);
  attendToasts();
}

function remember({ sourceElement, sourceEvent }) {
  lastFailed = { element: sourceElement, submitter: sourceEvent?.submitter ?? null };
}

function retry(toast) {
  toast.remove();
  const { element, submitter } = lastFailed ?? {};
  if (element?.matches("form")) element.requestSubmit(submitter ?? null); else element?.click();
}

document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
  if (!ctx) return;
  // A log is kept on this machine and sent later (log.js).
  if (ctx.sourceElement?.matches("form[data-log]")) return;
  remember(ctx);
  failed("offline");
});
document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
  remember(ctx);
  // Our own errors bring their toast; whatever stands in front of us does not.
  if (ctx.response.status >= 500 && !ctx.text.includes('id="toasts"')) failed("broken");
});

// ── Panels: one at a time, focus returns to the opener ──

// On a page of its own a panel is no layer and stays.
const PANEL = ".zk-anchor > [data-panel]";
let opener;

function closePanel() {
  const panel = first(PANEL);
  if (!panel) return false;
  panel.remove();
  opener?.setAttribute("aria-expanded", "false");
  opener?.focus();
  return true;
}

document.addEventListener("htmx:before:request", ({ target }) => {
  if (!target.matches("[data-opens]")) return;
  all(PANEL).forEach((panel) => panel.remove());
  all("[data-opens]").forEach((other) => other.setAttribute("aria-expanded", String(other === target)));
  opener = target;
});
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  attendToasts();
  rememberRows();
  countPicks();
  handOn(ctx);
  const panel = first(`${PANEL}:not([data-seen])`);
  if (panel) {
    panel.dataset.seen = "yes";
    (panel.querySelector("[autofocus]") ?? panel).focus({ preventScroll: true });
  } else if (opener && !opener.isConnected && opener.getAttribute("aria-expanded") === "true") {
    // The page around the open panel was drawn again.
    opener = document.querySelector(`[data-opens][href="${CSS.escape(opener.getAttribute("href"))}"]`);
    opener?.focus({ preventScroll: true });
  }
});
document.addEventListener("click", (event) => {
  const { target } = event;
  if (target.closest("[data-dismiss]")) target.closest(".zk-toast").remove();
  else if (target.closest("[data-retry]")) retry(target.closest(".zk-toast"));
  else if (target.closest("[data-clone]")) addRow(target.closest("fieldset"));
  else if (target.closest("a[data-close]")) { if (closePanel()) event.preventDefault(); }
  else if (first(PANEL) && !event.composedPath().some(isLayer) && !written()) closePanel();
});

function addRow(fieldset) {
  const last = all("[data-clone-row]", fieldset).at(-1);
  const row = last.cloneNode(true);
  all("input", row).forEach((input) => { input.value = ""; });
  all("select", row).forEach((select, at) => { select.selectedIndex = at ? 0 : last.querySelector("select").selectedIndex; });
  last.after(row);
  row.querySelector("input").focus();
}
// Whatever a click drew anew is asked for by its path: it stands in no panel any more.
const isLayer = (element) => element.matches?.("[data-panel], [data-opens], [popover], dialog") ?? false;

// What somebody has begun to write is not lost by a click beside it.
const written = () => Boolean(first(`${PANEL}[data-written]`))
  || all(`${PANEL} textarea`).some((area) => area.value !== area.defaultValue);

// ── Rows: J and K move, Enter opens; one that leaves hands on to the next ──

const rowsOf = (list) => all("[data-row]", list).filter(shown);

function activate(row) {
  all("[data-row].is-active").forEach((other) => other.classList.remove("is-active"));
  row.classList.add("is-active");
  // What opens it comes before what it can be done with.
  (row.querySelector(".zk-cover[href]") ?? row.querySelector("a[href], button")).focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function moveRow(step) {
  const rows = all("[data-rows]").flatMap(rowsOf);
  if (!rows.length) return false;
  const at = rows.findIndex((row) => row.classList.contains("is-active"));
  activate(rows[Math.min(Math.max(at + step, 0), rows.length - 1)]);
  return true;
}

document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
  const row = ctx.sourceElement?.closest("[data-row]");
  if (!row) return;
  const rows = rowsOf(row.closest("[data-rows]"));
  const at = rows.indexOf(row);
  const { activeElement } = document;
  const holds = row.contains(activeElement) || activeElement === document.body;
  ctx.leaving = { row, next: rows[at + 1] ?? rows[at - 1], holds };
});

function handOn(ctx) {
  const { row, next, holds } = ctx?.leaving ?? {};
  if (!holds || row.isConnected) return;
  if (next?.isConnected) activate(next);
  else first("[data-finished] a[href]")?.focus();
}

// What a dialog has saved (dialogs.js) brings its toasts, and the row that it was about leaves.
document.addEventListener("zk:saved", ({ detail: { toasts, row } }) => {
  document.getElementById("toasts").append(...toasts);
  attendToasts();
  if (!row?.isConnected) return;
  const rows = all("[data-rows]").flatMap(rowsOf);
  const at = rows.indexOf(row);
  row.remove();
  handOn({ leaving: { row, next: rows[at + 1] ?? rows[at - 1], holds: true } });
});
document.addEventListener("zk:failed", ({ detail: { kind, again } }) => {
  lastFailed = { element: again };
  failed(kind);
});

// What is opened to be answered in has the cursor in it.
document.addEventListener("toggle", ({ target }) => {
  if (target.matches("details[open]")) target.querySelector("textarea")?.focus();
}, { capture: true });

// ── Picks: X picks a row, the bar below says how many ──

function countPicks() {
  const picks = all("[data-pick]");
  const picked = picks.filter((pick) => pick.checked).length;
  all("[data-picked]").forEach((place) => { place.textContent = picked; });
  all("[data-pick-all]").forEach((box) => {
    box.checked = picked > 0 && picked === picks.length;
    box.indeterminate = picked > 0 && picked < picks.length;
  });
}

document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-pick-all]")) all("[data-pick]").forEach((pick) => { pick.checked = target.checked; });
  if (target.matches("[data-sends]") && target.value) target.form.requestSubmit();
  if (!target.matches("[data-pick], [data-pick-all]")) return;
  all("[data-every]").forEach((box) => { box.checked = false; });
  countPicks();
});
document.addEventListener("reset", () => setTimeout(countPicks));

function unpick() {
  const button = first("[data-unpick]");
  button?.click();
  return Boolean(button);
}

// ── Neighbours: the list remembers its rows, a customer's page leads to the next of them ──

function rememberRows() {
  const links = all("table[data-rows] [data-row] a[href]");
  if (links.length) sessionStorage.setItem("rows", JSON.stringify(links.map((link) => link.getAttribute("href"))));
}

// Browsers bring a page back to where it was scrolled to, but not what scrolls inside it.
const ROWS = ".zk-list > .zk-scroll";

function keepPlace() {
  const rows = document.querySelector(ROWS);
  if (rows) sessionStorage.setItem("place", JSON.stringify([location.href, rows.scrollTop]));
}

function backToPlace() {
  const [href, top] = JSON.parse(sessionStorage.getItem("place") ?? "[]");
  const [visit] = performance.getEntriesByType("navigation");
  if (href === location.href && visit?.type !== "navigate") document.querySelector(ROWS)?.scrollTo(0, top);
}

function showNeighbours() {
  const place = document.querySelector("[data-neighbours]");
  const rows = JSON.parse(sessionStorage.getItem("rows") ?? "[]");
  const at = rows.indexOf(location.pathname);
  if (!place || at < 0) return;
  for (const [key, href] of [["k", rows[at - 1]], ["j", rows[at + 1]]]) {
    const link = place.querySelector(`[data-key="${key}"]`);
    if (href) link.href = href; else link.remove();
  }
  place.hidden = false;
}

// ── Once: the back button loads a form anew, with another key; the history has kept the first ──

function keepKey() {
  const key = document.querySelector("form[data-once] > input[name=key]");
  if (!key) return;
  if (history.state?.formKey) key.value = history.state.formKey;
  else history.replaceState({ ...history.state, formKey: key.value }, "");
}

// ── Keys: off while typing and while an input method composes ──

const CHORD_TIME = 1200;
let chordUntil = 0;

const typing = (target) => target.isContentEditable
  || target.matches("textarea, select, input:not([type=radio], [type=checkbox], [type=submit])");

// Somebody who speaks to the computer, or whose hand slips, may have turned single keys off.
const singleKeys = () => document.documentElement.dataset.singleKeys !== "off";

function press(key) {
  if (key.length === 1 && !singleKeys()) return false;
  if (performance.now() < chordUntil) {
    chordUntil = 0;
    const place = first(`[data-go="${key}"]`);
    place?.click();
    return Boolean(place);
  }
  if (key === "g") { chordUntil = performance.now() + CHORD_TIME; return true; }
  if (key === "?") { document.getElementById("shortcuts")?.togglePopover(); return true; }
  if (key === "escape") return closePanel() || unpick();
  if ((key === "j" || key === "k") && moveRow(key === "j" ? 1 : -1)) return true;
  const field = first(`[data-focus="${CSS.escape(key)}"]`);
  if (field) { field.focus(); field.select?.(); return true; }
  const keyed = all(`[data-key~="${CSS.escape(key)}"]`).filter(shown);
  const answers = keyed.find((element) => element.closest("[data-row].is-active"))
    ?? keyed.find((element) => !element.closest("[data-row]"));
  answers?.click();
  return Boolean(answers);
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.defaultPrevented) return;
  const { target } = event;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    target.closest("form")?.requestSubmit();
    event.preventDefault();
  } else if (event.ctrlKey || event.metaKey || event.altKey) {
    return;
  } else if (typing(target)) {
    if (event.key === "Escape" && !closePanel()) target.blur();
  } else if (!document.querySelector("dialog:modal") && press(event.key.toLowerCase())) {
    event.preventDefault();
  }
});

addEventListener("pagehide", keepPlace);
attendToasts();
rememberRows();
backToPlace();
countPicks();
showNeighbours();
keepKey();
