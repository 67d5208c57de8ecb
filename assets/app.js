/* Every page works without this; it only saves steps. */
"use strict";
(function () {
  // What went wrong is read first.
  const problem = document.getElementById("problem");
  if (problem) problem.focus();
  // A form that only leads on to a page.
  const onwards = document.querySelector("form[data-at-once]");
  if (onwards) onwards.requestSubmit();
})();
