// The check-in by keyboard and thumb.

import "./drafts.js";
import "./kept.js";

let firstDigit = { value: "", at: 0 };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const group = event.target.closest?.("[data-confidence]");
  if (group && /^[0-9]$/.test(event.key)) return setConfidence(group, event);
  if (event.key === "ArrowUp" && event.target.name === "value" && event.target.closest("#checkin")) takeOffered(event);
});

function setConfidence(group, event) {
  event.preventDefault();
  const isTen = event.key === "0" && firstDigit.value === "1" && Date.now() - firstDigit.at < 700;
  firstDigit = { value: event.key, at: Date.now() };
  const radio = group.querySelector(`input[value="${isTen ? "10" : event.key}"]`);
  if (!radio || radio.disabled) return;
  radio.checked = true;
  radio.focus();
  radio.dispatchEvent(new Event("input", { bubbles: true }));
  radio.dispatchEvent(new Event("change", { bubbles: true }));
}

const write = (field, text) => {
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
};

// The arrow takes what is offered: what was likely meant, and in an empty field what was said last.
function takeOffered(event) {
  const offers = [...event.target.form.querySelectorAll("[data-fill]")];
  const meant = offers.find((offer) => offer.closest(".checkin-read"));
  const offer = meant ?? (event.target.value ? null : offers[0]);
  if (!offer) return;
  event.preventDefault();
  write(event.target, offer.dataset.fill);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("#checkin button[type=button]");
  if (!button) return;
  if (button.dataset.fill !== undefined) {
    const { form } = button;
    write(form.elements.value, button.dataset.fill);
    // Not into the number: on a phone its keys would cover what comes next.
    form.querySelector("[data-confidence] input:checked, [data-confidence] input")?.focus({ focusVisible: false });
  } else if (button.dataset.keptPromise) {
    const field = button.form.elements[button.dataset.keptPromise];
    const promise = button.closest("[data-promise]").dataset.promise;
    if (!field.value.includes(promise)) write(field, [field.value.trim(), promise].filter(Boolean).join("\n"));
    for (const each of button.parentElement.children) each.setAttribute("aria-pressed", String(each === button));
  }
});

const wake = (root) => { for (const part of root.querySelectorAll("[data-scripted][hidden]")) part.hidden = false; };
wake(document);
document.addEventListener("htmx:load", (event) => wake(event.detail.elt));
document.addEventListener("sheet:shown", (event) => wake(event.target));
