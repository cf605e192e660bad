// A slider beside each number that has a "data-slide" (low, high, step): the number is what is sent, the slider moves it.
// With "data-open" the slider's low or high end empties the number: no limit.

const plain = (text) => Number(text.normalize("NFKC").replace(/[,\s%]/g, ""));

function beside(input) {
  const [low, high, step] = input.dataset.slide.split(" ").map(Number);
  const open = input.dataset.open;
  const end = open === "low" ? low : high;
  const decimals = (String(step).split(".")[1] || "").length;
  const slider = document.createElement("input");
  Object.assign(slider, { type: "range", min: low, max: high, step, className: "slider" });
  slider.setAttribute("aria-label", input.getAttribute("aria-label"));

  const follow = () => {
    const value = input.value.trim() === "" ? (open ? end : NaN) : plain(input.value);
    if (!Number.isNaN(value)) slider.value = value;
    slider.setAttribute("aria-valuetext", input.value.trim() || input.placeholder || "–");
  };
  follow();
  input.addEventListener("input", (event) => { if (event.isTrusted) follow(); });
  slider.addEventListener("input", () => {
    const value = Number(slider.value);
    input.value = open && value === end ? "" : value.toLocaleString("en", { maximumFractionDigits: decimals });
    slider.setAttribute("aria-valuetext", input.value || input.placeholder || "–");
  });
  input.closest(".control").after(slider);
}

for (const input of document.querySelectorAll("input[data-slide]")) beside(input);
