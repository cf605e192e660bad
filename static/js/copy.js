// A button with data-copy="id" copies what that field holds, and says so.

function wake(root) {
  for (const button of root.querySelectorAll("[data-copy][hidden]")) button.hidden = false;
}

async function copy(field) {
  field.select?.();
  try {
    await navigator.clipboard.writeText(field.value ?? field.textContent);
    return true;
  } catch {
    return document.execCommand("copy");  // where the page does not come over TLS
  }
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  const field = button && document.getElementById(button.dataset.copy);
  if (!field || !(await copy(field))) return;
  const said = button.parentElement.querySelector("[data-copy-said]");
  if (said) said.textContent = button.dataset.copied;
});

wake(document);
document.addEventListener("htmx:load", (event) => wake(event.detail.elt));
