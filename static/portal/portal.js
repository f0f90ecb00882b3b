/* What scripts add to pages that work without them. */
(function () {
  "use strict";

  const each = (root, selector, visit) => {
    if (root.matches && root.matches(selector)) visit(root);
    root.querySelectorAll(selector).forEach(visit);
  };

  /* Theme: the choice is kept by the browser; static/portal/theme.js applies it before the first paint. */
  const toggleTheme = () => {
    const theme = document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark";
    document.documentElement.dataset.bsTheme = theme;
    try {
      localStorage.setItem("theme", theme);
    } catch {
      /* A browser that stores nothing forgets the choice with the page. */
    }
  };

  /* Selects that can be searched; with data-url the server searches, from two characters on. */
  const searchOnServer = (address) => ({
    shouldLoad: (text) => text.trim().length >= 2,
    score: () => () => 1,
    load(text, show) {
      this.clearOptions();
      const query = new URL(address, location.href);
      query.searchParams.set("q", text.trim());
      fetch(query, { headers: { Accept: "application/json" } })
        .then((response) => (response.ok ? response.json() : Promise.reject(response.status)))
        .then(({ results, more }) => {
          const rest = { value: " ", text: `${more} more: type on to narrow down`, disabled: true };
          show(more ? [...results, rest] : results);
        })
        .catch(() => show());
    },
  });

  const attachSearch = (select) => {
    if (select.tomselect || !window.TomSelect) return;
    const plugins = select.multiple ? ["remove_button", "checkbox_options"] : [];
    const remote = select.dataset.url ? searchOnServer(select.dataset.url) : {};
    const widget = new window.TomSelect(select, {
      plugins: select.dataset.url ? plugins.slice(0, 1) : plugins,
      maxOptions: select.dataset.url ? 51 : 1000,
      hideSelected: false,
      ...remote,
    });
    const notes = select.getAttribute("aria-describedby");
    if (notes) widget.control_input.setAttribute("aria-describedby", notes);
    select.setAttribute("aria-hidden", "true");
    select.tabIndex = -1;
  };

  /* Check boxes of a list: one for all of them, a count, and shift-click for a range. */
  const boxesOf = (all) =>
    [...(all.form || document).querySelectorAll(`input[type=checkbox][name="${all.dataset.checkAll}"]`)].filter(
      (box) => !box.disabled,
    );

  const showCount = (all) => {
    const boxes = boxesOf(all);
    const count = boxes.filter((box) => box.checked).length;
    all.checked = count > 0 && count === boxes.length;
    all.indeterminate = count > 0 && count < boxes.length;
    (all.form || document).querySelectorAll("[data-check-count]").forEach((place) => {
      place.textContent = `${count} selected`;
    });
  };

  const attachCheckAll = (all) => {
    if (all.dataset.attached) return;
    all.dataset.attached = "true";
    let last = null;
    all.addEventListener("change", () => {
      boxesOf(all).forEach((box) => (box.checked = all.checked));
      showCount(all);
    });
    (all.form || document).addEventListener("click", (event) => {
      const boxes = boxesOf(all);
      const here = boxes.indexOf(event.target);
      if (here < 0) return;
      const from = boxes.indexOf(last);
      if (event.shiftKey && from >= 0) {
        boxes
          .slice(Math.min(from, here), Math.max(from, here) + 1)
          .forEach((box) => (box.checked = event.target.checked));
      }
      last = event.target;
      showCount(all);
    });
    showCount(all);
  };

  /* A form is sent once: until the answer is there its buttons are disabled. */
  const setSending = (form, isSending) => {
    if (isSending) form.dataset.sending = "true";
    else delete form.dataset.sending;
    [...form.elements]
      .filter((element) => element.type === "submit")
      .forEach((button) => {
        if (isSending) button.setAttribute("aria-disabled", "true");
        else button.removeAttribute("aria-disabled");
      });
  };

  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      if (form.method !== "post") return;
      if (form.dataset.sending) {
        event.preventDefault();
        event.stopImmediatePropagation();
        return;
      }
      setTimeout(() => setSending(form, true));
    },
    true,
  );
  const allSent = () => document.querySelectorAll("form[data-sending]").forEach((form) => setSending(form, false));
  window.addEventListener("pageshow", allSent);
  document.addEventListener("htmx:afterRequest", () => setTimeout(allSent));

  /* Pop-ups: whatever is swapped into #dialog opens, and is gone once closed. */
  const openDialog = (place) => {
    const dialog = place.querySelector("dialog");
    if (!dialog || dialog.open) return;
    dialog.addEventListener("close", () => dialog.remove());
    const menu = document.activeElement.closest("details[data-menu]");
    if (menu) menu.querySelector("summary").focus();
    closeMenus(null);
    dialog.showModal();
  };

  const tell = (text) => {
    const alert = document.createElement("div");
    alert.className = "alert alert-danger";
    alert.setAttribute("role", "alert");
    alert.textContent = text;
    (document.querySelector("dialog[open] .modal-body, dialog[open] .card-body") || document.getElementById("messages")).prepend(alert);
  };
  document.addEventListener("htmx:responseError", (event) => {
    tell(`The Portal answered with an error (${event.detail.xhr.status}). Reload the page and try again.`);
  });
  document.addEventListener("htmx:sendError", () => tell("The Portal can't be reached. Check your connection and try again."));

  const closeMenus = (except) => {
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
      if (!menu.contains(except)) menu.open = false;
    });
  };

  document.addEventListener("click", (event) => {
    closeMenus(event.target);
    if (event.target.closest("[data-theme-toggle]")) toggleTheme();
    const close = event.target.closest("[data-close-dialog]");
    if (close && close.closest("dialog")) {
      event.preventDefault();
      close.closest("dialog").close();
    }
  });
  const ARROWS = { ArrowDown: 1, ArrowUp: -1 };
  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest("details[data-menu][open]");
    if (!menu) return;
    if (event.key === "Escape") {
      menu.open = false;
      menu.querySelector("summary").focus();
    } else if (event.key in ARROWS) {
      event.preventDefault();
      const places = [...menu.querySelectorAll("summary, a, button")];
      const next = places.indexOf(event.target) + ARROWS[event.key];
      places[(next + places.length) % places.length].focus();
    }
  });
  document.addEventListener("change", (event) => {
    if (event.target.closest("[data-submit-on-change]") && event.target.form) event.target.form.requestSubmit();
  });

  const attach = (root) => {
    each(root, "select[data-tom-select]", attachSearch);
    each(root, "input[data-check-all]", attachCheckAll);
    each(root, "[data-theme-toggle]", (button) => (button.hidden = false));
  };
  attach(document.documentElement);
  document.addEventListener("htmx:afterSwap", (event) => {
    attach(event.detail.target.isConnected ? event.detail.target : document.documentElement);
    if (event.detail.target.id === "dialog") openDialog(event.detail.target);
  });

  /* What only a script can do is shown where there is one; a passkey that the browser refused is told. */
  each(document, "[data-scripted]", (part) => (part.hidden = false));
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    each(document, "[data-passkey-refusal]", (place) => (place.hidden = false));
  });
})();
