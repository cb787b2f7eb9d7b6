// Chooses all lines of the list at once. Without scripts one chooses each.
const bulk = document.getElementById("bulk");
const boxes = () => [...document.querySelectorAll("#list input[name=ticket]")];

function offer() {
  const head = document.querySelector("#list thead [data-all]");
  if (!bulk || !head || head.querySelector("input")) return;
  const all = document.createElement("input");
  all.type = "checkbox";
  all.ariaLabel = head.dataset.all;
  all.addEventListener("change", () => boxes().forEach(box => box.checked = all.checked));
  head.replaceChildren(all);
}

offer();
document.addEventListener("htmx:afterSettle", offer);
// Whoever chooses wants to change them.
document.addEventListener("change", event => { if (event.target.name === "ticket" && event.target.checked) bulk.closest("details").open = true; });
