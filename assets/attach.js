/* Attachments: dropped or chosen, sent with their progress, without leaving what is typed on the page. */
(function () {
  const drags_files = (event) => event.dataTransfer && Array.from(event.dataTransfer.types).includes("Files");
  function arm(form) {
    const bar = form.querySelector("progress");
    const told = form.querySelector(".told");
    const chosen = form.querySelector("input[type=file]");
    function ask_for(control, text) {
      told.textContent = text;
      control.focus();
    }
    function send(file) {
      const data = new FormData(form);
      if (file) data.set("file", file);
      if (!data.get("kind")) return ask_for(form.elements.kind, "请先选择附件类别。");
      if (!data.get("file") || !data.get("file").name) return ask_for(chosen, "请先选择文件。");
      const request = new XMLHttpRequest();
      request.open("POST", form.action);
      request.responseType = "document";
      request.upload.addEventListener("progress", (event) => {
        if (!event.lengthComputable) return;
        bar.value = Math.round((100 * event.loaded) / event.total);
        told.textContent = bar.value < 100 ? "已上传 " + bar.value + "%" : "正在检查文件";
      });
      request.addEventListener("load", () => arrived(request));
      request.addEventListener("error", () => {
        bar.hidden = true;
        told.textContent = "没有传完，请重试。";
      });
      bar.value = 0;
      bar.hidden = false;
      told.textContent = "正在上传";
      request.send(data);
    }
    function arrived(request) {
      const page = request.response;
      const part = page && page.getElementById("attachments");
      bar.hidden = true;
      if (!part) {
        const why = page && page.querySelector(".problem, .notice");
        told.textContent = why ? why.textContent.trim() : "没有添加，请刷新页面后重试。";
        return;
      }
      // The check page says anew what is missing; the form keeps what is typed.
      if (request.status === 200 && !document.querySelector("form[data-entry]")) return location.assign(request.responseURL);
      const version = part.querySelector("input[name=_version]").value;
      const before = document.getElementById("attachments");
      const within = before.contains(document.activeElement);
      before.replaceWith(document.importNode(part, true));
      document.querySelectorAll("input[name=_version]").forEach((v) => (v.value = version));
      const fresh = document.querySelector("form[data-attach]");
      arm(fresh);
      fresh.querySelector(".told").textContent = request.status === 200 ? "附件已添加。" : "没有添加，原因见上。";
      // Who was here by key goes on from here.
      if (within) (document.getElementById("problem") || fresh.querySelector("input[type=file]")).focus();
    }
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send(null);
    });
    const over = (on) => (event) => {
      if (!drags_files(event)) return;
      event.preventDefault();
      form.classList.toggle("over", on);
    };
    form.addEventListener("dragover", over(true));
    form.addEventListener("dragleave", over(false));
    form.addEventListener("drop", (event) => {
      over(false)(event);
      const files = event.dataTransfer.files;
      if (files.length > 1) told.textContent = "一次只能拖入一个文件，请逐个添加。";
      else if (files.length) send(files[0]);
    });
  }
  document.querySelectorAll("form[data-attach]").forEach(arm);
  // A file that misses its place is not opened instead of the page with what is typed there.
  function missed(event) {
    if (!drags_files(event) || event.target.closest("form[data-attach]")) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "none";
  }
  if (document.querySelector("form[data-attach]")) {
    document.addEventListener("dragover", missed);
    document.addEventListener("drop", missed);
  }
})();
