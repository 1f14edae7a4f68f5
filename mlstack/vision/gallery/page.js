"use strict";
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const BARE = 1.5, NARROWEST = 0.62, WIDEST = 2.4, LONGEST_TAG = 28, MOST_CHIPS = 10;
  const tiles = JSON.parse(document.getElementById("tiles").textContent);
  const at = (id) => document.getElementById(id);
  const words = (text) => text.normalize("NFKC").toLocaleLowerCase();
  const spoken = (analysis) => analysis.replaceAll("_", " ");
  /* Rounded down, as 99.6 is not 100. */
  const percent = (confidence, digits) =>
    (Math.floor(confidence * 10 ** digits + 1e-6) / 10 ** digits).toFixed(digits);
  const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

  /* Every name from outside goes through here, as text or as an attribute's value; nothing is ever parsed as HTML. */
  function make(tag, attributes = {}, ...children) {
    const node = tag.startsWith("svg:") ? document.createElementNS(SVG, tag.slice(4)) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children);
    return node;
  }

  const chosen = { least: 0, words: [], without: new Set(), hidden: new Set() };
  const shown = (mark) => mark.confidence >= chosen.least && !chosen.without.has(mark.analysis);
  const narrowed = () =>
    chosen.least > 0 || chosen.words.length > 0 || chosen.without.size > 0 || chosen.hidden.size > 0;

  function matches(tile) {
    if (chosen.hidden.has(tile.status)) return false;
    const marks = tile.marks.filter(shown);
    if (tile.marks.length ? !marks.length : chosen.least > 0) return false;
    if (!chosen.words.length) return true;
    const text = words([tile.key, tile.reason, ...tile.notes, ...marks.map((mark) => mark.name)].join(" "));
    return chosen.words.every((word) => text.includes(word));
  }

  /* One entry a name of an analysis, with how often it was found. */
  function named(marks) {
    const found = new Map();
    for (const mark of marks) {
      const key = JSON.stringify([mark.analysis, mark.name]);
      if (found.has(key)) found.get(key).times += 1;
      else found.set(key, { ...mark, times: 1 });
    }
    return [...found.values()].sort((one, other) => other.confidence - one.confidence);
  }

  function boxes(tile, tagged) {
    const { width, height } = tile.picture;
    const drawing = make("svg:svg", {
      class: "whole boxes", viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "xMidYMid meet", "aria-hidden": "true",
    });
    tile.marks.forEach((mark, number) => {
      if (!mark.box || !shown(mark)) return;
      const [left, top, wide, high] = mark.box;
      const place = { x: left * width, y: top * height, width: wide * width, height: high * height, rx: 2 };
      drawing.append(
        make("svg:rect", { ...place, class: "halo", "data-mark": number }),
        make("svg:rect", { ...place, class: "box", "data-mark": number, "data-analysis": mark.analysis }),
      );
    });
    if (tagged) drawing.append(...tags(tile));
    return drawing;
  }

  function tags(tile) {
    const { width, height } = tile.picture;
    const size = Math.max(width, height) / 50;
    return tile.marks.flatMap((mark, number) => {
      if (!mark.box || !shown(mark)) return [];
      const letters = [...mark.name];
      const text = letters.length > LONGEST_TAG ? `${letters.slice(0, LONGEST_TAG).join("")}…` : mark.name;
      const x = Math.max(size * 0.3, Math.min(mark.box[0] * width + size * 0.3, width - text.length * size * 0.6));
      const y = Math.min(mark.box[1] * height + size * 1.15, height - size * 0.3);
      return [make("svg:text", { class: "tag", x, y, "font-size": size, "data-mark": number }, text)];
    });
  }

  function spans(tile) {
    const timed = named(tile.marks.filter(shown)).filter((mark) => mark.span).slice(0, 7);
    const end = Math.max(1, ...tile.marks.map((mark) => (mark.span ? mark.span[1] : 0)));
    return make("svg:svg", { class: "spans", viewBox: "0 0 100 32", preserveAspectRatio: "none", "aria-hidden": "true" },
      ...timed.map((mark, row) => make("svg:rect", {
        x: (mark.span[0] / end) * 92 + 4, y: row * 4 + 2, height: 1.6, rx: 0.4, "data-analysis": mark.analysis,
        width: Math.max(1, ((mark.span[1] - mark.span[0]) / end) * 92),
      })));
  }

  function inside(tile, tagged) {
    if (tile.picture) {
      const picture = make("img", { class: "whole", src: tile.picture.uri, alt: "", draggable: "false" });
      const veil = make("span", { class: "veil" }, "This picture may offend", make("b", {}, "Show"));
      return [picture, boxes(tile, tagged), veil];
    }
    const why = tile.video ? [make("b", {}, "▶"), "Video"] : [make("b", {}, "∅"), tile.notes.join("; ") || "no picture"];
    return [make("span", { class: tile.video ? "bare film" : "bare" }, ...why), ...(tile.video ? [spans(tile)] : [])];
  }

  const veiled = (tile) => tile.flagged && tile.picture && !tile.revealed;

  function spokenTile(tile) {
    const marks = named(tile.marks.filter(shown)).slice(0, 8);
    const found = marks.map((mark) => `${mark.name} ${percent(mark.confidence, 0)} %`).join(", ");
    return [tile.key, tile.status, tile.reason, ...tile.notes, veiled(tile) ? "may offend, activate to show" : "", found]
      .filter(Boolean).join("; ");
  }

  function chips(tile) {
    const marks = named(tile.marks.filter(shown));
    const list = marks.slice(0, MOST_CHIPS).map((mark) => make("li",
      { class: "chip", "data-analysis": mark.analysis, title: `${mark.name} (${spoken(mark.analysis)})` },
      make("i", { class: "dot" }), make("bdi", {}, mark.name),
      make("span", {}, `${mark.times > 1 ? `×${mark.times} ` : ""}${percent(mark.confidence, 0)}`)));
    if (!marks.length && tile.reason) list.push(make("li", { class: "why", title: tile.reason }, make("bdi", {}, tile.reason)));
    return list;
  }

  /* Take away the chips that have no room, and count all that are not seen; only a drawn list knows its room. */
  function fit(list, total) {
    const left = [...list.querySelectorAll(".chip")];
    const more = make("li", { class: "more" });
    const tell = () => {
      more.textContent = `+${total - left.length}`;
      if (total > left.length) list.append(more);
    };
    tell();
    while (left.length > 1 && list.scrollHeight > list.clientHeight + 1) {
      left.pop().remove();
      tell();
    }
  }

  /* Only tiles near the window have anything in them, so that a thousand pictures cost no more than fifty. */
  const sheet = at("sheet");
  const places = tiles.map((tile, number) => {
    const place = make("li", { "data-number": number });
    const natural = tile.picture ? tile.picture.width / tile.picture.height : BARE;
    tile.ratio = Math.min(WIDEST, Math.max(NARROWEST, natural));
    place.style.setProperty("--ratio", tile.ratio.toFixed(4));
    return place;
  });

  function fill(number) {
    const tile = tiles[number], place = places[number];
    const held = place.contains(document.activeElement);
    const frame = make("button",
      { class: veiled(tile) ? "frame blurred" : "frame", type: "button", "aria-label": spokenTile(tile) },
      ...inside(tile, false));
    if (tile.status !== "analysed") {
      frame.append(make("span", { class: "badge", "data-status": tile.status }, tile.status));
    }
    const file = make("p", { class: "file", title: tile.object }, make("bdi", {}, tile.key.split("/").pop() || tile.key));
    const list = make("ul", { class: "chips" }, ...chips(tile));
    place.replaceChildren(frame, make("div", { class: "caption" }, file, list));
    fit(list, named(tile.marks.filter(shown)).length);
    if (held) frame.focus();
  }

  const near = new IntersectionObserver((changes) => {
    for (const { target, isIntersecting } of changes) {
      if (isIntersecting) fill(Number(target.dataset.number));
      else if (!target.contains(document.activeElement)) target.replaceChildren();
    }
  }, { rootMargin: "700px" });

  function apply() {
    chosen.least = Number(at("least").value);
    chosen.words = words(at("search").value).split(/\s+/u).filter(Boolean);
    for (const [id, set] of [["analyses", chosen.without], ["statuses", chosen.hidden]]) {
      set.clear();
      for (const box of at(id).querySelectorAll("input:not(:checked)")) set.add(box.value);
    }
    at("least-shown").textContent = `${chosen.least} %`;
    at("reset").hidden = !narrowed();
    document.body.classList.toggle("without-boxes", !at("boxes").checked);
    let left = 0;
    tiles.forEach((tile, number) => {
      const place = places[number];
      place.hidden = !matches(tile);
      left += place.hidden ? 0 : 1;
      if (!place.hidden && place.firstChild) fill(number);
    });
    const noun = tiles.length === 1 ? "picture" : "pictures";
    at("count").textContent = left === tiles.length ? `${left} ${noun}` : `${left} of ${tiles.length} ${noun}`;
    at("empty").hidden = left > 0;
    at("empty").textContent = tiles.length ? "Nothing matches these filters." : "There are no pictures here yet.";
  }

  function pills(id, values, label) {
    if (values.size < 2 && id === "statuses") return;
    for (const [value, count] of values) {
      at(id).append(make("label", { class: "pill", ...(id === "analyses" ? { "data-analysis": value } : {}) },
        make("input", { type: "checkbox", checked: true, value }),
        ...(id === "analyses" ? [make("i", { class: "dot" })] : []), label(value), make("small", {}, count)));
    }
  }

  function counted(values) {
    const counts = new Map();
    for (const value of values) counts.set(value, (counts.get(value) || 0) + 1);
    return new Map([...counts].sort());
  }

  /* The viewer: one picture large, with the names on its boxes. */
  const viewer = at("viewer");
  let open = -1;

  function show(number) {
    const tile = tiles[number];
    open = number;
    const view = make(veiled(tile) ? "button" : "div",
      { class: veiled(tile) ? "view blurred" : "view", "aria-label": veiled(tile) ? spokenTile(tile) : undefined },
      ...inside(tile, true));
    if (veiled(tile)) view.addEventListener("click", () => { tile.revealed = true; fill(number); show(number); });
    at("stage").replaceChildren(view);
    at("viewer-title").replaceChildren(make("bdi", {}, tile.key.split("/").pop() || tile.key));
    at("viewer-meta").textContent = [tile.object, [tile.status, tile.when].filter(Boolean).join(", "), tile.reason,
      ...tile.notes].filter(Boolean).join("\n");
    at("viewer-marks").replaceChildren(...groups(tile, view));
  }

  function groups(tile, view) {
    const listed = new Map();
    tile.marks.forEach((mark, number) => {
      if (!shown(mark)) return;
      const time = mark.span ? `${clock(mark.span[0])}–${clock(mark.span[1])}  ` : "";
      const entry = make("li", { "data-analysis": mark.analysis, tabindex: mark.box ? 0 : undefined },
        make("bdi", {}, mark.name), make("span", {}, `${time}${percent(mark.confidence, 1)} %`));
      const light = (on) => {
        view.classList.toggle("dimmed", on && Boolean(mark.box));
        for (const one of view.querySelectorAll(`[data-mark="${number}"]`)) one.classList.toggle("lit", on);
      };
      for (const begin of ["mouseenter", "focus"]) entry.addEventListener(begin, () => light(true));
      for (const end of ["mouseleave", "blur"]) entry.addEventListener(end, () => light(false));
      if (!listed.has(mark.analysis)) listed.set(mark.analysis, []);
      listed.get(mark.analysis).push(entry);
    });
    return [...listed].flatMap(([analysis, entries]) => [
      make("h3", { "data-analysis": analysis }, make("i", { class: "dot" }), spoken(analysis)),
      make("ul", { class: "found" }, ...entries),
    ]);
  }

  /* The next picture that the filters leave, in either direction; -1 where there is none. */
  function beside(number, step) {
    let other = number + step;
    while (other >= 0 && other < tiles.length && places[other].hidden) other += step;
    return other < tiles.length ? other : -1;
  }

  function reach(number) {
    if (number < 0) return;
    if (viewer.open) show(number);
    else {
      if (!places[number].firstChild) fill(number);
      places[number].firstChild.focus();
    }
  }

  function step(event, from) {
    const directions = { ArrowRight: 1, ArrowLeft: -1 };
    if (event.key in directions) {
      event.preventDefault();
      reach(beside(from, directions[event.key]));
    } else if (event.key === "Home" || event.key === "End") {
      event.preventDefault();
      reach(event.key === "Home" ? beside(-1, 1) : beside(tiles.length, -1));
    }
  }

  sheet.addEventListener("click", (event) => {
    const frame = event.target.closest(".frame");
    if (!frame) return;
    const number = Number(frame.parentElement.dataset.number);
    if (veiled(tiles[number])) {
      tiles[number].revealed = true;
      fill(number);
      places[number].firstChild.focus();
    } else {
      show(number);
      viewer.showModal();
    }
  });
  sheet.addEventListener("keydown", (event) => {
    const place = event.target.closest("[data-number]");
    if (place) step(event, Number(place.dataset.number));
  });
  viewer.addEventListener("keydown", (event) => step(event, open));
  viewer.addEventListener("close", () => reach(open));
  at("previous").addEventListener("click", () => reach(beside(open, -1)));
  at("next").addEventListener("click", () => reach(beside(open, 1)));
  at("close").addEventListener("click", () => viewer.close());
  at("search").addEventListener("input", apply);
  at("filters").addEventListener("input", apply);
  at("filters").addEventListener("submit", (event) => event.preventDefault());
  at("filters").addEventListener("reset", () => {
    at("search").value = "";
    setTimeout(apply);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !viewer.open && event.target !== at("search")) {
      event.preventDefault();
      at("search").focus();
    }
  });

  pills("analyses", counted(tiles.flatMap((tile) => [...new Set(tile.marks.map((mark) => mark.analysis))])), spoken);
  pills("statuses", counted(tiles.map((tile) => tile.status)), (status) => status);
  sheet.append(...places);
  apply();
  for (const place of places) near.observe(place);
  let resized;
  addEventListener("resize", () => {
    cancelAnimationFrame(resized);
    resized = requestAnimationFrame(apply);
  });
})();
