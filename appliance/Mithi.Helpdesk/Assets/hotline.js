// Shows how long the call has lasted. The node counts by itself when nothing is typed.
const line = document.querySelector("[data-since]");

if (line) {
  const since = Number(line.dataset.since);
  const two = number => String(number).padStart(2, "0");
  const show = () => {
    const passed = Math.max(0, Math.floor((Date.now() - since) / 1000));
    line.querySelector("span").textContent = `${Math.floor(passed / 60)}:${two(passed % 60)}`;
  };
  line.hidden = false;
  show();
  setInterval(show, 1000);
}
