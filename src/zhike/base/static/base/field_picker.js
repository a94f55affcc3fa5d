// One list of all fields with a search, opened beside whatever asks for a field. The words typed are
// looked for in a field's name, its pinyin, its initials and its key.

const GAP = 4;

export class FieldPicker {
  constructor(catalogue) {
    this.element = document.getElementById("field-picker").content.firstElementChild.cloneNode(true);
    this.search = this.element.querySelector("input");
    this.list = this.element.querySelector("[role=listbox]");
    this.empty = this.element.querySelector("[data-empty]");
    this.fields = catalogue.fields;
    this.groups = catalogue.groups;
    this.search.addEventListener("input", () => this.draw());
    this.search.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.choose(event.target.closest("[role=option]")));
    this.element.addEventListener("toggle", (event) => { if (event.newState === "closed") this.closed(); });
    document.body.append(this.element);
  }

  // Ask for a field; `only` keeps one group. `chosen` is called with its key, `left` if there is none.
  open(opener, current, chosen, { only = "", left = () => {} } = {}) {
    Object.assign(this, { opener, current, chosen, only, left });
    this.search.value = "";
    this.draw();
    this.element.showPopover();
    this.place();
    opener.setAttribute("aria-expanded", "true");
    this.search.focus();
  }

  place() {
    const from = this.opener.getBoundingClientRect();
    const own = this.element.getBoundingClientRect();
    const below = from.bottom + GAP + own.height <= innerHeight;
    const top = below ? from.bottom + GAP : Math.max(GAP, from.top - GAP - own.height);
    this.element.style.setProperty("--x", `${Math.max(GAP, Math.min(from.left, innerWidth - own.width - GAP))}px`);
    this.element.style.setProperty("--y", `${top}px`);
  }

  closed() {
    this.opener.setAttribute("aria-expanded", "false");
    this.left?.();
    if (!document.activeElement || document.activeElement === document.body) this.opener.focus();
  }

  draw() {
    const words = this.search.value.normalize("NFKC").toLowerCase().split(/\s+/).filter(Boolean);
    const found = this.fields.filter((field) => (!this.only || field.key.startsWith(`${this.only}.`))
      && words.every((word) => field.hint.includes(word)));
    this.list.replaceChildren();
    for (const [group, label] of Object.entries(this.groups)) {
      const inside = found.filter((field) => field.key.startsWith(`${group}.`));
      if (inside.length) this.list.append(this.heading(label), ...inside.map((field) => this.option(field)));
    }
    this.empty.hidden = found.length > 0;
    const options = this.options();
    this.mark(options.find((option) => option.dataset.key === this.current && !words.length) ?? options[0]);
  }

  heading(label) {
    const heading = document.createElement("div");
    heading.className = "dropdown-header";
    heading.role = "presentation";
    heading.textContent = label;
    return heading;
  }

  option(field) {
    const option = document.createElement("div");
    option.className = "dropdown-item";
    option.role = "option";
    option.id = `field-${field.key}`;
    option.dataset.key = field.key;
    option.setAttribute("aria-selected", String(field.key === this.current));
    option.textContent = field.label;
    return option;
  }

  options() {
    return [...this.list.querySelectorAll("[role=option]")];
  }

  mark(option) {
    for (const other of this.options()) other.classList.toggle("active", other === option);
    if (option) this.search.setAttribute("aria-activedescendant", option.id);
    else this.search.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  }

  key(event) {
    if (event.isComposing) return;
    const options = this.options();
    const at = options.findIndex((option) => option.classList.contains("active"));
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    if (event.key in steps) this.mark(options[Math.min(Math.max(at + steps[event.key], 0), options.length - 1)]);
    else if (event.key === "Enter") this.choose(options[at]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  choose(option) {
    if (!option) return;
    this.left = null;
    this.element.hidePopover();
    this.opener.focus();
    this.chosen(option.dataset.key);
  }
}
