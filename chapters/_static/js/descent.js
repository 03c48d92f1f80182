/* Gradient descent that you can touch: the same update rules as fdl.optim.

   The first part is arithmetic alone and runs in any JavaScript engine; a
   test compares it, step by step, with fdl.optim. The second part draws, and
   runs only where there is a document. No library, no server. */
"use strict";

var fdlDescent = (function () {
  /* ---------------------------------------------------------- landscapes */

  function quadratic(a, b, c) {  // ½ (a x² + 2 b x y + c y²)
    return {
      value: function (p) {
        return 0.5 * (a * p[0] * p[0] + 2 * b * p[0] * p[1] + c * p[1] * p[1]);
      },
      gradient: function (p) {
        return [a * p[0] + b * p[1], b * p[0] + c * p[1]];
      },
    };
  }

  var landscapes = {
    bowl: Object.assign(quadratic(1, 0, 4), {
      title: "bowl", window: [-3, 3, -2, 2], start: [-2.5, 1.5] }),
    valley: Object.assign(quadratic(1, 0, 50), {
      title: "narrow valley", window: [-3, 3, -1, 1], start: [-2.5, 0.7] }),
    saddle: {
      // flat in the middle, bounded below: ½ x² − ½ y² + ¼ y⁴
      value: function (p) {
        return 0.5 * p[0] * p[0] - 0.5 * p[1] * p[1] + 0.25 * Math.pow(p[1], 4);
      },
      gradient: function (p) {
        return [p[0], -p[1] + Math.pow(p[1], 3)];
      },
      title: "saddle", window: [-2, 2, -1.8, 1.8], start: [-1.8, 0.01],
    },
    rosenbrock: {
      value: function (p) {
        var s = 1 - p[0], t = p[1] - p[0] * p[0];
        return s * s + 100 * t * t;
      },
      gradient: function (p) {
        var t = p[1] - p[0] * p[0];
        return [-2 * (1 - p[0]) - 400 * p[0] * t, 200 * t];
      },
      title: "Rosenbrock’s banana", window: [-2, 2, -1, 3], start: [-1.2, 1],
    },
  };

  /* --------------------------------------------------------------- rules
     Each takes (x, gradient function, state, options) and returns the next x;
     `state` starts as {} and belongs to the rule. */

  function each(a, f) { return [f(a[0], 0), f(a[1], 1)]; }

  var rules = {
    SGD: function (x, grad, s, o) {
      var g = grad(x);
      return each(x, function (v, i) { return v - o.learning_rate * g[i]; });
    },
    Momentum: function (x, grad, s, o) {
      var g = grad(x);
      s.v = each(s.v || [0, 0], function (v, i) {
        return o.momentum * v - o.learning_rate * g[i];
      });
      return each(x, function (a, i) { return a + s.v[i]; });
    },
    Nesterov: function (x, grad, s, o) {
      var v = s.v || [0, 0];
      var g = grad(each(x, function (a, i) { return a + o.momentum * v[i]; }));
      s.v = each(v, function (a, i) {
        return o.momentum * a - o.learning_rate * g[i];
      });
      return each(x, function (a, i) { return a + s.v[i]; });
    },
    AdaGrad: function (x, grad, s, o) {
      var g = grad(x);
      s.r = each(s.r || [0, 0], function (r, i) { return r + g[i] * g[i]; });
      return each(x, function (a, i) {
        return a - o.learning_rate * g[i] / (o.epsilon + Math.sqrt(s.r[i]));
      });
    },
    RMSProp: function (x, grad, s, o) {
      var g = grad(x);
      s.r = each(s.r || [0, 0], function (r, i) {
        return o.rho * r + (1 - o.rho) * g[i] * g[i];
      });
      return each(x, function (a, i) {
        return a - o.learning_rate * g[i] / (o.epsilon + Math.sqrt(s.r[i]));
      });
    },
    AdaDelta: function (x, grad, s, o) {
      var g = grad(x), u = s.u || [0, 0];
      s.r = each(s.r || [0, 0], function (r, i) {
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
      s.m = each(s.m || [0, 0], function (m, i) {
        return o.beta1 * m + (1 - o.beta1) * g[i];
      });
      s.r = each(s.r || [0, 0], function (r, i) {
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
    SGD: { learning_rate: 0.1 },
    Momentum: { learning_rate: 0.02, momentum: 0.9 },
    Nesterov: { learning_rate: 0.02, momentum: 0.9 },
    AdaGrad: { learning_rate: 0.5, epsilon: 1e-7 },
    RMSProp: { learning_rate: 0.05, rho: 0.9, epsilon: 1e-10 },
    AdaDelta: { learning_rate: 1.0, rho: 0.9, epsilon: 1e-6 },
    Adam: { learning_rate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  };

  /* The points that a rule visits, the start first. A path that leaves the
     numbers behind ends at its last finite point. */
  function path(landscape, rule, start, steps, options) {
    var f = landscapes[landscape], step = rules[rule], state = {};
    var o = Object.assign({}, defaults[rule], options || {});
    var points = [start.slice()], x = start.slice();
    for (var k = 0; k < steps; k++) {
      x = step(x, f.gradient, state, o);
      if (!isFinite(x[0]) || !isFinite(x[1]) || !isFinite(f.value(x))) break;
      points.push(x);
    }
    return points;
  }

  return { landscapes: landscapes, rules: rules, defaults: defaults, path: path };
})();

if (typeof module !== "undefined") module.exports = fdlDescent;
