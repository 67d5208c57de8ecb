/* Attachments: dropped or chosen, one or several, sent with their progress, without leaving what is typed on the page. */
(function () {
  const place = () => document.getElementById("attachments");
  function arm(form) {
    if (form.dataset.armed) return;
    form.dataset.armed = "1";
    const bar = form.querySelector("progress");
    const told = form.querySelector(".told");
    const chosen = form.querySelector("input[type=file]");
    const most = Number(form.dataset.attach);
    chosen.multiple = true;
    // One file: the part of the page that answers it, or why there is none.
    function send(file, nth) {
      const data = new FormData(form);
      data.delete("file");
      data.set("file", file);
      // Each is a form of its own, on the version that the one before it made.
      data.set("_once", data.get("_once") + (nth ? " " + nth : ""));
      data.set("_version", place().querySelector("input[name=_version]").value);
      const request = new XMLHttpRequest();
      request.open("POST", form.action);
      request.responseType = "document";
      request.upload.addEventListener("progress", (event) => {
        if (!event.lengthComputable) return;
        bar.value = Math.round((100 * event.loaded) / event.total);
        told.textContent = bar.value < 100 ? "已上传 " + bar.value + "%" : "正在检查文件";
      });
      bar.value = 0;
      bar.hidden = false;
      told.textContent = "正在上传 " + file.name;
      return new Promise((done) => {
        request.addEventListener("load", () => done(request));
        request.addEventListener("error", () => done(null));
        request.send(data);
      });
    }
    function why(request) {
      if (!request) return "没有传完，请重试。";
      const page = request.response;
      if (/\/login/.test(request.responseURL)) return "登录已失效，请在另一个窗口重新登录后再传。";
      const own = page && ["#attachments .field .error", ".problem", ".notice"].map((css) => page.querySelector(css)).find(Boolean);
      return own ? own.textContent.trim().replace(/\s+/g, " ") : "没有添加，请刷新页面后重试。";
    }
    async function send_all(files) {
      if (!files.length) {
        told.textContent = "请先选择文件。";
        return chosen.focus();
      }
      let last = null;
      const good = [];
      const bad = [];
      for (const file of files) {
        if (most && file.size > most) {
          bad.push([file.name, "文件不得超过 " + (most < 1048576 ? most + " 字节。" : Math.floor(most / 1048576) + " MB。")]);
          continue;
        }
        const request = await send(file, good.length + bad.length);
        const part = request && request.response && request.response.getElementById("attachments");
        if (part) last = request;
        if (request && request.status === 200 && part) {
          good.push(file.name);
          const version = part.querySelector("input[name=_version]").value;
          document.querySelectorAll("input[name=_version]").forEach((v) => (v.value = version));
        } else bad.push([file.name, why(request)]);
      }
      bar.hidden = true;
      settle(last, good, bad);
    }
    function settle(last, good, bad) {
      // Where nothing else is typed the page says anew what is missing.
      if (last && !bad.length && !document.querySelector("form[data-entry]")) return location.assign(last.responseURL);
      let fresh = form;
      if (last) {
        place().replaceWith(document.importNode(last.response.getElementById("attachments"), true));
        fresh = place().querySelector("form[data-attach]");
        if (bad.length) fresh.elements.kind.value = form.elements.kind.value;
        arm(fresh);
      } else chosen.value = "";
      fresh.querySelector(".told").textContent = tell(good, bad);
      if (bad.length) mark(fresh, bad);
    }
    function tell(good, bad) {
      const done = good.length === 1 ? "附件已添加。" : good.length ? good.length + " 个附件已添加。" : "";
      return done + (bad.length ? (good.length ? bad.length + " 个" : "") + "没有添加，原因见文件一栏。" : "");
    }
    // What was refused is told where the file is chosen.
    function mark(fresh, bad) {
      place().querySelectorAll(".problem").forEach((p) => p.remove());
      const input = fresh.elements.file;
      const box = input.closest(".field");
      let line = box.querySelector(".error");
      if (!line) {
        line = document.createElement("p");
        line.className = "error";
        line.id = input.id + "-error";
        box.insertBefore(line, box.querySelector(".help"));
        input.setAttribute("aria-describedby", [input.getAttribute("aria-describedby"), line.id].filter(Boolean).join(" "));
      }
      line.textContent = bad.map(([name, reason]) => name + "：" + reason).join("\n");
      box.classList.add("wrong");
      input.setAttribute("aria-invalid", "true");
      input.focus();
    }
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send_all(Array.from(chosen.files));
    });
    const over = (on) => (event) => {
      if (!event.dataTransfer || !Array.from(event.dataTransfer.types).includes("Files")) return;
      event.preventDefault();
      form.classList.toggle("over", on);
    };
    form.addEventListener("dragover", over(true));
    form.addEventListener("dragleave", over(false));
    form.addEventListener("drop", (event) => {
      over(false)(event);
      if (event.dataTransfer.files.length) send_all(Array.from(event.dataTransfer.files));
    });
  }
  const arm_all = () => document.querySelectorAll("form[data-attach]").forEach(arm);
  document.addEventListener("papers", arm_all);
  arm_all();
})();
