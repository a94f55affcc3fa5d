// A condition as text: to copy, and to paste in place of what is there.

import { element } from "./condition_values.js";
import { send } from "./send.js";

export class ConditionText {
  constructor(builder) {
    Object.assign(this, { builder, dialog: builder.frame.querySelector("dialog") });
    const [text, problems] = [this.dialog.querySelector("textarea"), this.dialog.querySelector("[data-problems]")];
    this.dialog.querySelector("[data-copy]").addEventListener("click", async () => {
      text.select();
      await navigator.clipboard?.writeText(text.value).catch(() => document.execCommand("copy"));
      builder.say(builder.words.copied);
    });
    this.dialog.querySelector("[data-apply]").addEventListener("click", async () => {
      try {
        const { where } = await send(builder.words.text, { text: text.value });
        this.dialog.close();
        builder.replace(where);
      } catch (error) {
        this.refuse(problems, error.data?.errors ?? [{ message: error.data?.message ?? builder.words.offline }], text);
      }
    });
    this.dialog.querySelector("[data-cancel]").addEventListener("click", () => this.dialog.close());
  }

  async open() {
    this.dialog.querySelector("[data-problems]").hidden = true;
    const text = this.dialog.querySelector("textarea");
    text.value = JSON.stringify(this.builder.value, null, 2);
    this.dialog.showModal();
    try {
      text.value = (await send(this.builder.words.text, { where: this.builder.value })).text;
    } catch {
      // The same as JSON stays there.
    }
    text.focus();
    text.setSelectionRange(0, 0);
  }

  refuse(list, errors, text) {
    list.hidden = false;
    list.replaceChildren(...errors.map(({ line, path, message }) => element("li", {},
      line ? element("b", {}, `${this.builder.words.line.replace("{n}", line)} `) : null,
      path ? element("code", {}, path) : null, ` ${message}`)));
    const [{ line }] = errors;
    if (!line) return;
    const lines = text.value.split("\n");
    const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    text.focus();
    text.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
  }
}
