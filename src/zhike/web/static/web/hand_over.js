// Lines of a hand-over that go by a condition: the builder in place of the text that is sent.
// Without it the text itself is typed.

import { mountConditions } from "../base/conditions.js";

const catalogue = JSON.parse(document.getElementById("catalogue")?.textContent ?? "null");

function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function mount(line) {
  const place = line.querySelector("[data-when]");
  if (place.dataset.mounted) return;
  const text = place.querySelector("textarea");
  const value = text.value.trim() ? read(text.value) : { all: [] };
  if (value === null) return; // typed by hand in another form: it stays text
  place.dataset.mounted = "yes";
  place.querySelector("[data-typed]").hidden = true;
  mountConditions(place.querySelector("[data-conditions]"), {
    catalogue,
    value,
    onchange: (changed) => { text.value = JSON.stringify(changed); },
  });
}

for (const line of catalogue ? document.querySelectorAll(".zk-giving > li") : []) {
  const what = line.querySelector("select[name$=-what]");
  const look = () => { if (what.value === "condition") mount(line); };
  what.addEventListener("change", look);
  look();
}
