/* Found by a part: a certificate by its number, its holder's name or agency, a region by its name, a contract; people in a long list. */
(function () {
  const fold = (text) => text.trim().toLowerCase();
  // One of many: the field says whose number it is, and takes a part for the one that it fits.
  document.querySelectorAll("[data-lookup] input").forEach((input) => {
    const list = document.getElementById(input.getAttribute("list"));
    if (!list) return;
    const field = input.closest("[data-lookup]");
    const line = document.createElement("p");
    line.className = "note";
    line.id = input.id + "-who";
    line.setAttribute("role", "status");
    input.after(line);
    input.setAttribute("aria-describedby", [input.getAttribute("aria-describedby"), line.id].filter(Boolean).join(" "));
    let waiting;
    let asked = 0;
    const options = () => Array.from(list.options);
    const exact = () => options().find((o) => fold(o.value) === fold(input.value));
    const fitting = () => options().filter((o) => fold([o.value, o.label, o.dataset.keys].join(" ")).includes(fold(input.value)));
    const tell = () => {
      const one = exact();
      line.textContent = one ? one.label : "";
    };
    async function look() {
      const turn = ++asked;
      const to = field.dataset.lookup + "?q=" + encodeURIComponent(input.value.trim().slice(0, 100));
      const answer = await fetch(to).catch(() => null);
      if (!answer || !answer.ok || answer.redirected) return;
      const found = await answer.json();
      if (turn !== asked) return;
      list.replaceChildren(...found.map((p) => Object.assign(document.createElement("option"), p)));
      tell();
    }
    input.addEventListener("input", () => {
      tell();
      clearTimeout(waiting);
      if ("more" in list.dataset && input.value.trim()) waiting = setTimeout(look, 200);
    });
    input.addEventListener("change", () => {
      const found = input.value.trim() && !exact() ? fitting() : [];
      if (found.length === 1) input.value = found[0].value;
      tell();
      if (found.length > 1) line.textContent = found.length + " 项符合，请再写几个字或选一个。";
    });
    // What another script fills in is told, too.
    input.addEventListener("shown", tell);
    tell();
  });
  // Several of many.
  document.querySelectorAll("[data-sift] fieldset").forEach((set) => {
    const choices = Array.from(set.querySelectorAll("label.choice"));
    if (choices.length < 9) return;
    const label = document.createElement("label");
    const input = document.createElement("input");
    const told = document.createElement("span");
    label.className = "sift";
    label.textContent = "按姓名、用户名或单位查找 ";
    input.type = "search";
    input.autocomplete = "off";
    told.setAttribute("role", "status");
    label.append(input);
    set.querySelector("legend").after(label, told);
    const keys = (choice) => fold(choice.textContent + " " + (choice.querySelector("input").dataset.keys || ""));
    function sift() {
      let shown = 0;
      for (const choice of choices) {
        // Who is chosen stays in sight.
        choice.hidden = !choice.querySelector("input").checked && !keys(choice).includes(fold(input.value));
        if (!choice.hidden) shown += 1;
      }
      const chosen = choices.filter((c) => c.querySelector("input").checked).length;
      told.textContent = "列出 " + shown + " 人" + (chosen ? "，已选 " + chosen + " 人" : "");
    }
    input.addEventListener("input", sift);
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      const left = choices.filter((c) => !c.hidden && !c.querySelector("input").checked);
      if (input.value.trim() && left.length === 1) left[0].querySelector("input").click();
    });
    set.addEventListener("change", sift);
    sift();
  });
})();
