/* Keys of the desk. They press what is on the page; `event.code` is the place of a key, whatever letter the layout puts there. */
(function () {
  "use strict";
  let waiting = null; /* after G: which list */
  let lastTick = null;

  function typing(target) {
    return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && !/^(checkbox|radio)$/.test(target.type);
  }

  function press(name) {
    const goal = document.querySelector('[data-key="' + name + '"]');
    if (!goal) return false;
    if (/^(SELECT|TEXTAREA|INPUT)$/.test(goal.tagName)) goal.focus();
    else goal.click();
    return true;
  }

  function rows() {
    return Array.from(document.querySelectorAll("[data-row]"));
  }

  function step(by) {
    const all = rows();
    if (!all.length) return press(by > 0 ? "following" : "list");
    const here = all.indexOf(document.activeElement);
    const next = all[Math.max(0, Math.min(all.length - 1, here < 0 ? 0 : here + by))];
    next.focus();
    return true;
  }

  function tick(range) {
    const row = document.activeElement && document.activeElement.closest(".desk-row");
    const box = row && row.querySelector('input[type="checkbox"]');
    if (!box) return false;
    const boxes = Array.from(document.querySelectorAll('.desk-row input[type="checkbox"]'));
    if (range && lastTick) {
      const ends = [boxes.indexOf(lastTick), boxes.indexOf(box)].sort(function (a, b) { return a - b; });
      boxes.slice(ends[0], ends[1] + 1).forEach(function (one) { one.checked = true; });
    } else {
      box.checked = !box.checked;
    }
    lastTick = box;
    return true;
  }

  function submit(selector) {
    const form = document.querySelector(selector);
    if (!form) return false;
    form.requestSubmit();
    return true;
  }

  function take() {
    const select = document.querySelector('select[name="assignee"]');
    if (!select || !select.form.action.endsWith("/assignment")) return false;
    select.value = "me";
    select.form.requestSubmit();
    return true;
  }

  function go(address) {
    window.location.assign(address);
    return true;
  }

  const PLAIN = {
    KeyJ: function () { return step(1); },
    KeyK: function () { return step(-1); },
    KeyP: function () { return press("p"); },
    KeyQ: function () { return press("q"); },
    KeyD: function () { return press("d"); },
    KeyF: function () { return press("f"); },
    KeyR: function () { return press("r"); },
    KeyN: function () { return press("n"); },
    KeyT: function () { return press("t"); },
    KeyU: function () { return submit("form[data-undo]"); },
    KeyX: function () { return tick(false); },
    KeyA: function () {
      const select = document.querySelector('select[name="assignee"]');
      if (select) select.focus();
      return Boolean(select);
    },
    KeyG: function () { waiting = setTimeout(function () { waiting = null; }, 1500); return true; },
    Slash: function () {
      const field = document.querySelector("[data-search]");
      if (!field) return go("/desk");
      field.closest("details").open = true;
      field.focus();
      return true;
    },
  };
  const SHIFTED = {
    KeyA: take,
    KeyX: function () { return tick(true); },
    Slash: function () { return go("/desk/keys"); },
  };
  const LISTS = { KeyI: "/desk?tab=inbox", KeyM: "/desk?tab=mine", KeyO: "/desk?tab=overdue" };

  document.addEventListener("keydown", function (event) {
    if (event.defaultPrevented || event.altKey) return;
    if ((event.ctrlKey || event.metaKey) && (event.code === "Enter" || event.code === "NumpadEnter")) {
      const form = event.target.closest && event.target.closest("form") || document.querySelector("form[data-decision]");
      if (form && form.method === "post") {
        event.preventDefault();
        form.requestSubmit(form.querySelector("[data-confirm-key]") || undefined);
      }
      return;
    }
    if (event.code === "Enter" && event.target.matches("select[data-key]")) { /* a template is used */
      event.preventDefault();
      event.target.form.requestSubmit();
      return;
    }
    if (event.ctrlKey || event.metaKey || typing(event.target)) return;
    let act = event.shiftKey ? SHIFTED[event.code] : PLAIN[event.code];
    if (waiting && LISTS[event.code]) {
      clearTimeout(waiting);
      waiting = null;
      act = function () { return go(LISTS[event.code]); };
    }
    if (act && act()) event.preventDefault();
  });

  /* What was loaded beside the list takes the focus: the form of a decision its first field. */
  document.addEventListener("htmx:afterSettle", function (event) {
    const part = event.target.id === "decide" ? event.target : document.getElementById("decide");
    if (event.detail.target && event.detail.target.id === "item") {
      const title = document.querySelector("#item .desk-title");
      if (title) { title.tabIndex = -1; title.focus(); }
    } else if (part && part.querySelector("form[data-decision]") && event.detail.elt && event.detail.elt.id === "decide") {
      const field = part.querySelector("form[data-decision] :is(select, textarea, input:not([type=hidden]))");
      if (field) field.focus();
    }
  });
})();
