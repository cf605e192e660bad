// What the first step does with a script: it makes an address from a name.

// The address follows the name as long as nobody wrote one; a name without Latin letters keeps what was suggested.
const address = document.querySelector("[data-slug-from]");
const source = address && document.getElementById(address.dataset.slugFrom);
if (source) {
  const suggested = address.defaultValue;
  let isOwn = false;
  address.addEventListener("input", () => { isOwn = true; });
  source.addEventListener("input", () => {
    if (isOwn) return;
    const plain = source.value.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
    const made = /[^\x00-\x7f]/.test(plain) ? "" : plain.replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 50);
    address.value = made || suggested;
  });
}
