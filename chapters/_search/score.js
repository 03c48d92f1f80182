/* How the search ranks what it finds; Sphinx's own numbers (its searchtools.js
   takes these in their place), and a `score` by which an idea leads to the
   section that teaches it before it leads to the glossary or to a function. */
var Scorer = {
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,

  score: function (result) {
    var docname = result[0], anchor = result[2], kind = result[6];
    if (!/^\d\d-/.test(docname)) return result[4];
    // a section's title, before the page and functions of that name
    if (kind === "title" && anchor) return result[4] + 30;
    if (kind !== "index") return result[4];
    // name the section, as a result by its title is named
    Object.entries(Search._index.alltitles).forEach(function (entry) {
      entry[1].forEach(function (place) {
        if (Search._index.docnames[place[0]] === docname &&
            "#" + place[1] === anchor) {
          var page = Search._index.titles[place[0]];
          result[1] = entry[0] === page ? page : page + " > " + entry[0];
        }
      });
    });
    return result[4] + 1;
  }
};
