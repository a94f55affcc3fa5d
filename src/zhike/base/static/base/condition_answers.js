// What the server says of a condition: the sentence, how many fit each test, and what is wrong, by place.

import { addCompanion, companion, removeCompanion, walk } from "./condition_tree.js";
import { afterPress } from "./press.js";
import { send } from "./send.js";

const DELAY = 400;
const number = (value) => value.toLocaleString("en");

export class Answers {
  constructor(builder) {
    this.builder = builder;
    this.sentence = builder.frame.querySelector("[data-sentence]");
  }

  // Once nothing has been typed for a while.
  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), DELAY);
  }

  async ask() {
    clearTimeout(this.timer);
    this.request?.abort();
    this.request = new AbortController();
    const { signal } = this.request;
    try {
      const answer = await send(this.builder.words.check, { where: this.builder.value }, { signal });
      afterPress(() => { if (!signal.aborted) this.show(answer); });
    } catch (error) {
      if (error.name !== "AbortError" && error.status !== 422) this.builder.frame.dataset.stale = "yes";
    }
  }

  show(answer) {
    this.answer = answer;
    delete this.builder.frame.dataset.stale;
    this.sentence.parentElement.hidden = !answer.sentence;
    this.sentence.textContent = answer.sentence;
    this.draw();
    this.builder.root.dispatchEvent(new CustomEvent("conditions:answer", { bubbles: true, detail: answer }));
  }

  draw() {
    if (!this.answer) return;
    const { rows, whole, total, waiting, errors } = this.answer;
    const counted = this.builder.body.querySelector("[data-whole]");
    if (counted) {
      counted.hidden = whole === null && !waiting;
      counted.querySelector("[data-n]").textContent = waiting ? "…" : number(whole ?? 0);
    }
    for (const [item] of walk(this.builder.tree)) {
      const place = this.builder.place(item);
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
    now.textContent = comes ? `${this.builder.words.now} ${comes}` : "";
    this.unsetChip(item, place.querySelector("[data-unset]"), unset);
  }

  // 「含未填写 (n 人)」 and 「含从未 (n 人)」: each stands for a test of its own, which it adds or takes away.
  unsetChip(item, chip, unset) {
    const operator = this.builder.operator(item);
    const negative = Boolean(operator?.negates);
    chip.hidden = unset === undefined || item.path.includes(".not");
    if (chip.hidden) return;
    const [op, join] = negative ? ["is_set", "all"] : ["is_not_set", "any"];
    const beside = companion(this.builder.tree, item, op, join);
    const isIn = negative ? !beside : Boolean(beside);
    chip.setAttribute("aria-pressed", String(isIn));
    chip.textContent = `${negative ? this.builder.words.unset : this.builder.words.never} (${number(unset)})`;
    chip.onclick = () => {
      if (beside) removeCompanion(this.builder.tree, item, beside); else addCompanion(this.builder.tree, item, op, join);
      this.builder.changed({ redraw: true });
      this.builder.place(item)?.querySelector("[data-unset]").focus();
    };
  }

  complain(item, place, errors) {
    const own = place.querySelector(":scope > [data-error]");
    const isRight = this.builder.mayBeEmpty && item === this.builder.tree && item.nodes?.length === 0;
    const found = isRight ? undefined : errors.find(({ path }) => this.isAbout(path, item));
    const isEmpty = item.kind === "test" && item.value === undefined && this.builder.operator(item)?.operand !== "none";
    // Whoever is about to type a value need not be told that it is missing.
    const isBegun = isEmpty && place.contains(document.activeElement);
    own.hidden = !found || isBegun;
    own.querySelector("[data-message]").textContent = found ? (isEmpty ? this.builder.words.empty : found.message) : "";
    place.classList.toggle("is-wrong", Boolean(found) && !isBegun);
    for (const input of place.querySelectorAll(":scope > .zk-cb-line [data-value] :is(input, select)")) input.setAttribute("aria-invalid", String(Boolean(found) && !isBegun && item.kind === "test"));
  }

  // A test answers for everything below its place, a group for its own list.
  isAbout(path, item) {
    if (item.kind === "test") return path.startsWith(item.path);
    if (item.nodes.some((child) => child.path === item.path)) return false;
    return ["", `.${item.join}`, ".not", `.not.${item.join}`].some((end) => path === item.path + end);
  }
}
