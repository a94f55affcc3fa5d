// The numbers beside views come after the page, all in one request: nobody waits for them.
// data-counts is where to ask, [data-count] what for; one that the page knows already is left alone.
// [data-count-at] is a number of the page itself that takes long, with the address that tells it.

const places = () => [...document.querySelectorAll("[data-count]")].filter((place) => place.dataset.count);

async function ask(address) {
  const response = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
  return response?.ok && !response.redirected ? response.json() : null;
}

async function fillViews() {
  const source = document.querySelector("[data-counts]");
  const empty = places().filter((place) => !place.textContent.trim());
  const wanted = [...new Set(empty.map((place) => place.dataset.count))];
  if (!source || !wanted.length) return;
  const query = new URLSearchParams(wanted.map((view) => ["view", view]));
  const told = await ask(`${source.dataset.counts}?${query}`);
  if (told) for (const place of empty) place.textContent = told.counts[place.dataset.count] ?? "";
}

async function fillLate() {
  const late = [...document.querySelectorAll("[data-count-at]")].map((place) => [place, place.dataset.countAt]);
  for (const [place] of late) delete place.dataset.countAt; // asked for once, whatever is swapped meanwhile
  for (const wanted of new Set(late.map(([, address]) => address))) {
    const told = await ask(wanted);
    if (told) for (const [place, address] of late) if (address === wanted) place.textContent = told.count;
  }
}

function fill() {
  fillViews();
  fillLate();
}

fill();
document.addEventListener("htmx:after:swap", fill);
