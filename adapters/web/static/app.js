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
// A second click on a form that is on its way sends it no second time.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
document.addEventListener("htmx:load", (event) => showLocalTimes(event.target));

// What looks again by itself rests while nobody can see it, and says when it gets no answer.
const isLive = (event) => event.target instanceof Element && event.target.matches("[data-live]");

document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && isLive(event)) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  for (const part of document.querySelectorAll("[data-live]")) htmx.trigger(part, "look");
});
document.addEventListener("htmx:beforeSwap", (event) => {
  if (isLive(event) && event.detail.xhr.status === 503) event.detail.shouldSwap = true;
  if (isLive(event)) event.target.classList.remove("silent");
});
document.addEventListener("htmx:sendError", (event) => {
  if (isLive(event)) event.target.classList.add("silent");
});
