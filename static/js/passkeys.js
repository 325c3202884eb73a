/* Passkeys: the browser's own dialogue between two forms. Where it cannot run, its buttons stay hidden. */
(function () {
  "use strict";

  function bytes(text) {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, function (sign) { return sign.charCodeAt(0); });
  }

  function text(buffer) {
    const plain = String.fromCharCode.apply(null, new Uint8Array(buffer));
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  function known(list) {
    return (list || []).map(function (one) { return Object.assign({}, one, { id: bytes(one.id) }); });
  }

  function make(options) {
    options.challenge = bytes(options.challenge);
    options.user.id = bytes(options.user.id);
    options.excludeCredentials = known(options.excludeCredentials);
    return navigator.credentials.create({ publicKey: options }).then(function (key) {
      return {
        id: key.id, rawId: text(key.rawId), type: key.type, clientExtensionResults: {},
        response: {
          clientDataJSON: text(key.response.clientDataJSON),
          attestationObject: text(key.response.attestationObject),
        },
      };
    });
  }

  function use(options) {
    options.challenge = bytes(options.challenge);
    options.allowCredentials = known(options.allowCredentials);
    return navigator.credentials.get({ publicKey: options }).then(function (key) {
      return {
        id: key.id, rawId: text(key.rawId), type: key.type, clientExtensionResults: {},
        response: {
          clientDataJSON: text(key.response.clientDataJSON),
          authenticatorData: text(key.response.authenticatorData),
          signature: text(key.response.signature),
          userHandle: key.response.userHandle ? text(key.response.userHandle) : null,
        },
      };
    });
  }

  function say(form, words) {
    const place = form.querySelector("[data-passkey-status]");
    if (place) place.textContent = words || "";
  }

  /* A passkey belongs to a name: an address of digits has none. */
  const possible = window.PublicKeyCredential && window.isSecureContext && !/^[\d.:[\]]+$/.test(location.hostname);

  document.querySelectorAll("form[data-passkey]").forEach(function (form) {
    if (!possible) return;
    document.querySelectorAll("[data-passkey-without]").forEach(function (part) { part.hidden = true; });
    form.hidden = false;
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      event.stopPropagation();
      say(form, "");
      const body = new FormData();
      body.append("csrf_token", form.elements.csrf_token.value);
      fetch(form.dataset.challenge, { method: "POST", body: body, credentials: "same-origin", redirect: "error" })
        .then(function (answer) {
          if (answer.status === 403) { HTMLFormElement.prototype.submit.call(form); throw new Error("ask first"); }
          if (!answer.ok) throw new Error("refused");
          return answer.json();
        })
        .then(form.dataset.passkey === "make" ? make : use)
        .then(function (credential) {
          form.elements.credential.value = JSON.stringify(credential);
          HTMLFormElement.prototype.submit.call(form);
        })
        .catch(function (error) { if (error.message !== "ask first") say(form, form.dataset.failed); });
    });
  });
})();
