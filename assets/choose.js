/* A select is typed into: by what is read, by id, by the first letters of its sounds. The select stays, and is what is sent. */
(function () {
  document.documentElement.classList.add("scripted");
  let opened = 0;
  const fold = (text) => text.trim().toLowerCase();

  function enhance(select) {
    const field = select.closest(".field");
    const label = field.querySelector("label");
    const input = document.createElement("input");
    const list = document.createElement("ul");
    const box = document.createElement("div");
    let shown = [];
    let at = -1;
    input.type = "text";
    input.id = select.id;
    input.autocomplete = "off";
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    list.id = select.id + "-list";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", label.firstChild.textContent.trim());
    list.hidden = true;
    input.setAttribute("aria-controls", list.id);
    for (const name of ["aria-describedby", "aria-invalid"]) {
      if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
    }
    const focused = select.autofocus;
    select.removeAttribute("id");
    select.removeAttribute("autofocus");
    select.hidden = true;
    box.className = "choose";
    select.before(box);
    box.append(input, list, select);

    const label_of = () => (select.selectedIndex > 0 ? select.options[select.selectedIndex].label : "");
    const lead = () => {
      const name = field.dataset.follows;
      const other = name && select.form.elements[name];
      return other ? other.value : "";
    };
    const fits = (option) => !lead() || !option.dataset.of || option.dataset.of === lead();
    function ranked(text) {
      const wanted = fold(text);
      const scored = [];
      for (const option of select.options) {
        if (!option.value || !fits(option)) continue;
        const keys = (option.dataset.keys || "").split(" ");
        const name = fold(option.label);
        let score = 4;
        if (!wanted || name === wanted || keys.includes(wanted)) score = 0;
        else if (name.startsWith(wanted) || keys.some((k) => k.startsWith(wanted))) score = 1;
        else if (name.includes(wanted)) score = 2;
        else if (keys.some((k) => k.includes(wanted))) score = 3;
        if (score < 4) scored.push([score, option]);
      }
      return scored.sort((a, b) => a[0] - b[0]).map((pair) => pair[1]);
    }
    function mark(next) {
      at = next;
      Array.from(list.querySelectorAll("[role=option]")).forEach((item, i) => {
        item.setAttribute("aria-selected", String(i === at));
        if (i === at) {
          input.setAttribute("aria-activedescendant", item.id);
          item.scrollIntoView({ block: "nearest" });
        }
      });
      if (at < 0) input.removeAttribute("aria-activedescendant");
    }
    function open(text) {
      shown = ranked(text);
      opened += 1;
      list.replaceChildren();
      shown.forEach((option, i) => {
        const item = document.createElement("li");
        item.id = list.id + "-" + opened + "-" + i;
        item.setAttribute("role", "option");
        item.textContent = option.label;
        item.addEventListener("mousedown", (event) => {
          event.preventDefault();
          choose(option);
        });
        list.append(item);
      });
      if (!shown.length) {
        const item = document.createElement("li");
        item.className = "none";
        item.setAttribute("role", "option");
        item.setAttribute("aria-disabled", "true");
        item.textContent = "没有符合的项";
        list.append(item);
      }
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      mark(text && shown.length ? 0 : shown.indexOf(select.options[select.selectedIndex]));
    }
    function close() {
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }
    function choose(option) {
      const changed = select.value !== (option ? option.value : "");
      select.value = option ? option.value : "";
      input.value = label_of();
      close();
      if (changed) select.dispatchEvent(new Event("change", { bubbles: true }));
    }
    input.addEventListener("focus", () => input.select());
    input.addEventListener("click", () => (list.hidden ? open("") : close()));
    input.addEventListener("input", () => open(input.value));
    input.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      const down = event.key === "ArrowDown";
      if (down || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) open("");
        else if (shown.length) mark((at + (down ? 1 : -1) + shown.length) % shown.length);
      } else if (event.key === "Enter" && !list.hidden) {
        event.preventDefault();
        if (shown[at]) choose(shown[at]);
      } else if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        input.value = label_of();
        close();
      }
    });
    input.addEventListener("blur", () => {
      if (!input.value.trim()) choose(null);
      else if (!list.hidden && shown[at]) choose(shown[at]);
      else input.value = label_of();
      close();
    });
    // What another script or another field changes is shown.
    select.addEventListener("shown", () => (input.value = label_of()));
    if (field.dataset.follows) {
      select.form.addEventListener("change", (event) => {
        const option = select.options[select.selectedIndex];
        if (event.target.name === field.dataset.follows && option && option.value && !fits(option)) choose(null);
      });
    }
    input.value = label_of();
    if (focused) input.focus();
  }

  const all = () => document.querySelectorAll("[data-choose] select:not([hidden])").forEach(enhance);
  document.addEventListener("fields", all);
  all();
})();
