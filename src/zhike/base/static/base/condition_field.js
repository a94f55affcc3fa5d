// A form's field that holds a condition: the builder in place of the text that is sent.
// Without it the text itself is typed.

import { mountConditions } from "./conditions.js";

export const catalogue = JSON.parse(document.getElementById("catalogue")?.textContent ?? "null");

function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

// `options` are those of the builder. Mounting twice changes nothing.
export function mountField(place, options = {}) {
  if (!catalogue || place.dataset.mounted) return;
  const text = place.querySelector("textarea");
  const value = text.value.trim() ? read(text.value) : { all: [] };
  if (value === null) return; // typed by hand in another form: it stays text
  place.dataset.mounted = "yes";
  place.querySelector("[data-typed]").hidden = true;
  mountConditions(place.querySelector("[data-conditions]"), {
    ...options,
    catalogue,
    value,
    onchange: (changed) => { text.value = JSON.stringify(changed); },
  });
}
