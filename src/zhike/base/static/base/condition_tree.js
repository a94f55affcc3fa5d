// A condition as a tree that can be edited: groups, tests, everyone. No page is touched here.
//
//   group     { id, kind: "group", join: "all" | "any", not: true | false, nodes: [...] }
//   test      { id, kind: "test", field, days, op, value }   days: null for all time; value: undefined while empty
//   everyone  { id, kind: "everyone" }
//
// Each node also has `path`, its place in the data as the server names it: where.all[1].not

export const ROOT = "where";

let last = 0;
const newId = () => `n${last += 1}`;

export const newGroup = (join = "all", nodes = []) => ({ id: newId(), kind: "group", join, not: false, nodes });
export const newTest = (field, op, value) => ({ id: newId(), kind: "test", field, days: null, op, value });

// Read data into a tree whose root is a group, or everyone. What cannot be read is an empty group.
export function read(data) {
  const root = node(data, ROOT);
  return root.kind === "test" ? { ...newGroup("all", [root]), path: ROOT } : root;
}

function node(data, path) {
  if (Array.isArray(data?.all)) return group("all", data.all, path);
  if (Array.isArray(data?.any)) return group("any", data.any, path);
  if (data?.not) return negated(node(data.not, `${path}.not`), path);
  if (data?.everyone) return { id: newId(), kind: "everyone", path };
  if (data?.field) {
    return { id: newId(), kind: "test", path, field: data.field, days: data.over?.days ?? null, op: data.op, value: data.value };
  }
  return { ...newGroup(), path };
}

function group(join, items, path) {
  return { ...newGroup(join, items.map((item, index) => node(item, `${path}.${join}[${index}]`))), path };
}

function negated(inner, path) {
  if (inner.kind === "group" && !inner.not) return { ...inner, not: true, path };
  return { ...newGroup("any", [inner]), not: true, path };
}

// Return the data of a tree, and note each node's place in it.
export function write(root) {
  if (root.kind === "group" && !root.not && root.nodes.length === 1 && root.nodes[0].kind === "test") {
    root.path = ROOT;
    return written(root.nodes[0], ROOT);
  }
  return written(root, ROOT);
}

function written(item, path) {
  item.path = path;
  if (item.kind === "everyone") return { everyone: true };
  if (item.kind === "test") return test(item);
  if (!item.not) return { [item.join]: children(item, path) };
  if (item.nodes.length === 1) return { not: written(item.nodes[0], `${path}.not`) };
  return { not: { [item.join]: children(item, `${path}.not`) } };
}

const children = (item, path) => item.nodes.map((child, index) => written(child, `${path}.${item.join}[${index}]`));

function test({ field, days, op, value }) {
  const data = { field };
  if (days !== null) data.over = { days };
  data.op = op;
  if (value !== undefined) data.value = value;
  return data;
}

export function* walk(item, parent = null) {
  yield [item, parent];
  for (const child of item.nodes ?? []) yield* walk(child, item);
}

export const parentOf = (root, wanted) => [...walk(root)].find(([item]) => item === wanted)?.[1];

// Take a node out, and every group but the root that it leaves empty.
export function remove(root, item) {
  const parent = parentOf(root, item);
  parent.nodes.splice(parent.nodes.indexOf(item), 1);
  if (!parent.nodes.length && parent !== root) remove(root, parent);
}

// Move a node one place up or down as it reads on the screen: into groups and out of them.
export function step(root, item, by) {
  const parent = parentOf(root, item);
  const at = parent.nodes.indexOf(item);
  const next = parent.nodes[at + by];
  if (next?.kind === "group" && item.kind !== "group") {
    parent.nodes.splice(at, 1);
    next.nodes.splice(by > 0 ? 0 : next.nodes.length, 0, item);
  } else if (next) {
    parent.nodes[at + by] = item;
    parent.nodes[at] = next;
  } else {
    const outer = parentOf(root, parent);
    if (!outer) return false;
    parent.nodes.splice(at, 1);
    outer.nodes.splice(outer.nodes.indexOf(parent) + (by > 0 ? 1 : 0), 0, item);
    if (!parent.nodes.length) remove(root, parent);
  }
  return true;
}

const sameFact = (one, other) => one.field === other.field && one.days === other.days;

// The test beside another that says whether the same fact is there at all; `join` is the group it must stand in.
export function companion(root, item, op, join) {
  const parent = parentOf(root, item);
  if (!parent || parent.not || parent.join !== join) return null;
  return parent.nodes.find((other) => other.kind === "test" && other.op === op && sameFact(other, item)) ?? null;
}

export function addCompanion(root, item, op, join) {
  const parent = parentOf(root, item);
  const added = { ...newTest(item.field, op), days: item.days };
  if (parent.join === join && !parent.not) {
    parent.nodes.splice(parent.nodes.indexOf(item) + 1, 0, added);
  } else if (parent.nodes.length === 1 && !parent.not) {
    parent.join = join;
    parent.nodes.push(added);
  } else {
    parent.nodes[parent.nodes.indexOf(item)] = newGroup(join, [item, added]);
  }
}

// Take a companion away; a group that held only the two of them goes with it.
export function removeCompanion(root, item, added) {
  const parent = parentOf(root, item);
  remove(root, added);
  const outer = parentOf(root, parent);
  if (outer && parent.nodes.length === 1 && !parent.not) outer.nodes[outer.nodes.indexOf(parent)] = item;
}

// Pair the tests of a tree with those of an earlier one: Map of test → earlier test or null, and what is gone.
export function pair(root, earlier) {
  const pairs = new Map();
  const gone = [];
  match(root, earlier, pairs, gone);
  return { pairs, gone };
}

function match(now, before, pairs, gone) {
  const left = [...(before?.nodes ?? [])];
  const take = (fits) => {
    const at = left.findIndex(fits);
    return at < 0 ? null : left.splice(at, 1)[0];
  };
  const tests = (now.nodes ?? []).filter((item) => item.kind === "test");
  for (const item of tests) pairs.set(item, take((old) => old.kind === "test" && sameTest(old, item)));
  for (const closeness of [sameFact, (one, other) => one.field === other.field]) {
    for (const item of tests) {
      if (!pairs.get(item)) pairs.set(item, take((old) => old.kind === "test" && closeness(old, item)));
    }
  }
  for (const item of (now.nodes ?? []).filter((child) => child.kind === "group")) {
    match(item, take((old) => old.kind === "group"), pairs, gone);
  }
  gone.push(...left.flatMap((item) => [...walk(item)].map(([inner]) => inner).filter((inner) => inner.kind === "test")));
}

export const sameTest = (one, other) => JSON.stringify(test(one)) === JSON.stringify(test(other));
