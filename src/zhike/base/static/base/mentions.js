// Speaking to a colleague: @ in a text inside [data-mentions] offers them, found by name, pinyin and
// initials. Arrows choose, Enter or Tab takes, Escape leaves. Without this file the name is typed out.

const MOST = 6;
const asked = new Map();

function colleagues(address) {
  if (!asked.has(address)) {
    asked.set(address, fetch(address, { headers: { Accept: "application/json" } })
      .then((response) => (response.ok ? response.json() : { people: [] }))
      .then(({ people }) => people)
      .catch(() => { asked.delete(address); return []; }));
  }
  return asked.get(address);
}

// What stands between the last sign and the cursor, if a name could.
function typed(area) {
  const found = /[@＠]([^\s@＠]{0,20})$/u.exec(area.value.slice(0, area.selectionStart));
  return found ? { words: found[1].normalize("NFKC").toLowerCase(), from: found.index } : null;
}

class Offer {
  constructor(area, place) {
    this.area = area;
    this.place = place;
    this.list = document.createElement("ul");
    this.list.className = "zk-mentions";
    this.list.id = `mentions-${Offer.made = (Offer.made ?? 0) + 1}`;
    this.list.setAttribute("role", "listbox");
    this.list.hidden = true;
    area.after(this.list);
    area.setAttribute("aria-autocomplete", "list");
    area.setAttribute("aria-controls", this.list.id);
    area.addEventListener("input", (event) => { if (!event.isComposing) this.look(); });
    area.addEventListener("compositionend", () => this.look());
    area.addEventListener("keydown", (event) => this.key(event));
    area.addEventListener("blur", () => this.close());
    this.list.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      this.take(event.target.closest("[role=option]"));
    });
  }

  async look() {
    const now = typed(this.area);
    if (!now) { this.close(); return; }
    const people = await colleagues(this.place.dataset.mentions);
    if (typed(this.area)?.words !== now.words) return;
    const found = people.filter(({ hint }) => hint.includes(now.words)).slice(0, MOST);
    this.list.replaceChildren(...found.map((person, at) => this.option(person, at)));
    this.list.hidden = !found.length;
    this.mark(0);
  }

  option({ call, team, sees }, at) {
    const option = document.createElement("li");
    option.id = `${this.list.id}-${at}`;
    option.setAttribute("role", "option");
    option.dataset.call = call;
    option.append(call);
    const more = document.createElement("span");
    more.className = "zk-sm zk-2";
    more.textContent = sees ? team : this.place.dataset.blind;
    option.append(more);
    return option;
  }

  get options() { return [...this.list.children]; }

  mark(at) {
    const { options } = this;
    options.forEach((option, index) => option.setAttribute("aria-selected", String(index === at)));
    if (options[at] && !this.list.hidden) this.area.setAttribute("aria-activedescendant", options[at].id);
    else this.area.removeAttribute("aria-activedescendant");
  }

  key(event) {
    if (this.list.hidden || event.isComposing) return;
    const { options } = this;
    const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) this.mark((at + steps[event.key] + options.length) % options.length);
    else if ((event.key === "Enter" || event.key === "Tab") && !event.ctrlKey && !event.metaKey) this.take(options[at]);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  take(option) {
    const now = typed(this.area);
    if (!option || !now) return;
    this.area.setRangeText(`@${option.dataset.call} `, now.from, this.area.selectionStart, "end");
    this.close();
    this.area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  close() {
    this.list.hidden = true;
    this.mark(-1);
  }
}

function attend() {
  for (const place of document.querySelectorAll("[data-mentions]")) {
    const area = place.querySelector("textarea");
    if (area && !area.hasAttribute("aria-controls")) new Offer(area, place);
  }
}

document.addEventListener("htmx:after:swap", attend);
attend();
