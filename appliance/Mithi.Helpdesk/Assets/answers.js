// Puts a canned answer where the cursor stands. Without scripts it is added to the draft.
document.addEventListener("click", async event => {
  const button = event.target.closest("[data-canned]");
  if (!button) return;
  event.preventDefault();
  const form = button.form, select = form.querySelector("[name=canned]"), body = form.elements.body;
  if (!select.value) { select.focus(); return; }
  const answer = await fetch(button.formAction, {
    method: "POST", headers: { "X-Forgery-Token": form.elements._forgery.value, "HX-Request": "true" }, body: new URLSearchParams({ canned: select.value }),
  });
  if (!answer.ok) { form.noValidate = true; form.requestSubmit(button); return; }
  const text = await answer.text(), at = body.selectionStart;
  body.setRangeText((at > 0 && body.value[at - 1] !== "\n" ? "\n\n" : "") + text, at, body.selectionEnd, "end");
  body.dispatchEvent(new Event("input", { bubbles: true }));
  body.focus();
});
