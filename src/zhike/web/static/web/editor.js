// The editor of a draft: cards in their order, kept as they are edited, undone and redone as a whole.
// Without this file the page shows the rules as sentences and takes them as text.

import { afterPress } from "../base/press.js";
import { send, SIGNED_OUT } from "../base/send.js";
import { fill, take } from "./binding.js";
import { ClassCard, drawChip, drawIcon } from "./class_card.js";
import { Draft } from "./draft.js";
import { Impact } from "./impact.js";

const SAVE_DELAY = 600;
const RETRY_DELAY = 5000;
const GAP = 4;

class Editor {
  constructor(root, given) {
    Object.assign(this, { root, words: { ...root.dataset }, urls: given.urls, catalogue: given.catalogue, was: given.was, fixed: given.fixed });
    this.find = (selector) => root.querySelector(selector);
    this.draft = new Draft(given);
    this.revision = given.revision;
    this.sentences = this.byMark(given.sentences);
    this.problems = given.problems;
    this.opened = new Set();
    this.status = document.getElementById("saved");
    this.impact = new Impact(document.getElementById("impact"), this);
    this.listen();
    root.hidden = false;
    document.getElementById("as-sentences").hidden = true;
    this.opened.add(this.draft.classes()[0]["#"]);
    this.draw();
    this.sizes = this.impact.sizes();
    this.drawHeads();
    this.impact.start();
  }

  byMark(sentences) {
    return new Map(this.draft.classes().map((item, index) => [item["#"], sentences[index]]));
  }

  // ── Drawing ──

  draw() {
    const at = document.activeElement;
    const focus = [at?.closest?.("[data-mark]")?.dataset.mark, at?.dataset?.part ?? at?.dataset?.at];
    const { draft } = this;
    this.cards = draft.classes().map((item) => new ClassCard(item, this));
    this.find("[data-classes]").replaceChildren(...this.cards.slice(0, -1).map((card) => card.element));
    this.find("[data-default]").replaceChildren(this.cards.at(-1).element);
    for (const card of this.cards) if (this.opened.has(card.mark)) card.open();
    this.drawSettings();
    this.complain();
    this.drawUndo();
    if (focus[0]) {
      const place = this.root.querySelector(`[data-mark="${focus[0]}"]`);
      (place?.querySelector(`[data-part="${focus[1]}"], [data-at="${focus[1]}"]`) ?? place?.querySelector("[data-toggle]"))?.focus();
    }
  }

  drawHeads() {
    for (const card of this.cards) card.draw();
  }

  drawSettings() {
    fill(this.find("#settings-body"), this.draft.data);
    const { icon } = this.draft.data;
    this.find("#settings-body [data-icon]").replaceChildren(...(icon ? [drawIcon(icon)] : []));
  }

  drawUndo() {
    const [undo, redo] = document.querySelectorAll("[data-undo], [data-redo]");
    undo.disabled = this.draft.past.length < 2;
    redo.disabled = !this.draft.future.length;
  }

  complain() {
    const own = new Map(this.cards.map((card) => [card, []]));
    const others = [];
    for (const { path, message } of this.problems) {
      const found = /^(?:classes\[(\d+)\]|default)\.?(.*)$/.exec(path);
      const card = found && this.cards[found[1] === undefined ? this.cards.length - 1 : Number(found[1])];
      if (card) own.get(card).push({ path: found[2], message }); else others.push({ path, message });
    }
    for (const [card, problems] of own) card.complain(problems);
    this.find("[data-problems]").replaceChildren(...others.map(({ path, message }) => {
      const line = document.getElementById("draft-problem").content.firstElementChild.cloneNode(true);
      line.querySelector("code").textContent = path;
      line.querySelector("[data-message]").textContent = message;
      return line;
    }));
  }

  // ── Edits ──

  changed(field = "") {
    this.draft.note(field);
    this.touched();
    afterPress(() => this.drawHeads());
  }

  // Classes came or went: the cards are made anew.
  rebuilt() {
    this.draft.note();
    this.draw();
    this.touched();
  }

  touched() {
    this.isDirty = true;
    this.status.textContent = this.words.unsaved;
    this.drawUndo();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), SAVE_DELAY);
    this.impact.soon();
  }

  undo(isRedo = false) {
    if (!(isRedo ? this.draft.redo() : this.draft.undo())) return;
    this.draw();
    this.touched();
  }

  add() {
    const added = this.draft.add(this.words.new);
    this.opened.add(added["#"]);
    this.rebuilt();
    const card = this.cards.find(({ mark }) => mark === added["#"]);
    card.body.querySelector("[data-section=look]").open = true;
    const name = card.body.querySelector("[data-at=label]");
    name.focus();
    name.select();
  }

  move(card, by) {
    if (!this.draft.move(card.item, by)) return;
    this.changed();
    const list = this.find("[data-classes]");
    const elements = this.draft.data.classes.map((item) => this.cards.find(({ mark }) => mark === item["#"]).element);
    list.append(...elements);
    this.sortCards();
    card.find("[data-grip]").focus();
    this.say(this.words.moved.replace("{n}", this.draft.classes().indexOf(card.item) + 1).replace("{total}", this.cards.length));
  }

  sortCards() {
    const marks = this.draft.classes().map((item) => item["#"]);
    this.cards.sort((one, other) => marks.indexOf(one.mark) - marks.indexOf(other.mark));
    this.drawHeads();
  }

  // A class goes, by itself or into another; whoever a person put there has to go somewhere.
  leave(card, how) {
    const { item } = card;
    const dialog = document.getElementById("class-leaves");
    for (const part of dialog.querySelectorAll("[data-for]")) part.hidden = part.dataset.for !== how;
    dialog.querySelector("[data-name]").replaceChildren(drawChip(item));
    const fixed = this.fixed[item.key];
    dialog.querySelector("[data-fixed]").hidden = !fixed;
    dialog.querySelector("[data-fixed] [data-n]").textContent = fixed ?? "";
    const target = dialog.querySelector("[data-target]");
    const others = this.draft.classes().filter((other) => other !== item);
    target.replaceChildren(...others.map((other) => new Option(drawChip(other).textContent, other["#"])));
    target.value = (how === "merge" ? others[0] : this.draft.data.default)["#"];
    dialog.returnValue = "";
    dialog.addEventListener("close", () => {
      if (dialog.returnValue !== "yes") { card.find("[data-menu]").focus(); return; }
      this.draft[how](item, this.draft.find(target.value));
      this.rebuilt();
      this.cards[0].find("[data-toggle]").focus();
    }, { once: true });
    dialog.showModal();
  }

  pickIcon(opener, chosen) {
    const list = document.getElementById("icon-picker");
    list.showPopover();
    this.placeBelow(list, opener);
    list.querySelector("button").focus();
    list.onclick = ({ target }) => {
      const button = target.closest("[data-icon-name]");
      if (!button) return;
      list.hidePopover();
      chosen(button.dataset.iconName);
      opener.focus();
    };
  }

  placeBelow(element, opener) {
    const [from, own] = [opener.getBoundingClientRect(), element.getBoundingClientRect()];
    const below = from.bottom + GAP + own.height <= innerHeight;
    element.style.setProperty("--x", `${Math.max(GAP, Math.min(from.left, innerWidth - own.width - GAP))}px`);
    element.style.setProperty("--y", `${below ? from.bottom + GAP : Math.max(GAP, from.top - own.height - GAP)}px`);
  }

  say(text) {
    this.find("[data-say]").textContent = text;
  }

  // ── Keeping it ──

  save() {
    clearTimeout(this.timer);
    if (!this.saving) this.saving = this.keep().finally(() => { this.saving = null; });
    return this.saving;
  }

  async keep() {
    while (this.isDirty && !this.isStopped) {
      this.isDirty = false;
      this.status.textContent = this.words.saving;
      try {
        this.kept(await send(this.urls.save, { revision: this.revision, data: this.draft.sent(), moved: this.draft.moved }));
      } catch (error) {
        this.isDirty = true;
        this.notKept(error);
        return;
      }
    }
  }

  kept({ revision, saved, sentences, problems }) {
    this.revision = revision;
    if (this.isDirty) return;
    this.status.textContent = saved;
    this.sentences = this.byMark(sentences);
    this.problems = problems;
    for (const input of document.querySelectorAll("[name=revision]")) input.value = revision;
    afterPress(() => { this.drawHeads(); this.complain(); });
  }

  notKept(error) {
    if (error.status === 409) this.stop(error);
    else if (error.status === SIGNED_OUT) this.status.textContent = this.words.signedOut;
    else if (error.status === 0 || error.status >= 500) {
      this.status.textContent = error.status ? this.words.broken : this.words.offline;
      this.timer = setTimeout(() => this.save(), RETRY_DELAY);
    } else this.status.textContent = error.message;
  }

  // Somebody else saved meanwhile: nothing more is sent, and nothing of ours is lost.
  stop(error) {
    this.isStopped = true;
    this.status.textContent = this.words.unsaved;
    const alert = this.find("[data-conflict]");
    alert.querySelector("[data-message]").textContent = error.message;
    alert.querySelector("[data-who]").textContent = error.data.saved ?? "";
    alert.hidden = false;
    alert.scrollIntoView({ block: "nearest" });
  }

  async copyMine() {
    const mine = this.find("[data-mine]");
    mine.value = JSON.stringify(this.draft.sent(), null, 2);
    mine.hidden = false;
    mine.focus();
    mine.select();
    await navigator.clipboard?.writeText(mine.value).catch(() => {});
  }

  // ── Listening ──

  listen() {
    const body = this.find("#settings-body");
    const toggle = this.find("#settings-body").parentElement.querySelector("[data-toggle]");
    toggle.addEventListener("click", () => {
      body.hidden = !body.hidden;
      toggle.setAttribute("aria-expanded", String(!body.hidden));
      body.parentElement.classList.toggle("is-open", !body.hidden);
    });
    const edit = (event, isDone) => {
      const input = event.target.closest("[data-at]");
      if (!input || (event.isComposing && !isDone) || !take(input, this.draft.data)) return;
      if (input.dataset.lang === "zh") fill(body, this.draft.data);
      if (input.dataset.at === "mode") this.rebuilt();
      else this.changed(`${input.dataset.at} ${input.dataset.lang ?? ""}`);
    };
    body.addEventListener("input", (event) => edit(event));
    body.addEventListener("compositionend", (event) => edit(event, true));
    body.querySelector("[data-icon-for]").addEventListener("click", ({ currentTarget }) => this.pickIcon(currentTarget, (name) => {
      if (name) this.draft.data.icon = name; else delete this.draft.data.icon;
      this.drawSettings();
      this.changed();
    }));
    this.find("[data-add-class]").addEventListener("click", () => this.add());
    this.find("[data-reload]").addEventListener("click", () => { this.isDirty = false; location.reload(); });
    this.find("[data-copy-mine]").addEventListener("click", () => this.copyMine());
    document.querySelector("[data-undo]").addEventListener("click", () => this.undo());
    document.querySelector("[data-redo]").addEventListener("click", () => this.undo(true));
    document.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("click", (event) => this.leaving(event), { capture: true });
    addEventListener("beforeunload", (event) => { if (this.isDirty || this.saving) event.preventDefault(); });
    document.getElementById("as-text").addEventListener("toggle", ({ target }) => { if (target.open) this.showText(target); });
    window.Sortable?.create(this.find("[data-classes]"), {
      handle: ".card-header > [data-grip]",
      animation: 0,
      forceFallback: true, // a grip is a button, from which no browser begins a drag of its own
      onEnd: ({ from }) => {
        this.draft.order([...from.children].map((element) => element.dataset.mark));
        this.changed();
        this.sortCards();
      },
    });
  }

  key(event) {
    if (event.isComposing || !(event.ctrlKey || event.metaKey) || event.target.closest("textarea.zk-code, dialog, [popover]")) return;
    const key = event.key.toLowerCase();
    if (key !== "z" && key !== "y") return;
    event.preventDefault();
    this.undo(key === "y" || event.shiftKey);
  }

  // What acts on the draft waits until it is kept.
  leaving(event) {
    const link = event.target.closest("[data-after-saving]");
    if (!link || !(this.isDirty || this.saving) || this.isStopped) return;
    event.preventDefault();
    event.stopPropagation();
    this.save().then(() => { if (!this.isDirty) link.click(); });
  }

  async showText(details) {
    await this.save();
    const text = details.querySelector("textarea");
    const { text: written } = await send(this.root.dataset.textUrl, { where: this.draft.sent() });
    text.value = written;
  }
}

// A draft that was typed as text may be anything; what has no classes to show stays text.
const isObject = (data) => Boolean(data) && typeof data === "object" && !Array.isArray(data);
const hasClasses = ({ data }) => isObject(data.default) && Array.isArray(data.classes ?? []) && (data.classes ?? []).every(isObject);

const root = document.getElementById("editor");
const given = root && JSON.parse(document.getElementById("editor-data").textContent);
if (given && hasClasses(given)) new Editor(root, given);
