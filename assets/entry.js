/* The entry form: checked as one leaves a field, amounts read in words. */
(function () {
  const form = document.querySelector("form[data-entry]");
  if (!form) return;
  const kept = document.getElementById("kept");
  const say = (text) => (kept.textContent = text);
  const body = () => new URLSearchParams(new FormData(form));
  const field_of = (name) => {
    const control = name && form.elements[name];
    return control && (control.length && !control.options ? control[0] : control).closest(".field");
  };
  const over = "登录已失效。填写的内容还在本页，点“保存草稿”重新登录后即可继续。";

  // Checks. Fields that nobody has been to are not called missing.
  const touched = new Set();
  let asked = 0;
  let waiting;
  function show(answer) {
    const own = new Map();
    const left = {};
    for (const f of answer.findings) {
      const box = field_of(f.pointer);
      if (!box) continue;
      const section = box.closest("[data-section]").id;
      if (f.id === "required") left[section] = (left[section] || 0) + 1;
      if (f.severity !== "notice" && touched.has(f.pointer)) own.set(f.pointer, (own.get(f.pointer) || []).concat(f));
    }
    document.querySelectorAll("[data-left]").forEach((mark) => {
      const n = left[mark.dataset.left];
      mark.textContent = n ? "缺 " + n + " 项" : "";
    });
    touched.forEach((name) => paint(name, own.get(name) || []));
    for (const name of ["/amount_fen", "/technology_amount_fen", "/non_technology_amount_fen"]) note(name, answer.notes[name] || "");
    const rest = form.elements["/non_technology_amount_fen"];
    if (rest && rest !== document.activeElement && answer.rest && (!rest.value || rest.dataset.auto)) {
      rest.value = answer.rest;
      rest.dataset.auto = "1";
    }
  }
  function paint(name, findings) {
    const box = field_of(name);
    if (!box) return;
    const control = box.querySelector("input:not([type=hidden]), textarea, fieldset");
    const bad = findings.some((f) => f.severity === "error");
    let line = box.querySelector(".error");
    if (!line && findings.length) {
      line = document.createElement("p");
      line.className = "error";
      line.id = control.id + "-error";
      box.insertBefore(line, box.querySelector(".help"));
      control.setAttribute("aria-describedby", [control.getAttribute("aria-describedby"), line.id].filter(Boolean).join(" "));
    }
    if (line) line.textContent = findings.map((f) => f.message).join(" ");
    if (line) line.classList.toggle("doubt", findings.length > 0 && !bad);
    if (line) line.hidden = !findings.length;
    box.classList.toggle("wrong", bad);
    box.classList.toggle("live", findings.length > 0);
    if (bad && control.tagName !== "FIELDSET") control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
  }
  function note(name, text) {
    const box = field_of(name);
    let line = box.querySelector(".note");
    if (!line && text) {
      line = document.createElement("p");
      line.className = "note";
      box.insertBefore(line, box.querySelector(".error, .help"));
    }
    if (line && !/^(审核意见|他人保存)/.test(line.textContent)) line.textContent = text;
  }
  function check(after) {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const turn = ++asked;
      const data = body();
      if (form.dataset.id) data.set("_id", form.dataset.id);
      try {
        const answer = await fetch("/contracts/check", { method: "POST", body: data, headers: { Accept: "application/json" } });
        if (answer.status === 401) return say(over);
        if (answer.ok && turn === asked) show(await answer.json());
      } catch {
        // The network is away: what is wrong will be told on saving.
      }
    }, after);
  }
  const name_of = (target) => target.name || (target.closest(".choose") && target.closest(".choose").querySelector("select").name);
  form.addEventListener("focusout", (event) => {
    const name = name_of(event.target);
    if (name && name.startsWith("/")) {
      touched.add(name);
      check(150);
    }
  });
  form.addEventListener("input", (event) => {
    if (event.target.name === "/non_technology_amount_fen") delete event.target.dataset.auto;
    // What was found wrong goes as it is mended, not only when the field is left.
    const box = event.target.closest(".field");
    if (event.target.closest("[data-amount]") || (box && box.querySelector(".error:not([hidden])"))) check(400);
  });
  // An amount that only is the rest follows the others.
  const value = (name) => Number((form.elements[name].value || "").replace(/[,，\s]/g, ""));
  const rest = form.elements["/non_technology_amount_fen"];
  if (rest.value && Math.abs(value("/amount_fen") - value("/technology_amount_fen") - value(rest.name)) < 0.001) rest.dataset.auto = "1";
  for (const name of ["/amount_fen", "/technology_amount_fen"]) {
    form.elements[name].addEventListener("input", () => {
      if (rest.dataset.auto) rest.value = "";
    });
  }
  // As in the office's spreadsheets, Enter leads on to the next field.
  form.addEventListener("keydown", (event) => {
    const from = event.target;
    if (event.key !== "Enter" || event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey) return;
    if (from.tagName !== "INPUT") return;
    const all = Array.from(form.querySelectorAll("input, textarea, select, button")).filter((c) => c.offsetParent && c.tabIndex >= 0);
    const next = all.slice(all.indexOf(from) + 1).find((c) => c.type !== "radio" || c.name !== from.name);
    event.preventDefault();
    if (next) next.focus();
  });
  form.addEventListener("filled", (event) => {
    event.detail.forEach((name) => touched.add(name));
    check(0);
  });
})();
