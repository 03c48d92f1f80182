/* Attention on two sentences: turns each <div class="fdl-glances"> into two
   columns of words; a word that is pointed at shows what it looks at. data-
   told: pairs with source, target and weights, in thousandths, a row for each
   word of the target; and the languages of both. */
"use strict";

/* The numbers. */
var fdlGlances = (function () {
  /* What word k looks at, most first; for a word of the source, who looks at
     it. Shares are from 0 to 1. */
  function looks(weights, side, k) {
    var shares = side === "target" ? weights[k] :
      weights.map(function (row) { return row[k]; });
    return shares.map(function (share, word) {
      return { word: word, share: share / 1000 };
    }).sort(function (a, b) { return b.share - a.share || a.word - b.word; });
  }

  function percent(share) { return Math.round(100 * share) + " %"; }

  /* The same in a sentence; what is below half a percent is left out. */
  function say(pair, side, k) {
    var other = side === "target" ? pair.source : pair.target;
    var seen = looks(pair.weights, side, k).filter(function (look) {
      return look.share >= 0.005;
    });
    var list = seen.map(function (look) {
      return "“" + other[look.word] + "” " + percent(look.share);
    }).join(", ");
    if (side === "target") return "“" + pair.target[k] + "” looks at " + list;
    return "“" + pair.source[k] + "” is looked at by " + (list || "nobody");
  }

  return { looks: looks, percent: percent, say: say };
})();

/* The figure. */
if (typeof document !== "undefined") (function () {
  var L = fdlLive, N = fdlGlances, SVG = "http://www.w3.org/2000/svg";
  var SIDES = ["source", "target"], TITLES = ["source", "translation"];

  function figure(root) {
    var told = L.stage(root), pair, words, here;
    var bar = L.bar(root);
    L.choice(bar, "Sentence", told.pairs.map(function (one) {
      return one.source.slice(0, 4).join(" ") + " …";
    }), build);
    var board = L.element("div", { class: "fdl-sentences" }, root);
    var said = L.voice(root);
    L.element("p", { class: "fdl-hint" }, root, "Point at a word, tap it, or" +
      " walk with the arrow keys. The thicker a line, the larger the share.");

    function build(number) {
      pair = told.pairs[number];
      board.textContent = "";
      var lines = document.createElementNS(SVG, "svg");
      lines.setAttribute("aria-hidden", "true");
      board.appendChild(lines);
      words = {};
      SIDES.forEach(function (side, s) {
        var list = L.element("ul", { lang: told.languages[s],
                                     "aria-label": TITLES[s] }, board);
        words[side] = pair[side].map(function (word, k) {
          var item = L.element("li", {}, list);
          var button = L.element("button", { type: "button" }, item);
          L.element("span", {}, button, word);
          var share = L.element("span", { class: "fdl-share" }, item);
          function show() { point(side, k); }
          button.addEventListener("mouseenter", show);
          button.addEventListener("focus", show);
          button.addEventListener("click", show);
          button.addEventListener("keydown", walk);
          return { button: button, share: share };
        });
      });
      point("target", 0);
    }

    function walk(event) {
      var k = here.k + ({ ArrowUp: -1, ArrowDown: 1, Home: -Infinity,
                          End: Infinity }[event.key] || 0);
      var side = { ArrowLeft: "source", ArrowRight: "target" }[event.key];
      if (!side && k === here.k) return;
      event.preventDefault();
      side = side || here.side;
      words[side][Math.max(0, Math.min(words[side].length - 1, k))]
        .button.focus();
    }

    function point(side, k) {
      here = { side: side, k: k };
      var other = side === "target" ? "source" : "target";
      SIDES.forEach(function (one) {
        words[one].forEach(function (word, n) {
          var me = one === side && n === k;
          word.share.textContent = "";
          word.button.className = me ? "fdl-me" : "";
          word.button.tabIndex = me ? 0 : -1;
          L.tint(word.button, 0, 1);
        });
      });
      N.looks(pair.weights, side, k).forEach(function (look) {
        var word = words[other][look.word];
        L.tint(word.button, look.share, 1);
        if (look.share >= 0.005) {
          word.share.textContent = N.percent(look.share);
        }
      });
      said.textContent = N.say(pair, side, k) + ".";
      draw();
    }

    function draw() {
      var lines = board.querySelector("svg");
      var from = board.getBoundingClientRect();
      lines.textContent = "";
      function end(word, side) {
        var box = word.share.getBoundingClientRect();
        return [(side === "source" ? box.right : box.left) - from.left,
                box.top + box.height / 2 - from.top];
      }
      pair.weights.forEach(function (row, t) {
        row.forEach(function (weight, s) {
          if (weight < 20) return;
          var a = end(words.source[s], "source");
          var b = end(words.target[t], "target");
          var line = document.createElementNS(SVG, "line");
          var mine = here.side === "target" ? t === here.k : s === here.k;
          [["x1", a[0]], ["y1", a[1]], ["x2", b[0]], ["y2", b[1]],
           ["stroke-width", 0.5 + 5 * weight / 1000],
           ["class", mine ? "fdl-mine" : ""]].forEach(function (pair) {
            line.setAttribute(pair[0], pair[1]);
          });
          lines.appendChild(line);
        });
      });
    }

    build(0);
    window.addEventListener("resize", draw);
  }

  L.begin("glances", figure);
})();
