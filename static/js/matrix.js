// The sheets of a matrix move and take pasted cells like a sheet; several may stand on one page.

import { sheet } from "./sheet.js";

for (const form of document.querySelectorAll("[data-sheet]")) {
  const said = form.querySelector("[data-said]");
  sheet(form, {
    pasted(filled, outside) {
      said.textContent = (outside ? form.dataset.outside : form.dataset.pasted).replace("{number}", outside || filled.length);
      said.classList.toggle("visually-hidden", !outside);
    },
  });
}
