/* An import that runs: its page is fetched again each second; without script the browser does so by itself. */
(function () {
  const live = document.querySelector("[data-live]");
  if (!live) return;
  async function look() {
    try {
      const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-live]");
      if (!fresh) {
        // Over, or the session is: the whole page says more.
        location.replace(location.pathname);
        return;
      }
      live.replaceChildren(...fresh.childNodes);
    } catch {
      // The server is away for a moment: later.
    }
    setTimeout(look, 1000);
  }
  setTimeout(look, 1000);
})();
