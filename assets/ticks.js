/* A tick that ticks all, where rows of a list can be chosen; and how many are chosen, on the buttons' line. */
(function () {
  for (const form of document.querySelectorAll("form[data-ticks]")) {
    const ticks = Array.from(form.querySelectorAll("td.tick input"));
    const head = form.querySelector("thead th");
    const buttons = form.querySelector(".buttons");
    if (!ticks.length || !buttons) continue;
    const label = document.createElement("label");
    label.className = "choice";
    const all = document.createElement("input");
    all.type = "checkbox";
    all.dataset.allTicks = "";
    const words = document.createElement("span");
    label.append(all, words);
    buttons.append(label);
    function tell() {
      const chosen = ticks.filter((t) => t.checked).length;
      all.checked = chosen === ticks.length;
      all.indeterminate = chosen > 0 && chosen < ticks.length;
      words.textContent = chosen ? "全选（已选 " + chosen + " 项）" : "全选";
    }
    all.addEventListener("change", function () {
      for (const tick of ticks) tick.checked = all.checked;
      tell();
    });
    form.addEventListener("change", tell);
    tell();
    if (head) head.classList.add("tick");
  }
})();
