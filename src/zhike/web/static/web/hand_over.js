// Lines of a hand-over that go by a condition: its builder comes with the choice.

import { catalogue, mountField } from "../base/condition_field.js";

for (const line of catalogue ? document.querySelectorAll(".zk-giving > li") : []) {
  const what = line.querySelector("select[name$=-what]");
  const look = () => { if (what.value === "condition") mountField(line.querySelector("[data-when]")); };
  what.addEventListener("change", look);
  look();
}
