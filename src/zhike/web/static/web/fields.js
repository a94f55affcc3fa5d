// The order of fields: dragged, also to another heading, or moved with Alt and the arrows on a field's link.
// The choices of a field: dragged, and one more.

const board = document.querySelector("[data-fields]");

function keep(list) {
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const keys = [...list.querySelectorAll("[data-key-of-field]")].map((row) => ["key", row.dataset.keyOfField]);
  return fetch(board.dataset.fields, {
    method: "POST", headers: { "X-CSRFToken": token },
    body: new URLSearchParams([["section", list.dataset.section], ...keys]), redirect: "manual",
  });
}

// Whatever stands in the place of an empty list goes with the first row; hidden inputs follow the row.
function settle(row) {
  const list = row.parentElement;
  list.querySelector("[data-none]")?.remove();
  const section = row.querySelector("[name=section]");
  if (section) section.value = list.dataset.section;
  for (const each of document.querySelectorAll("[data-section]")) {
    const rows = [...each.querySelectorAll("[data-key-of-field]")];
    rows.forEach((one, index) => {
      const [up, down] = one.querySelectorAll("[name=step]");
      up.disabled = index === 0;
      down.disabled = index === rows.length - 1;
    });
    const count = each.closest("section").querySelector(".zk-count");
    if (count) count.textContent = rows.length;
  }
  return keep(list);
}

function onLoad() {
  if (!window.Sortable) return;
  for (const list of document.querySelectorAll("[data-section]")) {
    window.Sortable.create(list, {
      group: "fields", handle: ".zk-grip", draggable: "[data-key-of-field]", animation: 0, onEnd: ({ item }) => settle(item),
    });
  }
  const rows = document.querySelector("[data-choice-rows]");
  if (rows) window.Sortable.create(rows, { handle: ".zk-grip", animation: 0 });
}

board?.addEventListener("keydown", (event) => {
  const row = event.target.closest("[data-key-of-field]");
  if (!row || !event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  event.preventDefault();
  const isUp = event.key === "ArrowUp";
  const next = isUp ? row.previousElementSibling : row.nextElementSibling;
  if (next?.matches("[data-key-of-field]")) next[isUp ? "before" : "after"](row);
  else {
    const lists = [...document.querySelectorAll("[data-section]")];
    const list = lists[lists.indexOf(row.parentElement) + (isUp ? -1 : 1)];
    if (!list) return;
    list[isUp ? "append" : "prepend"](row);
  }
  event.target.focus();
  settle(row);
});

document.querySelector("[data-add-choice]")?.addEventListener("click", () => {
  const rows = document.querySelector("[data-choice-rows]");
  const made = rows.lastElementChild.cloneNode(true);
  for (const input of made.querySelectorAll("input")) input.value = "";
  made.querySelector(".form-check")?.remove();
  rows.append(made);
  made.querySelector("[name=choice_zh]").focus();
});

onLoad();
