// The bell of an open page: every half minute it asks whether anything unread has come, while somebody can see the page.
// [data-pulse] is where to ask. An answer like the last one is 304 and has no body; the tag of the last one is kept over
// pages of this tab, so what came while the next page was loading is told too. [data-pulse-list] is the list of
// notifications itself, which is drawn again, unless the cursor is in it.

const EVERY = 30_000;
const AT_MOST = 300_000; // a server that is in trouble is asked less and less often
const SOON = 5_000;

const bell = document.querySelector("[data-pulse]");
const kept = () => JSON.parse(sessionStorage.getItem("pulse") ?? "null");
let timer;
let wait = EVERY;
let asked = performance.now(); // the page has just said so itself

function show({ unread, label }) {
  bell.setAttribute("aria-label", label);
  if (unread && !bell.querySelector("i")) bell.append(document.createElement("i"));
  if (!unread) bell.querySelector("i")?.remove();
}

function tell(words) {
  document.querySelectorAll("[data-told]").forEach((toast) => toast.remove());
  const toast = document.getElementById("told").content.firstElementChild.cloneNode(true);
  document.getElementById("toasts").append(toast);
  toast.querySelector("a").textContent = words; // after it stands there, so that it is read out
  document.dispatchEvent(new CustomEvent("zhike:toast"));
}

async function drawAgain() {
  const list = document.querySelector("[data-pulse-list]");
  if (!list || list.contains(document.activeElement)) return;
  const response = await fetch(location.href, { redirect: "manual" }).catch(() => null);
  if (!response?.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const drawn = page.querySelector("[data-pulse-list]");
  if (drawn && !list.contains(document.activeElement)) list.replaceWith(drawn);
}

async function ask() {
  asked = performance.now();
  const before = kept();
  const headers = { Accept: "application/json", ...(before && { "If-None-Match": before.tag }) };
  const response = await fetch(bell.dataset.pulse, { headers, cache: "no-store", redirect: "manual" }).catch(() => null);
  if (response?.type === "opaqueredirect") return false; // signed out: the next click leads to the way in
  if (response?.status !== 200) {
    wait = response?.status === 304 ? EVERY : Math.min(wait * 2, AT_MOST);
    return true;
  }
  wait = EVERY;
  const found = await response.json();
  sessionStorage.setItem("pulse", JSON.stringify({ tag: response.headers.get("ETag"), newest: found.newest }));
  show(found);
  if (before && found.newest > before.newest) tell(found.told);
  if (before) await drawAgain();
  return true;
}

async function beat() {
  clearTimeout(timer);
  if (document.hidden) return; // asked again when somebody looks
  if (await ask()) timer = setTimeout(beat, wait);
}

if (bell) {
  timer = setTimeout(beat, EVERY);
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (document.hidden) return;
    timer = setTimeout(beat, Math.max(0, SOON - (performance.now() - asked)));
  });
}
