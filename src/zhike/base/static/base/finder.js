// A box that shows what it finds below it while somebody types: the search of every page, and the commands.
//
//   data-finder="/search/"   on a form with a search input and a [data-found] list: where to ask
//   data-eager               asks for an empty box too
//   data-option              what may be chosen, in what the server sends
//
// Without this file the form leads to a page that shows the same.

const PAUSE = 140;
let made = 0;

class Finder {
  constructor(form) {
    this.form = form;
    this.input = form.querySelector("input[type=search]");
    this.list = form.querySelector("[data-found]");
    this.status = form.querySelector("[data-found-status]");
    this.list.id ||= `found-${++made}`;
    this.isEager = "eager" in form.dataset;
    for (const [name, value] of Object.entries({
      role: "combobox", "aria-controls": this.list.id, "aria-expanded": "false", "aria-autocomplete": "list", "aria-haspopup": "listbox",
    })) this.input.setAttribute(name, value);
    this.input.addEventListener("input", (event) => { if (!event.isComposing) this.soon(); });
    this.input.addEventListener("compositionend", () => this.soon());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("focus", () => { if (this.input.value && this.list.hidden) this.ask(); });
    this.form.addEventListener("focusout", ({ relatedTarget }) => { if (!this.form.contains(relatedTarget) && !this.isEager) this.close(); });
    this.form.addEventListener("submit", () => this.stop());
    // The cursor stays in the box when the mouse chooses.
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("mousemove", ({ target }) => { const option = target.closest("[data-option]"); if (option) this.mark(option, false); });
  }

  soon() {
    this.isAsking = true;
    this.isHurried = false;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), PAUSE);
  }

  stop() {
    this.isAsking = false;
    clearTimeout(this.timer);
    this.request?.abort();
  }

  async ask() {
    this.stop();
    const query = this.input.value.trim();
    if (!query && !this.isEager) { this.close(); return; }
    const url = new URL(this.form.dataset.finder, location.href);
    for (const [name, value] of new FormData(this.form)) url.searchParams.set(name, value);
    this.request = new AbortController();
    const { signal } = this.request;
    this.isAsking = true;
    try {
      const response = await fetch(url, { headers: { "HX-Request": "true", "HX-Request-Type": "partial" }, signal });
      // Whoever was signed out is led to the sign-in page, as every other request would lead them.
      const elsewhere = response.headers.get("HX-Redirect");
      if (elsewhere) { location.assign(elsewhere); return; }
      if (!response.ok) { this.close(); return; }
      const found = await response.text();
      if (!signal.aborted) this.show(found);
    } catch (error) {
      if (error.name !== "AbortError") this.close();
    }
  }

  get options() {
    return [...this.list.querySelectorAll("[data-option]")];
  }

  show(found) {
    this.list.innerHTML = found;
    this.list.setAttribute("role", "listbox");
    this.options.forEach((option, place) => {
      option.id = `${this.list.id}-${place}`;
      option.tabIndex = -1;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.removeAttribute("data-row");
    });
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.input.removeAttribute("aria-activedescendant");
    if (this.status) this.status.textContent = this.status.dataset.text.replace("0", this.options.length);
    this.isAsking = false;
    if (this.isEager) this.mark(this.options[0]);
    if (this.isHurried) this.marked?.click();
    this.isHurried = false;
  }

  close() {
    this.stop();
    if (this.list.hidden) return false;
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
    return true;
  }

  get marked() {
    return this.list.hidden ? null : this.list.querySelector("[aria-selected=true]");
  }

  mark(option, scrolls = true) {
    this.marked?.setAttribute("aria-selected", "false");
    if (!option) { this.input.removeAttribute("aria-activedescendant"); return; }
    option.setAttribute("aria-selected", "true");
    this.input.setAttribute("aria-activedescendant", option.id);
    if (scrolls) option.scrollIntoView({ block: "nearest" });
  }

  key(event) {
    if (event.isComposing) return;
    const { options, marked } = this;
    const at = options.indexOf(marked);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (this.list.hidden) { this.ask(); return; }
      const step = event.key === "ArrowDown" ? 1 : -1;
      // From the box down to the first or up to the last, and round.
      const next = at < 0 ? (step > 0 ? 0 : options.length - 1) : (at + step + options.length) % options.length;
      this.mark(options[next]);
    } else if (event.key === "Enter" && this.isEager && this.isAsking) {
      // Who knows what comes first need not wait for it to be shown.
      event.preventDefault();
      this.isHurried = true;
    } else if (event.key === "Enter" && marked && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      this.close();
      marked.click();
    } else if (event.key === "Escape" && !this.isEager && this.close()) {
      event.preventDefault();
      event.stopPropagation();
    }
  }
}

const finders = new Map();
for (const form of document.querySelectorAll("form[data-finder]")) finders.set(form, new Finder(form));
document.addEventListener("zk:opened", ({ detail: { dialog } }) => {
  for (const form of dialog.querySelectorAll("form[data-finder]")) new Finder(form).ask();
});

// A search that htmx sends waits for the input method too: what is composed is no word yet.
const isSearch = (target) => target.matches?.("input[type=search]");
document.addEventListener("input", (event) => {
  if (event.isComposing && isSearch(event.target) && !event.target.closest("form[data-finder]")) event.stopPropagation();
}, { capture: true });
document.addEventListener("compositionend", ({ target }) => {
  if (isSearch(target) && !target.closest("form[data-finder]")) setTimeout(() => target.dispatchEvent(new Event("input", { bubbles: true })));
});

// ── The commands: ⌘K or Ctrl K, or the link that leads to their page ──

const palette = document.getElementById("palette");

function openPalette() {
  const form = palette.querySelector("form");
  const finder = finders.get(form);
  if (palette.open) { palette.close(); return; }
  form.reset();
  palette.showModal();
  finder.input.focus();
  finder.ask();
}

if (palette) {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey || event.shiftKey || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    openPalette();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-palette]") && !event.ctrlKey && !event.metaKey) { event.preventDefault(); openPalette(); }
    else if (event.target === palette || (palette.open && event.target.closest("[data-option]"))) palette.close();
  });
}

// A command that leads to a form on a page puts the cursor in it.
function enter() {
  const place = document.getElementById(location.hash.slice(1));
  if (place?.matches("form")) place.querySelector("textarea, input:not([type=hidden], [type=radio])")?.focus();
}
addEventListener("hashchange", enter);
document.addEventListener("click", ({ target }) => { if (target.closest("[data-option]")) setTimeout(enter); });
enter();
