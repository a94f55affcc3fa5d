// The condition builder: nested groups of tests that people can read, edit with keys or mouse, and
// paste as text. It knows no page: whoever mounts it gives it the catalogue and a value, and hears
// of changes. The server answers with the sentence, the numbers and what is wrong, by place.
// docs/conditions-builder.md describes both sides.

import {
  addCompanion, companion, newGroup, newTest, pair, parentOf, read, remove, removeCompanion, sameTest, step, walk, write,
} from "./condition_tree.js";
import { drawValue, element, firstOperator, firstShare, isOfTheBest, isShare, operatorsFor } from "./condition_values.js";
import { FieldPicker } from "./field_picker.js";
import { send } from "./send.js";

const DELAY = 400;
const SHARE = "%"; // after an operator's key in its list: the bound is a share of the customers
const pickers = new Map();
const known = new Map();

const template = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);
const number = (value) => value.toLocaleString("en");

function picker(catalogue) {
  if (!pickers.has(catalogue)) pickers.set(catalogue, new FieldPicker(catalogue));
  return pickers.get(catalogue);
}

class Builder {
  // `before`: the condition as it was, to mark what differs; `was`: place in it → { bound, value } in words.
  constructor(root, { catalogue, value, before, was = {}, onchange = () => {} }) {
    Object.assign(this, { root, catalogue, was, onchange });
    this.frame = template("condition-builder");
    this.words = { ...document.getElementById("condition-words").dataset };
    this.tree = read(value);
    this.before = before ? read(before) : null;
    this.fields = new Map(catalogue.fields.map((field) => [field.key, field]));
    this.body = this.frame.querySelector("[data-tree]");
    this.sentence = this.frame.querySelector("[data-sentence]");
    this.dialog = this.frame.querySelector("dialog");
    this.listen();
    root.replaceChildren(this.frame);
    this.value = write(this.tree);
    this.draw();
    this.check();
  }

  // ── What was edited ──

  changed({ redraw = false } = {}) {
    this.value = write(this.tree);
    if (redraw) this.draw(); else this.marks();
    this.onchange(this.value);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.check(), DELAY);
  }

  set(value) {
    this.tree = read(value);
    this.value = write(this.tree);
    this.draw();
    this.check();
  }

  // ── What the server says ──

  async check() {
    clearTimeout(this.timer);
    this.request?.abort();
    this.request = new AbortController();
    try {
      this.show(await send(this.words.check, { where: this.value }, { signal: this.request.signal }));
    } catch (error) {
      if (error.name !== "AbortError" && error.status !== 422) this.frame.dataset.stale = "yes";
    }
  }

  show(answer) {
    this.answer = answer;
    delete this.frame.dataset.stale;
    this.sentence.parentElement.hidden = !answer.sentence;
    this.sentence.textContent = answer.sentence;
    this.numbers();
    this.root.dispatchEvent(new CustomEvent("conditions:answer", { bubbles: true, detail: answer }));
  }

  numbers() {
    if (!this.answer) return;
    const { rows, whole, total, waiting, errors } = this.answer;
    const counted = this.body.querySelector("[data-whole]");
    if (counted) {
      counted.hidden = whole === null && !waiting;
      counted.querySelector("[data-n]").textContent = waiting ? "…" : number(whole ?? 0);
    }
    for (const [item] of walk(this.tree)) {
      const place = this.place(item);
      if (!place) continue;
      if (item.kind === "test") this.row(item, place, rows[item.path] ?? {}, total);
      this.complain(item, place, errors);
    }
  }

  row(item, place, { n, waiting, unset, number: comes }, total) {
    const hit = place.querySelector("[data-hit]");
    hit.querySelector("[data-n]").textContent = waiting ? "…" : n === undefined ? "" : number(n);
    const bar = hit.querySelector(".zk-mini");
    bar.hidden = n === undefined;
    bar.style.setProperty("--w", `${total ? (100 * (n ?? 0)) / total : 0}%`);
    const now = place.querySelector("[data-comes]");
    now.hidden = !comes;
    now.textContent = comes ? `${this.words.now} ${comes}` : "";
    this.unsetChip(item, place.querySelector("[data-unset]"), unset);
  }

  // 「含未填写 (n 人)」 and 「含从未 (n 人)」: each stands for a test of its own, which it adds or takes away.
  unsetChip(item, chip, unset) {
    const operator = this.operator(item);
    const negative = Boolean(operator?.negates);
    chip.hidden = unset === undefined || item.path.includes(".not");
    if (chip.hidden) return;
    const [op, join] = negative ? ["is_set", "all"] : ["is_not_set", "any"];
    const beside = companion(this.tree, item, op, join);
    const isIn = negative ? !beside : Boolean(beside);
    chip.setAttribute("aria-pressed", String(isIn));
    chip.textContent = `${negative ? this.words.unset : this.words.never} (${number(unset)})`;
    chip.onclick = () => {
      if (beside) removeCompanion(this.tree, item, beside); else addCompanion(this.tree, item, op, join);
      this.changed({ redraw: true });
      this.place(item)?.querySelector("[data-unset]").focus();
    };
  }

  complain(item, place, errors) {
    const own = place.querySelector(":scope > [data-error]");
    const found = errors.find(({ path }) => this.isAbout(path, item));
    const isEmpty = item.kind === "test" && item.value === undefined && this.operator(item)?.operand !== "none";
    // Whoever is about to type a value need not be told that it is missing.
    const isBegun = isEmpty && place.contains(document.activeElement);
    own.hidden = !found || isBegun;
    own.querySelector("[data-message]").textContent = found ? (isEmpty ? this.words.empty : found.message) : "";
    place.classList.toggle("is-wrong", Boolean(found) && !isBegun);
    for (const input of place.querySelectorAll(":scope > .zk-cb-line [data-value] :is(input, select)")) input.setAttribute("aria-invalid", String(Boolean(found) && !isBegun && item.kind === "test"));
  }

  // A test answers for everything below its place, a group for its own list.
  isAbout(path, item) {
    if (item.kind === "test") return path.startsWith(item.path);
    if (item.nodes.some((child) => child.path === item.path)) return false;
    return ["", `.${item.join}`, ".not", `.not.${item.join}`].some((end) => path === item.path + end);
  }

  // ── Drawing ──

  draw() {
    const focus = this.focused();
    this.body.replaceChildren(this.tree.kind === "everyone" ? this.everyone() : this.group(this.tree, true));
    this.marks();
    this.numbers();
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
    drawn.querySelector("[data-text]")?.addEventListener("click", () => this.openText());
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
    this.window(drawn.querySelector("[data-window]"), item, field);
    this.operators(drawn.querySelector("[data-op]"), item, field);
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

  operators(select, item, field) {
    const fit = field ? operatorsFor(this.catalogue, field) : [];
    const shares = fit.filter((operator) => operator.share_types?.includes(field.type));
    const now = isShare(item) ? `${item.op}${SHARE}` : item.op;
    select.replaceChildren(
      ...fit.map((operator) => element("option", { value: operator.key, selected: operator.key === now }, this.operatorLabel(operator, field))),
      ...shares.map((operator) => element("option", { value: `${operator.key}${SHARE}`, selected: `${operator.key}${SHARE}` === now }, operator.share)),
    );
    if (!fit.some((operator) => operator.key === item.op)) select.prepend(element("option", { value: item.op, selected: true }, item.op));
    select.addEventListener("change", () => {
      const [key, isOfShare] = [select.value.replace(SHARE, ""), select.value.endsWith(SHARE)];
      const old = this.operator(item);
      item.op = key;
      const operator = this.operator(item);
      if (isOfShare) item.value = isShare(item) && isOfTheBest(old) === isOfTheBest(operator) ? item.value : firstShare(operator);
      else if (isShare(item)) item.value = undefined;
      else this.carry(item, old?.operand, operator.operand);
      this.changed({ redraw: true });
    });
  }

  // Nobody fills in the day that "days since" counts from: it has come, or never has.
  operatorLabel(operator, field) {
    if (!field.since) return operator.label;
    return { is_set: this.words.happened, is_not_set: this.words.happenedNot }[operator.key] ?? operator.label;
  }

  // Keep what was typed as far as the next operator can take it.
  carry(item, old, next) {
    if (old === next) return;
    const { value } = item;
    const first = Array.isArray(value) ? value[0] : value;
    if (next === "one" && (old === "many" || old === "pair")) item.value = first;
    else if (next === "many" && old === "one" && typeof value !== "object") item.value = value === undefined ? undefined : [value];
    else if (!(next === "span" && old === "days")) item.value = undefined;
  }

  window(select, item, field) {
    select.hidden = !field?.windowed;
    const draw = () => {
      const days = [...new Set([...this.catalogue.windows, ...(item.days ? [item.days] : [])])].sort((one, other) => one - other);
      select.replaceChildren(
        element("option", { value: "", selected: item.days === null }, this.words.always),
        ...days.map((n) => element("option", { value: n, selected: n === item.days }, this.words.days.replace("{n}", n))),
        element("option", { value: "other" }, this.words.other),
      );
    };
    draw();
    select.addEventListener("change", () => {
      if (select.value === "other") { this.typeDays(select, item, draw); return; }
      item.days = select.value ? Number(select.value) : null;
      this.changed();
    });
  }

  // Any number of days: an input in place of the list, until it is left.
  typeDays(select, item, draw) {
    const input = element("input", { class: "form-control zk-cb-days", type: "number", min: 1, max: 36500, value: item.days ?? 60, "aria-label": this.words.typeDays });
    select.hidden = true;
    select.after(input);
    input.focus();
    input.select();
    const done = () => {
      const days = Math.round(Number(input.value));
      if (days >= 1 && days <= 36500) item.days = days;
      input.remove();
      select.hidden = false;
      draw();
      this.changed();
    };
    input.addEventListener("blur", done, { once: true });
    input.addEventListener("keydown", (event) => {
      if (!event.isComposing && ["Enter", "Escape"].includes(event.key)) { input.blur(); select.focus(); event.preventDefault(); event.stopPropagation(); }
    });
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

  // ── As text ──

  listen() {
    this.body.addEventListener("focusout", () => setTimeout(() => this.numbers()));
    const [text, problems] = [this.dialog.querySelector("textarea"), this.dialog.querySelector("[data-problems]")];
    this.dialog.querySelector("[data-copy]").addEventListener("click", async () => {
      text.select();
      await navigator.clipboard?.writeText(text.value).catch(() => document.execCommand("copy"));
      this.say(this.words.copied);
    });
    this.dialog.querySelector("[data-apply]").addEventListener("click", async () => {
      try {
        const { where } = await send(this.words.text, { text: text.value });
        this.dialog.close();
        this.tree = read(where);
        this.changed({ redraw: true });
        this.check();
      } catch (error) {
        this.refuse(problems, error.data?.errors ?? [{ message: error.data?.message ?? this.words.offline }], text);
      }
    });
    this.dialog.querySelector("[data-cancel]").addEventListener("click", () => this.dialog.close());
  }

  async openText() {
    this.dialog.querySelector("[data-problems]").hidden = true;
    const text = this.dialog.querySelector("textarea");
    text.value = JSON.stringify(this.value, null, 2);
    this.dialog.showModal();
    try {
      text.value = (await send(this.words.text, { where: this.value })).text;
    } catch {
      // The same as JSON stays there.
    }
    text.focus();
    text.setSelectionRange(0, 0);
  }

  refuse(list, errors, text) {
    list.hidden = false;
    list.replaceChildren(...errors.map(({ line, path, message }) => element("li", {},
      line ? element("b", {}, `${this.words.line.replace("{n}", line)} `) : null,
      path ? element("code", {}, path) : null, ` ${message}`)));
    const [{ line }] = errors;
    if (!line) return;
    const lines = text.value.split("\n");
    const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    text.focus();
    text.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
  }
}

// Draw a builder into an element. Returns { value, set(value), check() }; `onchange(value)` hears of each edit.
export function mountConditions(root, options) {
  const builder = new Builder(root, options);
  return {
    get value() { return builder.value; },
    set: (value) => builder.set(value),
    check: () => builder.check(),
  };
}
