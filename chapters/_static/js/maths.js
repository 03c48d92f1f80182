// Formulas in turn: those in sight first, then the others from near to far,
// a few at a time, so that the page answers meanwhile.
(function () {
  "use strict";

  var TOGETHER = 8; // so many formulas between two looks at the reader
  var MATHS = /\\[([]|\$\$/;
  var left = [];

  function distance(box) {
    var place = box.getBoundingClientRect();
    return Math.max(0, place.top - window.innerHeight, -place.bottom);
  }

  function breath() {
    return new Promise(function (done) { setTimeout(done); });
  }

  function some() {
    if (!left.length) return Promise.resolve();
    // a formula that fails keeps nobody waiting
    return MathJax.typesetPromise(left.splice(0, TOGETHER))
      .then(breath, breath)
      .then(some);
  }

  function all() {
    var found = document.querySelectorAll(".math, .output_area");
    left = Array.prototype.filter.call(found, function (box) {
      return MATHS.test(box.textContent);
    }).map(function (box) { return [distance(box), box]; });
    left.sort(function (a, b) { return a[0] - b[0]; });
    left = left.map(function (pair) { return pair[1]; });
    // paper does not wait
    window.addEventListener("beforeprint", function () {
      if (left.length) MathJax.typeset(left.splice(0));
    });
    return some();
  }

  if (window.MathJax)
    MathJax.startup = { typeset: false, pageReady: all };
})();
