/* The drawing half of descent.js: turns each <div class="fdl-descent"> into a
   figure with controls. Attributes: data-landscape, data-rules (comma list;
   several make a race), data-steps, data-view ("contours" or "surface"), and
   data-play, with which it plays once by itself unless the reader wants less
   motion. What stands inside the element is shown where scripts do not run. */
"use strict";

(function () {
  var D = fdlDescent, element = fdlLive.element, minus = fdlLive.minus;
  var COLOURS = ["#0072B2", "#D55E00", "#009E73", "#AA4499", "#56B4E9",
                 "#CC3311", "#6B7280"];
  var count = 0;

  function labelled(parent, text, control) {
    var label = element("label", {}, parent, text + " ");
    label.appendChild(control);
    return control;
  }

  /* ------------------------------------------------------------ the views
     Each is made for a landscape and a canvas of w × h and has `to`, from a
     point to the canvas; `back`, from the canvas to a point; and `draw`. */

  function values(f, ends, n) {  // on a grid of n × n cells
    var x = ends[0], y = ends[1], rows = [], low = Infinity, top = -Infinity;
    function at(i, j) {
      return [x[0] + (x[1] - x[0]) * i / n, y[0] + (y[1] - y[0]) * j / n];
    }
    for (var i = 0; i <= n; i++) {
      rows.push([]);
      for (var j = 0; j <= n; j++) {
        var v = f.value(at(i, j));
        rows[i].push(v);
        low = Math.min(low, v); top = Math.max(top, v);
      }
    }
    return { at: at, rows: rows, low: low, top: top, n: n };
  }

  function curve(f, w, h) {
    var x = f.window[0], n = 240, low = Infinity, top = -Infinity, k;
    for (k = 0; k <= n; k++) {
      var v = f.value([x[0] + (x[1] - x[0]) * k / n]);
      low = Math.min(low, v); top = Math.max(top, v);
    }
    function to(p) {
      return [w * (p[0] - x[0]) / (x[1] - x[0]),
              h * (0.95 - 0.9 * (f.value(p) - low) / (top - low))];
    }
    return {
      to: to,
      back: function (q) { return [x[0] + (x[1] - x[0]) * q[0] / w]; },
      draw: function (c) {
        c.lineWidth = 1.5; c.globalAlpha = 0.7; c.beginPath();
        for (var k = 0; k <= n; k++) {
          var q = to([x[0] + (x[1] - x[0]) * k / n]);
          if (k) c.lineTo(q[0], q[1]); else c.moveTo(q[0], q[1]);
        }
        c.stroke(); c.globalAlpha = 1;
      },
    };
  }

  function contours(f, w, h) {
    var x = f.window[0], y = f.window[1];
    // one unit on both axes, so that right angles look right
    var unit = Math.min(w / (x[1] - x[0]), h / (y[1] - y[0]));
    var middle = [(x[0] + x[1]) / 2, (y[0] + y[1]) / 2];
    function to(p) {
      return [w / 2 + (p[0] - middle[0]) * unit,
              h / 2 - (p[1] - middle[1]) * unit];
    }
    function back(q) {
      return [middle[0] + (q[0] - w / 2) / unit,
              middle[1] - (q[1] - h / 2) / unit];
    }
    return {
      to: to, back: back,
      draw: function (c) {  // marching squares, levels even in the cube root
        var a0 = back([0, h]), b0 = back([w, 0]), LEVELS = 15;
        var ends = [[a0[0], b0[0]], [a0[1], b0[1]]];
        var range = values(f, f.window, 40), g = values(f, ends, 100);
        c.lineWidth = 0.8;
        for (var k = 0; k < LEVELS; k++) {
          var share = (k + 0.3) / LEVELS;
          var level = range.low +
            (range.top - range.low) * share * share * share;
          c.globalAlpha = 0.75 - 0.4 * share;
          c.beginPath();
          for (var i = 0; i < g.n; i++) for (var j = 0; j < g.n; j++) {
            var corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
            var cuts = [];
            for (var e = 0; e < 4; e++) {
              var a = corners[e], b = corners[(e + 1) % 4];
              var va = g.rows[a[0]][a[1]], vb = g.rows[b[0]][b[1]];
              if ((va < level) !== (vb < level)) {
                var t = (level - va) / (vb - va);
                cuts.push(to(g.at(a[0] + t * (b[0] - a[0]),
                                  a[1] + t * (b[1] - a[1]))));
              }
            }
            for (e = 0; e + 1 < cuts.length; e += 2) {
              c.moveTo(cuts[e][0], cuts[e][1]);
              c.lineTo(cuts[e + 1][0], cuts[e + 1][1]);
            }
          }
          c.stroke();
        }
        c.globalAlpha = 1;
      },
    };
  }

  function surface(f, w, h, turn, tilt) {
    var x = f.window[0], y = f.window[1], g = values(f, f.window, 30);
    var ca = Math.cos(turn), sa = Math.sin(turn);
    var ct = Math.cos(tilt), st = Math.sin(tilt), unit = Math.min(w, 1.3 * h) / 3;
    // steep walls would hide the ground: then heights are roots
    var power = g.top > 100 ? 0.4 : 1;
    function raw(p) {
      var u = 2 * (p[0] - x[0]) / (x[1] - x[0]) - 1;
      var v = 2 * (p[1] - y[0]) / (y[1] - y[0]) - 1;
      var z = Math.pow(
        Math.max(0, (f.value(p) - g.low) / (g.top - g.low)), power);
      return [ca * u - sa * v, -(sa * u + ca * v) * st - 1.3 * z * ct];
    }
    var high = Infinity, deep = -Infinity, i, j;
    for (i = 0; i <= g.n; i++) for (j = 0; j <= g.n; j++) {
      var q = raw(g.at(i, j));
      high = Math.min(high, q[1]); deep = Math.max(deep, q[1]);
    }
    unit = Math.min(unit, 0.94 * h / (deep - high));
    function to(p) {
      var q = raw(p);
      return [w / 2 + q[0] * unit,
              h / 2 + (q[1] - (high + deep) / 2) * unit];
    }
    return {
      to: to, back: null,
      draw: function (c) {
        c.lineWidth = 0.7; c.globalAlpha = 0.5;
        for (var d = 0; d < 2; d++) for (var i = 0; i <= g.n; i++) {
          c.beginPath();
          for (var j = 0; j <= g.n; j++) {
            var q = to(d ? g.at(j, i) : g.at(i, j));
            if (j) c.lineTo(q[0], q[1]); else c.moveTo(q[0], q[1]);
          }
          c.stroke();
        }
        c.globalAlpha = 1;
      },
    };
  }

  /* ----------------------------------------------------------- the figure */

  function figure(root) {
    var id = "fdl-descent-" + (++count);
    var racers = (root.dataset.rules || "SGD").split(",").map(function (s) {
      return s.trim();
    });
    var race = racers.length > 1;
    var state = {
      landscape: root.dataset.landscape || "bowl",
      view: root.dataset.view || "contours",
      steps: +(root.dataset.steps || 60), rates: {}, off: {},
      turn: 0.6, tilt: 0.75, start: null,
    };
    root.textContent = "";
    root.classList.add("fdl-live");
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", "Gradient descent to play with");

    var timer = null;
    var bar = element("div", { class: "fdl-controls" }, root);
    var land = labelled(bar, "Surface", element("select", {}));
    Object.keys(D.landscapes).forEach(function (name) {
      element("option", { value: name }, land, D.landscapes[name].title);
    });
    land.value = state.landscape;
    var view = labelled(bar, "seen", element("select", {}));
    element("option", { value: "contours" }, view, "from above");
    element("option", { value: "surface" }, view, "from the side");
    view.value = state.view;

    var canvas = element("canvas", {
      tabindex: 0, role: "application", "aria-describedby": id }, root);
    var under = element("div", { class: "fdl-controls" }, root);
    var play = element("button", { type: "button" }, under, "▶ Play");
    var step = labelled(under, "Steps", element("input", {
      type: "range", min: 0, max: state.steps, value: state.steps,
      class: "fdl-steps" }));
    var shown = element("output", {}, under);
    var rows = element("div", { class: "fdl-racers" }, root);
    var said = element("p", { class: "fdl-said", id: id }, root);
    var hint = element("p", { class: "fdl-hint" }, root);

    var sliders = racers.map(function (name, i) {
      var row = element("div", { class: "fdl-racer" }, rows);
      element("span", { class: "fdl-dot",
                        style: "background:" + COLOURS[i] }, row);
      if (race) {
        var box = element("input", { type: "checkbox" });
        var label = element("label", { class: "fdl-name" }, row);
        label.appendChild(box);
        label.appendChild(document.createTextNode(" " + name));
        box.checked = true;
        box.addEventListener("change", function () {
          state.off[name] = !box.checked; draw();
        });
      } else {
        var pick = labelled(row, "Rule", element("select", {}));
        Object.keys(D.rules).forEach(function (r) {
          element("option", { value: r }, pick, r);
        });
        pick.value = name;
        pick.addEventListener("change", function () {
          racers[0] = pick.value; settle(); draw();
        });
      }
      var slider = labelled(row, "rate", element("input", {
        type: "range", min: -4, max: 1.5, step: 0.01 }));
      if (race) slider.setAttribute("aria-label", "rate of " + name);
      slider.addEventListener("input", function () {
        state.rates[racers[i]] = Math.pow(10, +slider.value); draw();
      });
      element("output", {}, row);
      return slider;
    });

    function surfaceNow() { return D.landscapes[state.landscape]; }
    function rate(name) {
      return state.rates[name] || surfaceNow().rates[name];
    }
    function start() { return state.start || surfaceNow().start; }
    function settle() {
      sliders.forEach(function (slider, i) {
        slider.value = Math.log10(rate(racers[i]));
      });
      view.disabled = surfaceNow().window.length === 1;
    }

    function look(w, h) {
      var f = surfaceNow();
      if (f.window.length === 1) return curve(f, w, h);
      if (state.view === "contours") return contours(f, w, h);
      return surface(f, w, h, state.turn, state.tilt);
    }

    var kept = { key: null };  // the background, drawn once for many frames

    function draw() {
      var w = Math.max(240, canvas.clientWidth);
      var h = Math.round(Math.min((w < 480 ? 0.85 : 0.62) * w, 460));
      var scale = window.devicePixelRatio || 1;
      canvas.width = w * scale; canvas.height = h * scale;
      canvas.style.height = h + "px";
      var c = canvas.getContext("2d");
      var ink = getComputedStyle(root).color;
      var key = [w, h, scale, ink, state.landscape, state.view, state.turn,
                 state.tilt].join();
      if (kept.key !== key) {
        var layer = document.createElement("canvas"), b;
        layer.width = canvas.width; layer.height = canvas.height;
        b = layer.getContext("2d");
        b.setTransform(scale, 0, 0, scale, 0, 0);
        b.strokeStyle = ink;
        kept = { key: key, view: look(w, h), layer: layer };
        kept.view.draw(b);
      }
      c.drawImage(kept.layer, 0, 0);
      c.setTransform(scale, 0, 0, scale, 0, 0);
      var to = kept.view.to, n = +step.value, words = [];
      racers.forEach(function (name, i) {
        rows.children[i].querySelector("output").textContent =
          minus(String(+rate(name).toPrecision(2)));
        if (state.off[name]) return;
        var points = D.path(state.landscape, name, start(), n,
                            { learning_rate: rate(name) });
        c.strokeStyle = c.fillStyle = COLOURS[i];
        c.lineWidth = 1.6; c.beginPath();
        points.forEach(function (p, k) {
          var q = to(p);
          if (k) c.lineTo(q[0], q[1]); else c.moveTo(q[0], q[1]);
        });
        c.stroke();
        points.forEach(function (p, k) {
          var q = to(p);
          c.beginPath();
          c.arc(q[0], q[1], k === points.length - 1 ? 5 : 1.7, 0, 7);
          c.fill();
        });
        var last = points[points.length - 1];
        words.push(name + (points.length <= n
          ? " leaves all numbers behind after " + (points.length - 1) +
            " steps"
          : " " + minus(Number(surfaceNow().value(last)).toPrecision(3))));
      });
      c.fillStyle = c.strokeStyle = ink;
      var s = to(start());
      c.beginPath(); c.arc(s[0], s[1], 4, 0, 7); c.fill();
      if (surfaceNow().minimum) {
        s = to(surfaceNow().minimum);
        c.lineWidth = 2; c.beginPath();
        c.moveTo(s[0] - 5, s[1] - 5); c.lineTo(s[0] + 5, s[1] + 5);
        c.moveTo(s[0] - 5, s[1] + 5); c.lineTo(s[0] + 5, s[1] - 5);
        c.stroke();
      }
      shown.textContent = n;
      hint.textContent = (kept.view.back ? "Drag on the picture, tap it" :
        "Drag the picture") + " or use the arrow keys on it to " +
        (kept.view.back ? "start elsewhere" : "turn it") + ". The dot without a colour is the start" +
        (surfaceNow().minimum ? ", the cross the minimum." : ".");
      said.setAttribute("aria-live", timer === null ? "polite" : "off");
      said.textContent = "Error after " + n +
        (n === 1 ? " step from (" : " steps from (") +
        start().map(function (v) { return minus(v.toFixed(2)); }).join(", ") +
        "): " + words.join(", ") + ".";
    }

    land.addEventListener("change", function () {
      state.landscape = land.value; state.start = null; state.rates = {};
      settle(); draw();
    });
    view.addEventListener("change", function () {
      state.view = view.value; draw();
    });
    step.addEventListener("input", function () { pause(); draw(); });

    function pause() {
      clearInterval(timer); timer = null; play.textContent = "▶ Play";
    }
    play.addEventListener("click", function () {
      if (timer !== null) { pause(); return; }
      if (+step.value === +step.max) step.value = 0;
      play.textContent = "❚❚ Pause";
      draw();
      timer = setInterval(function () {
        step.value = +step.value + 1;
        draw();
        if (+step.value === +step.max) pause();
      }, 80);
    });

    var held = null;
    canvas.addEventListener("pointerdown", function (event) {
      held = [event.clientX, event.clientY, state.turn, state.tilt];
      canvas.setPointerCapture(event.pointerId);
      move(event);
    });
    canvas.addEventListener("pointermove", function (event) {
      if (held) move(event);
    });
    ["pointerup", "pointercancel"].forEach(function (kind) {
      canvas.addEventListener(kind, function () { held = null; });
    });

    function move(event) {
      if (kept.view.back) {
        var box = canvas.getBoundingClientRect();
        state.start = kept.view.back([event.clientX - box.left,
                                      event.clientY - box.top]);
      } else {
        state.turn = held[2] + (event.clientX - held[0]) / 120;
        state.tilt = lean(held[3] + (event.clientY - held[1]) / 160);
      }
      draw();
    }

    function lean(angle) { return Math.min(1.4, Math.max(0.1, angle)); }

    canvas.addEventListener("keydown", function (event) {
      var way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0],
                  ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      if (!way) return;
      event.preventDefault();
      if (kept.view.back) {
        var ends = surfaceNow().window;
        state.start = start().map(function (v, i) {
          return v + way[i] * (ends[i][1] - ends[i][0]) / 50;
        });
      } else {
        state.turn += 0.1 * way[0];
        state.tilt = lean(state.tilt + 0.08 * way[1]);
      }
      draw();
    });

    canvas.setAttribute("aria-label", "Paths of gradient descent on an error"
      + " surface. Drag or use the arrow keys to move the start, or to turn"
      + " the surface.");
    settle();
    draw();
    if (root.dataset.play !== undefined &&
        !matchMedia("(prefers-reduced-motion: reduce)").matches) play.click();
    var width = root.clientWidth;
    window.addEventListener("resize", function () {
      if (root.clientWidth !== width) { width = root.clientWidth; draw(); }
    });
    new MutationObserver(draw).observe(document.documentElement, {
      attributes: true, attributeFilter: ["data-theme"] });
  }

  fdlLive.begin("descent", figure);
})();
