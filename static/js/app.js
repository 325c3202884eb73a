/* What HTML cannot do alone. Everything here is a comfort: the site works without it. */
(function () {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");

  /* Counters: [data-counter="id of the field"] counts down while one types. */
  function count(counter) {
    const field = document.getElementById(counter.dataset.counter);
    if (!field) return;
    const left = Number(counter.dataset.max) - Array.from(field.value.replace(/\r\n/g, "\n")).length;
    const words = left < 0 ? counter.dataset.over : counter.dataset.left;
    counter.textContent = words + " " + Math.abs(left);
    counter.classList.toggle("counter-over", left < 0);
    clearTimeout(counter.timer);
    counter.timer = setTimeout(function () {
      /* Said aloud only near the end, and only after a pause. */
      if (left <= 20 && document.activeElement === field) say(counter.textContent);
    }, 1200);
  }

  function say(text) {
    let voice = document.getElementById("app-voice");
    if (!voice) {
      voice = document.createElement("div");
      voice.id = "app-voice";
      voice.className = "visually-hidden";
      voice.setAttribute("role", "status");
      document.body.appendChild(voice);
    }
    voice.textContent = text;
  }

  /* On a narrow screen the parts of a table are blocks, and older browsers then forget what they are. */
  const PARTS = { table: "table", thead: "rowgroup", tbody: "rowgroup", tr: "row", td: "cell" };
  const NARROW = window.matchMedia("(max-width: 47.99rem)");

  function nameParts(part) {
    if (!NARROW.matches || !part.querySelectorAll) return;
    part.querySelectorAll("table, thead, tbody, tr, th, td").forEach(function (one) {
      const kind = one.tagName.toLowerCase();
      one.setAttribute("role", PARTS[kind] || (one.scope === "row" ? "rowheader" : "columnheader"));
    });
  }

  function enhance(part) {
    nameParts(part);
    part.querySelectorAll("[data-counter]").forEach(count);
    part.querySelectorAll("[data-print], [data-copy]").forEach(function (button) { button.hidden = false; });
  }

  document.addEventListener("input", function (event) {
    if (!event.target.id) return;
    const counter = document.querySelector('[data-counter="' + CSS.escape(event.target.id) + '"]');
    if (counter) count(counter);
  });

  /* Focus: to what is wrong, or to what has changed. */
  function focusWithin(part) {
    const selector = ".error-summary, [data-focus]";
    const goal = part.matches && part.matches(selector) ? part : part.querySelector(selector);
    if (goal) goal.focus({ preventScroll: false });
  }

  document.addEventListener("htmx:load", function (event) {
    enhance(event.target);
  });

  document.addEventListener("htmx:afterSettle", function (event) {
    if (event.target.querySelector && event.target.id !== "flash") focusWithin(event.target);
  });

  window.saty = { say: say };

  /* A plain form is sent once; pages that come back from the cache are whole again. */
  document.addEventListener("submit", function (event) {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("data-hx-post")) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    if (navigator.onLine === false) {
      /* The browser would put a page of its own in the place of this one, and of what was typed. */
      event.preventDefault();
      window.saty.network("offline");
      return;
    }
    form.dataset.sent = "1";
    setTimeout(function () { delete form.dataset.sent; }, 15000);
  });

  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) { delete form.dataset.sent; });
  });

  /* [data-print] prints; [data-copy="text"] copies and says so with data-copied. */
  function copied(button) {
    const label = button.textContent;
    if (!button.dataset.copied || label === button.dataset.copied) return;
    button.textContent = button.dataset.copied;
    say(button.dataset.copied);
    setTimeout(function () { button.textContent = label; }, 3000);
  }

  document.addEventListener("click", function (event) {
    const button = event.target.closest("[data-print], [data-copy]");
    if (!button) return;
    event.preventDefault();
    if (button.hasAttribute("data-print")) {
      window.print();
    } else if (navigator.clipboard) {
      navigator.clipboard.writeText(button.dataset.copy || window.location.href).then(function () { copied(button); });
    }
  });

  document.addEventListener("DOMContentLoaded", function () {
    enhance(document);
    const summary = document.querySelector(".error-summary");
    if (summary && !root.querySelector("[data-gallery]")) summary.focus();
  });
})();
