/* Films of heat maps: turns each <div class="fdl-movie"> into pictures with a
   slider. data-told holds, as JSON, what happens at each of the steps, and
   panels of rows × columns cells, one byte each, from low (0) to top (255);
   either all cells or runs, pairs of how often and which byte.
   A panel whose low is below zero holds numbers, not shades of a picture. */
"use strict";

(function () {
  var RED = [178, 24, 43], BLUE = [33, 102, 172];
  var element = fdlLive.element;

  /* The colour of a byte: grey from white to black, or, where low is below
     zero, from blue over white to red. */
  function colour(byte, signed) {
    if (!signed) {
      var grey = 255 - byte;
      return [grey, grey, grey];
    }
    var share = (byte - 127.5) / 127.5, end = share < 0 ? BLUE : RED;
    return end.map(function (v) {
      return Math.round(255 + (v - 255) * Math.abs(share));
    });
  }

  function bytes(panel) {
    if (panel.cells) return atob(panel.cells);
    var runs = atob(panel.runs), text = "";
    for (var k = 0; k < runs.length; k += 2)
      text += runs[k + 1].repeat(runs.charCodeAt(k));
    return text;
  }

  function film(root) {
    var told = fdlLive.stage(root), last = told.steps.length - 1;
    var screen = element("div", { class: "fdl-panels", role: "img",
                                  "aria-label": root.dataset.about }, root);
    var panels = told.panels.map(function (panel) {
      var box = element("figure", {}, screen);
      var canvas = element("canvas", { width: panel.columns,
                                       height: panel.rows }, box);
      canvas.style.width = "calc(var(--fdl-cell) * " + panel.columns + ")";
      canvas.style.aspectRatio = panel.columns + " / " + panel.rows;
      element("figcaption", {}, box, panel.title);
      var text = bytes(panel), size = panel.rows * panel.columns;
      return { canvas: canvas, size: size, signed: panel.low < 0,
               byte: function (step, k) {
                 return text.charCodeAt(step * size + k);
               } };
    });
    var bar = element("div", { class: "fdl-movie-bar" }, root);
    var play = fdlLive.button(bar, "▶ Play", toggle);
    fdlLive.button(bar, "Back", function () { turn(-1); });
    fdlLive.button(bar, "Next", function () { turn(1); });
    var slider = element("input", { type: "range", min: 0, max: last, value: 0,
                                    "aria-label": "film" }, bar);
    var said = element("p", { class: "fdl-movie-said" }, root);
    element("p", { class: "fdl-hint" }, root, colours(told.panels) +
      "Pull the slider, or go from picture to picture with its arrow keys" +
      " or the buttons.");

    function draw() {
      var step = +slider.value;
      panels.forEach(function (panel) {
        var c = panel.canvas.getContext("2d");
        var image = c.createImageData(panel.canvas.width, panel.canvas.height);
        for (var k = 0; k < panel.size; k++) {
          var rgb = colour(panel.byte(step, k), panel.signed);
          image.data.set([rgb[0], rgb[1], rgb[2], 255], 4 * k);
        }
        c.putImageData(image, 0, 0);
      });
      var words = told.steps[step];
      said.textContent = "Picture " + (step + 1) + " of " + (last + 1) + ". " +
        words.charAt(0).toUpperCase() + words.slice(1);
      slider.setAttribute("aria-valuetext", said.textContent);
    }

    var timer = null;
    function pause() {
      clearInterval(timer); timer = null; play.textContent = "▶ Play";
    }
    function toggle() {
      if (timer !== null) { pause(); return; }
      if (+slider.value === last) slider.value = 0;
      play.textContent = "❚❚ Pause";
      said.setAttribute("aria-live", "off");
      draw();
      timer = setInterval(function () {
        slider.value = +slider.value + 1;
        draw();
        if (+slider.value === last) pause();
      }, 500);
    }
    function turn(way) {
      pause();
      slider.value = +slider.value + way;
      said.setAttribute("aria-live", "polite");
      draw();
    }
    slider.addEventListener("input", function () {
      pause();
      said.setAttribute("aria-live", "off");  // the slider says it itself
      draw();
    });
    draw();
  }

  /* What the colours mean, where they are numbers; of panels that go from the
     same to the same at once. */
  function colours(panels) {
    if (!panels.some(function (panel) { return panel.low < 0; })) return "";
    var kinds = {};
    panels.forEach(function (panel) {
      var low = fdlLive.number(panel.low), top = fdlLive.number(panel.top);
      var text = panel.low < 0 ?
        "blue is " + low + ", white 0 and red " + top :
        "white is " + low + " and black " + top;
      (kinds[text] = kinds[text] || []).push(panel.title);
    });
    return Object.keys(kinds).map(function (text) {
      return "In " + kinds[text].join(", ") + ", " + text + ". ";
    }).join("");
  }

  fdlLive.begin("movie", film);
})();
