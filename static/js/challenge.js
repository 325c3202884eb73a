/* The riddle at a door: which number, written behind the salt, has this SHA-256? Without this script one waits. */
(function () {
  "use strict";
  const BATCH = 256;
  const encoder = new TextEncoder();

  function hex(buffer) {
    return Array.from(new Uint8Array(buffer), function (byte) { return byte.toString(16).padStart(2, "0"); }).join("");
  }

  async function solve(puzzle) {
    for (let first = 0; first <= puzzle.maxNumber; first += BATCH) {
      const numbers = Array.from({ length: BATCH }, function (_, place) { return first + place; });
      const hashes = await Promise.all(numbers.map(function (number) {
        return crypto.subtle.digest("SHA-256", encoder.encode(puzzle.salt + number));
      }));
      const place = hashes.findIndex(function (hash) { return hex(hash) === puzzle.challenge; });
      if (place >= 0) return first + place;
    }
    return null;
  }

  async function start(box) {
    const form = box.closest("form");
    const words = box.querySelector("[data-challenge-words]");
    const puzzle = JSON.parse(box.dataset.challenge);
    let wanted = false;
    let button = null;

    /* Who is quicker than the machine waits for it: the form goes by itself when it is done. */
    function hold(event) {
      event.preventDefault();
      wanted = true;
      button = event.submitter;
    }

    form.addEventListener("submit", hold);
    words.textContent = words.dataset.working;
    const number = await solve(puzzle);
    form.removeEventListener("submit", hold);
    if (number !== null) {
      const answer = {
        algorithm: puzzle.algorithm, challenge: puzzle.challenge, number: number, salt: puzzle.salt, signature: puzzle.signature
      };
      form.elements.challenge.value = btoa(JSON.stringify(answer));
      words.textContent = words.dataset.done;
    }
    if (wanted) form.requestSubmit(button);
  }

  /* Browsers hash only on safe ground; elsewhere the words about waiting stay. */
  if (window.crypto && crypto.subtle) document.querySelectorAll("form [data-challenge]").forEach(start);
})();
