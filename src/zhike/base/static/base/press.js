// A press of the mouse is a click only if what it began on is still in its place when it ends. The same
// press leaves the field that was typed in; whatever is drawn for that, or for an answer of the server
// that comes just then, waits here until the press is over.

const LONGEST = 1000; // an end that never comes, outside the window or over an open list
const waiting = [];
let last;

function end() {
  clearTimeout(last);
  last = undefined;
  for (const draw of waiting.splice(0)) draw();
}

function begin({ button }) {
  if (button !== 0) return;
  clearTimeout(last);
  last = setTimeout(end, LONGEST);
}

// The click comes after the release, but before any timer.
const release = () => { if (last) setTimeout(end); };

for (const name of ["pointerdown", "mousedown"]) addEventListener(name, begin, { capture: true });
for (const name of ["pointerup", "pointercancel", "mouseup"]) addEventListener(name, release, { capture: true });

export function afterPress(draw) {
  if (last) waiting.push(draw); else draw();
}
