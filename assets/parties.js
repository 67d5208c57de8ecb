/* The entry form: parties that are known are proposed while one types, and fill in all that is known of them. */
(function () {
  const form = document.querySelector("form[data-entry]");
  if (!form) return;
  let looking;
  const known = {};
  document.querySelectorAll("[data-party] input").forEach((input) => {
    const side = input.closest("[data-party]").dataset.party;
    const list = document.getElementById("parties-" + side);
    input.addEventListener("input", () => {
      const found = (known[side] || []).find((p) => input.value && (p.name === input.value || p.uscc === input.value));
      if (found) return fill(side, found);
      clearTimeout(looking);
      if (input.value.trim().length < 2) return;
      looking = setTimeout(async () => {
        const answer = await fetch("/contracts/parties?q=" + encodeURIComponent(input.value.trim().slice(0, 100))).catch(() => null);
        if (!answer || !answer.ok || answer.redirected) return;
        known[side] = await answer.json();
        list.replaceChildren(
          ...known[side].map((p) => {
            const option = document.createElement("option");
            option.value = input.name.endsWith("uscc") ? p.uscc : p.name;
            option.label = (input.name.endsWith("uscc") ? p.name : p.uscc) + " " + p.region;
            return option;
          }),
        );
      }, 200);
    });
  });
  function fill(side, party) {
    const names = [];
    for (const [field, text] of Object.entries(party)) {
      const control = form.elements["/" + side + "/" + field];
      if (!control || control.value === text) continue;
      control.value = text;
      control.dispatchEvent(new Event("shown"));
      names.push(control.name);
    }
    form.dispatchEvent(new CustomEvent("filled", { detail: names }));
    document.getElementById("kept").textContent = "已填入登记过的当事人资料，请核对。";
  }
})();
