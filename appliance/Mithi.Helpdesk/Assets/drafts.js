// What is typed is kept on the node while it is typed, so that a closed tab or a dead battery loses nothing.
const soon = 500, later = 5000;

function keep(form) {
  const status = form.querySelector("[data-draft-state]");
  const value = () => ({ body: form.elements.body.value, then: form.elements.then?.value ?? "" });
  const same = (a, b) => a.body === b.body && a.then === b.then;
  let kept = value(), timer, saving, isSent = false;

  // Without scripts one keeps it by hand.
  form.querySelector("[data-by-hand]")?.remove();
  const say = text => { if (status && status.textContent !== text) status.textContent = text; };
  // From the first change on, not from the last: who types without a pause is kept up with, too.
  const plan = after => timer ??= setTimeout(save, after);

  async function save() {
    timer = undefined;
    if (isSent || saving || same(value(), kept)) return;
    const now = value();
    saving = send(now, false);
    const isKept = await saving;
    saving = undefined;
    if (isKept) kept = now;
    say(status?.dataset[isKept ? "kept" : "lost"] ?? "");
    if (!same(value(), kept)) plan(isKept ? soon : later);
  }

  const send = (now, isLast) => fetch(form.dataset.draft, {
    // A browser lets go of the page before an answer comes, and takes no more than this along.
    method: "POST", keepalive: isLast && now.body.length < 15000,
    headers: { "X-Forgery-Token": form.elements._forgery.value, "HX-Request": "true" },
    body: new URLSearchParams({ ...now, seen: form.elements.seen.value }),
  }).then(answer => answer.ok, () => false);

  const last = () => { if (!isSent && !same(value(), kept)) { kept = value(); send(kept, true); } };

  form.addEventListener("input", () => plan(soon));
  form.addEventListener("submit", event => { if (!event.defaultPrevented) { isSent = true; clearTimeout(timer); } });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") last(); });
  addEventListener("pagehide", last);
  addEventListener("pageshow", () => isSent = false);
}

document.querySelectorAll("form[data-draft]").forEach(keep);
