// What does not fit: wider than the window, spilt out of its own box, cut, or lying over its neighbour.
const mayMove = arguments[0];
const found = [];
const told = (what, e) => found.push(what + ': ' + e.outerHTML.slice(0, 140));
const width = document.documentElement.clientWidth;
if (document.documentElement.scrollWidth > width) told('the page is wider than the window by ' + (document.documentElement.scrollWidth - width), document.body);
const seen = Array.from(document.querySelectorAll('body *')).filter(e =>
  e.checkVisibility() && getComputedStyle(e).clipPath === 'none' && !e.closest('svg, .unseen, .skip, select, datalist') && !(mayMove && e.closest(mayMove)));
// A list that is open lies over what is below it.
const open = Array.from(document.querySelectorAll('[role="listbox"]')).filter(list => list.checkVisibility());
for (const e of seen) {
  if (open.some(list => e.contains(list))) continue;
  if (e.getBoundingClientRect().right > width + 1) told('beyond the edge', e);
  const block = !['inline', 'contents'].includes(getComputedStyle(e).display) && !e.matches('input, textarea, progress, pre');
  if (block && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0 && !(mayMove && e.querySelector(mayMove))) told('spilt or cut', e);
}
for (const e of seen) {
  if (!/grid|flex/.test(getComputedStyle(e).display)) continue;
  const children = Array.from(e.children).filter(c => c.checkVisibility() && !/absolute|fixed/.test(getComputedStyle(c).position));
  const boxes = children.slice(0, 200).map(c => [c, c.getBoundingClientRect()]);
  boxes.forEach(([, a], i) => boxes.slice(i + 1, i + 12).forEach(([c, b]) => {
    const over = Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
    if (over) told('over its neighbour', c);
  }));
}
return found.slice(0, 8);
