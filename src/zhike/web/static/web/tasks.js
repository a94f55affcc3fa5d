// Tasks: the day that somebody types is said back to them before they save it.

const PAUSE = 200;
const timers = new WeakMap();

async function say(place, input) {
  const said = place.querySelector("[data-said]");
  const text = input.value.trim();
  if (!text) { said.textContent = ""; return; }
  const url = `${place.dataset.daySaid}?text=${encodeURIComponent(text)}`;
  const response = await fetch(url, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!response?.ok || response.redirected || input.value.trim() !== text) return;
  const { day, said: words } = await response.json();
  said.textContent = day ? words : "";
}

document.addEventListener("input", ({ target, isComposing }) => {
  const place = target.closest?.("[data-day-said]");
  if (!place || isComposing || !target.matches("[data-day]")) return;
  clearTimeout(timers.get(place));
  timers.set(place, setTimeout(() => say(place, target), PAUSE));
});

function sayAll(root) {
  for (const place of root.querySelectorAll("[data-day-said]")) {
    const input = place.querySelector("[data-day]");
    if (input?.value) say(place, input);
  }
}

sayAll(document);
document.addEventListener("zk:opened", ({ detail: { dialog } }) => sayAll(dialog));
