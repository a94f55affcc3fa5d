// The board: a card that is dragged into another lane, or moved there with Shift and an arrow, asks for the reason.
// It stays where it was until the server has set the class.

const board = () => document.querySelector("[data-board]");
const cards = (lane) => [...lane.querySelectorAll("[data-card]")];

async function ask(card, lane) {
  const { override, dimension } = board().dataset;
  const query = new URLSearchParams({ customer: card.dataset.card, to: `${dimension}.${lane.dataset.lane}` });
  const url = `${override}&${query}`;
  const response = await fetch(url, { headers: { "HX-Request": "true", "HX-Request-Type": "partial" } }).catch(() => null);
  if (!response?.ok || response.redirected) { location.assign(url); return; }
  const dialog = document.createElement("dialog");
  dialog.className = "zk-dialog zk-bare";
  dialog.innerHTML = await response.text();
  document.body.append(dialog);
  dialog.addEventListener("close", () => { dialog.remove(); card.focus(); });
  dialog.addEventListener("click", (event) => {
    if (event.target.closest("[data-leave]")) { event.preventDefault(); dialog.close(); }
  });
  dialog.showModal();
  dialog.querySelector("textarea")?.focus();
}

function sortable() {
  for (const lane of document.querySelectorAll("[data-lane]")) {
    if (lane.dataset.sorted || !window.Sortable) continue;
    lane.dataset.sorted = "yes";
    window.Sortable.create(lane, {
      group: "board", draggable: "[data-card]", handle: "[data-grip]", sort: false, animation: 0, forceFallback: true,
      ghostClass: "is-ghost",
      onMove: ({ to }) => mark(to),
      onEnd: ({ item, from, to, oldDraggableIndex }) => {
        mark(null);
        if (from === to) return;
        from.insertBefore(item, cards(from)[oldDraggableIndex] ?? null);
        ask(item, to);
      },
    });
  }
}

function mark(lane) {
  for (const other of document.querySelectorAll(".zk-lane")) other.classList.toggle("is-over", other.contains(lane));
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || !board()) return;
  const card = event.target.closest?.("[data-card]");
  const lanes = [...document.querySelectorAll("[data-lane]")];
  if (!card) {
    if (event.target === document.body && event.key.startsWith("Arrow")) { document.querySelector("[data-card]")?.focus(); event.preventDefault(); }
    return;
  }
  const at = lanes.indexOf(card.parentElement);
  const inside = cards(lanes[at]);
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const isGrip = event.target.matches("[data-grip]");
  if (step && (event.shiftKey || isGrip)) { if (lanes[at + step]) ask(card, lanes[at + step]); }
  else if (step) cards(lanes[at + step] ?? lanes[at])[Math.min(inside.indexOf(card), cards(lanes[at + step] ?? lanes[at]).length - 1)]?.focus();
  else if (event.key === "ArrowUp" || event.key === "ArrowDown") inside[inside.indexOf(card) + (event.key === "ArrowUp" ? -1 : 1)]?.focus();
  else if (event.key === "Enter" && event.target === card) card.querySelector("a[href]").click();
  else return;
  event.preventDefault();
});

sortable();
document.addEventListener("htmx:after:swap", sortable);
