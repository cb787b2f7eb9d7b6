// Keeps the page of a site as it is now. Without it, the reader loads the page again.
const live = document.querySelector("[data-live]");

if (live) {
  const source = new EventSource(live.dataset.live);
  let state = live.dataset.state;
  let typed = false;
  document.addEventListener("input", () => typed = true);

  source.addEventListener("state", event => {
    if (event.data === state) return;
    state = event.data;
    // What somebody has begun to type is never thrown away: he is told instead.
    if (typed) document.getElementById("changed").hidden = false;
    else location.reload();
  });

  source.addEventListener("part", event => {
    const log = live.querySelector(".log");
    const atEnd = !log || log.scrollTop + log.clientHeight >= log.scrollHeight - 8;
    const top = log?.scrollTop ?? 0;
    if (live.contains(document.activeElement) || getSelection()?.toString()) return;
    live.innerHTML = event.data;
    const now = live.querySelector(".log");
    if (now) now.scrollTop = atEnd ? now.scrollHeight : top;
  });

  addEventListener("pagehide", () => source.close());
}

const log = document.querySelector(".log");
if (log) log.scrollTop = log.scrollHeight;
