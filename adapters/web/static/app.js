// All that the page runs of its own: times in the visitor's zone, and signing in without a button
// where `nellie web` has opened the browser itself.
"use strict";

function showLocalTimes(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    time.title = time.dateTime;
    time.textContent = at.toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
  }
}

document.addEventListener("DOMContentLoaded", () => {
  showLocalTimes(document);
  const atOnce = document.querySelector("form[data-at-once]");
  if (atOnce) atOnce.requestSubmit();
});
document.addEventListener("htmx:load", (event) => showLocalTimes(event.target));
