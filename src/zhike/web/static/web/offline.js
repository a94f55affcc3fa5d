// The page of a device without a connection: a log is kept here and sent by the next page that has one (base/log.js).

import { addUnsent, newKey, unsentOf } from "../base/log.js";
import { known } from "../base/known.js";

const form = document.querySelector("[data-offline]");
const { user, customers } = known();
const whom = form.elements.customer;
const said = document.querySelector("[data-said]");

for (const [pk, name] of customers) whom.add(new Option(name, pk));
document.querySelector("[data-nobody]").hidden = customers.length > 0;
form.hidden = customers.length === 0;
tell();

function tell() {
  const waiting = unsentOf(user);
  said.hidden = waiting.length === 0;
  said.textContent = said.dataset.waiting.replace("{n}", waiting.length).replace("{names}", [...new Set(waiting.map(({ name }) => name))].join(said.dataset.comma));
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const { customer, kind, text, result, next_contact_on: day } = form.elements;
  const key = newKey();
  const body = new URLSearchParams({ key, kind: kind.value, text: text.value, result: result.value, next_contact_on: day.value, written_at: new Date().toISOString() });
  addUnsent({ user, name: whom.selectedOptions[0].text, url: form.dataset.offline.replace("/0/", `/${customer.value}/`), key, body: body.toString() });
  form.reset();
  tell();
  whom.focus();
});

// With a connection the page that was asked for comes, unless somebody is writing.
addEventListener("online", () => { if (!form.elements.text.value.trim()) location.reload(); });
