/* A convolution to walk through: turns each <div class="fdl-stepper"> into a
   picture, a filter and an output that fills. data-told: pictures and filters
   with their names, stride and padding at the start. */
"use strict";

/* The numbers: as fdl.scratch.conv2d, for one picture and one filter. */
var fdlStepper = (function () {
  function size(n, extent, stride, pad) {
    return Math.floor((n - extent + 2 * pad) / stride) + 1;
  }

  /* The products at place (i, j), row by row: x, w and where x lies. */
  function terms(x, w, stride, pad, i, j) {
    var found = [];
    w.forEach(function (row, u) {
      row.forEach(function (weight, v) {
        var a = stride * i + u - pad, b = stride * j + v - pad;
        var inside = a >= 0 && a < x.length && b >= 0 && b < x[0].length;
        var value = inside ? x[a][b] : 0;
        found.push({ x: value, w: weight, product: value * weight,
                     row: a, column: b });
      });
    });
    return found;
  }

  function sum(terms) {
    return terms.reduce(function (s, t) { return s + t.product; }, 0);
  }

  function convolve(x, w, stride, pad) {
    var y = [], P = size(x.length, w.length, stride, pad);
    var Q = size(x[0].length, w[0].length, stride, pad);
    for (var i = 0; i < P; i++) {
      y.push([]);
      for (var j = 0; j < Q; j++) {
        y[i].push(sum(terms(x, w, stride, pad, i, j)));
      }
    }
    return y;
  }

  return { size: size, terms: terms, sum: sum, convolve: convolve };
})();

/* The figure. */
if (typeof document !== "undefined") (function () {
  var L = fdlLive, N = fdlStepper, STRIDES = [1, 2, 3];

  function copy(cells) {
    return cells.map(function (row) { return row.slice(); });
  }
  function names(list) {
    return list.map(function (one) { return one.name; });
  }
  function largest(table) {
    return Math.max.apply(null, table.map(function (row) {
      return Math.max.apply(null, row.map(Math.abs));
    }));
  }
  function bracketed(value) {
    return value < 0 ? "(" + L.number(value) + ")" : L.number(value);
  }

  function figure(root) {
    var told = L.stage(root), x = copy(told.pictures[0].cells);
    var w = copy(told.filters[0].cells), s = told.stride, p = told.pad;
    var at = 0, reached = 0;  // the place, and the last one that was filled
    var input, kernel, products, output;
    /* the paddings with which each filter fits into each picture */
    var pads = [0, 1, 2].filter(function (pad) {
      return told.pictures.every(function (one) {
        return told.filters.every(function (other) {
          var n = one.cells, e = other.cells;
          return N.size(n.length, e.length, 1, pad) > 0 &&
            N.size(n[0].length, e[0].length, 1, pad) > 0;
        });
      });
    });

    var top = L.bar(root);
    L.choice(top, "Picture", names(told.pictures), function (k) {
      x = copy(told.pictures[k].cells); build();
    });
    L.choice(top, "filter", names(told.filters), function (k) {
      w = copy(told.filters[k].cells); build();
    });
    L.choice(top, "stride", STRIDES, function (k) {
      s = STRIDES[k]; restart();
    }).value = STRIDES.indexOf(s);
    L.choice(top, "padding", pads, function (k) {
      p = pads[k]; restart();
    }).value = pads.indexOf(p);
    var panels = L.element("div", { class: "fdl-panels" }, root);
    var under = L.bar(root);
    L.button(under, "◀ Back", function () { go(at - 1); });
    L.button(under, "Step ▶", function () { go(at + 1); });
    L.button(under, "Fill", function () { go(places() - 1); });
    L.button(under, "Empty", restart);
    var said = L.voice(root);
    L.element("p", { class: "fdl-hint" }, root, "Step with the buttons, or" +
      " with the arrow keys or a finger on the output. A click changes a" +
      " number of the input or the filter, and a digit or a minus sign does.");

    function columns() { return N.size(x[0].length, w[0].length, s, p); }
    function places() {
      return N.size(x.length, w.length, s, p) * columns();
    }
    function go(k) {
      at = Math.max(0, Math.min(places() - 1, k));
      reached = Math.max(reached, at);
      draw();
    }
    function restart() { at = reached = 0; build(); }

    /* A grid of numbers that can be changed; `cycle` says what a click makes
       of a number, `place` where in the table a cell lies. */
    function editable(parent, title, table, border, cycle) {
      function change(i, j, f) {
        var row = table[i - border];
        if (!row || row[j - border] === undefined) return false;
        row[j - border] = f(row[j - border]);
        draw();
        return true;
      }
      return L.grid(parent, title, table.length + 2 * border,
                    table[0].length + 2 * border, {
        press: function (i, j) { change(i, j, cycle); },
        key: function (i, j, key) {
          if (/^[0-9]$/.test(key)) {
            return change(i, j, function () { return +key; });
          }
          if (key === "-") return change(i, j, function (v) { return -v; });
          if (key === " ") return change(i, j, cycle);
          return key === "Delete" || key === "Backspace" ?
            change(i, j, function () { return 0; }) : false;
        } });
    }

    function build() {
      panels.textContent = "";
      at = Math.min(at, places() - 1);
      reached = Math.min(reached, places() - 1);
      input = editable(panels, p ? "input, with padding" : "input", x, p,
                       function (v) { return v ? 0 : 1; });
      var middle = L.element("div", { class: "fdl-middle" }, panels);
      kernel = editable(middle, "filter", w, 0, function (v) {
        return v === 0 ? 1 : v === 1 ? -1 : 0;
      });
      products = L.grid(middle, "products", w.length, w[0].length);
      output = L.grid(panels, "output", places() / columns(), columns(), {
        drag: true,
        reach: function (i, j) {
          if (i * columns() + j !== at) go(i * columns() + j);
        },
      });
      draw();
    }

    function draw() {
      var i = Math.floor(at / columns()), j = at % columns();
      var terms = N.terms(x, w, s, p, i, j), y = N.convolve(x, w, s, p);
      var tops = { x: largest(x), w: largest(w), y: largest(y) };
      function put(cell, value, top) {
        cell.textContent = L.number(value);
        L.tint(cell, value, top);
      }
      input.each(function (cell, a, b) {
        var row = x[a - p], value = row && row[b - p];
        var apart = value === undefined;
        put(cell, apart ? 0 : value, tops.x);
        cell.classList.toggle("fdl-pad", apart);
        cell.classList.toggle("fdl-in",
          a >= s * i && a < s * i + w.length &&
          b >= s * j && b < s * j + w[0].length);
      });
      kernel.each(function (cell, u, v) { put(cell, w[u][v], tops.w); });
      products.each(function (cell, u, v) {
        put(cell, terms[u * w[0].length + v].product, tops.x * tops.w);
      });
      output.each(function (cell, a, b) {
        var k = a * columns() + b, filled = k <= reached;
        put(cell, filled ? y[a][b] : 0, tops.y);
        if (!filled) cell.textContent = "·";
        cell.classList.toggle("fdl-in", k === at);
      });
      said.textContent = "Output, row " + (i + 1) + ", column " + (j + 1) +
        ": " + terms.map(function (t) {
          return L.number(t.x) + "·" + bracketed(t.w);
        }).join(" + ") + " = " + L.number(N.sum(terms));
    }

    build();
  }

  L.begin("stepper", figure);
})();
