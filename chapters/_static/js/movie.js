/* Films of heat maps: turns each <div class="fdl-movie"> into pictures with a
   slider. data-told holds, as JSON, what happens at each of the steps, and
   panels of rows × columns cells, one byte each, from low (0) to top (255). */
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

  function film(root) {
    var told = fdlLive.stage(root), last = told.steps.length - 1;
    var screen = element("div", { class: "fdl-panels", role: "img",
                                  "aria-label": root.dataset.about }, root);
    var panels = told.panels.map(function (panel) {
      var box = element("figure", {}, screen);
      var canvas = element("canvas", { width: panel.columns,
                                       height: panel.rows }, box);
      canvas.style.width = "calc(var(--fdl-cell) * " + panel.columns + ")";
      canvas.style.height = "calc(var(--fdl-cell) * " + panel.rows + ")";
      element("figcaption", {}, box, panel.title);
      var text = atob(panel.cells), size = panel.rows * panel.columns;
      return { canvas: canvas, size: size, signed: panel.low < 0,
               byte: function (step, k) {
                 return text.charCodeAt(step * size + k);
               } };
    });
    var bar = element("div", { class: "fdl-movie-bar" }, root);
    var play = element("button", { type: "button" }, bar, "▶ Play");
    var slider = element("input", { type: "range", min: 0, max: last, value: 0,
                                    "aria-label": "step" }, bar);
    var said = element("p", { class: "fdl-movie-said" }, root);

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
      said.textContent = "Step " + (step + 1) + " of " + (last + 1) + ". " +
        told.steps[step];
      slider.setAttribute("aria-valuetext", said.textContent);
    }

    var timer = null;
    function pause() {
      clearInterval(timer); timer = null; play.textContent = "▶ Play";
    }
    play.addEventListener("click", function () {
      if (timer !== null) { pause(); return; }
      if (+slider.value === last) slider.value = 0;
      play.textContent = "❚❚ Pause";
      draw();
      timer = setInterval(function () {
        slider.value = +slider.value + 1;
        draw();
        if (+slider.value === last) pause();
      }, 500);
    });
    slider.addEventListener("input", function () { pause(); draw(); });
    draw();
  }

  fdlLive.begin("movie", film);
})();
