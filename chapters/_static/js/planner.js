/* A maze to plan in: turns each <div class="fdl-planner"> into fields with
   values and arrows. data-told: the maze's rows, its prizes, what a step
   brings, how often one slips, the discount, and how many sweeps there are. */
"use strict";

/* The numbers: as fdl.rl.Maze and fdl.rl.value_iteration. A maze here is
   { rows: lists of letters, prizes, reward, slip }. */
var fdlPlanner = (function () {
  var MOVES = [[-1, 0], [0, 1], [1, 0], [0, -1]];  // up, right, down, left

  function open(maze, i, j) {
    var letter = maze.rows[i] && maze.rows[i][j];
    return letter !== undefined && letter !== "#";
  }
  function prize(maze, i, j) { return maze.prizes[maze.rows[i][j]]; }

  /* What each action is worth in a field, if fields are worth v. */
  function actions(maze, v, gamma, i, j) {
    function after(way) {
      var move = MOVES[(way + 4) % 4], a = i + move[0], b = j + move[1];
      if (!open(maze, a, b)) { a = i; b = j; }
      return maze.reward + (prize(maze, a, b) || 0) + gamma * v[a][b];
    }
    return MOVES.map(function (move, way) {
      if (prize(maze, i, j) !== undefined) return 0;
      return (1 - maze.slip) * after(way) +
        maze.slip / 2 * (after(way - 1) + after(way + 1));
    });
  }

  function zeros(maze) {
    return maze.rows.map(function (row) {
      return row.map(function () { return 0; });
    });
  }

  /* One round through all fields: v(s) = max_a q(s, a). */
  function sweep(maze, v, gamma) {
    return maze.rows.map(function (row, i) {
      return row.map(function (letter, j) {
        return letter === "#" ? 0 :
          Math.max.apply(null, actions(maze, v, gamma, i, j));
      });
    });
  }

  /* The best action, of equally good ones the first; −1 if all are equal. */
  function best(q) {
    var top = Math.max.apply(null, q), low = Math.min.apply(null, q);
    var near = top - 1e-9 * (1 + Math.abs(top));
    return low >= near ? -1 : q.findIndex(function (x) { return x >= near; });
  }

  function iterate(maze, gamma, sweeps) {
    var v = zeros(maze), before = v;
    for (var k = 0; k < sweeps; k++) { before = v; v = sweep(maze, v, gamma); }
    var change = 0;
    v.forEach(function (row, i) {
      row.forEach(function (x, j) {
        change = Math.max(change, Math.abs(x - before[i][j]));
      });
    });
    return { values: v, change: change, policy: maze.rows.map(
      function (row, i) {
        return row.map(function (letter, j) {
          return letter === "#" ? -1 : best(actions(maze, v, gamma, i, j));
        });
      }) };
  }

  return { actions: actions, sweep: sweep, iterate: iterate };
})();

/* The figure. */
if (typeof document !== "undefined") (function () {
  var L = fdlLive, N = fdlPlanner, ARROWS = "↑→↓←";
  var WAYS = ["up", "right", "down", "left"];
  // in full: rules for classes that no script names stay out of the site
  var CLASSES = { wall: "fdl-wall", cheese: "fdl-cheese", cat: "fdl-cat" };

  function figure(root) {
    var told = L.stage(root), gamma = told.gamma, k = 0;
    var maze = { prizes: told.prizes, reward: told.reward, slip: told.slip,
                 rows: told.rows.map(function (row) { return row.split(""); }) };
    /* a letter of each kind, for fields that the reader fills; a maze that
       came without a cheese or a cat gets one of its own */
    function letter(sign, otherwise) {
      var found = Object.keys(maze.prizes).filter(function (name) {
        return sign * maze.prizes[name] > 0;
      })[0] || otherwise;
      if (!(found in maze.prizes)) maze.prizes[found] = sign;
      return found;
    }
    var cheese = letter(1, "c"), cat = letter(-1, "x");
    var kinds = [".", "#", cheese, cat];
    var keys = { "#": "#", ".": ".", c: cheese, x: cat };
    function name(letter) {
      if (letter === "#") return "wall";
      var prize = maze.prizes[letter];
      return prize === undefined ? "" : prize > 0 ? "cheese" : "cat";
    }

    var top = L.bar(root);
    var sweeps = L.slider(top, "Sweeps", 0, told.sweeps, 1, 0, go);
    L.button(top, "Sweep", function () { go(k + 1); });
    L.button(top, "From zero", function () { go(0); });
    var under = L.bar(root);
    var discount = L.slider(under, "γ", Math.min(0.5, gamma), 1, 0.01, gamma, function (x) {
      gamma = x; discount.set(x); draw();
    });
    var slip = L.slider(under, "chance to slip", 0, 0.5, 0.05, maze.slip, function (x) {
      maze.slip = x; slip.set(x); draw();
    });
    var panels = L.element("div", { class: "fdl-panels" }, root);
    var said = L.voice(root);
    L.element("p", { class: "fdl-hint" }, root, "The space bar in the maze" +
      " sweeps. A click makes of a field a wall, of a wall a cheese, a cat, a" +
      " field; on the keyboard, Enter does, or the keys # for a wall, c for a" +
      " cheese, x for a cat and . for a field.");
    var grid = L.grid(panels, "maze", maze.rows.length, maze.rows[0].length, {
      press: function (i, j) {
        var now = kinds.indexOf(maze.rows[i][j]);
        put(i, j, kinds[(Math.max(now, 0) + 1) % kinds.length]);
      },
      key: function (i, j, key) {
        if (key === " ") { go(k + 1); return true; }
        if (!(key in keys)) return false;
        put(i, j, keys[key]);
        return true;
      },
    });

    function put(i, j, letter) { maze.rows[i][j] = letter; draw(); }
    function go(to) { k = Math.min(to, told.sweeps); sweeps.set(k); draw(); }

    function draw() {
      var found = N.iterate(maze, gamma, k), most = 0, known = 0, fields = 0;
      found.values.forEach(function (row) {
        row.forEach(function (v) { most = Math.max(most, Math.abs(v)); });
      });
      grid.each(function (cell, i, j) {
        var letter = maze.rows[i][j], v = found.values[i][j];
        var way = found.policy[i][j], what = name(letter);
        cell.textContent = "";
        cell.className = "fdl-cell" + (what ? " " + CLASSES[what] : "");
        L.tint(cell, what ? 0 : v, most);
        if (!what) {
          fields++;
          L.element("span", {}, cell, L.minus(v.toFixed(2)));
          L.element("span", { class: "fdl-arrow" }, cell, ARROWS[way] || "");
          if (way >= 0) known++;
        }
        cell.setAttribute("aria-label", what || L.minus(v.toFixed(2)) +
          (way >= 0 ? ", go " + WAYS[way] : ""));
      });
      said.textContent = "After " + k + (k === 1 ? " sweep" : " sweeps") +
        " there are arrows in " + known + " of " + fields + " fields" +
        (k ? "; the last sweep changed " +
             (found.change < 5e-7 ? "nothing." : "values by up to " +
              +found.change.toPrecision(2) + ".") : ".");
    }

    draw();
  }

  L.begin("planner", figure);
})();
