/* Every page works without this; it only saves steps. */
"use strict";
(function () {
  // What went wrong is read first.
  const problem = document.getElementById("problem");
  if (problem) problem.focus();
})();
