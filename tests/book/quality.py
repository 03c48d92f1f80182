"""What a page owes its readers, judged in the browser.

Rules of WCAG 2.1, level AA, as far as a script can see them, and the weight.
"""

from __future__ import annotations

from typing import Any

from tests.book.chromium import Browser

__all__ = ["HEAVIEST", "WHOLE", "audit", "weight"]

# bytes of a page, the shared maths file aside: when it opens, and when all of
# its pictures have been scrolled by
HEAVIEST, WHOLE = 1_500_000, 3_000_000

AUDIT = r"""(() => {
  const still = document.createElement('style');
  still.textContent = '* {transition: none !important}';
  document.head.append(still);
  const found = [];
  const say = (rule, element, more) => found.push(rule + ': ' +
    (element ? element.outerHTML.replace(/\s+/g, ' ').slice(0, 110) : '') +
    (more ? ' ' + more : ''));
  const shown = e => {
    if (!e.getClientRects().length) return false;
    const style = getComputedStyle(e);
    return style.visibility !== 'hidden' && +style.opacity > 0;
  };

  // the document
  if (!document.documentElement.lang) say('no language');
  for (const name of ['viewport', 'description'])
    if (!document.querySelector(`meta[name=${name}][content]`))
      say('no meta ' + name);
  const ids = new Map();
  for (const e of document.querySelectorAll('[id]'))
    ids.set(e.id, (ids.get(e.id) || 0) + 1);
  for (const [id, times] of ids)
    if (times > 1 && !id.startsWith('MJX')) say('id twice', null, id);
  if (!document.querySelector('main, [role=main]')) say('no main landmark');

  // headings
  const main = document.querySelector('main') || document.body;
  const headings = [...main.querySelectorAll('h1,h2,h3,h4,h5,h6')].filter(
    shown);
  if (headings.filter(h => h.tagName === 'H1').length !== 1)
    say('not one h1', null, headings.length + ' headings');
  let before = 0;
  for (const h of headings) {
    const level = +h.tagName[1];
    if (level > before + 1) say('a heading level left out', h);
    before = level;
  }

  // names
  const name = e => {
    const by = (e.getAttribute('aria-labelledby') || '').split(/\s+/)
      .map(id => (document.getElementById(id) || {}).textContent || '')
      .join('');
    const labels = [...(e.labels || [])].map(l => l.textContent).join('');
    const inner = [...e.querySelectorAll('img[alt], [aria-label]')].map(
      i => i.getAttribute('alt') || i.getAttribute('aria-label')).join('');
    return (by || e.getAttribute('aria-label') || labels ||
      e.textContent || inner || e.title || e.placeholder || '').trim();
  };
  for (const e of document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), select, textarea, ' +
    'summary, [role=button], [role=slider], [tabindex="0"][role]'))
    if (shown(e) && !name(e) && e.getAttribute('aria-hidden') !== 'true')
      say('nothing to call it by', e);
  for (const e of document.querySelectorAll('main img, main svg[role=img]'))
    if (!(e.getAttribute('alt') || e.getAttribute('aria-label') ||
          e.getAttribute('aria-labelledby') ||
          e.getAttribute('role') === 'presentation' ||
          e.closest('[aria-hidden=true], button, a, summary')))
      say('a picture without words', e);
  for (const e of document.querySelectorAll('[tabindex]'))
    if (e.tabIndex > 0) say('an order of tabs of its own', e);
  for (const e of document.querySelectorAll('main table'))
    if (shown(e) && !e.querySelector('th') &&
        e.getAttribute('role') !== 'presentation')
      say('a table without heads', e);
  for (const e of document.querySelectorAll('main *')) {
    const style = getComputedStyle(e);
    const scrolls = /auto|scroll/.test(style.overflowX) &&
      e.scrollWidth > e.clientWidth + 1 && e.clientWidth;
    if (scrolls && e.tabIndex < 0 &&
        !e.querySelector('a[href], button, input, [tabindex="0"]') &&
        !e.parentElement.closest('[tabindex="0"]'))
      say('keys cannot scroll it', e);
  }

  // contrast
  const canvas = document.createElement('canvas').getContext(
    '2d', {willReadFrequently: true});
  const seen = new Map();
  const rgba = text => {
    if (!seen.has(text)) {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = text;
      canvas.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
      seen.set(text, [r, g, b, a / 255]);
    }
    return seen.get(text);
  };
  const over = (top, under) => {
    const a = top[3];
    return [0, 1, 2].map(i => top[i] * a + under[i] * (1 - a)).concat(1);
  };
  const ground = e => {
    const layers = [];
    for (let p = e; p; p = p.parentElement) {
      const style = getComputedStyle(p);
      if (style.backgroundImage !== 'none') return null;
      const colour = rgba(style.backgroundColor);
      if (colour[3] > 0) layers.push(colour);
      if (colour[3] === 1) break;
    }
    return layers.reverse().reduce((under, top) => over(top, under),
      [255, 255, 255, 1]);
  };
  const light = c => {
    const [r, g, b] = c.slice(0, 3).map(v => v / 255).map(
      v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const judged = new Set();
  const walk = document.createTreeWalker(
    document.body, NodeFilter.SHOW_TEXT);
  const judge = (e, colour) => {
    const style = getComputedStyle(e);
    const under = ground(e);
    if (!under) return;
    const top = over(rgba(colour || style.color), under);
    const [a, b] = [light(top), light(under)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && +style.fontWeight >= 700);
    if (ratio < (large ? 3 : 4.5) - 0.005)
      say('too little contrast', e, ratio.toFixed(2));
  };
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const e = node.parentElement;
    if (judged.has(e) || !node.textContent.trim() || !shown(e) ||
        e.closest('script, style, noscript, mjx-assistive-mml, [disabled]'))
      continue;
    judged.add(e);
    const clip = getComputedStyle(e);
    if (clip.clip === 'rect(0px, 0px, 0px, 0px)') continue;
    judge(e, e.closest('svg') && clip.fill !== 'none' ? clip.fill : null);
  }
  for (const e of document.querySelectorAll('mjx-container'))
    if (shown(e)) judge(e);
  return found;
})()"""


def audit(browser: Browser) -> list[str]:
    """Return what the open page fails in, each fault once."""
    return list(dict.fromkeys(browser.evaluate(AUDIT)))


def weight(browser: Browser, whole: bool = False) -> int:
    """Return how many bytes the open page has loaded, maths file aside.

    Those that it asked for before anyone scrolled, or the `whole` of them.
    """
    asked: dict[str, str] = {}
    bytes_: dict[str, Any] = {}
    for number, event in enumerate(browser.events):
        params = event["params"]
        if event["method"] == "Network.requestWillBeSent":
            if whole or number < browser.first:
                asked[params["requestId"]] = params["request"]["url"]
        elif event["method"] == "Network.loadingFinished":
            bytes_[params["requestId"]] = params["encodedDataLength"]
    counted = [key for key, name in asked.items() if "mathjax/" not in name]
    return round(sum(bytes_.get(key, 0) for key in counted))
