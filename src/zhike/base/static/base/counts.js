// The numbers beside views come after the page, all in one request: nobody waits for them.
// data-counts is where to ask, [data-count] what for; one that the page knows already is left alone.
// [data-count-at] is a number of the page itself that takes long, with the address that tells it; data-again says
// that it could not be told, and is pressed to ask again.

const places = () => [...document.querySelectorAll("[data-count]")].filter((place) => place.dataset.count);

async function ask(address) {
  const response = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
  return response?.ok && !response.redirected ? response.json().catch(() => null) : null;
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
  for (const [place] of late) {
    delete place.dataset.countAt; // asked for once, whatever is swapped meanwhile
    place.textContent = "…";
  }
  for (const wanted of new Set(late.map(([, address]) => address))) {
    const told = await ask(wanted);
    for (const [place, address] of late) {
      if (address !== wanted) continue;
      if (told) place.textContent = told.count;
      else offerAgain(place, address);
    }
  }
}

// Within a button or a link there is room for a dash alone: pressed elsewhere, it is asked for here too.
function offerAgain(place, address) {
  place.dataset.countAt = address;
  place.textContent = "–";
  place.title = place.dataset.again;
  if (place.closest("a, button, label")) return;
  const again = document.createElement("button");
  again.type = "button";
  again.className = "btn btn-sm btn-ghost";
  again.textContent = place.dataset.again;
  again.addEventListener("click", fillLate);
  place.replaceChildren(again);
}

function fill() {
  fillViews();
  fillLate();
}

fill();
document.addEventListener("htmx:after:swap", fill);
