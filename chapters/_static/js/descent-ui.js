/* The drawing half of descent.js: turns each <div class="fdl-descent"> into a
   figure with controls. Attributes: data-landscape, data-rules (comma list,
   the race), data-steps, data-view ("contours" or "surface"). What stands
   inside the element is the static picture, kept where scripts do not run. */
"use strict";

(function () {
  var D = fdlDescent;
  var COLOURS = ["#0072B2", "#D55E00", "#009E73", "#AA4499", "#56B4E9",
                 "#CC3311", "#6B7280"];
  var count = 0;

  function element(tag, attributes, parent, text) {
    var e = document.createElement(tag);
    for (var k in attributes) e.setAttribute(k, attributes[k]);
    if (text) e.textContent = text;
    if (parent) parent.appendChild(e);
    return e;
  }

  function labelled(parent, text, control) {
    var label = element("label", {}, parent, text + " ");
    label.appendChild(control);
    return control;
  }

  function figure(root) {
    var id = "fdl-descent-" + (++count);
    var racers = (root.dataset.rules || "SGD").split(",");
    var race = racers.length > 1;
    var state = {
      landscape: root.dataset.landscape || "bowl",
      view: root.dataset.view || "contours",
      steps: +(root.dataset.steps || 60),
      rates: {}, on: {}, azimuth: 0.7, tilt: 0.9, start: null,
    };
    root.textContent = "";
    root.classList.add("fdl-live");

    var bar = element("div", { class: "fdl-controls" }, root);
    var land = labelled(bar, "surface", element("select", { id: id + "-l" }));
    Object.keys(D.landscapes).forEach(function (name) {
      element("option", { value: name }, land, D.landscapes[name].title);
    });
    land.value = state.landscape;
    var view = labelled(bar, "view", element("select", { id: id + "-v" }));
    element("option", { value: "contours" }, view, "from above");
    element("option", { value: "surface" }, view, "as a surface");
    view.value = state.view;
    var steps = labelled(bar, "steps", element("input", {
      type: "number", min: 1, max: 2000, value: state.steps, id: id + "-n" }));

    var canvas = element("canvas", {
      tabindex: 0, role: "img", "aria-describedby": id + "-t" }, root);
    var rows = element("div", { class: "fdl-racers" }, root);
    var said = element("p", { class: "fdl-said", id: id + "-t",
                              "aria-live": "polite" }, root);

    racers.forEach(function (name, i) {
      var row = element("div", { class: "fdl-racer" }, rows);
      element("span", { class: "fdl-dot",
                        style: "background:" + COLOURS[i] }, row);
      state.on[name] = true;
      if (race) {
        var box = labelled(row, name, element("input", { type: "checkbox" }));
        box.checked = true;
        box.addEventListener("change", function () {
          state.on[name] = box.checked; draw();
        });
      } else {
        var pick = labelled(row, "rule", element("select", {}));
        Object.keys(D.rules).forEach(function (r) {
          element("option", { value: r }, pick, r);
        });
        pick.value = name;
        pick.addEventListener("change", function () {
          racers[0] = pick.value; state.on = {}; state.on[pick.value] = true;
          slider.value = position(rate(pick.value)); draw();
        });
      }
      var slider = element("input", { type: "range", min: -4, max: 0.5,
                                      step: 0.01 });
      function position(r) { return Math.log10(r); }
      slider.value = position(rate(name));
      labelled(row, "learning rate", slider);
      element("output", {}, row);
      slider.addEventListener("input", function () {
        state.rates[racers[i]] = Math.pow(10, +slider.value); draw();
      });
    });

    function rate(name) {
      return state.rates[name] || D.defaults[name].learning_rate;
    }

    function start() {
      return state.start || D.landscapes[state.landscape].start;
    }

    /* from the plane to the canvas, as seen */
    function camera(w, h) {
      var f = D.landscapes[state.landscape], win = f.window;
      if (state.view === "contours") {
        return function (p) {
          return [w * (p[0] - win[0]) / (win[1] - win[0]),
                  h * (1 - (p[1] - win[2]) / (win[3] - win[2]))];
        };
      }
      var top = 0, i, j;
      var low = Infinity;
      for (i = 0; i <= 24; i++) for (j = 0; j <= 24; j++) {
        var v = f.value([win[0] + (win[1] - win[0]) * i / 24,
                         win[2] + (win[3] - win[2]) * j / 24]);
        top = Math.max(top, v); low = Math.min(low, v);
      }
      var ca = Math.cos(state.azimuth), sa = Math.sin(state.azimuth);
      var ct = Math.cos(state.tilt), st = Math.sin(state.tilt);
      return function (p) {
        var x = 2 * (p[0] - win[0]) / (win[1] - win[0]) - 1;
        var y = 2 * (p[1] - win[2]) / (win[3] - win[2]) - 1;
        // heights on a square-root scale, so that steep walls fit
        var z = 1.3 * Math.sqrt((f.value(p) - low) / (top - low)) - 0.55;
        var u = ca * x - sa * y, v = sa * x + ca * y;
        return [w / 2 + u * w * 0.31,
                h / 2 + (v * ct - z * st) * h * 0.36];
      };
    }

    function background(c, w, h, to, ink) {
      var f = D.landscapes[state.landscape], win = f.window, i, j;
      function at(i, j, n) {
        return [win[0] + (win[1] - win[0]) * i / n,
                win[2] + (win[3] - win[2]) * j / n];
      }
      c.strokeStyle = ink; c.lineWidth = 0.7;
      if (state.view === "surface") {
        var n = 24;
        c.globalAlpha = 0.55;
        for (var d = 0; d < 2; d++) for (i = 0; i <= n; i++) {
          c.beginPath();
          for (j = 0; j <= n; j++) {
            var q = to(d ? at(j, i, n) : at(i, j, n));
            if (j) c.lineTo(q[0], q[1]); else c.moveTo(q[0], q[1]);
          }
          c.stroke();
        }
        c.globalAlpha = 1;
        return;
      }
      // contours: marching squares on a grid, levels even in the root
      var m = 90, values = [], top = -Infinity, low = Infinity;
      for (i = 0; i <= m; i++) {
        values.push([]);
        for (j = 0; j <= m; j++) {
          var v = f.value(at(i, j, m));
          values[i].push(v); top = Math.max(top, v); low = Math.min(low, v);
        }
      }
      c.globalAlpha = 0.6;
      c.beginPath();
      for (var k = 1; k < 14; k++) {
        var level = low + (top - low) * Math.pow(k / 14, 3);
        for (i = 0; i < m; i++) for (j = 0; j < m; j++) {
          var corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
          var cuts = [];
          for (var e = 0; e < 4; e++) {
            var a = corners[e], b = corners[(e + 1) % 4];
            var va = values[a[0]][a[1]], vb = values[b[0]][b[1]];
            if ((va < level) !== (vb < level)) {
              var t = (level - va) / (vb - va);
              cuts.push(to(at(a[0] + t * (b[0] - a[0]),
                              a[1] + t * (b[1] - a[1]), m)));
            }
          }
          for (e = 0; e + 1 < cuts.length; e += 2) {
            c.moveTo(cuts[e][0], cuts[e][1]);
            c.lineTo(cuts[e + 1][0], cuts[e + 1][1]);
          }
        }
      }
      c.stroke();
      c.globalAlpha = 1;
    }

    function draw() {
      var w = Math.max(240, root.clientWidth), h = Math.round(w * 0.56);
      var scale = window.devicePixelRatio || 1;
      canvas.width = w * scale; canvas.height = h * scale;
      canvas.style.height = h + "px";
      var c = canvas.getContext("2d");
      c.setTransform(scale, 0, 0, scale, 0, 0);
      var ink = getComputedStyle(root).color;
      c.clearRect(0, 0, w, h);
      var to = camera(w, h), words = [];
      background(c, w, h, to, ink);
      racers.forEach(function (name, i) {
        var out = rows.children[i].querySelector("output");
        out.textContent = rate(name).toPrecision(2);
        if (!state.on[name]) return;
        var points = D.path(state.landscape, name, start(), state.steps,
                            { learning_rate: rate(name) });
        c.strokeStyle = c.fillStyle = COLOURS[i];
        c.lineWidth = 1.8; c.beginPath();
        points.forEach(function (p, k) {
          var q = to(p);
          if (k) c.lineTo(q[0], q[1]); else c.moveTo(q[0], q[1]);
        });
        c.stroke();
        points.forEach(function (p, k) {
          var q = to(p), last = k === points.length - 1;
          c.beginPath();
          c.arc(q[0], q[1], last ? 5 : 2, 0, 7); c.fill();
        });
        var end = points[points.length - 1];
        var value = D.landscapes[state.landscape].value(end);
        words.push(name + (points.length <= state.steps
          ? ": left all numbers behind after " + (points.length - 1) + " steps"
          : ": " + value.toPrecision(3) + " at (" + end[0].toFixed(3) + ", " +
            end[1].toFixed(3) + ")"));
      });
      var s = to(start());
      c.fillStyle = ink; c.beginPath(); c.arc(s[0], s[1], 4, 0, 7); c.fill();
      said.textContent = "From (" + start()[0].toFixed(2) + ", " +
        start()[1].toFixed(2) + "), after " + state.steps + " steps: " +
        words.join("; ") + ".";
    }

    land.addEventListener("change", function () {
      state.landscape = land.value; state.start = null; draw();
    });
    view.addEventListener("change", function () {
      state.view = view.value; draw();
    });
    steps.addEventListener("input", function () {
      state.steps = Math.min(2000, Math.max(1, Math.round(+steps.value || 1)));
      draw();
    });

    var held = null;
    canvas.addEventListener("pointerdown", function (event) {
      held = [event.clientX, event.clientY, state.azimuth, state.tilt];
      if (state.view === "contours") place(event);
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", function (event) {
      if (!held) return;
      if (state.view === "contours") { place(event); return; }
      state.azimuth = held[2] + (event.clientX - held[0]) / 120;
      state.tilt = Math.min(1.45, Math.max(
        0.15, held[3] + (event.clientY - held[1]) / 160));
      draw();
    });
    ["pointerup", "pointercancel"].forEach(function (kind) {
      canvas.addEventListener(kind, function () { held = null; });
    });

    function place(event) {
      var box = canvas.getBoundingClientRect();
      var win = D.landscapes[state.landscape].window;
      state.start = [
        win[0] + (win[1] - win[0]) * (event.clientX - box.left) / box.width,
        win[3] - (win[3] - win[2]) * (event.clientY - box.top) / box.height];
      draw();
    }

    canvas.addEventListener("keydown", function (event) {
      var move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0],
                   ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      if (!move) return;
      event.preventDefault();
      if (state.view === "surface") {
        state.azimuth += 0.1 * move[0];
        state.tilt = Math.min(1.45, Math.max(0.15, state.tilt - 0.08 * move[1]));
      } else {
        var win = D.landscapes[state.landscape].window, s = start();
        state.start = [s[0] + move[0] * (win[1] - win[0]) / 50,
                       s[1] + move[1] * (win[3] - win[2]) / 50];
      }
      draw();
    });

    canvas.setAttribute("aria-label", "Path of gradient descent on a surface."
      + " Drag or use the arrow keys to move the start or turn the surface.");
    draw();
    var width = root.clientWidth;
    window.addEventListener("resize", function () {
      if (root.clientWidth !== width) { width = root.clientWidth; draw(); }
    });
    new MutationObserver(draw).observe(document.documentElement, {
      attributes: true, attributeFilter: ["data-theme"] });
  }

  function begin() {
    document.querySelectorAll(".fdl-descent").forEach(figure);
  }
  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", begin);
  } else {
    begin();
  }
})();
