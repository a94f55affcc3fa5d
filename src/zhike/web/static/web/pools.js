// Conditions of pools and of their rules: none means everyone.

import { mountField } from "../base/condition_field.js";

for (const place of document.querySelectorAll("[data-when]")) mountField(place, { mayBeEmpty: true });
