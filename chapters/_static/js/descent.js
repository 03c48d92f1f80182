/* Gradient descent that you can touch: the same update rules as fdl.optim.

   This half is arithmetic alone and runs in any JavaScript engine; a
   test compares it, step by step, with fdl.optim. The drawing half is
   descent-ui.js. No library, no server. */
"use strict";

var fdlDescent = (function () {
  /* ---------------------------------------------------------- landscapes
     Names, formulas, windows and starts are those of fdl.optim.landscapes;
     `rates` are learning rates from which the sliders start. */

  function bowl(kappa) {  // ½ (x² + κ y²)
    return {
      title: "bowl (κ = " + kappa + ")",
      value: function (p) {
        return 0.5 * p[0] * p[0] + 0.5 * kappa * p[1] * p[1];
      },
      gradient: function (p) { return [p[0], kappa * p[1]]; },
      window: [[-1.2, 1.2], [-1.2, 1.2]], start: [-1, 0.8], minimum: [0, 0],
      rates: { SGD: 0.1, Momentum: 0.02, Nesterov: 0.05, AdaGrad: 0.5,
               AdaDelta: 10, RMSProp: 0.03, Adam: 0.1 },
    };
  }

  function valley(kappa, degrees) {  // ½ (u² + κ v²), turned
    var angle = degrees * Math.PI / 180;
    var c = Math.cos(angle), s = Math.sin(angle);
    function u(p) { return c * p[0] + s * p[1]; }
    function v(p) { return c * p[1] - s * p[0]; }
    return {
      title: "valley (κ = " + kappa + ")",
      value: function (p) {
        return 0.5 * (u(p) * u(p) + kappa * v(p) * v(p));
      },
      gradient: function (p) {
        return [c * u(p) - s * kappa * v(p), s * u(p) + c * kappa * v(p)];
      },
      window: [[-1.2, 1.2], [-1.2, 1.2]], start: [-1, -0.2], minimum: [0, 0],
      rates: { SGD: 0.03, Momentum: 0.01, Nesterov: 0.01, AdaGrad: 0.5,
               AdaDelta: 10, RMSProp: 0.03, Adam: 0.2 },
    };
  }

  var landscapes = {
    bowl: bowl(10),
    valley: valley(50, 35),
    saddle: {  // ½ x² − ½ y² + ¼ y⁴
      title: "saddle",
      value: function (p) {
        return 0.5 * p[0] * p[0] - 0.5 * p[1] * p[1] +
          0.25 * Math.pow(p[1], 4);
      },
      gradient: function (p) {
        return [p[0], -p[1] + Math.pow(p[1], 3)];
      },
      window: [[-1.5, 1.5], [-1.5, 1.5]], start: [-1.2, 0.01],
      minimum: [0, 1],
      rates: { SGD: 0.1, Momentum: 0.05, Nesterov: 0.05, AdaGrad: 0.3,
               AdaDelta: 10, RMSProp: 0.03, Adam: 0.05 },
    },
    rosenbrock: {  // 100 (y − x²)² + (1 − x)²
      title: "Rosenbrock's valley",
      value: function (p) {
        var s = 1 - p[0], t = p[1] - p[0] * p[0];
        return s * s + 100 * t * t;
      },
      gradient: function (p) {
        var t = p[1] - p[0] * p[0];
        return [-2 * (1 - p[0]) - 400 * p[0] * t, 200 * t];
      },
      window: [[-1.8, 1.8], [-0.8, 2.2]], start: [-1.2, 1], minimum: [1, 1],
      rates: { SGD: 0.002, Momentum: 0.001, Nesterov: 0.001, AdaGrad: 1,
               AdaDelta: 10, RMSProp: 0.1, Adam: 0.3 },
    },
    cross: {  // x² + y² + 3xy
      title: "saddle across the axes",
      value: function (p) {
        return p[0] * p[0] + p[1] * p[1] + 3 * p[0] * p[1];
      },
      gradient: function (p) {
        return [2 * p[0] + 3 * p[1], 2 * p[1] + 3 * p[0]];
      },
      window: [[-1.2, 1.2], [-1.2, 1.2]], start: [1, 0.5], minimum: null,
      rates: { SGD: 0.02, Momentum: 0.005, Nesterov: 0.005, AdaGrad: 0.1,
               AdaDelta: 1, RMSProp: 0.01, Adam: 0.02 },
    },
    flat: {  // 3 w⁴ − 4 w³ + 1
      title: "flat region",
      value: function (p) {
        return 3 * Math.pow(p[0], 4) - 4 * Math.pow(p[0], 3) + 1;
      },
      gradient: function (p) {
        return [12 * Math.pow(p[0], 3) - 12 * p[0] * p[0]];
      },
      window: [[-0.7, 1.45]], start: [-0.6], minimum: [1],
      rates: { SGD: 0.02, Momentum: 0.01, Nesterov: 0.01, AdaGrad: 0.1,
               AdaDelta: 10, RMSProp: 0.03, Adam: 0.05 },
    },
  };

  /* --------------------------------------------------------------- rules
     Each takes (x, gradient function, state, options) and returns the next x;
     `state` starts as {} and belongs to the rule. */

  function each(a, f) { return a.map(f); }

  function zeros(x) { return x.map(function () { return 0; }); }

  var rules = {
    SGD: function (x, grad, s, o) {
      var g = grad(x);
      return each(x, function (v, i) { return v - o.learning_rate * g[i]; });
    },
    Momentum: function (x, grad, s, o) {
      var g = grad(x);
      s.v = each(s.v || zeros(x), function (v, i) {
        return o.momentum * v - o.learning_rate * g[i];
      });
      return each(x, function (a, i) { return a + s.v[i]; });
    },
    Nesterov: function (x, grad, s, o) {  // x is the point that looks ahead
      var g = grad(x);
      s.v = each(s.v || zeros(x), function (v, i) {
        return o.momentum * v - o.learning_rate * g[i];
      });
      return each(x, function (a, i) {
        return a + o.momentum * s.v[i] - o.learning_rate * g[i];
      });
    },
    AdaGrad: function (x, grad, s, o) {
      var g = grad(x);
      s.r = each(s.r || zeros(x), function (r, i) { return r + g[i] * g[i]; });
      return each(x, function (a, i) {
        return a - o.learning_rate * g[i] / (o.epsilon + Math.sqrt(s.r[i]));
      });
    },
    RMSProp: function (x, grad, s, o) {
      var g = grad(x);
      s.r = each(s.r || zeros(x), function (r, i) {
        return o.rho * r + (1 - o.rho) * g[i] * g[i];
      });
      return each(x, function (a, i) {
        return a - o.learning_rate * g[i] / (o.epsilon + Math.sqrt(s.r[i]));
      });
    },
    AdaDelta: function (x, grad, s, o) {
      var g = grad(x), u = s.u || zeros(x);
      s.r = each(s.r || zeros(x), function (r, i) {
        return o.rho * r + (1 - o.rho) * g[i] * g[i];
      });
      var d = each(g, function (v, i) {
        return Math.sqrt(u[i] + o.epsilon) / Math.sqrt(s.r[i] + o.epsilon) * v;
      });
      s.u = each(u, function (v, i) {
        return o.rho * v + (1 - o.rho) * d[i] * d[i];
      });
      return each(x, function (a, i) { return a - o.learning_rate * d[i]; });
    },
    Adam: function (x, grad, s, o) {
      var g = grad(x);
      s.t = (s.t || 0) + 1;
      s.m = each(s.m || zeros(x), function (m, i) {
        return o.beta1 * m + (1 - o.beta1) * g[i];
      });
      s.r = each(s.r || zeros(x), function (r, i) {
        return o.beta2 * r + (1 - o.beta2) * g[i] * g[i];
      });
      var c1 = 1 - Math.pow(o.beta1, s.t), c2 = 1 - Math.pow(o.beta2, s.t);
      return each(x, function (a, i) {
        return a - o.learning_rate * (s.m[i] / c1) /
          (o.epsilon + Math.sqrt(s.r[i] / c2));
      });
    },
  };

  var defaults = {
    SGD: {},
    Momentum: { momentum: 0.9 },
    Nesterov: { momentum: 0.9 },
    AdaGrad: { epsilon: 1e-7 },
    AdaDelta: { rho: 0.95, epsilon: 1e-6 },
    RMSProp: { rho: 0.9, epsilon: 1e-10 },
    Adam: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  };

  /* The points that a rule visits, the start first. A path that leaves the
     numbers behind ends at its last finite point. */
  function path(landscape, rule, start, steps, options) {
    var f = landscapes[landscape], step = rules[rule], state = {};
    var o = Object.assign({ learning_rate: f.rates[rule] }, defaults[rule],
                          options || {});
    var points = [start.slice()], x = start.slice();
    for (var k = 0; k < steps; k++) {
      x = step(x, f.gradient, state, o);
      if (!x.every(isFinite) || !isFinite(f.value(x))) break;
      points.push(x);
    }
    return points;
  }

  return { landscapes: landscapes, rules: rules, defaults: defaults,
           path: path };
})();

if (typeof module !== "undefined") module.exports = fdlDescent;
