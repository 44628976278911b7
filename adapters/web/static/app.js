// All that the page runs of its own: times in the visitor's zone, signing in without a button where
// `nellie web` has opened the browser itself, and talking: answers as they are made, and keys.
"use strict";

const SENT_FOR = 3000; // milliseconds in which a form is sent no second time

function showLocalTimes(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    time.title = time.dateTime;
    time.textContent = at.toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
  }
}

function isAtEnd() {
  return window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 80;
}

function showAnswer(part, html) {
  const follow = isAtEnd();
  part.innerHTML = html;
  showLocalTimes(part);
  offerCopies(part);
  if (follow) window.scrollTo(0, document.documentElement.scrollHeight);
}

// The server writes the HTML of every event, and has escaped all words in it.
function lookOn(entry) {
  const events = new EventSource(entry.dataset.events);
  const made = entry.querySelector(".made"); // beside it stands Stop, which keeps the focus
  events.addEventListener("text", (event) => showAnswer(made, event.data));
  events.addEventListener("done", (event) => {
    events.close();
    delete entry.dataset.events;
    showAnswer(entry, event.data);
    entry.setAttribute("aria-busy", "false");
    lookOnNext();
  });
}

// One after another, as they are answered: browsers open few connections to one server.
function lookOnNext() {
  const next = document.querySelector("[data-events]:not([data-watched])");
  if (!next) return;
  next.dataset.watched = "";
  lookOn(next);
}

function focusUnlessTaken(box) {
  if (document.activeElement === document.body) box.focus({ preventScroll: true });
}

async function stop(form) {
  try {
    await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual" });
  } catch {
    form.submit();
  }
}

function offerCopies(root) {
  for (const button of root.querySelectorAll("[data-copy]")) button.hidden = false;
}

async function copy(button) {
  const said = button.closest(".entry").querySelector(".prose");
  try {
    await navigator.clipboard.writeText(said.textContent);
    button.textContent = "Copied";
  } catch {
    window.getSelection().selectAllChildren(said);
  }
}

function onKey(event) {
  const box = event.target;
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing && box.matches("[data-send]")) {
    event.preventDefault();
    if (box.value.trim() || box.form.querySelector("input[type=file]")?.files.length) box.form.requestSubmit();
  }
  if (event.key === "Escape") {
    const button = document.querySelector("[data-stop]");
    if (button) stop(button.form);
  }
}

document.addEventListener("DOMContentLoaded", () => {
  showLocalTimes(document);
  offerCopies(document);
  const atOnce = document.querySelector("form[data-at-once]");
  if (atOnce) atOnce.requestSubmit();
  const box = document.querySelector("[data-send]");
  if (!box) return;
  if (document.getElementById("log")) {
    box.focus({ preventScroll: true });
    if (!location.hash || location.hash === "#text") window.scrollTo(0, document.documentElement.scrollHeight);
  }
  lookOnNext();
});
// Where the address has a fragment, the browser has taken the focus from where one types.
addEventListener("load", () => {
  const box = document.querySelector("[data-send]");
  if (box && document.getElementById("log")) setTimeout(() => focusUnlessTaken(box));
});
document.addEventListener("keydown", onKey);
document.addEventListener("submit", (event) => {
  if (event.target.matches(".stop")) {
    event.preventDefault();
    stop(event.target);
  }
});
document.addEventListener("click", (event) => {
  if (event.target.matches("[data-copy]")) copy(event.target);
});
// A second click on a form that is on its way sends it no second time.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.matches("[data-download]")) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
  setTimeout(() => delete form.dataset.sent, SENT_FOR); // what is answered by a file leaves this page as it is
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

// Files that are dropped on a page where some can be chosen are as if they were chosen there.
for (const kind of ["dragover", "drop"]) {
  document.addEventListener(kind, (event) => {
    const input = document.querySelector("[data-drop] input[type=file]");
    if (!input || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    if (kind !== "drop") return;
    input.files = event.dataTransfer.files;
    input.focus();
  });
}
