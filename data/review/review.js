"use strict";
(() => {
  const facts = JSON.parse(document.getElementById("data").textContent);
  const articles = [...document.querySelectorAll("article")];
  const store = `callforge-review-${facts.identity}-${facts.seed}-${facts.drawn}`;
  let saved = { marks: {}, notes: {} };
  try { saved = Object.assign(saved, JSON.parse(localStorage.getItem(store))); } catch { /* private mode: marks live as long as the page */ }

  const keep = () => { try { localStorage.setItem(store, JSON.stringify(saved)); } catch { /* as above */ } };

  // Wilson's interval at 95 %, as the command computes it from the downloaded marks.
  const interval = (hits, of) => {
    const z = 1.959963984540054, share = hits / of;
    const middle = share + z * z / (2 * of);
    const spread = z * Math.sqrt(share * (1 - share) / of + z * z / (4 * of * of));
    return [(middle - spread) / (1 + z * z / of), (middle + spread) / (1 + z * z / of)];
  };
  const percent = (share) => `${(100 * share).toFixed(1)} %`;

  const say = () => {
    const marks = Object.values(saved.marks), right = marks.filter((mark) => mark === "right").length;
    document.getElementById("progress").value = marks.length;
    const [low, high] = marks.length ? interval(right, marks.length) : [0, 1];
    document.getElementById("said").textContent = marks.length
      ? `${marks.length} of ${articles.length} marked, ${percent(right / marks.length)} right (${percent(low)} to ${percent(high)})`
      : `0 of ${articles.length} marked`;
  };

  const show = (article) => {
    const mark = saved.marks[article.dataset.id];
    article.classList.toggle("right", mark === "right");
    article.classList.toggle("wrong", mark === "wrong");
    for (const radio of article.querySelectorAll("input[type=radio]")) radio.checked = radio.value === mark;
    article.querySelector(".note").value = saved.notes[article.dataset.id] || "";
  };

  const put = (article, mark) => { saved.marks[article.dataset.id] = mark; keep(); show(article); say(); };

  const go = (article) => { if (article) { article.focus({ preventScroll: true }); article.scrollIntoView({ block: "start" }); } };
  const current = () => articles.indexOf(document.activeElement.closest("article"));

  for (const article of articles) {
    article.addEventListener("change", (event) => {
      if (event.target.type === "radio") put(article, event.target.value);
    });
    article.querySelector(".note").addEventListener("input", (event) => {
      saved.notes[article.dataset.id] = event.target.value; keep();
    });
    show(article);
  }

  document.addEventListener("keydown", (event) => {
    if (event.target.matches(".note") || event.ctrlKey || event.metaKey || event.altKey) return;
    const place = current();
    const mark = { 1: "right", 2: "wrong" }[event.key];
    if (mark && place >= 0) { put(articles[place], mark); go(articles[place + 1]); }
    else if (event.key === "ArrowDown") go(articles[place + 1]);
    else if (event.key === "ArrowUp") go(articles[Math.max(place - 1, 0)]);
    else return;
    event.preventDefault();
  });

  document.getElementById("next").addEventListener("click", () =>
    go(articles.find((article) => !(article.dataset.id in saved.marks))));

  document.getElementById("download").addEventListener("click", () => {
    const notes = Object.fromEntries(Object.entries(saved.notes).filter(([, note]) => note));
    const { identity, seed, drawn } = facts;
    const text = JSON.stringify({ identity, seed, drawn, marks: saved.marks, notes }, null, 1);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = "marks.json";
    link.click();
    URL.revokeObjectURL(link.href);
  });

  say();
})();
