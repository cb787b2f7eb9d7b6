// Small conveniences on every page. Everything works without them.

// Tell the node the reader's zone, so that a visitor without a profile sees his own time.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !document.cookie.includes("zone=")) {
  document.cookie = `zone=${encodeURIComponent(zone)}; path=/; max-age=31536000; samesite=lax`;
}

// On a phone the menu scrolls; the entry of this page must not be the hidden one.
const here = document.querySelector(".top nav [aria-current]");
if (here) here.closest("nav").scrollLeft = here.offsetLeft - 40;

// A form with mistakes says so at once to whoever cannot see the page.
document.getElementById("errors")?.focus();

// A second click must not send a form twice; coming back by the browser's button makes it usable again.
document.addEventListener("submit", event => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  setTimeout(() => form.querySelectorAll("button").forEach(b => b.disabled = true));
});
addEventListener("pageshow", () => document.querySelectorAll("form button").forEach(b => b.disabled = false));
