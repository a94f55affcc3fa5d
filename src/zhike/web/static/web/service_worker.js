// Answers where there is no connection, with a page on which a log can be written. Everything else goes to the server, always;
// what is kept here is that page and what it is made of. Its address changes with the edition and the language.

const CACHE = `offline ${location.search}`;
const PAGE = new URLSearchParams(location.search).get("page");
const PARTS = new Set(["style", "script"]);

// Keep a file and what it names: a page its styles and scripts, a script what it imports.
async function keepWith(cache, url, kept) {
  if (kept.has(url)) return;
  kept.add(url);
  const file = await fetch(url, { cache: "reload" });
  if (!file.ok) throw new Error(`${url}: ${file.status}`);
  const type = file.headers.get("Content-Type") ?? "";
  const text = /html|javascript/.test(type) ? await file.clone().text() : "";
  await cache.put(url, file);
  const named = type.includes("html") ? text.matchAll(/(?:href|src)="([^"]+\.(?:css|js|svg))"/g) : text.matchAll(/^import .* from "([^"]+)";$/gm);
  for (const [, name] of named) await keepWith(cache, new URL(name, new URL(url, location.origin)).pathname, kept);
}

async function keep() {
  await keepWith(await caches.open(CACHE), PAGE, new Set());
  await self.skipWaiting();
}

async function forgetOthers() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
  await self.clients.claim();
}

self.addEventListener("install", (event) => event.waitUntil(keep()));
self.addEventListener("activate", (event) => event.waitUntil(forgetOthers()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(fetch(request).catch(() => caches.match(PAGE)));
  else if (PARTS.has(request.destination)) event.respondWith(fetch(request).catch(async (error) => (await caches.match(request)) ?? Promise.reject(error)));
});
