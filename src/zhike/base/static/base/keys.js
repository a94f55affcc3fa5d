// The map of the keys, drawn from what the page declares, so that it never promises what is not there:
//
//   data-key="x" data-focus="l" data-go="t"   on whatever a key presses, focuses or opens (zhike.js answers)
//   data-keys="J K"                           on anything, for keys that a script answers by itself
//   #page-keys                                JSON of a page that has many: [{"keys": ["J", "K"], "said": "…"}]
//   data-key-label="…"                        what the key does, where the element's own name does not say so
//
// Of keys that do the same in every row one is listed.

const map = document.getElementById("shortcuts");
const EVERYWHERE = ".zk-side, .zk-top";

const shown = (element) => "keys" in element.dataset || element.getClientRects().length > 0;

function name(element) {
  const { keyLabel } = element.dataset;
  if (keyLabel) return keyLabel;
  const written = element.cloneNode(true);
  written.querySelectorAll("kbd, svg, .zk-count").forEach((part) => part.remove());
  const ofField = element.labels?.[0]?.textContent.trim();
  return element.getAttribute("aria-label") ?? ofField ?? (written.textContent.trim() || element.title);
}

function keysOf({ dataset }) {
  if (dataset.keys) return dataset.keys.split(" ");
  if (dataset.go) return ["G", dataset.go.toUpperCase()];
  const key = dataset.key?.split(" ")[0] ?? dataset.focus;
  return [key.length === 1 ? key.toUpperCase() : key];
}

function line(label, keys) {
  const row = document.createElement("div");
  const [term, pressed] = [document.createElement("dt"), document.createElement("dd")];
  term.textContent = label;
  keys.forEach((key, place) => {
    const cap = document.createElement("kbd");
    cap.textContent = key;
    pressed.append(...(place ? [" "] : []), cap);
  });
  row.append(term, pressed);
  return row;
}

// Keys that do one thing in a row and another in a cell stand there twice: all of these lines are drawn.
function declared() {
  const listed = document.getElementById("page-keys");
  return listed ? JSON.parse(listed.textContent) : [];
}

function draw() {
  const found = { page: new Map(), everywhere: new Map() };
  const listed = declared();
  const known = new Set(listed.map(({ keys }) => keys.join(" ")));
  for (const element of document.querySelectorAll("[data-key], [data-focus], [data-go], [data-keys]")) {
    if (!shown(element) || map.contains(element)) continue;
    const keys = keysOf(element);
    const place = element.closest(EVERYWHERE) && !element.closest("[data-page-keys]") ? "everywhere" : "page";
    const pressed = keys.join(" ");
    if (found[place].has(pressed) || (place === "page" && known.has(pressed))) continue;
    found[place].set(pressed, line(name(element), keys));
  }
  listed.forEach(({ keys, said }, number) => found.page.set(`listed ${number}`, line(said, keys)));
  for (const [place, lines] of Object.entries(found)) {
    map.querySelector(`[data-keys-of="${place}"]`).replaceChildren(...lines.values());
    map.querySelector(`[data-keys-title="${place}"]`).hidden = !lines.size;
  }
}

map?.addEventListener("beforetoggle", (event) => { if (event.newState === "open") draw(); });
