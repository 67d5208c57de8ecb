/* Attachments: dropped or chosen, sent with their progress, without leaving what is typed on the page. */
(function () {
  function arm(form) {
    const bar = form.querySelector("progress");
    const told = form.querySelector(".told");
    const chosen = form.querySelector("input[type=file]");
    function send(file) {
      const data = new FormData(form);
      if (file) data.set("file", file);
      if (!data.get("file") || !data.get("file").name) {
        told.textContent = "请先选择文件。";
        return chosen.focus();
      }
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
      document.getElementById("attachments").replaceWith(document.importNode(part, true));
      document.querySelectorAll("input[name=_version]").forEach((v) => (v.value = version));
      const fresh = document.querySelector("form[data-attach]");
      arm(fresh);
      fresh.querySelector(".told").textContent = request.status === 200 ? "附件已添加。" : "没有添加，原因见上。";
    }
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send(null);
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
      if (event.dataTransfer.files.length) send(event.dataTransfer.files[0]);
    });
  }
  document.querySelectorAll("form[data-attach]").forEach(arm);
})();
