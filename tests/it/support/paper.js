// What does not belong on paper, or would be torn between two sheets.
const found = [];
const told = (what, e) => found.push(what + ': ' + e.outerHTML.slice(0, 140));
for (const e of document.querySelectorAll('nav:not(.contents), header, button, .button, .skip, summary + form')) if (e.checkVisibility()) told('on paper', e);
for (const e of document.querySelectorAll('thead')) if (e.checkVisibility() && getComputedStyle(e).display !== 'table-header-group') told('not repeated', e);
for (const e of document.querySelectorAll('tr')) if (e.checkVisibility() && getComputedStyle(e).breakInside !== 'avoid') told('torn', e);
return found.slice(0, 8);
