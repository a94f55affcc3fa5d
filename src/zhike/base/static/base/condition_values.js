// The input for the value of a test, by the type of its field and what its operator takes.
// Whatever cannot be read stays as it was typed, and the server says what is wrong with it.

import { afterPress } from "./press.js";

const PERCENT = 100;
const SHARE_DIGITS = 4;
const MOST_OFFERED = 6;
const TEN_THOUSANDS = { 万: 1e4, 亿: 1e8 };

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "class") made.className = value;
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== undefined && value !== null) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export const operatorsFor = (catalogue, field) => catalogue.operators.filter((operator) => operator.types.includes(field.type));

// What most people mean first by a field of this type.
const FIRST = { integer: "gte", decimal: "gte", date: "in_last", datetime: "in_last", set: "has_any", choice: "in", text: "in", bool: "eq" };
export const firstOperator = (field) => FIRST[field.type];

// A test whose bound is not a number but the share of the customers that it divides.
export const isShare = (test) => typeof test.value === "object" && test.value?.quantile !== undefined;
export const isOfTheBest = (operator) => ["gte", "lt"].includes(operator.key);
export const firstShare = (operator) => ({ quantile: isOfTheBest(operator) ? 0.8 : 0.2 });

const show = (value) => value.toLocaleString("en", { maximumFractionDigits: SHARE_DIGITS });

// Read 200,000 or 20 万; undefined for nothing, the text itself for what is no number.
export function readNumber(text) {
  const plain = text.normalize("NFKC").replace(/[\s,，]/g, "");
  if (!plain) return undefined;
  const found = /^([-+]?\d+(?:\.\d+)?)([万亿]?)$/.exec(plain);
  return found ? Number(found[1]) * (TEN_THOUSANDS[found[2]] ?? 1) : text;
}

class ValueInput {
  constructor(test, field, operator, context) {
    Object.assign(this, context, { test, field, operator });
  }

  set(value) {
    this.test.value = value;
    this.changed(this.test);
  }

  draw() {
    switch (this.operator.operand) {
      case "none": return null;
      case "one": return this.one();
      case "many": return this.many();
      case "pair": return this.between();
      case "span": return this.span(this.catalogue.spans);
      case "days": return this.span({ days: this.catalogue.spans.days });
      default: return this.period();
    }
  }

  one() {
    const { type } = this.field;
    if (type === "choice") return this.select(this.field.choices, this.test.value, (value) => this.set(value));
    if (type === "bool") {
      const choices = [["true", this.words.yes], ["false", this.words.no]];
      return this.select(choices, String(this.test.value), (value) => this.set(value === "true"));
    }
    if (isShare(this.test)) return this.share();
    return this.single(this.test.value, (value) => this.set(value), this.words.value);
  }

  isNumber() {
    return ["integer", "decimal"].includes(this.field.type);
  }

  // One input for a number, a day or a text.
  single(value, take, label) {
    if (this.isNumber()) return this.number(value, take, label);
    if (["date", "datetime"].includes(this.field.type)) {
      const input = element("input", { class: "form-control", type: "date", "aria-label": label, value: String(value ?? "").slice(0, 10) });
      input.addEventListener("change", () => take(input.value || undefined));
      return input;
    }
    const input = element("input", { class: "form-control", type: "text", "aria-label": label, value: value ?? "", maxlength: 500, list: this.suggest() });
    this.listen(input, () => take(input.value.trim() ? input.value : undefined));
    return input;
  }

  number(value, take, label, unit = this.unit()) {
    const scale = this.field.unit === "money" ? 10 ** this.catalogue.currency.digits : 1;
    const shown = typeof value === "number" ? show(value / scale) : String(value ?? "");
    const input = element("input", { class: "form-control", type: "text", inputmode: "decimal", "aria-label": label, value: shown, autocomplete: "off" });
    this.listen(input, () => {
      const read = readNumber(input.value);
      take(typeof read === "number" ? Math.round(read * scale * 1e4) / 1e4 : read);
    });
    input.addEventListener("change", () => {
      const read = readNumber(input.value);
      if (typeof read === "number") input.value = show(read);
    });
    return element("span", { class: `zk-cb-val${unit ? "" : " is-bare"}` }, input, element("span", { class: "zk-2 zk-sm", "aria-hidden": "true" }, unit));
  }

  unit() {
    if (this.field.unit === "money") return this.catalogue.currency.sign;
    return this.catalogue.units[this.field.unit] ?? "";
  }

  // The bound that so many per cent of the customers reach: the best of them, or the last.
  share() {
    const isTop = isOfTheBest(this.operator);
    const { quantile } = this.test.value;
    const percent = typeof quantile === "number" ? Number((PERCENT * (isTop ? 1 - quantile : quantile)).toFixed(2)) : quantile;
    const plain = new ValueInput(this.test, { ...this.field, type: "decimal", unit: "" }, this.operator, this);
    return plain.number(percent, (typed) => {
      const part = typeof typed === "number" ? typed / PERCENT : typed;
      this.set({ quantile: typeof part === "number" ? Number((isTop ? 1 - part : part).toFixed(SHARE_DIGITS)) : part ?? null });
    }, this.words.share, "%");
  }

  select(choices, value, take) {
    const known = choices.some(([key]) => key === value);
    const select = element("select", { class: "form-select", "aria-label": this.words.value },
      known ? null : element("option", { value: "", selected: true }, this.words.choose),
      ...choices.map(([key, label]) => element("option", { value: key, selected: key === value }, label)));
    select.addEventListener("change", () => take(select.value));
    return select;
  }

  many() {
    const chosen = Array.isArray(this.test.value) ? this.test.value : [];
    const take = (values) => this.set(values.length ? values : undefined);
    if (this.field.choices) {
      const boxes = this.field.choices.map(([key, label]) => element("label", { class: "form-check" },
        element("input", { class: "form-check-input", type: "checkbox", value: key, checked: chosen.includes(key) }), label));
      const group = element("span", { class: "zk-cb-boxes", role: "group", "aria-label": this.words.value }, ...boxes);
      group.addEventListener("change", () => take([...group.querySelectorAll(":checked")].map((box) => box.value)));
      return group;
    }
    return this.list(chosen, take);
  }

  // Several values, each a chip; Enter, a comma or leaving the input adds what was typed.
  list(chosen, take) {
    const values = [...chosen];
    const holder = element("span", { class: "zk-cb-list" });
    const input = element("input", { class: "form-control", type: "text", "aria-label": this.words.add, placeholder: this.words.add, maxlength: 500, list: this.suggest() });
    // What most customers have, for a tap instead of typing.
    const usual = element("span", { class: "zk-cb-usual", role: "group", "aria-label": this.words.usual });
    const offer = () => {
      if (!this.field.known) return;
      this.known(this.field.key).then((found) => {
        const others = found.filter(([value]) => !values.includes(value)).slice(0, MOST_OFFERED);
        usual.replaceChildren(...others.map(([value, label]) => {
          const chip = element("button", { type: "button", class: "zk-cb-chip" }, label);
          chip.addEventListener("click", () => { values.push(value); take([...values]); draw(); });
          return chip;
        }));
      });
    };
    const draw = () => {
      const chips = values.map((value, index) => {
        const gone = element("button", { type: "button", class: "btn-reset", "aria-label": `${this.words.remove} ${this.shown(value)}` }, "×");
        gone.addEventListener("click", () => { values.splice(index, 1); take([...values]); draw(); input.focus(); });
        return element("span", { class: "zk-chip plain" }, this.shown(value), gone);
      });
      holder.replaceChildren(...chips, input, usual);
      offer();
    };
    const add = ({ stay = true } = {}) => {
      const typed = input.value.split(/[,，、;；\n]/).map((text) => text.trim()).filter(Boolean);
      const read = typed.map((text) => this.listed(text)).filter((value) => !values.includes(value));
      input.value = "";
      if (!read.length) return;
      values.push(...read);
      take([...values]);
      afterPress(() => {
        const isHere = stay || document.activeElement === input;
        draw();
        if (isHere) input.focus();
      });
    };
    input.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && input.value.trim()) { add(); event.preventDefault(); }
      if (event.key === "Backspace" && !input.value && values.length) { values.pop(); take([...values]); draw(); input.focus(); }
    });
    input.addEventListener("input", (event) => { if (!event.isComposing && /[,，、;；]$/.test(input.value)) add(); });
    input.addEventListener("blur", () => { if (input.isConnected) add({ stay: false }); });
    draw();
    return holder;
  }

  listed(text) {
    if (!this.isNumber()) return text;
    const read = readNumber(text);
    const scale = this.field.unit === "money" ? 10 ** this.catalogue.currency.digits : 1;
    return typeof read === "number" ? Math.round(read * scale) : text;
  }

  shown(value) {
    if (!this.isNumber() || typeof value !== "number") return String(value);
    return show(value / (this.field.unit === "money" ? 10 ** this.catalogue.currency.digits : 1));
  }

  between() {
    const pair = Array.isArray(this.test.value) ? [...this.test.value] : [];
    const take = (index) => (value) => {
      pair[index] = value;
      this.set(pair[0] === undefined || pair[1] === undefined ? undefined : [...pair]);
    };
    return element("span", { class: "zk-cb-pair" },
      this.single(pair[0], take(0), this.words.low),
      element("span", { class: "zk-2" }, this.words.upto),
      this.single(pair[1], take(1), this.words.high));
  }

  span(units) {
    const [unit, count] = Object.entries(this.test.value ?? {})[0] ?? ["days", undefined];
    const now = { unit: unit in units ? unit : "days", count };
    const take = () => this.set(now.count === undefined ? undefined : { [now.unit]: now.count });
    const plain = new ValueInput(this.test, { ...this.field, type: "integer", unit: "" }, this.operator, this);
    const names = Object.entries(units);
    const input = plain.number(now.count, (value) => { now.count = value; take(); }, this.words.value, names.length > 1 ? "" : names[0][1]);
    if (names.length === 1) return input;
    const select = this.select(names, now.unit, (chosen) => { now.unit = chosen; take(); });
    select.setAttribute("aria-label", this.words.unit);
    return element("span", { class: "zk-cb-pair" }, input, select);
  }

  period() {
    const key = ({ unit, offset }) => `${unit} ${offset}`;
    const choices = this.catalogue.periods.map(([unit, offset, label]) => [key({ unit, offset }), label]);
    const now = this.test.value ? key(this.test.value) : "";
    if (now && !choices.some(([name]) => name === now)) choices.push([now, now]);
    return this.select(choices, now, (chosen) => {
      const [unit, offset] = chosen.split(" ");
      this.set({ unit, offset: Number(offset) });
    });
  }

  // While a pinyin is composed, nothing has been typed yet.
  listen(input, take) {
    input.addEventListener("input", (event) => { if (!event.isComposing) take(); });
    input.addEventListener("compositionend", take);
  }

  // The values that customers have in this field, asked for when somebody is about to type one.
  suggest() {
    if (!this.field.known) return null;
    const id = `values-${this.field.key}`;
    this.known(this.field.key).then((values) => {
      if (document.getElementById(id)) return;
      document.body.append(element("datalist", { id }, ...values.map(([value, label]) => element("option", { value }, label === value ? null : label))));
    });
    return id;
  }
}

// `context`: catalogue, words, changed(test), redraw(), known(field key) → promise of values
export const drawValue = (test, field, operator, context) => new ValueInput(test, field, operator, context).draw();
