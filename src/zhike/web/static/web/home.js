// Work that is done in its place: the log below a line has the cursor, one at a time, and Escape puts it away.

const rowOf = (element) => element.closest("[data-row]");
const back = (row) => (row?.querySelector(".zk-cover[href]") ?? row?.querySelector("a[href], button"))?.focus();

document.addEventListener("htmx:after:swap", () => {
  const form = document.querySelector(".zk-line-form:not([data-seen])");
  if (!form) return;
  form.dataset.seen = "yes";
  for (const other of document.querySelectorAll(".zk-line-form")) if (other !== form) other.remove();
  (form.querySelector("[aria-invalid=true], textarea") ?? form.querySelector("input:not([type=hidden])"))?.focus();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing) return;
  const open = event.target.closest(".zk-line-form, .zk-snooze[open]");
  if (!open) return;
  const row = rowOf(open);
  if (open.matches("form")) open.remove(); else open.open = false;
  back(row);
  event.preventDefault();
}, { capture: true });

// What puts a line off is chosen by the arrows and Enter.
document.addEventListener("toggle", ({ target }) => {
  if (target.matches?.(".zk-snooze[open]")) target.querySelector("button")?.focus();
}, { capture: true });

document.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const list = step && event.target.closest(".zk-snooze form");
  if (!list) return;
  const buttons = [...list.querySelectorAll("button")];
  buttons[(buttons.indexOf(event.target) + step + buttons.length) % buttons.length].focus();
  event.preventDefault();
});

document.addEventListener("click", ({ target }) => {
  for (const open of document.querySelectorAll(".zk-snooze[open]")) if (!open.contains(target)) open.open = false;
});

// ── How many are left: less by each line that leaves; where all that were drawn have left, the next ones come ──

const isGroup = (element) => element?.matches(".zk-group");

function groupOf(element) {
  while (element && !isGroup(element)) element = element.previousElementSibling;
  return element;
}

function* below(group) {
  for (let next = group.nextElementSibling; next && !isGroup(next); next = next.nextElementSibling) yield next;
}

function leave(work, before) {
  const group = groupOf(before);
  const left = group?.querySelector("[data-left]");
  if (!left) return;
  const size = Number(left.textContent.replaceAll(",", ""));
  if (!Number.isNaN(size)) left.textContent = Math.max(0, size - 1).toLocaleString("en");
  const rest = [...below(group)];
  if (rest.some((one) => one.matches("[data-row]"))) return;
  if (rest.some((one) => one.matches(".zk-more"))) work.dispatchEvent(new CustomEvent("zk:refill"));
  else group.hidden = true;
}

function watch() {
  const work = document.querySelector("#work:not([data-watched])");
  if (!work) return;
  work.dataset.watched = "yes";
  new MutationObserver((changes) => {
    for (const { removedNodes, previousSibling } of changes) {
      for (const gone of removedNodes) if (gone instanceof Element && gone.matches("[data-row]")) leave(work, previousSibling instanceof Element ? previousSibling : previousSibling?.previousElementSibling);
    }
  }).observe(work, { childList: true });
}

watch();
document.addEventListener("htmx:after:swap", watch);
