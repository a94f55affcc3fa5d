// The customer list: the condition builder in its panel, columns, cells, the look aside, the board.
// Each part is a file of its own; without any of them the list is still read, filtered and paged.

import "./list_board.js";
import "./list_cells.js";
import "./list_columns.js";
import "./list_peek.js";

// ── The condition builder: loaded when somebody opens it ──

async function mount(form) {
  if (form.dataset.mounted) return;
  form.dataset.mounted = "yes";
  const { mountConditions } = await import("../base/conditions.js");
  const data = (id) => JSON.parse(form.querySelector(`#${id}`).textContent);
  const builder = mountConditions(form.querySelector("[data-conditions]"), {
    catalogue: data("catalogue"),
    value: data("where-now"),
    onchange: () => { form.dataset.written = "yes"; },
  });
  form.addEventListener("conditions:answer", ({ detail: { whole } }) => {
    form.querySelector("[data-matching]").textContent = whole === null ? "" : ` (${whole.toLocaleString("en")})`;
  });
  form.addEventListener("submit", () => { form.querySelector("[data-where]").value = JSON.stringify(builder.value); });
}

const mountAll = () => document.querySelectorAll("[data-builder]").forEach(mount);
mountAll();
document.addEventListener("htmx:after:swap", mountAll);

// The tab of the view that is open is seen, however many stand before it.
const tabs = document.querySelector(".zk-views");
const current = tabs?.querySelector("[aria-current]");
if (current) {
  const [all, one] = [tabs.getBoundingClientRect(), current.getBoundingClientRect()];
  tabs.scrollLeft += one.left - all.left - (all.width - one.width) / 2;
}
