// The numbers beside views come after the page, all in one request: nobody waits for them.
// data-counts is where to ask, [data-count] what for; one that the page knows already is left alone.

const places = () => [...document.querySelectorAll("[data-count]")].filter((place) => place.dataset.count);

async function fill() {
  const source = document.querySelector("[data-counts]");
  const empty = places().filter((place) => !place.textContent.trim());
  const wanted = [...new Set(empty.map((place) => place.dataset.count))];
  if (!source || !wanted.length) return;
  const query = new URLSearchParams(wanted.map((view) => ["view", view]));
  const response = await fetch(`${source.dataset.counts}?${query}`, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!response?.ok || response.redirected) return;
  const { counts } = await response.json();
  for (const place of empty) place.textContent = counts[place.dataset.count] ?? "";
}

fill();
document.addEventListener("htmx:after:swap", fill);
