// The lists in the row of a test: how it compares, and over how long.

import { element, firstShare, isOfTheBest, isShare, operatorsFor } from "./condition_values.js";
import { afterPress } from "./press.js";

const SHARE = "%"; // after an operator's key in its list: the bound is a share of the customers

export function listOperators(builder, select, item, field) {
  const fit = field ? operatorsFor(builder.catalogue, field) : [];
  const shares = fit.filter((operator) => operator.share_types?.includes(field.type));
  const now = isShare(item) ? `${item.op}${SHARE}` : item.op;
  select.replaceChildren(
    ...fit.map((operator) => element("option", { value: operator.key, selected: operator.key === now }, labelOf(builder, operator, field))),
    ...shares.map((operator) => element("option", { value: `${operator.key}${SHARE}`, selected: `${operator.key}${SHARE}` === now }, operator.share)),
  );
  if (!fit.some((operator) => operator.key === item.op)) select.prepend(element("option", { value: item.op, selected: true }, item.op));
  select.addEventListener("change", () => {
    const [key, isOfShare] = [select.value.replace(SHARE, ""), select.value.endsWith(SHARE)];
    const old = builder.operator(item);
    item.op = key;
    const operator = builder.operator(item);
    if (isOfShare) item.value = isShare(item) && isOfTheBest(old) === isOfTheBest(operator) ? item.value : firstShare(operator);
    else if (isShare(item)) item.value = undefined;
    else carry(item, old?.operand, operator.operand);
    builder.changed({ redraw: true });
  });
}

// Nobody fills in the day that "days since" counts from: it has come, or never has.
function labelOf(builder, operator, field) {
  if (!field.since) return operator.label;
  return { is_set: builder.words.happened, is_not_set: builder.words.happenedNot }[operator.key] ?? operator.label;
}

// Keep what was typed as far as the next operator can take it.
function carry(item, old, next) {
  if (old === next) return;
  const { value } = item;
  const first = Array.isArray(value) ? value[0] : value;
  if (next === "one" && (old === "many" || old === "pair")) item.value = first;
  else if (next === "many" && old === "one" && typeof value !== "object") item.value = value === undefined ? undefined : [value];
  else if (!(next === "span" && old === "days")) item.value = undefined;
}

export function listWindows(builder, select, item, field) {
  select.hidden = !field?.windowed;
  const draw = () => {
    const days = [...new Set([...builder.catalogue.windows, ...(item.days ? [item.days] : [])])].sort((one, other) => one - other);
    select.replaceChildren(
      element("option", { value: "", selected: item.days === null }, builder.words.always),
      ...days.map((n) => element("option", { value: n, selected: n === item.days }, builder.words.days.replace("{n}", n))),
      element("option", { value: "other" }, builder.words.other),
    );
  };
  draw();
  select.addEventListener("change", () => {
    if (select.value === "other") { typeDays(builder, select, item, draw); return; }
    item.days = select.value ? Number(select.value) : null;
    builder.changed();
  });
}

// Any number of days: an input in place of the list, until it is left.
function typeDays(builder, select, item, draw) {
  const input = element("input", { class: "form-control zk-cb-days", type: "number", min: 1, max: 36500, value: item.days ?? 60, "aria-label": builder.words.typeDays });
  select.hidden = true;
  select.after(input);
  input.focus();
  input.select();
  const done = () => {
    const days = Math.round(Number(input.value));
    if (days >= 1 && days <= 36500) item.days = days;
    builder.changed();
    afterPress(() => {
      input.remove();
      select.hidden = false;
      draw();
    });
  };
  input.addEventListener("blur", done, { once: true });
  input.addEventListener("keydown", (event) => {
    if (!event.isComposing && ["Enter", "Escape"].includes(event.key)) { input.blur(); select.focus(); event.preventDefault(); event.stopPropagation(); }
  });
}
