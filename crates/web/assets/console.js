// Makes the console quicker; every page works without it.
"use strict";
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest && event.target.closest("input, textarea, select");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const search = document.getElementById("search");
    if (search) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  }
  if (event.key === "Escape") closeMenus(null);
});
document.addEventListener("click", (event) => closeMenus(event.target));
function closeMenus(target) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!target || !menu.contains(target)) {
      if (!target && menu.contains(document.activeElement)) menu.querySelector("summary").focus();
      menu.removeAttribute("open");
    }
  }
}
for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
    const button = event.submitter;
    if (button && button.dataset.busy) button.textContent = button.dataset.busy;
  });
}
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-once]")) delete form.dataset.sent;
});
// A form that shows its effect while it is typed; the button beside it does the same without this.
for (const form of document.querySelectorAll("form[data-live]")) {
  const target = document.getElementById(form.dataset.target);
  let waiting = 0;
  let asked = 0;
  const ask = async () => {
    const mine = ++asked;
    const body = new URLSearchParams(new FormData(form));
    try {
      const answer = await fetch(form.dataset.live, { method: "POST", body, credentials: "same-origin" });
      const text = await answer.text();
      if (mine !== asked) return;
      if (answer.ok) target.innerHTML = text;
      target.classList.toggle("stale", !answer.ok);
    } catch {
      target.classList.add("stale");
    }
  };
  if (target) {
    form.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(ask, 500);
    });
  }
}
