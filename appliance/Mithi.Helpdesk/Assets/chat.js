// Enter sends a line without leaving the page; what others say arrives by the page's feed (ticket.js).
const box = document.getElementById("chat");
const form = box?.querySelector("form");
const again = 20000;

const last = () => Math.max(0, ...[...document.querySelectorAll("#conversation [data-seq]")].map(line => Number(line.dataset.seq)));
const post = (path, fields, keepalive = false) => fetch(path, {
  method: "POST", keepalive, headers: { "X-Forgery-Token": document.querySelector("[name=_forgery]").value, "HX-Request": "true" }, body: new URLSearchParams(fields),
});

if (form) {
  const text = form.elements.body, room = box.querySelector("[data-room]"), lost = box.querySelector("[data-chat-lost]");
  const isHere = () => box.open && document.visibilityState === "visible";
  let timer, sending = false;

  async function say() {
    const typed = text.value;
    if (sending || !typed.trim()) return;
    sending = true;
    text.value = "";
    const isStored = await post(form.action, { body: typed }).then(answer => answer.ok && !answer.redirected, () => false);
    sending = false;
    // What could not be stored comes back, before whatever was typed meanwhile.
    if (!isStored) text.value = typed + text.value;
    lost.textContent = isStored ? "" : lost.dataset.text;
  }

  async function here() {
    clearTimeout(timer);
    try {
      const answer = await post(form.dataset.chat, { here: isHere() ? "1" : "", seen: String(last()) }, !isHere());
      const line = answer.ok && !answer.redirected ? (await answer.json()).line : room.textContent;
      if (room.textContent !== line) room.textContent = line;
    } catch { /* The next one says it. */ }
    if (isHere()) timer = setTimeout(here, again);
  }

  // While a word is being composed, Enter chooses it.
  text.addEventListener("keydown", event => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    say();
  });
  form.addEventListener("submit", event => { event.preventDefault(); say(); });
  box.addEventListener("toggle", () => { here(); if (box.open) text.focus(); });
  document.addEventListener("room", () => { if (isHere()) here(); });
  document.addEventListener("entries", () => { if (isHere()) here(); });
  document.addEventListener("visibilitychange", () => { if (box.open) here(); });
  addEventListener("pagehide", () => { if (box.open) post(form.dataset.chat, { here: "" }, true).catch(() => {}); });
  if (location.hash === "#chat") box.open = true;
}

// What became of a card is shown on it, and its command can be copied.
function cards() {
  document.querySelectorAll("[data-marks]").forEach(mark => {
    const shown = document.querySelector(`#m${mark.dataset.marks} [data-mark]`);
    if (!shown) return;
    shown.textContent = mark.dataset.text;
    shown.className = mark.dataset.class;
  });
  if (navigator.clipboard) document.querySelectorAll("[data-copy]").forEach(button => button.hidden = false);
}

document.addEventListener("entries", cards);
document.addEventListener("click", event => {
  const button = event.target.closest("[data-copy]");
  if (button) navigator.clipboard.writeText(button.closest(".card").querySelector("code").textContent).then(() => button.textContent = button.dataset.copied, () => {});
});
document.addEventListener("submit", event => {
  const sent = event.target.closest("form[data-card]");
  if (!sent) return;
  event.preventDefault();
  post(sent.action, { mark: event.submitter.value }).then(answer => { if (!answer.ok || answer.redirected) location.reload(); }, () => {})
    // He may think better of it.
    .finally(() => sent.querySelectorAll("button").forEach(b => b.disabled = false));
});
cards();
