// What every page gets once it is there: keys for what scrolls, names for
// what folds, and paper that is white.
(function () {
  "use strict";

  // a formula that is wider than the page scrolls by the arrow keys
  function reach() {
    document.querySelectorAll(
      ".bd-article .math, .bd-article .math mjx-container"
    ).forEach(function (box) {
      if (box.scrollWidth > box.clientWidth + 1 && box.clientWidth) {
        box.tabIndex = 0;
        box.setAttribute("role", "group");
        box.setAttribute("aria-label", "Formula, wider than the page");
      } else if (box.tabIndex === 0) {
        box.removeAttribute("tabindex");
        box.removeAttribute("role");
        box.removeAttribute("aria-label");
      }
    });
  }

  // the arrows of the menu are pictures: say what they unfold
  function call() {
    document.querySelectorAll("nav summary").forEach(function (summary) {
      var item = summary.closest("li");
      var link = item && item.querySelector("a");
      if (link && !summary.getAttribute("aria-label"))
        summary.setAttribute(
          "aria-label", "Sections of " + link.textContent.trim());
    });
    // the buttons of all solutions have one name: say whose each is
    document.querySelectorAll(".solution").forEach(function (solution) {
      var button = solution.querySelector("button.toggle-button");
      var exercise = solution.previousElementSibling;
      while (exercise && !exercise.matches(".exercise"))
        exercise = exercise.previousElementSibling;
      var number = exercise && exercise.querySelector(".caption-number");
      if (button && number)
        button.setAttribute(
          "aria-label", "Solution of " + number.textContent.trim());
    });
    document.querySelectorAll("table.indextable").forEach(function (table) {
      table.setAttribute("role", "presentation"); // columns, not data
    });
  }

  // ink on white, whatever the screen shows; figures follow the theme
  function ink() {
    var root = document.documentElement, theme = null;
    window.addEventListener("beforeprint", function () {
      theme = root.dataset.theme;
      if (theme) root.dataset.theme = "light";
    });
    window.addEventListener("afterprint", function () {
      if (theme) root.dataset.theme = theme;
      theme = null;
    });
  }

  function begin() {
    call();
    if (window.MathJax && MathJax.startup && MathJax.startup.promise)
      MathJax.startup.promise.then(reach);
    else
      reach();
    var waiting;
    window.addEventListener("resize", function () {
      clearTimeout(waiting);
      waiting = setTimeout(reach, 200);
    });
  }

  ink();
  if (document.readyState === "complete") begin();
  else window.addEventListener("load", begin);
})();
