// Shows a message of a script as the pages show theirs.

export function toast(text, kind = "status") {
  const box = document.createElement("div");
  box.className = "zk-toast";
  box.role = kind === "error" ? "alert" : "status";
  box.dataset.fades = kind === "error" ? "no" : "yes";
  const said = document.createElement("div");
  said.className = "zk-grow";
  said.textContent = text;
  const close = document.querySelector("#failure").content.querySelector("[data-dismiss]").cloneNode(true);
  box.append(said, close);
  document.dispatchEvent(new CustomEvent("zk:saved", { detail: { toasts: [box], row: null } }));
  return box;
}
