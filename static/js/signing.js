// Reading a text to its end: each article whose end came into view is told to the server, which opens the answer.
// Without this the text is read article by article.
(() => {
  const text = document.getElementById("text-to-read");
  const line = document.getElementById("reading-left");
  if (!text || !line || !("IntersectionObserver" in window)) return;
  const { slip, csrf, to, one, many, next, done, offline } = text.dataset;
  const shown = new Set(text.dataset.shown.split(",").filter(Boolean));
  const articles = [...text.querySelectorAll("section[id]")];
  let told = shown.size, busy = false, timer;

  const left = () => articles.filter(article => !shown.has(article.id));
  const tell = () => {
    const rest = left();
    line.hidden = rest.length === 0;
    if (!rest.length) return;
    const link = document.createElement("a");
    link.href = "#" + rest[0].id;
    link.textContent = next;
    line.replaceChildren((rest.length > 1 ? many.replace("{}", rest.length) : one) + " · ", link);
  };
  const later = seconds => { clearTimeout(timer); timer = setTimeout(send, seconds * 1000); };

  async function send() {
    if (busy || (shown.size === told && left().length)) return;
    busy = true;
    const upTo = shown.size;
    const answer = await fetch(to, {
      method: "POST",
      body: new URLSearchParams({ csrf_token: csrf, shown: slip, articles: [...shown].join(",") }),
      headers: { "HX-Request": "true" },
      signal: AbortSignal.timeout(15000),
      keepalive: true,
    }).catch(() => null);
    busy = false;
    if (answer?.status === 200) return open(await answer.text());
    if (answer?.status === 409 || answer?.status === 401 || answer?.status === 400) return location.reload();
    if (answer?.status === 204) told = upTo;
    else {
      line.hidden = false;
      line.textContent = offline;
    }
    if (shown.size > told || !left().length) later(answer?.status === 204 ? 1 : 5);
  }

  // The server's own form takes the place of the sentence that says when it opens.
  const open = html => {
    const form = new DOMParser().parseFromString(html, "text/html").getElementById("repondre");
    if (!form) return;
    observer.disconnect();
    line.hidden = true;
    document.getElementById("repondre").replaceWith(form);
    document.getElementById("reading-said").textContent = done;
  };

  // An article has been shown when its last line has come into view.
  const observer = new IntersectionObserver(entries => {
    entries.filter(entry => entry.isIntersecting).forEach(({ target }) => {
      observer.unobserve(target);
      shown.add(target.parentElement.id);
    });
    tell();
    if (shown.size > told) later(left().length ? 1 : 0);
  });
  articles.forEach(article => {
    const end = document.createElement("span");
    end.className = "article-end";
    article.append(end);
    if (!shown.has(article.id)) observer.observe(end);
  });
  tell();
  addEventListener("visibilitychange", () => { if (document.hidden) send(); });
})();
