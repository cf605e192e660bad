// The grid of a KGI's readings moves and takes pasted cells like a sheet.

import { sheet } from "./sheet.js";

const form = document.querySelector("[data-readings]");

if (form) {
  const said = form.querySelector("[data-said]");
  sheet(form, {
    pasted(filled, outside) {
      said.textContent = (outside ? form.dataset.outside : form.dataset.pasted).replace("{number}", outside || filled.length);
      said.classList.toggle("visually-hidden", !outside);
    },
  });
}
