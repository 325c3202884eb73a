/* Messages: the true cause of what did not work, wherever one has scrolled to. They hang above the bar for voting
   while their own place is out of sight, are read out by the status around them, and never take the focus. */
(function () {
  "use strict";
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

  window.saty.network = network;
  window.saty.lost = lost;

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
})();
