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

  // Another language, the same place of a long text.
  on("submit", ({ target: form }) => {
    const next = form.matches(".languages") && form.elements.next;
    if (next) next.value += location.hash;
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

  // Autosave. One request at a time; a submission waits until every word is safe, and leaves only then.
  const form = all("form[data-autosave]")[0];
  if (!form) return;
  const state = document.getElementById("save-state");
  const { attempts, touched } = form.elements;
  // Under a conflict nothing is replaced unless somebody presses a button.
  const conflict = document.getElementById("conflict");
  let undecided = Boolean(conflict);
  let edits = 0, saved = 0, names = [], busy = false, pressed = null, refused = false, leaving = false, renewed = false, timer;

  const later = seconds => { clearTimeout(timer); timer = setTimeout(save, seconds * 1000); };
  const tell = (text, problem) => {
    state.textContent = text;
    state.classList.toggle("problem", problem);
  };
  // A save has a name: if its answer gets lost, the next one says that it was ours.
  const name = () => {
    names = [...names, crypto.getRandomValues(new Uint32Array(1))[0] >>> 3].slice(-20);
    attempts.value = names.join(" ");
  };
  // Every element of the answer takes the place of the one that has its id.
  const show = html => {
    for (const part of [...new DOMParser().parseFromString(html, "text/html").body.children]) {
      const old = document.getElementById(part.id);
      if (old !== state) old?.replaceWith(part);
      else {
        state.className = part.className;
        state.replaceChildren(...part.childNodes);
        if (part.dataset.csrf) all("[name=csrf_token]").forEach(i => { i.value = part.dataset.csrf; });
      }
    }
  };
  const send = async () => {
    name();
    const body = new URLSearchParams(new FormData(form)).toString();
    const answer = await fetch(form.action, {
      method: "POST",
      body,
      headers: { "Content-Type": "application/x-www-form-urlencoded", "HX-Request": "true" },
      signal: AbortSignal.timeout(15000),
      keepalive: body.length < 6e4,
    });
    const html = await answer.text();
    // Another page than our fragment (a proxy's, a sign-in) must not take its place.
    if (!html.includes('id="save-state"')) throw new Error("not ours");
    show(html);
    return answer.status;
  };
  const leave = () => {
    const button = pressed;
    pressed = null;
    if (button.value !== "save" || refused) button.form.requestSubmit(button);
  };
  async function save() {
    clearTimeout(timer);
    if (busy || leaving || undecided || edits === saved) return;
    busy = true;
    const upTo = edits;
    const status = await send().catch(() => 0);
    busy = false;
    const retry = status === 400 && !renewed;
    renewed = retry;
    refused = status === 409 || status === 422;
    if (status === 200) {
      saved = upTo;
      conflict?.remove();
      names = [];
      attempts.value = "";
      if (edits > saved) later(pressed ? 0 : 1);
      else if (pressed) leave();
    } else if (retry) save();
    else if (refused && pressed?.form === form) leave();
    else {
      pressed = null;
      if (!status) tell(form.dataset.offline, true);
      if (!status || status === 429 || status > 499) later(status ? 15 : 5);
    }
  }

  // Where one is, for the next time: the section of the field last used.
  form.addEventListener("focusin", ({ target }) => {
    const section = target.closest("section[id]");
    if (section && form.elements.at) form.elements.at.value = section.id;
  });
  form.addEventListener("input", ({ target }) => {
    edits++;
    if (touched && !touched.value.split(" ").includes(target.name)) touched.value += " " + target.name;
    later(1.2);
  });
  form.addEventListener("submit", event => {
    const stays = event.submitter?.value === "save";
    if (refused || (!busy && !stays && edits === saved)) {
      name();
      leaving = true;
      clearTimeout(timer);
      return;
    }
    event.preventDefault();
    pressed = event.submitter;
    undecided = false;
    if (edits === saved) edits++;
    tell(form.dataset.saving, false);
    save();
  });
  // Another form of the page takes one away as well: it waits until what was written is safe.
  document.addEventListener("submit", event => {
    if (event.target === form || leaving || !event.submitter || (!busy && edits === saved)) return;
    event.preventDefault();
    event.stopPropagation();
    pressed = event.submitter;
    tell(form.dataset.saving, false);
    save();
  }, true);
  addEventListener("pageshow", () => { leaving = false; });
  addEventListener("beforeunload", event => { if (edits > saved && !leaving) event.preventDefault(); });
  ["online", "focus"].forEach(event => addEventListener(event, save));
  on("visibilitychange", () => { if (document.hidden) save(); });
})();
