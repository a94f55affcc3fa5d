// Runs before the first paint: the theme "auto" follows the system and its changes.
const page = document.documentElement;
if (page.dataset.bsTheme === "auto") {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => { page.dataset.bsTheme = system.matches ? "dark" : "light"; };
  follow();
  system.addEventListener("change", follow);
}
