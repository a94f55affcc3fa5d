// Space looks at the customer of the row beside the list, I at why; J and K go on to the next. O sets the class of
// the row by hand where no other rows are picked.

const peek = () => document.getElementById("peek");
const table = () => document.querySelector("[data-list]");
const active = () => document.querySelector("[data-list] [data-row].is-active");
const typing = (target) => target.isContentEditable || target.matches("textarea, select, input:not([type=checkbox], [type=radio])");

async function look(row, why = "") {
  const query = new URLSearchParams(table().dataset.query);
  if (why) query.set("why", why);
  const response = await fetch(`${table().dataset.peek.replace("/0/", `/${row.dataset.id}/`)}?${query}`).catch(() => null);
  if (!response?.ok || response.redirected) return;
  const panel = peek();
  panel.innerHTML = await response.text();
  panel.dataset.of = row.dataset.id;
  panel.hidden = false;
}

function close() {
  const row = document.querySelector(`[data-row][data-id="${peek().dataset.of}"]`);
  peek().hidden = true;
  peek().replaceChildren();
  row?.querySelector("a[href]")?.focus({ preventScroll: true });
}

document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-close-peek]")) close();
  const row = target.closest("[data-list] [data-row]") ?? document.querySelector(`[data-row][data-id="${peek()?.dataset.of}"]`);
  const why = target.closest("[data-list] td[data-why], #peek [data-why]");
  if (why && row && !target.closest("a, label")) {
    document.querySelectorAll("[data-row].is-active").forEach((other) => other.classList.remove("is-active"));
    row.classList.add("is-active");
    look(row, why.dataset.why);
  }
});

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || !table() || !peek() || document.querySelector("dialog:modal")) return;
  const { target, key } = event;
  if (typing(target) || (key.length === 1 && document.documentElement.dataset.singleKeys === "off")) return;
  const row = active();
  const isOpen = !peek().hidden;
  if (key === "Escape" && isOpen) close();
  else if (key === " " && row && !target.matches("button, input, summary")) { if (isOpen && peek().dataset.of === row.dataset.id) close(); else look(row); }
  else if (key.toLowerCase() === "i" && row) look(row, target.closest("td[data-why]")?.dataset.why ?? row.querySelector("td[data-why]")?.dataset.why);
  else if (key === "Enter" && target.matches("td[data-why]")) look(row, target.dataset.why);
  else if (key.toLowerCase() === "o" && row && !document.querySelector("[data-pick]:checked")) override(row);
  else {
    if (isOpen && "jk".includes(key.toLowerCase())) setTimeout(() => { if (active()) look(active()); });
    return;
  }
  event.preventDefault();
}, { capture: true });

function override(row) {
  const bulk = document.getElementById("bulk");
  if (!bulk) return;
  row.querySelector("[data-pick]").checked = true;
  bulk.requestSubmit(bulk.querySelector("[data-key=o]"));
}
