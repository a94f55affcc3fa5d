// Whom one could have met when there is no connection: whose record was open on this device, and those of one's own day.
// They are forgotten when one signs out or has to sign in again. Elements say who they are: data-known="17" around a name.

const STORE = "known-customers";
const MOST = 80;
const page = document.getElementById("unsent")?.dataset;

export function known() {
  return JSON.parse(localStorage.getItem(STORE) ?? "null") ?? { user: "", customers: [] };
}

function remember(user) {
  const kept = known();
  const seen = [...document.querySelectorAll("[data-known]")].map((element) => [element.dataset.known, element.textContent.trim()]);
  const all = new Map([...seen, ...(kept.user === user ? kept.customers : [])].reverse());
  localStorage.setItem(STORE, JSON.stringify({ user, customers: [...all].reverse().slice(0, MOST) }));
}

// Whoever has to sign in may be somebody else.
if (document.querySelector("[data-forgets]")) localStorage.removeItem(STORE);
if (page?.user) {
  remember(page.user);
  document.addEventListener("submit", ({ target }) => { if (target.matches("[data-leaves]")) localStorage.removeItem(STORE); });
  // Where pages come over plain http there is none.
  navigator.serviceWorker?.register(page.worker, { scope: "/" }).catch(() => {});
}
