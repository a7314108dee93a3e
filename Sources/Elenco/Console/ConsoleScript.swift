/// The console's script. It is small enough to need no framework.
enum ConsoleScript {
  static let text = #"""
    "use strict";
    (() => {
      const interval = 2000; // the server reads S3 less often
      const tokenName = "elenco-token";
      const part = document.getElementById("part");
      const connection = document.getElementById("connection");
      const result = document.getElementById("result");
      const dialog = document.getElementById("confirmation");
      const address = location.pathname.replace(/\/$/, "") + "/part";

      // The address that "elenco console" prints ends in the token. It stays in this browser only.
      const given = /^#token=([0-9a-f]{32})$/.exec(location.hash);
      if (given) {
        localStorage.setItem(tokenName, given[1]);
        history.replaceState(null, "", location.pathname);
      }

      // Makes an element equal to a new one. What has not changed is left alone, so that it keeps its focus, its
      // selection and its scroll position.
      function update(old, fresh) {
        if (old.isEqualNode(fresh)) return;
        if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName || (old.id ?? "") !== (fresh.id ?? "")) {
          old.replaceWith(fresh);
          return;
        }
        if (old.nodeType !== Node.ELEMENT_NODE) {
          old.data = fresh.data;
          return;
        }
        for (const { name } of [...old.attributes]) {
          // Whether details are open is the reader's choice.
          if (!fresh.hasAttribute(name) && name !== "open") old.removeAttribute(name);
        }
        for (const { name, value } of fresh.attributes) {
          if (old.getAttribute(name) !== value) old.setAttribute(name, value);
        }
        const before = [...old.childNodes];
        const after = [...fresh.childNodes];
        after.forEach((node, index) => (before[index] ? update(before[index], node) : old.append(node)));
        before.slice(after.length).forEach((node) => node.remove());
      }

      function show(html) {
        const focused = document.activeElement?.id;
        const fresh = new DOMParser().parseFromString(`<div id="part">${html}</div>`, "text/html").getElementById("part");
        update(part, fresh);
        // A button that has moved to another row is another element now.
        if (focused && document.activeElement === document.body) {
          document.getElementById(focused)?.focus({ preventScroll: true });
        }
      }

      function say(sentence, isLost) {
        if (connection.textContent !== sentence) connection.textContent = sentence;
        connection.classList.toggle("lost", isLost);
      }

      let version = part.dataset.version ?? "";
      let timer = 0;
      let isAsking = false;
      async function ask() {
        clearTimeout(timer);
        if (isAsking || document.hidden) return;
        isAsking = true;
        try {
          const response = await fetch(address, {
            cache: "no-store",
            headers: version ? { "If-None-Match": version } : {},
            signal: AbortSignal.timeout(120000),
          });
          if (response.status === 200) {
            show(await response.text());
            version = response.headers.get("ETag") ?? "";
          }
          if (response.ok || response.status === 304) {
            say("Live: the page follows what is in S3.", false);
          } else {
            say(`The page is not up to date. ${await response.text()}`, true);
          }
        } catch {
          say("The page is not up to date: the console does not answer. To start it again, run: elenco console", true);
        }
        isAsking = false;
        timer = setTimeout(ask, interval);
      }
      document.addEventListener("visibilitychange", ask);
      ask();

      function tell(sentence) {
        const paragraph = document.createElement("p");
        paragraph.textContent = sentence;
        result.replaceChildren(paragraph);
      }

      let isActing = false;
      async function act(action) {
        if (isActing) return;
        isActing = true;
        tell("The request is sent …");
        try {
          const response = await fetch(action, {
            method: "POST",
            headers: { "Elenco-Token": localStorage.getItem(tokenName) ?? "" },
          });
          tell((await response.text()).trim());
        } catch {
          tell("The console did not answer. Whether the request was carried out is unknown; the page will show it.");
        }
        isActing = false;
        ask();
      }

      let chosen = "";
      document.addEventListener("click", (event) => {
        const button = event.target.closest("button");
        if (!button) return;
        if (button.dataset.action) {
          chosen = button.dataset.action;
          document.getElementById("question").textContent = button.dataset.question;
          document.getElementById("confirm").textContent = button.textContent;
          dialog.showModal();
        } else {
          dialog.close();
          if (button.id === "confirm") act(chosen);
        }
      });
    })();

    """#
}
