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

  /* Messages: the true cause of what did not work, wherever one has scrolled to. They hang above the bar for voting
     while their own place is out of sight, are read out by the status around them, and never take the focus. */
  const CAUSES = { 413: "large", 429: "busy", 502: "slow", 503: "away", 504: "slow" };
  let asked = 0;

  function messages() { return document.getElementById("messages"); }

  function unhang() {
    const box = messages();
    if (!box) return;
    box.classList.remove("messages-hang");
    box.removeAttribute("role");
    box.removeAttribute("aria-label");
    box.querySelectorAll(".messages-close").forEach(function (button) { button.remove(); });
  }

  function show() {
    const box = messages();
    if (!box) return;
    unhang();
    const flash = document.getElementById("flash");
    const status = document.getElementById("net-status");
    const said = [flash, status].filter(function (one) { return one && one.textContent.trim(); });
    if (!said.length) return;
    const lowest = Math.max.apply(null, said.map(function (one) { return one.getBoundingClientRect().bottom; }));
    const bar = Array.from(document.querySelectorAll(".vote-bar")).find(function (one) {
      return getComputedStyle(one).position === "fixed";
    });
    const rest = window.innerHeight - (bar ? bar.offsetHeight : 0);
    if (said[0].getBoundingClientRect().top >= 0 && lowest <= rest) return;
    box.style.setProperty("--above", (bar ? bar.offsetHeight : 0) + "px");
    const close = document.createElement("button");
    close.type = "button";
    close.className = "button button-quiet messages-close";
    close.textContent = box.dataset.close;
    box.appendChild(close);
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", box.dataset.label);
    box.classList.add("messages-hang");
  }

  /* `cause` is the name of a sentence of #net-status; empty takes the sentence away. */
  function network(cause) {
    const place = document.getElementById("net-status");
    if (!place) return;
    const words = cause ? place.dataset[cause] : "";
    if (place.textContent !== words) place.textContent = words;
    if (cause) show();
  }

  function causeOf(status) {
    return CAUSES[status] || (status >= 500 ? "broken" : "refused");
  }

  function lost() { network(navigator.onLine === false ? "offline" : "cut"); }

  window.saty = { say: say, network: network, causeOf: causeOf, lost: lost };

  document.addEventListener("htmx:sendError", lost);
  document.addEventListener("htmx:timeout", function () { network("slow"); });
  ["htmx:swapError", "htmx:onLoadError", "htmx:targetError", "htmx:oobErrorNoTarget"].forEach(function (name) {
    document.addEventListener(name, function () { network("unshown"); });
  });

  /* A refusal of ours says where its sentence goes; any other, such as a proxy's, is no part of this page. */
  document.addEventListener("htmx:beforeSwap", function (event) {
    const xhr = event.detail.xhr;
    if (xhr.status < 400 || xhr.getResponseHeader("HX-Retarget") === "#flash" || xhr.status === 422) return;
    event.detail.shouldSwap = false;
    network(causeOf(xhr.status));
  });

  document.addEventListener("htmx:afterSwap", function (event) {
    if (event.detail.target && event.detail.target.id === "flash") show();
  });
  document.addEventListener("htmx:oobAfterSwap", function (event) {
    if (event.detail.target && event.detail.target.id === "flash") show();
  });

  document.addEventListener("htmx:beforeRequest", function (event) {
    network("");
    if (event.detail.requestConfig.triggeringEvent) unhang();
    const flash = document.getElementById("flash");
    /* What the last try said is over; what the page itself came with stays. */
    if (flash && asked && event.detail.requestConfig.verb === "post") flash.textContent = "";
    if (event.detail.requestConfig.verb === "post") asked += 1;
  });

  document.addEventListener("click", function (event) {
    if (!event.target.closest(".messages-close")) return;
    unhang();
    network("");
    const flash = document.getElementById("flash");
    if (flash) flash.textContent = "";
  });

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
      network("offline");
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
