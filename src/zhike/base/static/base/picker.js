// A text in which a list on the server is searched: colleagues, customers. Without this file what is typed is
// looked up when the form is sent.

const WAIT = 150;

class Picker {
  constructor(box) {
    [this.input, this.chosen] = box.querySelectorAll("input");
    this.box = box;
    this.list = document.createElement("div");
    this.list.className = "dropdown-menu zk-pick-list";
    this.list.role = "listbox";
    this.list.id = `${this.input.id}-list`;
    this.list.hidden = true;
    box.append(this.list);
    this.input.setAttribute("aria-controls", this.list.id);
    this.input.setAttribute("aria-autocomplete", "list");
    this.input.setAttribute("aria-expanded", "false");
    this.input.addEventListener("input", (event) => { if (!event.isComposing) this.typed(); });
    this.input.addEventListener("compositionend", () => this.typed());
    this.input.addEventListener("focus", () => this.ask());
    this.input.addEventListener("blur", () => this.close());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      this.take(event.target.closest("[role=option]"));
    });
  }

  typed() {
    this.chosen.value = "";
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), WAIT);
  }

  async ask() {
    const words = this.input.value;
    this.asked?.abort();
    this.asked = new AbortController();
    try {
      const response = await fetch(`${this.box.dataset.picker}?q=${encodeURIComponent(words)}`, {
        headers: { Accept: "application/json" }, signal: this.asked.signal,
      });
      if (response.ok && document.activeElement === this.input) this.draw((await response.json()).values);
    } catch (error) {
      if (error.name !== "AbortError") this.close();
    }
  }

  draw(values) {
    this.list.replaceChildren(...values.map(([value, label, hint], index) => {
      const option = document.createElement("div");
      option.className = "dropdown-item";
      option.role = "option";
      option.id = `${this.list.id}-${index}`;
      option.dataset.value = value;
      option.dataset.label = label;
      const words = document.createElement("span");
      words.className = "zk-2 zk-sm ms-2";
      words.textContent = hint;
      option.append(label, words);
      return option;
    }));
    this.list.hidden = !values.length;
    this.list.classList.toggle("show", values.length > 0);
    this.input.setAttribute("aria-expanded", String(values.length > 0));
    this.mark(-1);
  }

  options() {
    return [...this.list.children];
  }

  mark(at) {
    const options = this.options();
    options.forEach((option, index) => option.classList.toggle("active", index === at));
    if (options[at]) this.input.setAttribute("aria-activedescendant", options[at].id);
    else this.input.removeAttribute("aria-activedescendant");
    options[at]?.scrollIntoView({ block: "nearest" });
  }

  key(event) {
    if (event.isComposing || this.list.hidden) return;
    const options = this.options();
    const at = options.findIndex((option) => option.classList.contains("active"));
    if (event.key === "ArrowDown") this.mark(Math.min(at + 1, options.length - 1));
    else if (event.key === "ArrowUp") this.mark(Math.max(at - 1, 0));
    else if (event.key === "Enter" && at >= 0) this.take(options[at]);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  take(option) {
    if (!option) return;
    this.input.value = option.dataset.label;
    this.chosen.value = option.dataset.value;
    this.close();
  }

  close() {
    clearTimeout(this.timer);
    this.asked?.abort();
    this.list.hidden = true;
    this.list.classList.remove("show");
    this.input.setAttribute("aria-expanded", "false");
  }
}

export function attend(root = document) {
  for (const box of root.querySelectorAll("[data-picker]:not([data-attended])")) {
    box.dataset.attended = "yes";
    new Picker(box);
  }
}

attend();
document.addEventListener("htmx:after:swap", () => attend());
