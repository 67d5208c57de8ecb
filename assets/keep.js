/* The entry form: drafts are kept by themselves, the first as soon as something was filled in; nobody leaves without knowing. */
(function () {
  const form = document.querySelector("form[data-entry]");
  if (!form) return;
  const line = document.getElementById("kept");
  const say = (text) => line.textContent !== text && (line.textContent = text);
  const values = () => new URLSearchParams(new FormData(form));
  const everywhere = (name, value) => document.querySelectorAll("input[name=" + name + "]").forEach((i) => (i.value = value));
  const blank = values();
  let dirty = false;
  let stopped = false;
  let saving = null;
  let sending = false;
  const filled = () => Array.from(values()).some(([name, value]) => name[0] === "/" && value.trim() && value !== blank.get(name));

  // The form goes on at the address of the draft that was made of it.
  async function settle(id) {
    form.dataset.id = id;
    form.setAttribute("action", "/contracts/" + id + "/edit");
    history.replaceState(history.state, "", form.getAttribute("action"));
    const answer = await fetch(form.getAttribute("action"), { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const papers = page.getElementById("attachments");
    if (!answer.ok || !papers || !papers.querySelector("form")) return;
    document.getElementById("attachments").replaceWith(document.importNode(papers, true));
    document.dispatchEvent(new Event("papers"));
  }
  function versioned(version) {
    if (!form.elements._version) {
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = "_version";
      form.append(field);
    }
    everywhere("_version", version);
  }
  // Who logged in again in another window goes on here, with that session's token.
  async function renewed() {
    const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } }).catch(() => null);
    if (!answer || !answer.ok || answer.redirected) return false;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("form[data-entry]");
    if (!fresh || fresh.elements._as.value !== form.elements._as.value) return false;
    everywhere("_token", fresh.elements._token.value);
    return true;
  }
  async function send(again) {
    dirty = false;
    const to = "/contracts/" + (form.dataset.id || "new") + "/autosave";
    try {
      const body = values();
      // Browsers send no more than 64 KB of a page that is left.
      const answer = await fetch(to, { method: "POST", body, keepalive: body.toString().length < 60000 });
      const of_session = [401, 403].includes(answer.status) && !/json/.test(answer.headers.get("content-type"));
      if (answer.status === 403 && of_session && !again && (await renewed())) return send(true);
      if (of_session) {
        dirty = true;
        return say("登录已失效。填写的内容还在本页，点“保存草稿”重新登录后即可继续。");
      }
      const told = await answer.json();
      const first = told.id && !form.dataset.id;
      if (answer.ok) {
        versioned(told.version);
        form.elements._once.value = told.once;
        const notes = [told.wrong && told.wrong + " 处填写有误，未存入", told.alike && "页首列有 " + told.alike + " 份可能重复的合同"];
        say("草稿已自动保存 " + told.at + notes.filter(Boolean).map((n) => "；" + n).join(""));
        const part = new DOMParser().parseFromString(told.alike_part, "text/html").body;
        document.getElementById("alike").replaceChildren(...part.childNodes);
      } else {
        dirty = true;
        stopped = answer.status < 500;
        if (first) versioned(1);
        say("没有自动保存：" + told.detail);
      }
      if (first) await settle(told.id);
    } catch {
      dirty = true;
      say("暂时不能自动保存，内容还在本页。");
    }
  }
  function keep() {
    if (!dirty || stopped || saving || sending || !(form.dataset.id || filled())) return;
    saving = send(false).finally(() => (saving = null));
  }
  form.addEventListener("input", () => (dirty = true));
  form.addEventListener("filled", () => (dirty = true));
  form.addEventListener("change", () => {
    dirty = true;
    if (!form.dataset.id) keep();
  });
  setInterval(keep, 20000);
  // Whoever turns to another window leaves nothing unsaved behind.
  window.addEventListener("blur", keep);
  window.addEventListener("focus", keep);
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && keep());
  form.addEventListener("submit", async (event) => {
    sending = true;
    if (!saving) return;
    // What is on its way may be making the draft: it is waited for.
    event.preventDefault();
    const button = event.submitter;
    await saving;
    form.requestSubmit(button);
  });
  window.addEventListener("pageshow", () => (sending = false));
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
