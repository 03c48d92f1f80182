/* A map of points with pictures: turns each <div class="fdl-atlas"> into a
   plane to walk about in. data-told: points, labels, names and marks of the
   classes, a sheet of pictures, and, if a decoder draws there too, a plane of
   its pictures and the window that it covers. */
"use strict";

/* The numbers. */
var fdlAtlas = (function () {
  function nearest(points, x, y) {
    var best = 0, least = Infinity;
    points.forEach(function (p, k) {
      var far = (p[0] - x) * (p[0] - x) + (p[1] - y) * (p[1] - y);
      if (far < least) { least = far; best = k; }
    });
    return best;
  }

  /* The next point from point k in a direction, within 45° of it; k itself
     if there is none. */
  function next(points, k, way) {
    var best = k, least = Infinity;
    points.forEach(function (p, n) {
      var dx = p[0] - points[k][0], dy = p[1] - points[k][1];
      var along = dx * way[0] + dy * way[1];
      var aside = Math.abs(dx * way[1] - dy * way[0]);
      if (along <= 0 || aside > along) return;
      if (along + aside < least) { least = along + aside; best = n; }
    });
    return best;
  }

  /* The four places of a grid around (x, y) and their weights, which add up
     to 1: [row, column, weight]. The first row is at the top of the window
     [left, right, bottom, top]; beyond the window its edge counts. */
  function corners(rows, columns, window, x, y) {
    function cut(share, n) {
      var t = Math.max(0, Math.min(1, share)) * (n - 1);
      var low = Math.min(n - 2, Math.floor(t));
      return [low, t - low];
    }
    var c = cut((x - window[0]) / (window[1] - window[0]), columns);
    var r = cut((window[3] - y) / (window[3] - window[2]), rows);
    return [[r[0], c[0], (1 - r[1]) * (1 - c[1])],
            [r[0], c[0] + 1, (1 - r[1]) * c[1]],
            [r[0] + 1, c[0], r[1] * (1 - c[1])],
            [r[0] + 1, c[0] + 1, r[1] * c[1]]];
  }

  return { nearest: nearest, next: next, corners: corners };
})();

/* The figure. */
if (typeof document !== "undefined") (function () {
  var L = fdlLive, N = fdlAtlas, STEPS = 40;
  var WAYS = { ArrowUp: [0, 1], ArrowDown: [0, -1],
               ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

  /* A sheet of pictures as pixels, once they are there. */
  function sheet(told, then) {
    var image = new Image();
    image.onload = function () {
      var canvas = L.element("canvas", { width: image.width,
                                         height: image.height });
      var c = canvas.getContext("2d", { willReadFrequently: true });
      c.drawImage(image, 0, 0);
      then(c.getImageData(0, 0, image.width, image.height).data);
    };
    image.src = "data:image/png;base64," + told.png;
  }

  /* Draw a blend of pictures of a sheet, ink dark on white. */
  function paint(canvas, told, pixels, parts) {
    var c = canvas.getContext("2d"), w = told.width, h = told.height;
    var made = c.createImageData(w, h);
    for (var k = 0; k < w * h; k++) {
      for (var channel = 0; channel < 3; channel++) {
        var sum = 0;
        parts.forEach(function (part) {
          var row = part[0] * h + Math.floor(k / w);
          var column = part[1] * w + k % w;
          sum += part[2] *
            pixels[4 * (row * told.columns * w + column) + channel];
        });
        made.data[4 * k + channel] = Math.round(told.ink ? 255 - sum : sum);
      }
      made.data[4 * k + 3] = 255;
    }
    c.putImageData(made, 0, 0);
  }

  function figure(root) {
    var told = L.stage(root), points = told.points, plane = told.plane;
    var only = -1, near = 0, at = points[0].slice(), pixels = {};
    var edges = ends();
    var legend = L.element("div", { class: "fdl-legend", role: "group",
                                    "aria-label": "classes" }, root);
    var keys = told.names.map(function (name, k) {
      var text = told.marks[k] === name ? name : told.marks[k] + " " + name;
      var key = L.button(legend, text, function () {
        only = only === k ? -1 : k;
        draw();
      });
      key.style.color = "var(--fdl-class-" + k + ")";
      return key;
    });
    var board = L.element("div", { class: "fdl-panels" }, root);
    var canvas = L.element("canvas", {
      class: "fdl-map", tabindex: 0, role: "application",
      "aria-label": "The map. The arrow keys " + (plane ?
        "walk over the plane." : "go from point to point.") }, board);
    var beside = L.element("div", { class: "fdl-beside" }, board);
    var point = frame(told.pictures), drawn = plane && frame(plane);
    var said = L.voice(root);
    L.element("p", { class: "fdl-hint" }, root, "Point somewhere, tap, or use" +
      " the arrow keys; a class of the list stands out when you press it.");

    function frame(sheet) {
      var box = L.element("figure", {}, beside);
      var c = L.element("canvas", { width: sheet.width, height: sheet.height,
                                    class: "fdl-look", role: "img" }, box);
      return { canvas: c, words: L.element("figcaption", {}, box) };
    }

    /* The ends of what is shown: [left, right, bottom, top], with a margin. */
    function ends() {
      if (told.window) return told.window;
      var found = [0, 1].map(function (axis) {
        var list = points.map(function (p) { return p[axis]; });
        var low = Math.min.apply(null, list), top = Math.max.apply(null, list);
        var margin = 0.04 * (top - low || 1);
        return [low - margin, top + margin];
      });
      return found[0].concat(found[1]);
    }

    function draw() {
      var side = canvas.clientWidth, scale = window.devicePixelRatio || 1;
      var c = canvas.getContext("2d"), style = getComputedStyle(root);
      canvas.width = canvas.height = side * scale;
      c.setTransform(scale, 0, 0, scale, 0, 0);
      c.textAlign = "center";
      c.textBaseline = "middle";
      function to(p) {
        return [side * (p[0] - edges[0]) / (edges[1] - edges[0]),
                side * (edges[3] - p[1]) / (edges[3] - edges[2])];
      }
      points.forEach(function (p, k) {
        var class_ = told.labels[k], q = to(p);
        c.globalAlpha = only < 0 || only === class_ ? 1 : 0.15;
        c.font = (k === near ? "bold 16px " : "11px ") + style.fontFamily;
        c.fillStyle = style.getPropertyValue("--fdl-class-" + class_);
        c.fillText(told.marks[class_], q[0], q[1]);
      });
      c.globalAlpha = 1;
      c.strokeStyle = style.color;
      function ring(p, radius) {
        var q = to(p);
        c.beginPath();
        c.arc(q[0], q[1], radius, 0, 7);
        c.stroke();
      }
      c.lineWidth = 1.5;
      ring(points[near], 11);
      if (plane) { c.lineWidth = 3; ring(at, 4); }
      keys.forEach(function (key, k) {
        key.setAttribute("aria-pressed", String(only === k));
      });
      var name = told.names[told.labels[near]];
      point.words.textContent = (plane ? "nearest: " : "") + name;
      point.canvas.setAttribute("aria-label", name);
      said.textContent = "At (" + at.map(function (v) {
        return L.minus(v.toFixed(2));
      }).join(", ") + ") the nearest point is: " + name + ".";
      if (pixels.pictures) {
        var n = told.pictures.columns;
        paint(point.canvas, told.pictures, pixels.pictures,
              [[Math.floor(near / n), near % n, 1]]);
      }
      if (plane) {
        drawn.words.textContent = "decoded here";
        drawn.canvas.setAttribute("aria-label", "what is decoded here");
      }
      if (pixels.plane) {
        paint(drawn.canvas, plane, pixels.plane, N.corners(
          plane.rows, plane.columns, told.window, at[0], at[1]));
      }
    }

    function go(x, y) {
      at = [Math.max(edges[0], Math.min(edges[1], x)),
            Math.max(edges[2], Math.min(edges[3], y))];
      near = N.nearest(points, at[0], at[1]);
      if (!plane) at = points[near].slice();
      draw();
    }
    function follow(event) {
      var box = canvas.getBoundingClientRect();
      go(edges[0] + (edges[1] - edges[0]) * (event.clientX - box.left) /
           box.width,
         edges[3] - (edges[3] - edges[2]) * (event.clientY - box.top) /
           box.height);
    }
    canvas.addEventListener("pointerdown", follow);
    canvas.addEventListener("pointermove", follow);
    canvas.addEventListener("keydown", function (event) {
      var way = WAYS[event.key];
      if (!way) return;
      event.preventDefault();
      if (plane) {
        go(at[0] + way[0] * (edges[1] - edges[0]) / STEPS,
           at[1] + way[1] * (edges[3] - edges[2]) / STEPS);
      } else {
        near = N.next(points, near, way);
        at = points[near].slice();
        draw();
      }
    });
    if (plane) go((edges[0] + edges[1]) / 2, (edges[2] + edges[3]) / 2);
    else draw();
    ["pictures", "plane"].forEach(function (name) {
      if (told[name]) sheet(told[name], function (found) {
        pixels[name] = found;
        draw();
      });
    });
    window.addEventListener("resize", draw);
    new MutationObserver(draw).observe(document.documentElement, {
      attributes: true, attributeFilter: ["data-theme"] });
  }

  L.begin("atlas", figure);
})();
