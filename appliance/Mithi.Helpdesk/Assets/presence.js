// Says who else reads or answers this ticket, so that two do not answer it at once.
const line = document.getElementById("presence");
const again = 20000, typing = 3000;

if (line) {
  let typedAt = 0, timer;

  async function tell(doing) {
    clearTimeout(timer);
    try {
      const answer = await fetch(line.dataset.tell, {
        method: "POST", keepalive: doing === "Gone", headers: { "X-Forgery-Token": document.querySelector("[name=_forgery]").value }, body: new URLSearchParams({ doing }),
      });
      if (answer.ok && doing !== "Gone") show(await answer.json());
    } catch { /* The next one says it. */ }
    if (document.visibilityState === "visible") timer = setTimeout(() => tell("Viewing"), isOtherTyping ? 2 * typing : again);
  }

  let isOtherTyping = false;
  function show(others) {
    isOtherTyping = others.typing;
    if (line.textContent !== others.line) line.textContent = others.line;
  }

  document.addEventListener("input", event => {
    if (!event.target.closest("form[data-draft]") || Date.now() - typedAt < typing) return;
    typedAt = Date.now();
    tell("Typing");
  });
  document.addEventListener("visibilitychange", () => tell(document.visibilityState === "visible" ? "Viewing" : "Gone"));
  document.addEventListener("presence", () => tell("Viewing"));
  addEventListener("pagehide", () => tell("Gone"));
  tell("Viewing");
}
