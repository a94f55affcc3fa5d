// Inputs that stand for places in data: data-at names the place, data-kind how it is read. What is
// empty is not in the data at all, since that is how a default is told.

export function get(data, path) {
  return path.split(".").reduce((found, name) => found?.[name], data);
}

export function set(data, path, value) {
  const names = path.split(".");
  const last = names.pop();
  const holders = [data];
  for (const name of names) {
    holders.at(-1)[name] ??= {};
    holders.push(holders.at(-1)[name]);
  }
  if (value === undefined) delete holders.at(-1)[last]; else holders.at(-1)[last] = value;
  names.reverse().forEach((name, index) => {
    const holder = holders[holders.length - 1 - index];
    if (!Object.keys(holder).length) delete holders[holders.length - 2 - index][name];
  });
}

// Both languages stand in the data; what was typed in one only serves for both.
function setWords(data, path, language, typed) {
  const { zh = "", en = "" } = get(data, path) ?? {};
  const words = typed.trim() ? typed : "";
  const found = language === "zh" ? { zh: words, en: en === zh ? words : en } : { zh, en: words || zh };
  set(data, path, found.zh || found.en || path === "label" ? found : undefined);
}

function showWords(input, data, path, language) {
  const { zh = "", en = "" } = get(data, path) ?? {};
  input.value = language === "zh" ? zh : en === zh ? "" : en;
  if (language === "en") input.placeholder = zh;
}

const KINDS = {
  text: { show: (input, value) => { input.value = value ?? ""; }, read: (input) => input.value.trim() || undefined },
  key: { show: (input, value) => { input.value = value ?? ""; }, read: (input) => input.value.trim() },
  number: {
    show: (input, value) => { input.value = value ?? ""; },
    read: (input) => (input.value === "" ? undefined : Number(input.value)),
  },
  list: {
    show: (input, value) => { input.value = (value ?? []).join("、"); },
    read: (input) => { const words = input.value.split(/[,，、;；]/).map((word) => word.trim()).filter(Boolean); return words.length ? words : undefined; },
  },
  choice: {
    show: (input, value) => {
      if (input.type === "radio") input.checked = input.value === (value ?? DEFAULTS[input.dataset.at]);
      else input.value = value ?? input.dataset.default;
    },
    read: (input) => input.value,
  },
  checks: {
    show: (input, value) => { input.checked = (value ?? []).includes(input.value); },
    read: (input, value) => { const kept = (value ?? []).filter((item) => item !== input.value); const all = input.checked ? [...kept, input.value] : kept; return all.length ? all : undefined; },
  },
  review: {
    show: (input, value) => { input.checked = value === "review"; },
    read: (input) => (input.checked ? "review" : undefined),
  },
  "not-false": {
    show: (input, value) => { input.checked = value !== false; },
    read: (input) => (input.checked ? undefined : false),
  },
};
const DEFAULTS = { mode: "auto", tone: "ink", look: "filled" };

export function fill(root, data) {
  for (const input of root.querySelectorAll("[data-at]")) {
    const { at, lang, kind = "text" } = input.dataset;
    if (lang) showWords(input, data, at, lang); else KINDS[kind].show(input, get(data, at));
  }
}

// Take what an input says into the data; return whether there was anything to take.
export function take(input, data) {
  const { at, lang, kind = "text" } = input.dataset;
  if (lang) setWords(data, at, lang, input.value);
  else if (input.type !== "radio" || input.checked) set(data, at, KINDS[kind].read(input, get(data, at)));
  else return false;
  return true;
}
