/* What is typed into form[data-save] is saved on the server while it is typed: when a field is left, within ten seconds,
   on another language, on a link, and on the way out. During a cut it stays in the page and is sent afterwards.
   Nothing is put into the storage of the browser, where the next person would find it. */
(function () {
  "use strict";
  const WITHIN = 8000, FIRST_RETRY = 2000, LAST_RETRY = 30000, PATIENCE = 10000, KEEPALIVE_BYTES = 60000;
  const SILENT = { csrf_token: true, begun_as: true, kept_form: true, once: true, draft: true };
  const words = document.getElementById("save-words");
  const watched = new Map();

  function body(form) {
    const fields = new FormData(form);
    new Set(fields.keys()).forEach(function (name) {
      if (fields.getAll(name).some(function (value) { return typeof value !== "string"; })) fields.delete(name);
    });
    return fields;
  }

  function said(fields) {
    return JSON.stringify(Array.from(fields.entries()).filter(function (one) {
      return typeof one[1] === "string" && !SILENT[one[0]];
    }));
  }

  /* What the server put into the form, whatever the browser has restored since. */
  function asItCame(form) {
    const clone = form.cloneNode(true);
    clone.reset();
    return said(body(clone));
  }

  function address(form, more) {
    const save = form.dataset.save;
    return save + (save.includes("?") ? "&" : "?") + more;
  }

  function size(fields) {
    let sum = 0;
    fields.forEach(function (value, name) { sum += new Blob([name, value]).size + 120; });
    return sum;
  }

  function isDirty(form) { return said(body(form)) !== watched.get(form).saved; }

  function tell(form, state, time) {
    const one = watched.get(form);
    const text = state === "saved" ? words.dataset.saved + " " + time : words.dataset[state];
    if (!one.line) {
      one.line = document.createElement("p");
      one.line.className = "save-status small";
      form.appendChild(one.line);
    }
    if (one.line.textContent !== text) one.line.textContent = text;
    one.line.classList.toggle("save-status-bad", state !== "saved");
    /* Heard when it changes for the worse, and not every ten seconds. */
    if (state !== one.state && state !== "saved") window.saty.say(text);
    one.state = state;
  }

  function adopt(form, answer) {
    const had = form.dataset.seen;
    form.dataset.save = answer.save;
    form.dataset.seen = answer.seen;
    const name = form.elements.namedItem(answer.token ? "draft" : "kept_form");
    const before = name ? name.value : form.getAttribute("action");
    if (name) name.value = answer.token || answer.name || "";
    else if (answer.action) form.setAttribute("action", answer.action);
    const isApart = had && before !== (name ? name.value : form.getAttribute("action"));
    if (answer.address && location.pathname !== answer.address) history.replaceState(null, "", answer.address);
    document.querySelectorAll("button[data-language]").forEach(function (button) {
      if (button.form === form) button.setAttribute("formaction", address(form, "to=" + button.lang));
    });
    return isApart;
  }

  async function send(form, fields, content) {
    const one = watched.get(form);
    one.sending = content;
    let answer;
    try {
      const response = await fetch(address(form, "seen=" + encodeURIComponent(form.dataset.seen)), {
        method: "POST", body: fields, keepalive: size(fields) < KEEPALIVE_BYTES, signal: AbortSignal.timeout(PATIENCE),
        headers: { Accept: "application/json" },
      });
      if (response.status === 413) return "large";
      if (response.status === 429 || response.status >= 500) return "wait";
      if (!response.ok) return "refused";
      answer = await response.json();
    } catch (error) {
      return error instanceof SyntaxError ? "refused" : "cut";
    } finally {
      one.sending = null;
    }
    if (answer.at) one.saved = content;
    const isApart = adopt(form, answer);
    if (isApart) tell(form, "apart");
    else if (answer.at) tell(form, "saved", answer.at);
    return "saved";
  }

  /* Save what is not saved yet; the answer says how it went. One sending at a time. */
  async function save(form) {
    const one = watched.get(form);
    while (one.running) await one.running;
    if (one.over || !isDirty(form)) return "saved";
    clearTimeout(one.timer);
    one.timer = null;
    const fields = body(form);
    one.running = send(form, fields, said(fields));
    const state = await one.running;
    one.running = null;
    if (state === "saved") {
      one.wait = FIRST_RETRY;
      if (isDirty(form)) later(form, WITHIN);
    } else {
      tell(form, state);
      if (state === "cut" || state === "wait") {
        later(form, one.wait);
        one.wait = Math.min(2 * one.wait, LAST_RETRY);
      }
    }
    return state;
  }

  function later(form, after) {
    const one = watched.get(form);
    if (one.timer || one.over) return;
    one.timer = setTimeout(function () {
      one.timer = null;
      save(form);
    }, after);
  }

  function dirtyForms() {
    return Array.from(watched.keys()).filter(function (form) {
      return form.isConnected && !watched.get(form).over && (watched.get(form).running || isDirty(form));
    });
  }

  function watch(part) {
    if (!words) return;
    const found = Array.from(part.querySelectorAll ? part.querySelectorAll("form[data-save]") : []);
    if (part.matches && part.matches("form[data-save]")) found.push(part);
    found.forEach(function (form) {
      if (watched.has(form)) return;
      const fresh = "unsaved" in form.dataset;
      watched.set(form, { saved: fresh ? null : asItCame(form), wait: FIRST_RETRY, timer: null, running: null });
      if (isDirty(form)) later(form, 500);
    });
  }

  function changed(event) {
    const form = event.target.form;
    if (form && watched.has(form)) later(form, WITHIN);
  }

  document.addEventListener("input", changed);
  document.addEventListener("change", changed);
  document.addEventListener("focusout", function (event) {
    const form = event.target.form;
    if (form && watched.has(form)) save(form);
  });

  /* A form that HTMX is about to take away is saved first. */
  document.addEventListener("htmx:beforeRequest", function () { dirtyForms().forEach(save); });
  document.addEventListener("htmx:load", function (event) { watch(event.target); });

  window.addEventListener("online", function () {
    dirtyForms().forEach(function (form) {
      watched.get(form).wait = FIRST_RETRY;
      save(form);
    });
  });

  /* Away by a link or to another language: first what was typed, then the way. During a cut the page stays. */
  async function leaveBy(go) {
    const states = await Promise.all(dirtyForms().map(save));
    if (!states.includes("cut")) go();
  }

  document.addEventListener("click", function (event) {
    const link = event.target.closest("a[href], button[data-language]");
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (link.dataset.language) {
      event.preventDefault();
      leaveBy(function () {
        const here = location.pathname + location.search;
        location.assign("/language?to=" + link.lang + "&next=" + encodeURIComponent(here));
      });
      return;
    }
    const isElsewhere = link.target || link.hasAttribute("download") || link.hasAttribute("data-hx-get");
    if (isElsewhere || link.getAttribute("href").startsWith("#") || !dirtyForms().length) return;
    event.preventDefault();
    leaveBy(function () { location.assign(link.href); });
  });

  /* The button: what was typed is safe on the server before the browser leaves for the answer. */
  document.addEventListener("submit", function (event) {
    const form = event.target;
    const one = watched.get(form);
    if (!one) return;
    if (one.passes || (!one.running && !isDirty(form) && navigator.onLine !== false)) {
      one.passes = false;
      one.over = true;
      clearTimeout(one.timer);
      one.timer = null;
      setTimeout(function () {
        one.over = false;
        delete form.dataset.leaves;
      }, 15000);
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    if ("leaves" in form.dataset) return;
    form.dataset.leaves = "";
    save(form).then(function (state) {
      if (state === "cut" || navigator.onLine === false) {
        delete form.dataset.leaves;
        tell(form, "cut");
        window.saty.lost();
        return;
      }
      one.passes = true;
      form.requestSubmit(event.submitter && event.submitter.isConnected ? event.submitter : undefined);
      one.passes = false;
    });
  }, true);

  document.addEventListener("visibilitychange", function () {
    if (document.visibilityState === "hidden") dirtyForms().forEach(save);
  });

  window.addEventListener("pagehide", function () {
    dirtyForms().forEach(function (form) {
      const one = watched.get(form);
      const fields = body(form);
      /* What is on its way already, or would begin a second draft, is not sent again. */
      if (one.sending === said(fields) || (one.running && !form.dataset.seen)) return;
      navigator.sendBeacon(address(form, "seen=" + encodeURIComponent(form.dataset.seen)), fields);
    });
  });

  window.addEventListener("beforeunload", function (event) {
    const isLost = dirtyForms().some(function (form) {
      const state = watched.get(form).state;
      return state === "cut" || state === "wait" || state === "refused" || state === "large";
    });
    if (isLost) event.preventDefault();
  });

  window.addEventListener("pageshow", function (event) {
    if (event.persisted && watched.size) location.reload();
  });

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", function () { watch(document); });
  else watch(document);
})();
