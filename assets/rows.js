/* Rows of a form that are all alike: as many are shown as are filled in and one more; where there are none left, they are added. */
(function () {
  const first = document.querySelector("[data-row]");
  if (!first) return;
  const place = first.parentElement;
  const most = Number(first.dataset.most);
  const fields = () => Array.from(place.querySelectorAll("[data-row]"));
  const row = (n) => fields().filter((f) => Number(f.dataset.row) === n);
  const count = () => Number(fields().pop().dataset.row) + 1;
  // As they came, before other scripts make more of them.
  const pattern = row(count() - 1).map((f) => f.cloneNode(true));
  const from = count() - 1;
  const controls = (n) => row(n).flatMap((f) => Array.from(f.querySelectorAll("input, select, textarea")));
  const filled = (n) => controls(n).some((c) => c.value.trim());

  function add() {
    const n = count();
    for (const part of pattern) {
      const field = part.cloneNode(true);
      field.dataset.row = n;
      field.classList.remove("wrong");
      field.querySelectorAll(".error, .note").forEach((line) => line.remove());
      for (const element of field.querySelectorAll("*")) {
        for (const name of ["id", "for", "name", "aria-describedby"]) {
          if (element.hasAttribute(name)) element.setAttribute(name, element.getAttribute(name).replace(/([-/])\d+(?=[-/])/, "$1" + n));
        }
        element.removeAttribute("aria-invalid");
        const told = (element.getAttribute("aria-describedby") || "").split(" ").filter((id) => id && !id.endsWith("-error")).join(" ");
        if (told) element.setAttribute("aria-describedby", told);
        else element.removeAttribute("aria-describedby");
        if (element.tagName === "INPUT") element.value = "";
        if (element.tagName === "SELECT") element.selectedIndex = 0;
      }
      const label = field.querySelector("label");
      label.firstChild.textContent = label.firstChild.textContent.replace(String(from + 1), String(n + 1));
      button.parentElement.before(field);
    }
    document.dispatchEvent(new Event("fields"));
  }
  function show() {
    let last = -1;
    for (let n = 0; n < count(); n += 1) if (filled(n)) last = n;
    if (last + 1 >= count() && count() < most) add();
    for (const field of fields()) if (Number(field.dataset.row) <= last + 1) field.hidden = false;
    button.hidden = !row(count() - 1)[0].hidden && count() >= most;
  }
  const line = document.createElement("p");
  const button = document.createElement("button");
  line.className = "buttons span-4";
  button.type = "button";
  button.className = "second";
  button.textContent = "再加一项";
  line.append(button);
  place.append(line);
  button.addEventListener("click", () => {
    let n = 0;
    while (n < count() && !row(n)[0].hidden) n += 1;
    if (n === count()) add();
    row(n).forEach((f) => (f.hidden = false));
    button.hidden = n + 1 >= most;
    row(n)[0].querySelector("input:not([type=hidden]), select, textarea").focus();
  });
  for (const field of fields()) field.hidden = true;
  place.addEventListener("input", show);
  place.addEventListener("change", show);
  show();
})();
