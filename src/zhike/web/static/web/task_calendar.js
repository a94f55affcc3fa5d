// The calendar of tasks. An event is dragged to another day or time, or moved with Shift and an arrow: the server writes it
// with the version that was shown, or it goes back and the page says why.

import { toast } from "../base/toast.js";
import { put } from "./task_move.js";

const place = document.querySelector("[data-calendar]");
const data = JSON.parse(document.getElementById("calendar-data").textContent);
const said = document.querySelector("[data-calendar-said]");
const form = document.querySelector("[data-calendar-filter]");
const isNarrow = matchMedia("(max-width: 991px)").matches;
const { words } = data;
const DAY = 86400000;
const HALF_HOUR = 1800000;
const pad = (number) => String(number).padStart(2, "0");
const dayOf = (date) => `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
const timeOf = (date) => `${pad(date.getHours())}:${pad(date.getMinutes())}`;

const remembered = new URLSearchParams(location.search);
const view = data.view || localStorage.getItem("calendar-view") || (isNarrow ? "timeGridDay" : "timeGridWeek");
const known = ["timeGridDay", "timeGridWeek", "dayGridMonth"];

async function load({ startStr, endStr }) {
  const query = new URLSearchParams({ ...Object.fromEntries(new FormData(form)), start: startStr.slice(0, 10), end: endStr.slice(0, 10) });
  const response = await fetch(`${data.events}?${query}`, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!response?.ok || response.redirected) { toast(words.offline, "error"); return []; }
  const { events, most } = await response.json();
  if (most) toast(words.many.replace("{n}", most));
  return events;
}

// The library calls itself a table, whose rows and cells it has not: a reader is better served by the labels of its events.
const TABLE = "[role=table], [role=rowgroup], [role=row], [role=cell], [role=columnheader], [role=rowheader]";
const ABOUT = ["role", "aria-colindex", "aria-rowindex", "aria-colcount", "aria-rowcount"];

function untable() {
  for (const part of place.querySelectorAll(TABLE)) ABOUT.forEach((name) => part.removeAttribute(name));
}

new MutationObserver(untable).observe(place, { childList: true, subtree: true });

const calendar = window.EventCalendar.create(place, {
  view: known.includes(view) ? view : "timeGridWeek",
  date: remembered.get("day") ?? data.today,
  locale: data.locale,
  firstDay: 1,
  height: "100%",
  headerToolbar: { start: "title", center: "", end: "today prev,next timeGridDay,timeGridWeek,dayGridMonth" },
  buttonText: (text) => ({ ...text, today: words.today, prev: words.prev, next: words.next, timeGridDay: words.day, timeGridWeek: words.week, dayGridMonth: words.month }),
  allDayContent: words.allDay,
  moreLinkContent: ({ num }) => words.more.replace("{n}", num),
  dayMaxEvents: true,
  nowIndicator: true,
  scrollTime: "08:00:00",
  slotMinTime: "06:00:00",
  slotMaxTime: "23:00:00",
  flexibleSlotTimeLimits: true,
  slotHeight: 22,
  editable: true,
  eventDurationEditable: false,
  snapDuration: "00:15:00",
  eventTimeFormat: (start) => timeOf(start),
  eventSources: [{ events: load }],
  // What scrolls can be scrolled by keys, also without a task in it.
  viewDidMount: () => place.querySelector(".ec-main")?.setAttribute("tabindex", "0"),
  eventDidMount: ({ event, el }) => {
    el.dataset.task = event.id;
    el.setAttribute("role", "button");
    el.tabIndex = 0;
    const when = event.allDay ? dayOf(event.start) : `${dayOf(event.start)} ${timeOf(event.start)}`;
    el.setAttribute("aria-label", `${event.extendedProps.kind}: ${event.title}, ${when}`);
    el.title = event.startEditable === false ? event.title : `${event.title} (${words.moves})`;
  },
  eventClick: ({ event }) => location.assign(event.extendedProps.url),
  eventDrop: ({ event, oldEvent, revert }) => write(event, oldEvent, revert),
  datesSet: ({ view: shown }) => localStorage.setItem("calendar-view", shown.type),
});

// Where a whole day becomes a time, or a time a whole day, the drop says it.
async function write(event, before, revert) {
  const to = { due_on: dayOf(event.start), version: before.extendedProps.version };
  if (calendar.getView().type === "dayGridMonth") to.keeps_time = "1";
  else if (!event.allDay) to.due_at = timeOf(event.start);
  const answer = await put(event.extendedProps.move, to);
  if (!answer.ok) {
    revert();
    const why = answer.message ? words.back.replace("{why}", answer.message) : words.offline;
    toast(why, "error");
    if (answer.message) calendar.refetchEvents();
    return;
  }
  const end = event.allDay ? event.end : new Date(event.start.getTime() + HALF_HOUR);
  calendar.updateEvent({ ...event, end, extendedProps: { ...event.extendedProps, version: answer.version } });
  said.textContent = answer.said;
  toast(answer.said);
  refocus(event.id);
}

function refocus(id) {
  requestAnimationFrame(() => setTimeout(() => place.querySelector(`[data-task="${CSS.escape(id)}"]`)?.focus(), 30));
}

place.addEventListener("keydown", (event) => {
  const element = event.target.closest?.("[data-task]");
  if (!element || event.ctrlKey || event.metaKey || event.altKey) return;
  const found = calendar.getEventById(element.dataset.task);
  if (event.key === "Enter") { location.assign(found.extendedProps.url); event.preventDefault(); return; }
  if (!event.shiftKey || found.editable === false) return;
  const isMonth = calendar.getView().type === "dayGridMonth";
  const steps = { ArrowLeft: -DAY, ArrowRight: DAY };
  if (isMonth) Object.assign(steps, { ArrowUp: -7 * DAY, ArrowDown: 7 * DAY });
  else if (!found.allDay) Object.assign(steps, { ArrowUp: -HALF_HOUR, ArrowDown: HALF_HOUR });
  const step = steps[event.key];
  if (!step) return;
  event.preventDefault();
  const before = { ...found, extendedProps: { ...found.extendedProps } };
  const moved = { ...found, start: new Date(found.start.getTime() + step), end: new Date(found.end.getTime() + step) };
  calendar.updateEvent(moved);
  write(calendar.getEventById(found.id), before, () => { calendar.updateEvent(before); refocus(found.id); });
});

form.addEventListener("change", () => {
  const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
  history.replaceState(history.state, "", `?${query}`);
  calendar.refetchEvents();
});
