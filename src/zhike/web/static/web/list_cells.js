// Cells changed where they stand: a click or Enter opens one, Enter saves and goes down, Tab saves and goes right,
// Esc puts back what was there. The server answers with the row as it came out, classes and all. On a phone the
// record is opened instead.

const WIDE = matchMedia("(min-width: 992px)");
const PATIENCE = 300; // before that nobody notices that classes are worked out again
const ROOM = 330; // for what is said under a cell
const CELLS = "td[data-edit], td[data-why]";
const PRESSABLE = "a, button, label, input, select, textarea";

let editing = null; // { cell, was }

function address(cell, table) {
  const query = new URLSearchParams(table.dataset.query);
  query.set("column", cell.dataset.edit);
  if (table.querySelector("td.pick")) query.set("pick", "1");
  return `${table.dataset.cell.replace("/0/", `/${cell.closest("[data-row]").dataset.id}/`)}?${query}`;
}

export async function edit(cell) {
  if (!WIDE.matches || editing?.cell === cell) return;
  if (editing) await save(null);
  if (editing || !cell.isConnected) return;
  const response = await fetch(address(cell, cell.closest("table"))).catch(() => null);
  if (!response?.ok || response.redirected || editing) return;
  const was = document.createDocumentFragment();
  was.append(...cell.childNodes);
  editing = { cell, was };
  show(await response.text());
}

function show(html) {
  const { cell } = editing;
  cell.classList.add("zk-editing");
  cell.innerHTML = html;
  const input = cell.querySelector("input[name=value], select");
  input.focus();
  input.select?.();
  if (input.dataset.day) echo(input);
  const room = cell.closest(".zk-scroll").getBoundingClientRect().right - cell.getBoundingClientRect().left;
  cell.querySelector(".zk-cell-said").classList.toggle("is-end", room < ROOM);
}

function revert() {
  const { cell, was } = editing;
  editing = null;
  cell.classList.remove("zk-editing");
  cell.replaceChildren(was);
  cell.focus();
}

const isChanged = (input) => (input.matches("select")
  ? ![...input.options].some((option) => option.selected && option.defaultSelected)
  : input.value !== input.defaultValue);

// Save what was typed, and go on: "down", "right", or nowhere.
async function save(onward) {
  const { cell } = editing;
  const form = cell.querySelector("[data-cell-form]");
  const input = form.querySelector("input[name=value], select");
  const row = cell.closest("[data-row]");
  const next = neighbour(cell, onward);
  if (!isChanged(input) && !input.getAttribute("aria-invalid")) {
    revert();
    go(next, onward);
    return;
  }
  if (form.dataset.sent) return;
  form.dataset.sent = "yes";
  const late = setTimeout(() => recompute(row), PATIENCE);
  const response = await fetch(address(cell, cell.closest("table")), { method: "POST", body: new FormData(form) }).catch(() => null);
  clearTimeout(late);
  for (const place of row.querySelectorAll("[data-says]")) delete place.dataset.says;
  delete form.dataset.sent;
  if (!response || response.redirected || response.status >= 500) {
    form.querySelector(".zk-cell-said").textContent = document.querySelector("#failure").content.querySelector("[data-text=offline]").textContent;
    return;
  }
  const html = await response.text();
  if (!response.ok) { show(html); return; }
  editing = null;
  const template = document.createElement("template");
  template.innerHTML = html;
  const drawn = template.content.querySelector("tr");
  drawn.classList.toggle("is-active", row.classList.contains("is-active"));
  const pick = [row, drawn].map((place) => place.querySelector("[data-pick]"));
  if (pick[0] && pick[1]) pick[1].checked = pick[0].checked;
  row.replaceWith(drawn);
  const same = drawn.querySelector(`[data-edit="${CSS.escape(cell.dataset.edit)}"]`);
  if (onward === "right") go(neighbour(same ?? drawn.cells[0], "right"), onward);
  else if (onward) go(next ?? same, next ? onward : null);
}

function go(cell, onward) {
  if (!cell?.isConnected) return;
  if (onward && cell.dataset.edit) edit(cell); else cell.focus();
}

function recompute(row) {
  for (const place of row.querySelectorAll("td.of-class")) place.dataset.says = row.closest("table").dataset.recomputing;
}

function neighbour(cell, way) {
  const row = cell.closest("[data-row]");
  if (way === "right" || way === "left") {
    const cells = [...row.querySelectorAll(way === "right" && cell.dataset.edit ? "td[data-edit]" : CELLS)];
    return cells[cells.indexOf(cell) + (way === "right" ? 1 : -1)];
  }
  if (way !== "down" && way !== "up") return null;
  const rows = [...row.closest("table").querySelectorAll("[data-row]")];
  return rows[rows.indexOf(row) + (way === "down" ? 1 : -1)]?.cells[cell.cellIndex];
}

// ── Days: what was typed is read by the server and shown before it is saved ──

let timer;

function echo(input) {
  clearTimeout(timer);
  timer = setTimeout(async () => {
    const said = input.closest("form")?.querySelector("[data-said]");
    if (!said) return;
    if (!input.value.trim()) { said.textContent = ""; return; }
    const response = await fetch(`${input.dataset.day}?${new URLSearchParams({ text: input.value })}`).catch(() => null);
    const { day, said: words } = response?.ok ? await response.json() : {};
    said.textContent = day ? `→ ${words}` : "…";
  }, 120);
}

// ── Hands ──

document.addEventListener("click", (event) => {
  const cell = event.target.closest("[data-list] td[data-edit]");
  if (cell && !cell.classList.contains("zk-editing") && !event.target.closest(PRESSABLE)) edit(cell);
});
document.addEventListener("input", ({ target }) => { if (target.dataset.day && editing) echo(target); });
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-cell-form]")) return;
  event.preventDefault();
  save("down");
});
document.addEventListener("focusout", (event) => {
  if (editing && editing.cell.contains(event.target) && event.relatedTarget && !editing.cell.contains(event.relatedTarget)) save(null);
});
document.addEventListener("pointerdown", ({ target }) => {
  if (editing && !editing.cell.contains(target)) save(null);
});

const ARROWS = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" };

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const { target } = event;
  if (editing?.cell.contains(target)) { whileEditing(event); return; }
  const cell = target.closest("[data-list] tbody td");
  if (!cell || target.matches("input, select, textarea")) return;
  if (event.key === "Enter" && target === cell && cell.dataset.edit) {
    event.preventDefault();
    edit(cell);
  } else if (event.key in ARROWS) {
    const next = neighbour(cell, ARROWS[event.key]);
    if (!next) return;
    event.preventDefault();
    document.querySelectorAll("[data-row].is-active").forEach((row) => row.classList.remove("is-active"));
    next.closest("[data-row]").classList.add("is-active");
    next.focus();
    next.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}, { capture: true });

function whileEditing(event) {
  if (event.key === "Escape") revert();
  else if (event.key === "Enter") save("down");
  else if (event.key === "Tab" && !event.shiftKey) save("right");
  else return;
  event.preventDefault();
  event.stopPropagation();
}
