// The condition builder: nested groups of tests that people can read, edit with keys or mouse, and
// paste as text. It knows no page: whoever mounts it gives it the catalogue and a value, and hears
// of changes. The server answers with the sentence, the numbers and what is wrong, by place.
// docs/conditions-builder.md describes both sides.

import { Answers } from "./condition_answers.js";
import { listOperators, listWindows } from "./condition_lists.js";
import { ConditionText } from "./condition_text.js";
import { newGroup, newTest, pair, parentOf, read, remove, sameTest, step, write } from "./condition_tree.js";
import { drawValue, element, firstOperator } from "./condition_values.js";
import { FieldPicker } from "./field_picker.js";
import { afterPress } from "./press.js";

const pickers = new Map();
const known = new Map();

const template = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);

function picker(catalogue) {
  if (!pickers.has(catalogue)) pickers.set(catalogue, new FieldPicker(catalogue));
  return pickers.get(catalogue);
}

class Builder {
  // `before`: the condition as it was, to mark what differs; `was`: place in it → { bound, value } in words.
  // `mayBeEmpty`: where no condition means everyone, and nothing is missing.
  constructor(root, { catalogue, value, before, was = {}, mayBeEmpty = false, onchange = () => {} }) {
    Object.assign(this, { root, catalogue, was, mayBeEmpty, onchange });
    this.frame = template("condition-builder");
    this.words = { ...document.getElementById("condition-words").dataset };
    this.tree = read(value);
    this.before = before ? read(before) : null;
    this.fields = new Map(catalogue.fields.map((field) => [field.key, field]));
    this.body = this.frame.querySelector("[data-tree]");
    this.answers = new Answers(this);
    this.text = new ConditionText(this);
    root.replaceChildren(this.frame);
    this.body.addEventListener("focusout", () => setTimeout(() => afterPress(() => this.answers.draw())));
    this.value = write(this.tree);
    this.draw();
    this.answers.ask();
  }

  // ── What was edited ──

  changed({ redraw = false } = {}) {
    this.value = write(this.tree);
    if (redraw) this.draw(); else afterPress(() => this.marks());
    this.onchange(this.value);
    this.answers.soon();
  }

  set(value) {
    this.tree = read(value);
    this.value = write(this.tree);
    this.draw();
    this.answers.ask();
  }

  // Somebody pasted another one, which is an edit.
  replace(value) {
    this.tree = read(value);
    this.changed({ redraw: true });
    this.answers.ask();
  }

  // ── Drawing ──

  draw() {
    const focus = this.focused();
    this.body.replaceChildren(this.tree.kind === "everyone" ? this.everyone() : this.group(this.tree, true));
    this.marks();
    this.answers.draw();
    this.refocus(focus);
  }

  focused() {
    const at = document.activeElement;
    const place = at?.closest?.("[data-id]");
    return place && this.body.contains(place) ? [place.dataset.id, at.dataset.part] : null;
  }

  refocus(focus) {
    if (focus) this.body.querySelector(`[data-id="${focus[0]}"] [data-part="${focus[1]}"]`)?.focus();
  }

  place(item) {
    return this.body.querySelector(`[data-id="${item.id}"]`);
  }

  everyone() {
    const drawn = template("condition-everyone");
    drawn.querySelector("button").addEventListener("click", ({ currentTarget }) => this.add(newGroup(), currentTarget));
    return drawn;
  }

  group(item, isRoot = false) {
    const drawn = template("condition-group");
    drawn.dataset.id = item.id;
    drawn.item = item;
    drawn.classList.toggle("is-root", isRoot);
    const join = drawn.querySelector("[data-join]");
    join.value = item.not ? (item.join === "any" ? "none" : "not-all") : item.join;
    join.addEventListener("change", () => {
      item.join = ["all", "not-all"].includes(join.value) ? "all" : "any";
      item.not = ["none", "not-all"].includes(join.value);
      this.changed({ redraw: true });
    });
    for (const part of drawn.querySelectorAll(isRoot ? "[data-inner]" : "[data-outer]")) part.remove();
    drawn.querySelector("[data-add=test]").addEventListener("click", ({ currentTarget }) => this.add(item, currentTarget));
    drawn.querySelector("[data-add=class]").addEventListener("click", ({ currentTarget }) => this.add(item, currentTarget, { only: "class" }));
    drawn.querySelector("[data-add=class]").hidden = !this.catalogue.fields.some(({ key }) => key.startsWith("class."));
    drawn.querySelector("[data-add=group]").addEventListener("click", () => {
      const inner = newGroup(item.join === "all" ? "any" : "all");
      item.nodes.push(inner);
      this.draw();
      const left = () => { remove(this.tree, inner); this.draw(); };
      this.add(inner, this.place(inner).querySelector("[data-add=test]"), { left });
    });
    drawn.querySelector("[data-text]")?.addEventListener("click", () => this.text.open());
    this.movable(drawn, item);
    // Last, so that whatever was looked for above is the group's own.
    const nodes = drawn.querySelector("[data-nodes]");
    nodes.append(...item.nodes.map((child) => this.node(child)));
    this.sortable(nodes);
    return drawn;
  }

  node(item) {
    if (item.kind === "group") return this.group(item);
    return item.kind === "test" ? this.test(item) : this.inner(item);
  }

  inner(item) {
    const drawn = template("condition-everyone");
    drawn.dataset.id = item.id;
    drawn.item = item;
    drawn.querySelector("button").remove();
    return drawn;
  }

  test(item) {
    const drawn = template("condition-test");
    drawn.dataset.id = item.id;
    drawn.item = item;
    const field = this.fields.get(item.field);
    const opener = drawn.querySelector("[data-field]");
    opener.querySelector("span").textContent = field?.label ?? item.field;
    opener.addEventListener("click", () => picker(this.catalogue).open(opener, item.field, (key) => this.take(item, key)));
    listWindows(this, drawn.querySelector("[data-window]"), item, field);
    listOperators(this, drawn.querySelector("[data-op]"), item, field);
    const redraw = () => {
      const holder = drawn.querySelector("[data-value]");
      const hadFocus = holder.contains(document.activeElement);
      holder.replaceChildren();
      const operator = this.operator(item);
      if (!field || !operator) return;
      const input = drawValue(item, field, operator, {
        catalogue: this.catalogue, words: this.words, redraw, known: (key) => this.values(key), changed: () => this.changed(),
      });
      if (!input) return;
      holder.append(input);
      [...holder.querySelectorAll("input, select")].forEach((part, index) => { part.dataset.part = `value${index}`; });
      if (hadFocus) holder.querySelector("select, input").focus();
    };
    redraw();
    this.movable(drawn, item);
    return drawn;
  }

  operator(item) {
    return this.catalogue.operators.find((operator) => operator.key === item.op);
  }

  // ── Adding, changing the field, removing, moving ──

  add(item, opener, options = {}) {
    picker(this.catalogue).open(opener, "", (key) => {
      if (this.tree.kind === "everyone") this.tree = item;
      const field = this.fields.get(key);
      const added = newTest(key, firstOperator(field));
      item.nodes.push(added);
      this.changed({ redraw: true });
      (this.place(added).querySelector("[data-value] :is(input, select)") ?? this.place(added).querySelector("[data-op]")).focus();
    }, options);
  }

  take(item, key) {
    const [old, field] = [this.fields.get(item.field), this.fields.get(key)];
    item.field = key;
    if (!field.windowed) item.days = null;
    if (old?.type !== field.type || field.type === "choice" || old?.unit !== field.unit) {
      item.op = field.type === old?.type ? item.op : firstOperator(field);
      item.value = undefined;
    }
    this.changed({ redraw: true });
    this.place(item).querySelector("[data-field]").focus();
  }

  movable(drawn, item) {
    const line = drawn.querySelector(item.kind === "group" ? ".zk-cb-join" : ".zk-cb-line");
    line.querySelector("[data-remove]")?.addEventListener("click", () => {
      const rows = [...this.body.querySelectorAll("[data-remove]")];
      const at = rows.indexOf(line.querySelector("[data-remove]"));
      remove(this.tree, item);
      this.changed({ redraw: true });
      const left = [...this.body.querySelectorAll("[data-remove]")];
      (left[Math.min(at, left.length - 1)] ?? this.body.querySelector("[data-add=test]"))?.focus();
    });
    line.querySelector("[data-grip]")?.addEventListener("keydown", (event) => {
      if (event.isComposing || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
      event.preventDefault();
      event.stopPropagation();
      if (!step(this.tree, item, event.key === "ArrowDown" ? 1 : -1)) return;
      this.changed({ redraw: true });
      const parent = parentOf(this.tree, item);
      this.say(this.words.moved.replace("{n}", parent.nodes.indexOf(item) + 1).replace("{total}", parent.nodes.length));
    });
  }

  sortable(nodes) {
    if (!window.Sortable) return;
    window.Sortable.create(nodes, {
      group: `conditions ${this.tree.id}`,
      handle: "[data-grip]",
      animation: 0,
      forceFallback: true, // a grip is a button, from which no browser begins a drag of its own
      onEnd: ({ item: moved, to }) => {
        const item = moved.item;
        const parent = parentOf(this.tree, item);
        parent.nodes.splice(parent.nodes.indexOf(item), 1);
        const target = to.closest("[data-id]").item;
        const after = [...to.children].filter((child) => child.item).indexOf(moved);
        target.nodes.splice(after, 0, item);
        if (!parent.nodes.length && parent !== this.tree) remove(this.tree, parent);
        this.changed({ redraw: true });
      },
    });
  }

  say(text) {
    this.frame.querySelector("[data-say]").textContent = text;
  }

  values(key) {
    if (!known.has(key)) {
      const asked = fetch(`${this.words.values}?field=${encodeURIComponent(key)}`, { headers: { Accept: "application/json" } });
      known.set(key, asked.then((response) => (response.ok ? response.json() : { values: [] })).then(({ values }) => values).catch(() => []));
    }
    return known.get(key);
  }

  // ── What differs from before ──

  marks() {
    if (!this.before) return;
    const { pairs, gone } = pair(this.tree, this.before);
    for (const [item, old] of pairs) this.mark(this.place(item)?.querySelector("[data-diff]"), item, old);
    const list = this.frame.querySelector("[data-gone]");
    list.hidden = !gone.length;
    list.querySelector("[data-list]").replaceChildren(...gone.map((old) => element("span", { class: "zk-was" }, this.said(old))));
  }

  mark(tag, item, old) {
    if (!tag) return;
    tag.hidden = Boolean(old) && sameTest(item, old);
    tag.classList.toggle("is-good", !old);
    if (!old) tag.textContent = this.words.added;
    else {
      const { value = "", bound = "" } = this.was[old.path] ?? {};
      const days = old.days === item.days ? "" : `${old.days ? this.words.days.replace("{n}", old.days) : this.words.always} `;
      tag.textContent = `${this.words.was} ${days}${old.op === item.op && !days ? value : bound}`;
    }
  }

  said(old) {
    return `${this.fields.get(old.field)?.label ?? old.field} ${this.was[old.path]?.bound ?? ""}`;
  }
}

// Draw a builder into an element. Returns { value, set(value), check() }; `onchange(value)` hears of each edit.
export function mountConditions(root, options) {
  const builder = new Builder(root, options);
  return {
    get value() { return builder.value; },
    set: (value) => builder.set(value),
    check: () => builder.answers.ask(),
  };
}
