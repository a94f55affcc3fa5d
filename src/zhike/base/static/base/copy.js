// Copies what stands in a box. Without permission or JavaScript the text can still be picked and copied by hand.
for (const box of document.querySelectorAll("[data-copy-box]")) {
  const button = box.querySelector("[data-copy]");
  const field = box.querySelector("input");
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    field.select();
    await navigator.clipboard.writeText(field.value);
    button.querySelector("span").textContent = button.dataset.copied;
  });
}
