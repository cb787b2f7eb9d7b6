// An open ticket page shows what others write, as it is written. Without scripts the page is read again by hand.
const conversation = document.getElementById("conversation");
const news = document.getElementById("news");

const last = () => Math.max(0, ...[...conversation.querySelectorAll("[data-seq]")].map(line => Number(line.dataset.seq)));

let fetching = Promise.resolve();

async function fetchNewer() {
  for (let before = -1; last() > before;) {
    before = last();
    const answer = await fetch(`${conversation.dataset.entries}?after=${before}`, { headers: { "HX-Request": "true" } });
    if (!answer.ok || answer.redirected) return;
    const html = await answer.text();
    if (!html.trim()) break;
    // One answer holds a page's worth at most: after a long silence there is more.
    conversation.insertAdjacentHTML("beforeend", html);
    news.textContent = news.dataset.text;
  }
  // What is on the page has been shown: a reply that is sent now is not behind it.
  document.querySelectorAll("[data-seen]").forEach(field => field.value = last());
  document.dispatchEvent(new Event("entries"));
}

if (conversation?.dataset.feed && window.EventSource) {
  const feed = new EventSource(conversation.dataset.feed);
  const look = () => fetching = fetching.then(fetchNewer).catch(() => {});
  feed.addEventListener("entry", look);
  // After a line that was lost: what was told meanwhile is fetched once.
  feed.addEventListener("ready", look);
  feed.addEventListener("room", () => document.dispatchEvent(new Event("room")));
  feed.addEventListener("presence", () => document.dispatchEvent(new Event("presence")));
  addEventListener("pagehide", () => feed.close());
}
