// The right column: what the draft would do as it stands in the editor, asked for after each edit.

import { afterPress } from "../base/press.js";
import { send } from "../base/send.js";

const DELAY = 400;
const AGAIN = 1500;

export class Impact {
  constructor(root, editor) {
    Object.assign(this, { root, editor, sample: "largest" });
    root.addEventListener("click", (event) => {
      const link = event.target.closest("[data-sample]");
      if (!link) return;
      event.preventDefault();
      this.sample = link.dataset.sample;
      this.ask().then(() => root.querySelector(`[data-sample="${this.sample}"]`)?.focus());
    });
  }

  start() {
    if (this.root.querySelector("[data-filling]")) this.ask();
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), DELAY);
  }

  sizes() {
    const found = this.root.querySelector("#impact-sizes");
    return found ? JSON.parse(found.textContent) : null;
  }

  async ask() {
    clearTimeout(this.timer);
    this.request?.abort();
    this.request = new AbortController();
    const { signal } = this.request;
    this.root.setAttribute("aria-busy", "true");
    try {
      const part = await send(this.editor.urls.preview, { data: this.editor.draft.sent(), sample: this.sample }, { signal });
      afterPress(() => { if (!signal.aborted) this.show(part); });
    } catch (error) {
      if (error.name === "AbortError") return;
      // What was shown stays; after a break in the line it is asked for again.
      if (error.status === 0 || error.status >= 500) this.timer = setTimeout(() => this.ask(), AGAIN * 4);
    }
    this.root.removeAttribute("aria-busy");
  }

  show(part) {
    const waited = Boolean(this.root.querySelector("[data-filling]"));
    const open = Boolean(this.root.querySelector("details[open]"));
    const place = this.root.querySelector("[data-impact]");
    const found = document.createRange().createContextualFragment(part);
    place.querySelector("[data-unready]")?.remove();
    // While something is half typed, what was worked out last stays below.
    if (found.querySelector("[data-unready]") && this.sizes()) { place.prepend(found); return; }
    place.replaceChildren(found);
    const details = this.root.querySelector("[data-impact] details");
    if (details) details.open = open;
    this.editor.sizes = this.sizes() ?? this.editor.sizes;
    this.editor.drawHeads();
    const filling = this.root.querySelector("[data-filling]");
    if (filling?.dataset.filling === "unsaved") this.editor.save().then(() => this.soon());
    else if (filling) this.timer = setTimeout(() => this.ask(), AGAIN);
    else if (waited) for (const card of this.editor.cards) card.conditions?.check();
  }
}
