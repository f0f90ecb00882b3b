/* The setup form: Save is off again when the key or the region is not the tested one any more. The server refuses it anyway. */
(function () {
  "use strict";

  const AGAIN = "The key or the region was changed. Press Test again.";

  const isChanged = (form) => {
    const key = form.querySelector("[name=api_key]").value;
    return key !== "" || form.querySelector("[name=region]").value !== form.dataset.region;
  };

  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-setup]");
    if (!form || form.dataset.saves !== "true") return;
    const reason = form.querySelector("#save-reason");
    const changed = isChanged(form);
    form.querySelector("#save-button").disabled = changed;
    reason.hidden = !changed;
    reason.textContent = changed ? AGAIN : "";
  });

  /* While the test runs nothing can be changed: the answer brings the form back as it was sent. */
  const setAsking = (isAsking) => (event) => {
    if (event.target.matches("form[data-setup]")) event.target.inert = isAsking;
  };
  document.addEventListener("htmx:beforeSend", setAsking(true));
  document.addEventListener("htmx:afterRequest", setAsking(false));

  /* A refusal is brought into view: the form keeps its place, and the reason may be far from Save. */
  document.addEventListener("htmx:afterSwap", () => {
    const find = (kind) => document.querySelector(`#setup-form ${kind}`);
    const reason = find(".invalid-feedback") || find("[role=alert]");
    if (reason) reason.scrollIntoView({ block: "center" });
  });
})();
