// One class of a draft as a card: closed it says what it is, open it is edited.

import { mountConditions } from "../base/conditions.js";
import { fill, get, set, take } from "./binding.js";

const HOLD = 7;

const template = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);
const number = (value) => value.toLocaleString("en");

// Draw an icon as the icon list has it, filled where the class is loud and there is such a form.
export function drawIcon(name, loud = false) {
  const button = document.querySelector(`#icon-picker [data-icon-name="${CSS.escape(name)}"]`)
    ?? document.querySelector('#icon-picker [data-icon-name="tag"]');
  const icons = button.querySelectorAll("svg");
  return (loud ? icons[icons.length - 1] : icons[0]).cloneNode(true);
}

export function drawChip({ label, tone = "ink", icon, level, look = "filled", key }) {
  const chip = document.createElement("span");
  chip.className = `zk-chip${look === "filled" ? "" : ` ${look}`}`;
  chip.dataset.tone = tone;
  if (level) {
    const steps = document.createElement("i");
    steps.className = "zk-lv";
    steps.style.setProperty("--v", level);
    steps.style.setProperty("--n", 5);
    chip.append(steps);
  } else if (icon) chip.append(drawIcon(icon, look === "filled"));
  const language = document.documentElement.lang === "en" ? "en" : "zh";
  const name = document.createElement("span");
  name.className = "zk-clip";
  name.textContent = label?.[language] || label?.zh || key || "—";
  chip.append(name);
  chip.title = name.textContent;
  return chip;
}

export class ClassCard {
  constructor(item, editor) {
    Object.assign(this, { mark: item["#"], editor });
    this.element = template("class-card");
    this.element.dataset.mark = this.mark;
    this.find = (selector) => this.element.querySelector(selector);
    this.body = this.find("[data-body]");
    this.body.id = `body-${this.mark}`;
    this.toggle = this.find("[data-toggle]");
    this.toggle.setAttribute("aria-controls", this.body.id);
    this.toggle.addEventListener("click", () => this.open(this.body.hidden));
    if (editor.draft.isDefault(item)) for (const part of this.element.querySelectorAll("[data-grip], .zk-anchor")) part.remove();
    else this.listen();
    this.draw();
  }

  get item() {
    return this.editor.draft.find(this.mark);
  }

  listen() {
    this.find("[data-grip]").addEventListener("keydown", (event) => {
      if (event.isComposing || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
      event.preventDefault();
      this.editor.move(this, event.key === "ArrowDown" ? 1 : -1);
    });
    const [opener, menu] = [this.find("[data-menu]"), this.find("[popover]")];
    opener.addEventListener("click", () => {
      menu.togglePopover();
      this.editor.placeBelow(menu, opener);
      menu.querySelector("[role=menuitem]").focus();
    });
    menu.addEventListener("keydown", (event) => {
      const entries = [...menu.querySelectorAll("[role=menuitem]")];
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      entries.at((entries.indexOf(document.activeElement) + step) % entries.length).focus();
    });
    menu.addEventListener("click", ({ target }) => {
      const what = target.closest("[data-do]")?.dataset.do;
      if (!what) return;
      menu.hidePopover();
      if (what === "up" || what === "down") this.editor.move(this, what === "down" ? 1 : -1);
      else this.editor.leave(this, what);
    });
  }

  // ── The head ──

  draw() {
    const { item, editor } = this;
    if (!item) return; // an answer for a class that is no more
    const { draft, words, sentences, sizes } = editor;
    const at = draft.classes().indexOf(item);
    this.element.setAttribute("aria-label", item.label?.zh ?? item.key ?? "");
    this.find("[data-place]").textContent = at + 1;
    this.find("[data-chip]").replaceChildren(drawChip(item));
    const said = draft.isDefault(item) ? words.rest : this.sentence ?? sentences.get(this.mark) ?? "";
    const shown = this.find("[data-said]");
    shown.textContent = said || (item.when ? words.incomplete : words.people);
    shown.title = said;
    const state = draft.state(item);
    const tag = this.find("[data-state]");
    tag.hidden = !state;
    tag.textContent = words[state] ?? "";
    tag.classList.toggle("is-good", state === "added");
    this.size(sizes?.[item.key]);
  }

  size(pair) {
    const holder = this.find("[data-size]");
    holder.replaceChildren();
    if (!pair) return;
    const [old, now] = pair;
    const strong = document.createElement("b");
    strong.textContent = number(now);
    const unit = document.createElement("span");
    unit.className = "zk-cls-unit";
    unit.textContent = ` ${this.editor.words.customers}`;
    holder.append(...(old === now ? [] : [`${number(old)} → `]), strong, unit);
  }

  // ── The body ──

  open(isOpen = true) {
    this.editor.opened[isOpen ? "add" : "delete"](this.mark);
    this.toggle.setAttribute("aria-expanded", String(isOpen));
    this.element.classList.toggle("is-open", isOpen);
    this.body.hidden = !isOpen;
    if (isOpen && !this.body.firstChild) this.build();
  }

  build() {
    const { item, editor } = this;
    const inside = template("class-body");
    this.body.replaceChildren(inside);
    const isDefault = editor.draft.isDefault(item);
    const holder = inside.querySelector("[data-conditions]");
    const rest = inside.querySelector("[data-rest]");
    if (isDefault || !item.when) {
      holder.remove();
      rest.hidden = false;
      rest.textContent = isDefault ? editor.words.rest : editor.words.people;
    } else {
      const before = editor.draft.was(item.key);
      this.conditions = mountConditions(holder, {
        catalogue: editor.catalogue,
        value: item.when,
        before: before?.when,
        was: editor.was[item.key] ?? {},
        onchange: (value) => { this.item.when = value; this.sentence = undefined; editor.changed(`when ${this.mark}`); },
      });
      holder.addEventListener("conditions:answer", ({ detail }) => { this.sentence = detail.sentence; this.draw(); });
    }
    if (isDefault) inside.querySelector("[data-ruled]").remove();
    // Radios of one class are a group of their own.
    for (const radio of inside.querySelectorAll("[type=radio]")) radio.name = `${radio.dataset.at}-${this.mark}`;
    this.fill();
    inside.addEventListener("input", (event) => this.edit(event));
    inside.addEventListener("compositionend", (event) => this.edit(event, true));
    inside.addEventListener("change", (event) => this.edit(event, true));
    inside.querySelector("[data-icon-for]").addEventListener("click", ({ currentTarget }) => editor.pickIcon(currentTarget, (name) => {
      set(this.item, "icon", name || undefined);
      this.fill();
      editor.changed();
    }));
  }

  fill() {
    fill(this.body, this.item);
    const hold = this.body.querySelector("[data-switch=hold_days]");
    if (hold) {
      hold.checked = (this.item.hold_days ?? 1) > 1;
      const days = this.body.querySelector("[data-at=hold_days]");
      days.disabled = !hold.checked;
      days.value = hold.checked ? this.item.hold_days : HOLD;
    }
    this.body.querySelector("[data-icon]").replaceChildren(...(this.item.icon ? [drawIcon(this.item.icon)] : []));
  }

  edit(event, isDone = false) {
    const input = event.target.closest("[data-at], [data-switch]");
    if (!input || (event.isComposing && !isDone)) return;
    if (input.dataset.switch) set(this.item, "hold_days", input.checked ? HOLD : undefined);
    else if (input.dataset.kind === "key") {
      if (!isDone || input.value === this.item.key) return;
      this.editor.draft.rename(this.item, input.value.trim());
    } else {
      const old = JSON.stringify(get(this.item, input.dataset.at));
      if (!take(input, this.item) || JSON.stringify(get(this.item, input.dataset.at)) === old) return;
    }
    if (input.dataset.switch || input.dataset.at === "hold_days") this.fill();
    if (input.dataset.lang === "zh") fill(this.body, this.item);
    this.editor.changed(`${input.dataset.at} ${input.dataset.lang ?? ""} ${this.mark}`);
  }

  // ── What is wrong ──

  complain(problems) {
    const tag = this.find("[data-wrong]");
    tag.hidden = !problems.length;
    tag.textContent = this.editor.words.wrong;
    tag.title = problems.map(({ message }) => message).join("\n");
    for (const old of this.body.querySelectorAll("[data-own-error]")) old.remove();
    for (const input of this.body.querySelectorAll("[data-at]")) input.removeAttribute("aria-invalid");
    for (const { path, message } of problems.filter((problem) => !problem.path.startsWith("when"))) {
      const input = [...this.body.querySelectorAll("[data-at]")].find(({ dataset }) => path.startsWith(dataset.at) || dataset.at.startsWith(path));
      const error = document.createElement("p");
      Object.assign(error, { className: "zk-error", textContent: message });
      error.dataset.ownError = "";
      input?.setAttribute("aria-invalid", "true");
      if (this.body.firstChild) (input?.closest(".zk-field, label") ?? this.body.firstChild).append(error);
      const section = input?.closest("details");
      if (section) section.open = true;
    }
  }
}
