/* The entry form: drafts are kept by themselves, and nobody leaves without knowing. */
(function () {
  const form = document.querySelector("form[data-entry]");
  if (!form) return;
  const id = form.dataset.id;
  const say = (text) => (document.getElementById("kept").textContent = text);
  let dirty = false;
  let saving = null;
  let sending = false;
  form.addEventListener("input", () => (dirty = true));
  form.addEventListener("change", () => (dirty = true));
  form.addEventListener("filled", () => (dirty = true));
  async function keep() {
    if (!id || !dirty || saving || sending) return;
    dirty = false;
    const data = new URLSearchParams(new FormData(form));
    saving = fetch("/contracts/" + id + "/autosave", { method: "POST", body: data, keepalive: true });
    try {
      const answer = await saving;
      if (answer.status === 401) return say("登录已失效。填写的内容还在本页，点“保存草稿”重新登录后即可继续。");
      const told = await answer.json();
      if (answer.ok) {
        document.querySelectorAll("input[name=_version]").forEach((v) => (v.value = told.version));
        say("已自动保存 " + told.at);
      } else {
        say("没有自动保存：" + told.detail);
      }
    } catch {
      dirty = true;
      say("暂时不能自动保存，内容还在本页。");
    } finally {
      saving = null;
    }
  }
  setInterval(keep, 20000);
  // Whoever turns to another window leaves nothing unsaved behind.
  window.addEventListener("blur", keep);
  form.addEventListener("submit", async (event) => {
    sending = true;
    if (!saving) return;
    event.preventDefault();
    const button = event.submitter;
    await saving.catch(() => null);
    setTimeout(() => form.requestSubmit(button), 0);
  });
  window.addEventListener("pageshow", () => (sending = false));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") keep();
  });
  window.addEventListener("beforeunload", (event) => {
    if (dirty && !sending) {
      keep();
      event.preventDefault();
    }
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s") {
      event.preventDefault();
      form.requestSubmit(document.querySelector("button[form=entry][value=draft]"));
    } else if (event.ctrlKey && event.key === "Enter") {
      form.requestSubmit(document.querySelector("button[form=entry][value=check]"));
    }
  });
})();
