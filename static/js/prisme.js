// Comfort only: pages work without it. Nothing is kept in the browser's storage.
(() => {
  const on = (name, act) => document.addEventListener(name, act);
  const all = selector => document.querySelectorAll(selector);

  // One submission at a time; a page brought back can be sent again.
  on("submit", ({ target: form, submitter: button, defaultPrevented: stopped }) => {
    if (stopped || form.method !== "post" || !button || "repeat" in form.dataset) return;
    setTimeout(() => { button.disabled = true; });
    setTimeout(() => { button.disabled = false; }, 10000);
  });
  addEventListener("pageshow", event => {
    if (event.persisted) all("button:disabled").forEach(b => { b.disabled = false; });
  });

  const menus = () => all("details[data-menu][open]");
  on("click", event => menus().forEach(m => { m.open = m.contains(event.target); }));
  on("keydown", event => {
    if (event.key === "Escape") menus().forEach(m => { m.open = false; m.firstElementChild.focus(); });
  });

  const count = () => all("[data-counter]").forEach(p => {
    const { counter, limit } = p.dataset;
    p.textContent = document.getElementById(counter).value.length + (limit ? " / " + limit : "");
  });
  count();
  on("input", count);

  // Autosave: htmx sends; this watches what is not yet safe.
  const form = all("form[data-autosave]")[0];
  if (!form) return;
  let edits = 0, sent = 0, saved = 0, leaving = false, renewed = false, timer;
  const state = () => all("#save-state")[0];
  const mine = act => event => { if (event.detail.requestConfig?.elt === form) act(event.detail); };
  const post = () => { clearTimeout(timer); htmx.trigger(form, "change", { again: true }); };
  const wait = seconds => () => {
    state().textContent = form.dataset.offlineText;
    state().classList.add("problem");
    clearTimeout(timer);
    timer = setTimeout(post, seconds * 1000);
  };
  const edited = event => { if (!event.detail?.again) edits++; };

  ["input", "change"].forEach(name => form.addEventListener(name, edited));
  form.addEventListener("submit", () => { leaving = true; clearTimeout(timer); });
  addEventListener("pageshow", () => { leaving = false; });
  addEventListener("beforeunload", event => { if (edits > saved && !leaving) event.preventDefault(); });
  ["online", "focus"].forEach(name => addEventListener(name, () => { if (edits > saved) post(); }));

  on("htmx:beforeRequest", mine(() => { sent = edits; clearTimeout(timer); }));
  ["sendError", "timeout"].forEach(name => on("htmx:" + name, mine(wait(5))));
  on("htmx:responseError", mine(({ xhr }) => { if (xhr.status === 429 || xhr.status > 499) wait(15)(); }));
  // Another page than our fragment (a proxy's, a sign-in) must not take its place.
  on("htmx:beforeSwap", mine(detail => {
    if (!detail.shouldSwap || detail.xhr.responseText.includes('id="save-state"')) return;
    detail.shouldSwap = false;
    wait(15)();
  }));
  on("htmx:afterSwap", mine(({ xhr }) => {
    const { csrf, retry } = state().dataset;
    if (xhr.status < 300) { saved = sent; renewed = false; }
    if (csrf) form.elements.csrf_token.value = csrf;
    if (retry !== undefined && !renewed) { renewed = true; post(); }
  }));
})();
