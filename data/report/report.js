"use strict";
// The table of records: search, filters, state in the address, rows that open. Text from records
// only ever goes through textContent.
(() => {
  const PAGE = 50;
  const { rows, tools } = JSON.parse(document.getElementById("data").textContent);
  const form = document.getElementById("controls");
  const body = document.querySelector("#rows tbody");
  const hits = document.getElementById("hits");
  const more = document.getElementById("more");
  const fields = [...form.elements].filter((field) => field.name);
  let found = [];
  let visible = 0;
  let open = "";

  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children.filter((child) => child !== ""));
    return element;
  };
  const text = (tag, content, attributes = {}) => make(tag, { dir: "auto", ...attributes }, content);
  const code = (content) => make("pre", { dir: "auto", tabindex: "0" }, make("code", {}, content));
  const fate = (row) => (row.stage ? "rejected" : "kept");
  const status = (row) => row.status ?? fate(row);

  const haystacks = [];
  const haystack = (number) => {
    const row = rows[number];
    haystacks[number] ??= [
      row.id, row.style, row.category, row.split, row.stage, row.reason, row.detail, row.query,
      row.completion,
      ...row.messages.flatMap((message) => [
        message.content, message.thought,
        ...message.calls.flatMap((call) => [call.name, call.arguments]),
      ]),
      ...row.results.map((result) => result.value),
      ...row.tools.map((tool) => tools[tool].name),
    ].join("\n").toLowerCase();
    return haystacks[number];
  };

  // What a reader sees of one row.
  const callBlock = (call, row) => {
    const result = row.results.find((result) => result.call === call.id);
    const block = make("div", { class: "call" }, text("p", call.name, { class: "name" }), code(call.arguments));
    if (result) {
      const ok = result.outcome === "ok";
      block.append(
        make("p", { class: ok ? "result" : "result bad" }, ok ? "returned" : result.outcome),
        code(result.value),
      );
    }
    return block;
  };
  const messageBlock = (message, row) => {
    const block = make("li", { class: `message ${["system", "user", "assistant", "tool"].includes(message.role) ? message.role : "other"}` },
      text("p", message.role, { class: "role" }));
    if (message.thought) block.append(text("p", message.thought, { class: "thought" }));
    if (message.content) block.append(text("p", message.content, { class: "content" }));
    block.append(...message.calls.map((call) => callBlock(call, row)));
    if (message.more_calls) block.append(make("p", { class: "muted" }, `${message.more_calls} more calls`));
    return block;
  };
  const folded = (summary, ...content) => make("details", {}, make("summary", {}, summary), ...content);
  const toolBlock = (number) => {
    const tool = tools[number];
    return folded(make("span", {}, text("code", tool.name), " ", text("span", tool.description, { class: "muted" })), code(tool.parameters));
  };
  const detail = (row) => {
    const block = make("div", { class: "record" });
    const verdicts = row.verdicts.map(([stage, finding]) =>
      make("li", { class: finding.startsWith("failed") ? "failed" : finding.startsWith("passed") ? "passed" : "skipped" },
        make("span", { class: "stage" }, stage), " ", text("span", finding)));
    block.append(make("ul", { class: "verdicts", "aria-label": "Verdicts" }, ...verdicts));
    if (row.detail) block.append(text("p", row.detail, { class: "why" }));
    if (row.messages.length) {
      block.append(make("ol", { class: "messages", "aria-label": "Messages" }, ...row.messages.map((message) => messageBlock(message, row))));
    }
    if (row.more_messages) block.append(make("p", { class: "muted" }, `${row.more_messages} more messages`));
    if (row.completion) block.append(make("p", { class: "label" }, "What the generator answered"), code(row.completion));
    const offered = `${row.tools.length} tool${row.tools.length === 1 ? "" : "s"} offered`;
    block.append(folded(offered, ...row.tools.map(toolBlock)));
    if (row.annotations) block.append(folded("Annotations", code(row.annotations)));
    block.append(folded("Provenance", make("p", { class: "muted" }, `id ${row.id}`), code(row.provenance)));
    return block;
  };

  const toggle = (number, line, button) => {
    const isOpen = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", String(!isOpen));
    if (isOpen) line.nextSibling.remove();
    else line.after(make("tr", { class: "detail", id: `record-${number}` }, make("td", { colspan: "4" }, detail(rows[number]))));
    open = isOpen ? "" : String(number);
    remember();
  };
  const line = (number) => {
    const row = rows[number];
    const button = make("button", { type: "button", "aria-expanded": "false", "aria-controls": `record-${number}` },
      text("span", row.query || row.completion || row.detail || "(no query)", { class: row.query ? "query" : "query muted" }));
    if (row.stage) button.append(text("span", `${row.stage}: ${row.reason}`, { class: "reason" }));
    const result = make("tr", { class: fate(row), "data-row": number },
      make("td", {}, make("span", { class: "status" }, status(row))),
      text("td", row.style.replaceAll("_", " ")), text("td", row.category), make("td", {}, button));
    button.addEventListener("click", () => toggle(number, result, button));
    return result;
  };
  const show = (count) => {
    body.append(...found.slice(visible, count).map(line));
    visible = Math.min(Math.max(count, visible), found.length);
    more.hidden = visible >= found.length;
    more.textContent = `Show ${Math.min(PAGE, found.length - visible)} more`;
  };

  const filter = () => {
    const wanted = Object.fromEntries(fields.map((field) => [field.name, field.value]));
    const words = wanted.q.toLowerCase().split(/\s+/).filter(Boolean);
    found = [...rows.keys()].filter((number) => {
      const row = rows[number];
      return (!wanted.status || status(row) === wanted.status)
        && fields.every(({ name }) => name === "q" || name === "status" || !wanted[name] || row[name] === wanted[name])
        && words.every((word) => haystack(number).includes(word));
    });
    body.replaceChildren();
    visible = 0;
    show(PAGE);
    hits.textContent = found.length === rows.length ? `${rows.length} rows` : `${found.length} of ${rows.length} rows`;
  };

  // The address says what is shown, so a view can be sent to somebody.
  const remember = () => {
    const state = new URLSearchParams(fields.filter((field) => field.value).map((field) => [field.name, field.value]));
    if (open) state.set("row", open);
    const hash = state.toString();
    history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
  };
  const recall = () => {
    const hash = location.hash.slice(1);
    if (hash && !hash.includes("=")) return false;
    const state = new URLSearchParams(hash);
    for (const field of fields) field.value = state.get(field.name) ?? "";
    // A select takes no value that it does not offer.
    for (const field of fields) if (field.selectedIndex === -1) field.value = "";
    filter();
    const number = Number(state.get("row") ?? -1);
    const place = found.indexOf(number);
    if (place >= 0) {
      show(Math.max(PAGE, place + 1));
      body.querySelector(`tr[data-row="${number}"] button`).click();
    } else open = "";
    return Boolean(hash);
  };
  const changed = () => { open = ""; filter(); remember(); };

  form.addEventListener("submit", (event) => event.preventDefault());
  // A search is followed as it is typed; its `change` would come when a row is clicked.
  form.addEventListener("input", (event) => event.target.name === "q" && changed());
  form.addEventListener("change", (event) => event.target.name !== "q" && changed());
  form.addEventListener("reset", () => setTimeout(changed));
  more.addEventListener("click", () => {
    const first = visible;
    show(visible + PAGE);
    body.querySelector(`tr[data-row="${found[first]}"] button`)?.focus();
  });
  const jump = () => { if (recall()) document.getElementById("records").scrollIntoView({ behavior: "instant" }); };
  addEventListener("hashchange", jump);
  addEventListener("beforeprint", () => show(found.length));
  filter();
  jump();
})();
