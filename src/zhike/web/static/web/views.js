// The order of pinned views: dragged, or moved with Alt and the arrows.

const list = document.querySelector("[data-order]");
const pinned = () => [...list.querySelectorAll("[data-pinned]")];

function keep() {
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const order = pinned().map((row) => ["view", row.dataset.view]);
  return fetch(list.dataset.order, {
    method: "POST", headers: { "X-CSRFToken": token }, body: new URLSearchParams(order), redirect: "manual",
  });
}

window.addEventListener("load", () => window.Sortable?.create(list, {
  draggable: "[data-pinned]", handle: "[data-grip]", animation: 0, forceFallback: true, onEnd: keep,
}));
list.addEventListener("keydown", (event) => {
  const row = event.target.closest("[data-pinned]");
  if (!row || !event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  event.preventDefault();
  const rows = pinned();
  const next = rows[rows.indexOf(row) + (event.key === "ArrowUp" ? -1 : 1)];
  if (!next) return;
  next[event.key === "ArrowUp" ? "before" : "after"](row);
  event.target.focus();
  keep();
});
