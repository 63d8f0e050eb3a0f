// Keeps the list of text messages on the start page fresh: fetches the page itself and takes the list out of it.
const REFRESH_MILLISECONDS = 2000;

async function refresh() {
  if (document.hidden) return;
  const answer = await fetch(location.pathname, { headers: { "Accept-Language": document.documentElement.lang } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("messages");
  const shown = document.getElementById("messages");
  if (fresh && fresh.innerHTML !== shown.innerHTML) shown.replaceChildren(...fresh.childNodes);
}

setInterval(() => refresh().catch(() => {}), REFRESH_MILLISECONDS);
