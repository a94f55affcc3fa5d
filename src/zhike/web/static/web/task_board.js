// The board of tasks: a card is dragged into another lane, or moved there with Shift and an arrow. It stays where it is put
// when the server has written it; else it goes back, and the page says why. What is put among the finished is asked how it went.

import { toast } from "../base/toast.js";
import { put } from "./task_move.js";

const board = () => document.querySelector("[data-task-board]");
const cards = (lane) => [...lane.querySelectorAll("[data-card]")];

function count(lane, step) {
  const place = lane.closest(".zk-lane").querySelector("[data-lane-count]");
  if (/^\d+$/.test(place.textContent.trim())) place.textContent = Number(place.textContent) + step;
  const none = lane.querySelector("[data-none]");
  if (none) none.hidden = cards(lane).length > 0;
}

async function move(card, from, to, before) {
  const back = () => { from.insertBefore(card, before); card.querySelector("[data-grip]")?.focus(); };
  const { moves } = to.dataset;
  if (moves === "done") {
    back();
    document.dispatchEvent(new CustomEvent("zk:open", { detail: { url: card.dataset.done, opener: card } }));
    return;
  }
  if (!moves) { back(); return; }
  to.append(card);
  card.focus();
  const said = { ...Object.fromEntries(new URLSearchParams(moves)), keeps_time: "1", version: card.dataset.version };
  const { dataset } = board();
  const answer = await put(card.dataset.move, said);
  if (!answer.ok) { back(); toast(answer.message ? dataset.putBack + answer.message : dataset.offline, "error"); return; }
  card.dataset.version = answer.version;
  card.classList.remove("is-late");
  count(from, -1);
  count(to, 1);
  toast(answer.said);
}

function mark(lane) {
  for (const other of document.querySelectorAll(".zk-lane")) other.classList.toggle("is-over", other.contains(lane) && Boolean(lane?.dataset.moves));
}

function sortable() {
  for (const lane of document.querySelectorAll("[data-task-board] [data-lane]")) {
    if (lane.dataset.sorted || !window.Sortable) continue;
    lane.dataset.sorted = "yes";
    window.Sortable.create(lane, {
      group: "tasks", draggable: "[data-card]", handle: "[data-grip]", sort: false, animation: 0, forceFallback: true, ghostClass: "is-ghost",
      onMove: ({ to }) => { mark(to); return Boolean(to.dataset.moves) || to === lane; },
      onEnd: ({ item, from, to, oldDraggableIndex }) => {
        mark(null);
        if (from !== to) move(item, from, to, cards(from)[oldDraggableIndex] ?? null);
      },
    });
  }
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || !board()) return;
  const card = event.target.closest?.("[data-card]");
  if (!card) {
    if (event.target === document.body && event.key.startsWith("Arrow")) { document.querySelector("[data-card]")?.focus(); event.preventDefault(); }
    return;
  }
  const lanes = [...document.querySelectorAll("[data-task-board] [data-lane]")];
  const lane = card.parentElement;
  const at = lanes.indexOf(lane);
  const inside = cards(lane);
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (step && (event.shiftKey || event.target.matches("[data-grip]"))) {
    // Past the lanes that take nothing.
    let next = at + step;
    while (lanes[next] && !lanes[next].dataset.moves) next += step;
    if (lanes[next] && card.querySelector("[data-grip]")) move(card, lane, lanes[next], card.nextElementSibling);
  } else if (step) {
    let next = at + step;
    while (lanes[next] && !cards(lanes[next]).length) next += step;
    if (lanes[next]) cards(lanes[next])[Math.min(inside.indexOf(card), cards(lanes[next]).length - 1)].focus();
  } else if (event.key === "ArrowUp" || event.key === "ArrowDown") inside[inside.indexOf(card) + (event.key === "ArrowUp" ? -1 : 1)]?.focus();
  else if (event.key === "Enter" && event.target === card) card.querySelector("a[href]").click();
  else return;
  event.preventDefault();
});

document.addEventListener("zk:saved", ({ detail: { opener } }) => {
  const card = opener?.closest?.("[data-card]");
  if (!card) return;
  count(card.parentElement, -1);
  card.remove();
});

sortable();
addEventListener("load", sortable);
document.addEventListener("htmx:after:swap", sortable);
