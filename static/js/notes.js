// Margin notes of a feedback: a passage chosen in the situation becomes a note beside it. The page works without it.
(() => {
  const desk = document.getElementById("situation");
  const list = document.getElementById("note-list");
  const sheet = document.getElementById("note-sheet");
  const form = list?.closest("form");
  if (!desk || !form) return;
  const { most, removed, undo, full } = list.dataset;
  let chosen = null;

  document.getElementById("notes-by-hand").hidden = false;
  if (matchMedia("(min-width: 70rem)").matches) desk.open = true;
  form.querySelectorAll("[data-remove]").forEach(button => { button.hidden = false; });

  // Every paragraph knows where it begins in its text, and has a button of its own after it.
  const button = (label, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "annotate";
    made.textContent = label;
    made.addEventListener("mousedown", event => event.preventDefault()); // or the selection would be gone
    made.addEventListener("click", act);
    return made;
  };
  desk.querySelectorAll("[data-key]").forEach(block => {
    const text = block.textContent;
    block.textContent = "";
    let start = 0;
    for (const line of text.split("\n")) {
      const at = start;
      const span = document.createElement("span");
      span.dataset.start = at;
      span.textContent = line;
      if (start) block.append("\n");
      block.append(span);
      if (line.trim()) {
        const passage = { field: block.dataset.key, start: at, quote: line };
        const mark = button("+", () => add(within(block) || passage));
        mark.title = desk.dataset.paragraph;
        mark.setAttribute("aria-label", desk.dataset.paragraph + " : " + line.slice(0, 40));
        block.append(mark);
      }
      start += line.length + 1;
    }
    block.fullText = text;
  });

  const place = (node, offset) => {
    const span = (node.nodeType === 1 ? node : node.parentElement).closest("[data-start]");
    return span ? Number(span.dataset.start) + (node.nodeType === 3 ? offset : 0) : null;
  };
  const selection = () => {
    const made = getSelection();
    if (!made.rangeCount || made.isCollapsed) return null;
    const range = made.getRangeAt(0);
    const block = (node => node.nodeType === 1 ? node : node.parentElement)(range.startContainer).closest("[data-key]");
    if (!block || !desk.contains(block)) return null;
    const start = place(range.startContainer, range.startOffset);
    const end = block.contains(range.endContainer) ? place(range.endContainer, range.endOffset) : block.fullText.length;
    const quote = start === null ? "" : block.fullText.slice(start, end ?? start + made.toString().length);
    return quote.trim() ? { block, field: block.dataset.key, start, quote } : null;
  };
  const within = block => chosen && chosen.block === block ? chosen : null;

  const here = button(desk.dataset.annotate, () => { if (chosen) add(chosen); });
  here.className = "button annotate-here";
  here.hidden = true;
  desk.parentElement.append(here);
  document.addEventListener("selectionchange", () => {
    const found = selection();
    if (found || desk.contains(document.activeElement) || document.activeElement === document.body) chosen = found;
    here.hidden = !chosen;
  });
  document.addEventListener("keydown", event => {
    const writing = event.target.closest?.("input, textarea, select");
    if (event.key !== "n" || writing || event.ctrlKey || event.metaKey || event.altKey || !selection()) return;
    event.preventDefault();
    add(selection());
  });

  const changed = () => form.dispatchEvent(new Event("input", { bubbles: true }));
  const free = () => {
    const taken = [...form.querySelectorAll("[name^=notes-][name$=-quote]")].map(box => parseInt(box.name.slice(6), 10));
    return Math.max(-1, ...taken) + 1;
  };
  function add(passage) {
    if (list.querySelectorAll(".note-field").length >= Number(most)) { say(full); return; }
    const number = free();
    const holder = document.createElement("template");
    holder.innerHTML = sheet.innerHTML.replaceAll("notes-x", "notes-" + number);
    const note = holder.content.firstElementChild;
    const set = (name, value) => { note.querySelector(`[name=notes-${number}-${name}]`).value = value; };
    set("field", passage.field);
    set("start", passage.start);
    set("quote", passage.quote.slice(0, 1500));
    note.querySelector("legend").textContent = note.querySelector("legend").textContent;
    note.querySelector("[data-remove]").hidden = false;
    list.append(note);
    note.querySelector(`[name=notes-${number}-text]`).focus();
    getSelection().removeAllRanges();
    chosen = null;
    here.hidden = true;
    changed();
  }
  const line = text => {
    const said = document.createElement("p");
    said.className = "note-gone";
    said.setAttribute("role", "status");
    said.textContent = text + " ";
    return said;
  };
  function say(text) {
    list.querySelector(".note-full")?.remove();
    const said = line(text);
    said.classList.add("note-full");
    list.append(said);
  }
  list.addEventListener("click", event => {
    const note = event.target.matches("[data-remove]") && event.target.closest(".note-field");
    if (!note) return;
    const said = line(removed);
    const back = button(undo, () => {
      said.replaceWith(note);
      note.querySelector("textarea").focus();
      changed();
    });
    back.className = "button plain";
    said.append(back);
    note.replaceWith(said);
    back.focus();
    changed();
  });
})();
