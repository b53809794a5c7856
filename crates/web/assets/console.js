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
// A form that shows its effect while it is typed.
for (const form of document.querySelectorAll("form[data-live]")) {
  const target = document.getElementById(form.dataset.target);
  let last = 0;
  form.addEventListener("input", () => {
    const mine = ++last;
    target.classList.add("stale");
    setTimeout(async () => {
      if (mine !== last) return;
      const body = new URLSearchParams(new FormData(form));
      const answer = await fetch(form.dataset.live, { method: "POST", body });
      const text = await answer.text();
      if (mine !== last || !answer.ok) return;
      target.innerHTML = text;
      target.classList.remove("stale");
    }, 500);
  });
}
