// The triage path by single keys. An element says by aria-keyshortcuts which key is its own; nothing happens while one types.
const dialog = document.getElementById("keys"), store = "mithi-tickets";
const rows = () => [...document.querySelectorAll("#list [data-ticket] th a")];

// What the list showed last is what "next" goes through.
function remember() {
  const links = rows().map(link => link.pathname);
  if (links.length > 0) sessionStorage.setItem(store, JSON.stringify({ list: location.pathname + location.search, links }));
}
if (document.getElementById("list")) {
  remember();
  document.addEventListener("htmx:afterSettle", remember);
}

function step(by) {
  const links = rows(), at = links.indexOf(document.activeElement.closest?.("[data-ticket]")?.querySelector("th a"));
  links[at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.max(0, Math.min(links.length - 1, at + by))]?.focus();
}

function go(by) {
  const known = JSON.parse(sessionStorage.getItem(store) ?? "null");
  if (!known) { location.assign("/tickets"); return; }
  const next = known.links[known.links.indexOf(location.pathname) + by];
  location.assign(next ?? known.list);
}

function back() {
  location.assign(JSON.parse(sessionStorage.getItem(store) ?? "null")?.list ?? "/tickets");
}

function press(key) {
  const own = document.querySelector(`main [aria-keyshortcuts="${CSS.escape(key)}"]`);
  if (!own) return false;
  for (let folded = own.closest("details:not([open])"); folded; folded = folded.parentElement.closest("details:not([open])")) folded.open = true;
  if (own.matches("button")) own.click();
  else { own.focus(); own.scrollIntoView({ block: "center" }); }
  return true;
}

const onList = { j: () => step(1), k: () => step(-1), o: () => document.activeElement.closest("[data-ticket]")?.querySelector("th a").click(),
  x: () => document.activeElement.closest("[data-ticket]")?.querySelector("input[type=checkbox]")?.click() };
const onTicket = { "]": () => go(1), "[": () => go(-1), u: back };

document.addEventListener("keydown", event => {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
  const at = event.target;
  const isField = at.matches("input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select") || at.isContentEditable;
  if (event.key === "Escape" && isField && at.matches("textarea, select")) { at.blur(); document.getElementById("main").focus(); return; }
  if (isField || dialog?.open) return;
  const own = (document.getElementById("list") ? onList : onTicket)[event.key];
  if (event.key === "?") dialog?.showModal();
  else if (own) own();
  else if (event.key === "/") (document.querySelector("main input[type=search]") ?? document.querySelector(".top input[type=search]"))?.focus();
  else if (!press(event.key)) return;
  event.preventDefault();
});

document.querySelector("[data-keys-help]")?.addEventListener("click", event => { event.preventDefault(); dialog.showModal(); });
