// A file dropped anywhere on the page is brought in as if it had been chosen.

const form = document.querySelector("[data-drop]");
const input = form?.querySelector("input[type=file]");
const brings = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");

document.addEventListener("dragover", (event) => {
  if (!input || !brings(event)) return;
  event.preventDefault();
  form.classList.add("is-over");
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) form?.classList.remove("is-over"); // out of the window, not onto another part of it
});
document.addEventListener("drop", (event) => {
  if (!input || !brings(event)) return;
  event.preventDefault();
  form.classList.remove("is-over");
  if (!event.dataTransfer.files.length) return;
  input.files = event.dataTransfer.files;
  form.requestSubmit();
});
