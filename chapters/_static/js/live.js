/* What the figures with controls share: elements, controls, and grids of
   cells that answer to a pointer, a finger and the keyboard. No library. */
"use strict";

var fdlLive = (function () {
  var ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0],
                 ArrowLeft: [0, -1], ArrowRight: [0, 1] };

  function element(tag, attributes, parent, text) {
    var e = document.createElement(tag);
    for (var k in attributes) e.setAttribute(k, attributes[k]);
    if (text) e.textContent = text;
    if (parent) parent.appendChild(e);
    return e;
  }

  /* What the page tells a figure. Its picture is put by for the printer. */
  function stage(root) {
    var told = JSON.parse(root.dataset.told);  // or else the picture stays
    var still = element("div", { class: "fdl-still" });
    while (root.firstChild) still.appendChild(root.firstChild);
    root.appendChild(still);
    root.classList.add("fdl-live");
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", root.dataset.about);
    return told;
  }

  function bar(parent) {
    return element("div", { class: "fdl-controls" }, parent);
  }

  function button(parent, text, act) {
    var made = element("button", { type: "button" }, parent, text);
    made.addEventListener("click", act);
    return made;
  }

  /* A list to choose from; act gets the number of what was chosen. */
  function choice(parent, text, names, act) {
    var label = element("label", {}, parent, text + " ");
    var list = element("select", {}, label);
    names.forEach(function (name, k) {
      element("option", { value: k }, list, String(name));
    });
    list.addEventListener("change", function () { act(+list.value); });
    return list;
  }

  function slider(parent, text, low, top, step, value, act) {
    var label = element("label", {}, parent, text + " ");
    var made = element("input", { type: "range", min: low, max: top,
                                  step: step, value: value }, label);
    var shown = element("output", {}, label, String(value));
    made.addEventListener("input", function () { act(+made.value); });
    return { input: made, set: function (v) {
      made.value = v; shown.textContent = String(v);
    } };
  }

  /* What a figure says after each change, aloud as well. */
  function voice(parent) {
    return element("p", { class: "fdl-said", "aria-live": "polite" }, parent);
  }

  function number(value) {
    var text = String(+value.toFixed(2));
    return text === "-0" ? "0" : minus(text);
  }

  /* A number's text, with minus signs in place of hyphens. */
  function minus(text) { return text.replace(/-/g, "−"); }

  /* Rows of cells with a title under them. Arrows walk about, Home and End go
     to the ends of a row; on.press(i, j) is a click or Enter, on.key(i, j, key) any other key (true if it meant
     something), on.reach(i, j) where the focus, or with on.drag a finger, has
     come. */
  function grid(parent, title, rows, columns, on) {
    var box = element("figure", {}, parent), cells = [];
    var table = element("div", { role: on ? "grid" : "table", class: "fdl-grid",
                                 "aria-label": title }, box);
    element("figcaption", { "aria-hidden": "true" }, box, title);
    for (var i = 0; i < rows; i++) {
      var row = element("div", { role: "row", class: "fdl-row" }, table);
      cells.push([]);
      for (var j = 0; j < columns; j++) {
        cells[i].push(element("div", { role: on ? "gridcell" : "cell",
                                       class: "fdl-cell",
                                       "data-at": i + "," + j }, row));
      }
    }
    var made = { box: box, table: table, cells: cells, focus: focus,
                 each: function (act) {
                   cells.forEach(function (row, i) {
                     row.forEach(function (cell, j) { act(cell, i, j); });
                   });
                 } };
    if (!on) return made;

    var here = [0, 0];
    function hold(i, j) {  // one cell of the grid is in the order of tabs
      cells[here[0]][here[1]].setAttribute("tabindex", -1);
      here = [i, j];
      cells[i][j].setAttribute("tabindex", 0);
    }
    function focus(i, j) { hold(i, j); cells[i][j].focus(); }
    function at(target) {
      var cell = target && target.closest && target.closest(".fdl-cell");
      return cell && table.contains(cell) &&
        cell.dataset.at.split(",").map(Number);
    }
    made.each(function (cell) { cell.setAttribute("tabindex", -1); });
    hold(0, 0);
    table.addEventListener("focusin", function (event) {
      var p = at(event.target);
      if (!p) return;
      hold(p[0], p[1]);
      if (on.reach) on.reach(p[0], p[1]);
    });
    table.addEventListener("click", function (event) {
      var p = at(event.target);
      if (p && on.press) on.press(p[0], p[1]);
    });
    table.addEventListener("keydown", function (event) {
      var p = at(event.target), way = ARROWS[event.key];
      if (!p || event.ctrlKey || event.metaKey || event.altKey) return;
      if (way) {
        var to = [p[0] + way[0], p[1] + way[1]];
        if (cells[to[0]] && cells[to[0]][to[1]]) focus(to[0], to[1]);
      } else if (event.key === "Home" || event.key === "End") {
        focus(p[0], event.key === "Home" ? 0 : columns - 1);
      } else if (event.key === "Enter" && on.press) {
        on.press(p[0], p[1]);
      } else if (!(on.key && on.key(p[0], p[1], event.key))) {
        return;
      }
      event.preventDefault();
    });
    if (on.drag) {
      table.classList.add("fdl-drag");
      table.addEventListener("pointermove", function (event) {
        var p = event.buttons &&
          at(document.elementFromPoint(event.clientX, event.clientY));
        if (p && (p[0] !== here[0] || p[1] !== here[1])) focus(p[0], p[1]);
      });
    }
    return made;
  }

  /* Orange above zero, purple below, the paler the nearer to it. */
  function tint(cell, value, top) {
    cell.classList.toggle("fdl-plus", value > 0);
    cell.classList.toggle("fdl-minus", value < 0);
    cell.style.setProperty("--fdl-tint",
                           top ? Math.min(1, Math.abs(value) / top) : 0);
  }

  function begin(kind, figure) {
    function all() {
      document.querySelectorAll(".fdl-" + kind).forEach(function (root) {
        try {
          figure(root);
        } catch (error) {  // the other figures of the page come to life
          setTimeout(function () { throw error; });
        }
      });
    }
    if (document.readyState === "loading") {
      document.addEventListener("DOMContentLoaded", all);
    } else {
      all();
    }
  }

  return { element: element, stage: stage, bar: bar, button: button,
           choice: choice, slider: slider, voice: voice, number: number,
           minus: minus, grid: grid, tint: tint, begin: begin };
})();
