// The columns of the list: chosen and put in order in their panel, made wider and narrower at their heads.

const NARROWEST = 48;
const WIDEST = 800;
const STEP = 16;

// ── The panel: the boxes in their order are what is sent ──

function arrange(panel) {
  if (panel.dataset.arranged) return;
  panel.dataset.arranged = "yes";
  const list = panel.querySelector("[data-columns]");
  window.Sortable?.create(list, { handle: "[data-grip]", animation: 0, forceFallback: true });
  list.addEventListener("keydown", (event) => {
    const item = event.target.closest("[data-grip]")?.closest("li");
    if (!item || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    const next = event.key === "ArrowUp" ? item.previousElementSibling : item.nextElementSibling;
    next?.[event.key === "ArrowUp" ? "before" : "after"](item);
    event.target.focus();
  });
  panel.querySelector("[data-find-column]").addEventListener("input", ({ target }) => {
    const wanted = target.value.normalize("NFKC").toLowerCase().trim();
    for (const item of panel.querySelectorAll("[data-hint]")) item.hidden = !item.dataset.hint.includes(wanted);
  });
}

const arrangeAll = () => document.querySelectorAll("[data-choose-columns]").forEach(arrange);
arrangeAll();
document.addEventListener("htmx:after:swap", arrangeAll);

// ── Widths ──

const columnOf = (handle) => handle.closest("table").querySelector(`col[data-column="${CSS.escape(handle.closest("th").dataset.column)}"]`);
const widthOf = (column) => Number.parseInt(column.style.getPropertyValue("--w"), 10);

function resize(handle, wanted) {
  const [table, column] = [handle.closest("table"), columnOf(handle)];
  const width = Math.round(Math.min(Math.max(wanted, NARROWEST), WIDEST));
  const whole = Number.parseInt(table.style.getPropertyValue("--table"), 10) + width - widthOf(column);
  column.style.setProperty("--w", `${width}px`);
  table.style.setProperty("--table", `${whole}px`);
  handle.setAttribute("aria-valuenow", width);
}

let waiting;

function keep(table) {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const columns = [...table.querySelectorAll("col[data-column]")].map((column) => ({ key: column.dataset.column, width: widthOf(column) }));
    const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
    fetch(table.dataset.columns, { method: "POST", headers: { "X-CSRFToken": token }, body: new URLSearchParams({ columns: JSON.stringify(columns) }) });
  }, 400);
}

document.addEventListener("pointerdown", (event) => {
  const handle = event.target.closest("[data-resize]");
  if (!handle) return;
  event.preventDefault();
  const [from, width] = [event.clientX, handle.closest("th").getBoundingClientRect().width];
  handle.setPointerCapture(event.pointerId);
  const move = (moved) => resize(handle, width + moved.clientX - from);
  handle.addEventListener("pointermove", move);
  handle.addEventListener("lostpointercapture", () => {
    handle.removeEventListener("pointermove", move);
    keep(handle.closest("table"));
  }, { once: true });
});

document.addEventListener("keydown", (event) => {
  const handle = event.target.closest("[data-resize]");
  if (!handle || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
  event.preventDefault();
  resize(handle, widthOf(columnOf(handle)) + (event.key === "ArrowLeft" ? -STEP : STEP));
  keep(handle.closest("table"));
});
