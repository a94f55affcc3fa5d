// A draft as the editor holds it: the data, what was done to it and can be undone. No page is touched here.
//
// Each class carries a "#" that stays with it while it is moved and renamed; it is never sent.

const LONGEST = 200;
const ONE_STROKE = 1000;

let last = 0;
const newMark = () => `c${last += 1}`;

export class Draft {
  constructor({ data, moved, before }) {
    this.data = structuredClone(data);
    this.moved = { ...moved };
    this.before = before;
    for (const item of this.classes()) item["#"] = newMark();
    this.past = [this.snapshot()];
    this.future = [];
  }

  classes() {
    this.data.classes ??= [];
    this.data.default ??= {};
    return [...this.data.classes, this.data.default];
  }

  find(mark) {
    return this.classes().find((item) => item["#"] === mark);
  }

  isDefault(item) {
    return item === this.data.default;
  }

  // What the server gets.
  sent() {
    return JSON.parse(JSON.stringify(this.data, (key, value) => (key === "#" ? undefined : value)));
  }

  snapshot() {
    return JSON.stringify({ data: this.data, moved: this.moved });
  }

  // Note a step that can be undone; strokes in one field within a second are one step.
  note(field = "") {
    const now = performance.now();
    const isSame = field && field === this.field && now - this.at < ONE_STROKE && this.past.length > 1;
    if (isSame) this.past.pop();
    Object.assign(this, { field, at: now, future: [] });
    this.past.push(this.snapshot());
    if (this.past.length > LONGEST) this.past.shift();
  }

  undo() {
    if (this.past.length < 2) return false;
    this.future.push(this.past.pop());
    return this.restore(this.past.at(-1));
  }

  redo() {
    if (!this.future.length) return false;
    this.past.push(this.future.pop());
    return this.restore(this.past.at(-1));
  }

  restore(snapshot) {
    Object.assign(this, JSON.parse(snapshot), { field: "" });
    return true;
  }

  // ── Classes ──

  add(label) {
    const keys = new Set(this.classes().map((item) => item.key));
    let number = this.data.classes.length + 1;
    while (keys.has(`class_${number}`)) number += 1;
    const added = { key: `class_${number}`, label: { zh: label, en: label }, tone: "azurite", "#": newMark() };
    if (this.data.mode !== "manual") added.when = { all: [] };
    this.data.classes.push(added);
    return added;
  }

  move(item, by) {
    const at = this.data.classes.indexOf(item);
    const to = at + by;
    if (to < 0 || to >= this.data.classes.length) return false;
    this.data.classes.splice(to, 0, ...this.data.classes.splice(at, 1));
    return true;
  }

  order(marks) {
    this.data.classes.sort((one, other) => marks.indexOf(one["#"]) - marks.indexOf(other["#"]));
  }

  // Whoever a person put into a class that gets another key, or goes, is led to the one that is there.
  lead(old, key) {
    for (const from of Object.keys(this.moved)) if (this.moved[from] === old) this.moved[from] = key;
    if (this.was(old)) this.moved[old] = key;
    delete this.moved[key];
  }

  rename(item, key) {
    this.lead(item.key, key);
    item.key = key;
  }

  retire(item, target) {
    this.data.classes.splice(this.data.classes.indexOf(item), 1);
    if (target) this.lead(item.key, target.key);
  }

  merge(item, target) {
    if (!this.isDefault(target) && item.when && target.when) {
      target.when = { any: [...alternatives(target.when), ...alternatives(item.when)] };
    }
    this.retire(item, target);
  }

  // The class of that key in what the draft was made from.
  was(key) {
    if (!this.before) return null;
    return [...(this.before.classes ?? []), this.before.default].find((item) => item?.key === key) ?? null;
  }

  // Say whether a class is new, changed, or as it was.
  state(item) {
    if (!this.before) return "";
    const old = this.was(item.key);
    if (!old) return "added";
    const { "#": mark, ...now } = item;
    return plain(now) === plain(old) ? "" : "changed";
  }
}

const alternatives = (when) => when.any ?? [when];

// The same text for the same data, whatever the order of its keys.
function plain(data) {
  return JSON.stringify(data, (key, value) => (value && typeof value === "object" && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))) : value));
}
