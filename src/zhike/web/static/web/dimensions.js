// The order of the dimensions: dragged, or moved with Alt and the arrows on a dimension's link.

const list = document.querySelector("[data-order]");

function keep() {
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const order = [...list.children].map((entry) => ["order", entry.dataset.dimension]);
  return fetch(list.dataset.order, {
    method: "POST", headers: { "X-CSRFToken": token }, body: new URLSearchParams(order), redirect: "manual",
  });
}

if (list) {
  window.Sortable?.create(list, { animation: 0, delay: 150, delayOnTouchOnly: true, onEnd: keep });
  list.addEventListener("keydown", (event) => {
    const entry = event.target.closest("[data-dimension]");
    if (!entry || !event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    const next = event.key === "ArrowUp" ? entry.previousElementSibling : entry.nextElementSibling;
    if (!next) return;
    next[event.key === "ArrowUp" ? "before" : "after"](entry);
    event.target.focus();
    keep();
  });
}
