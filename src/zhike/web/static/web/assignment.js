// Rules of assignment: the builder in place of the text of a condition, and the list dragged into its order.
// Without this the text is typed, and the arrows move a rule.

import { mountField } from "../base/condition_field.js";

const place = document.querySelector("[data-when]");
if (place) mountField(place, { mayBeEmpty: true });

const list = document.querySelector("[data-rules]");

function keep() {
  const order = new URLSearchParams([...list.querySelectorAll("[data-rule]")].map((item) => ["rule", item.dataset.rule]));
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  fetch(list.dataset.rules, { method: "POST", headers: { "X-CSRFToken": token }, body: order }).then((answer) => {
    if (!answer.ok) location.reload(); // somebody changed them meanwhile: look again
  });
}

if (list) {
  window.Sortable?.create(list, { handle: "[data-grip]", animation: 0, forceFallback: true, onEnd: keep });
  list.addEventListener("keydown", (event) => {
    const item = event.target.closest("[data-grip]")?.closest("[data-rule]");
    if (!item || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    const next = event.key === "ArrowUp" ? item.previousElementSibling : item.nextElementSibling;
    if (!next) return;
    next[event.key === "ArrowUp" ? "before" : "after"](item);
    event.target.focus();
    keep();
  });
}
