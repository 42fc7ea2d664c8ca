/**
 * What the HTML report does: the evidence of a citation opens beside it on hover and focus, and stays open after a click or a tap. Without scripts
 * the buttons still open it, by the browser's own popovers.
 */
export const REPORT_SCRIPT = `
(() => {
  'use strict';
  let open = null;
  let pinned = false;
  let timer = 0;
  const cardOf = (cite) => document.getElementById(cite.dataset.card);
  const place = (cite, card) => {
    const box = cite.getBoundingClientRect();
    const gap = 8;
    const left = Math.min(Math.max(gap, box.left + box.width / 2 - card.offsetWidth / 2), innerWidth - card.offsetWidth - gap);
    const below = box.bottom + gap + card.offsetHeight <= innerHeight || box.top < card.offsetHeight + gap;
    card.style.left = left + 'px';
    card.style.top = (below ? Math.min(box.bottom + gap, innerHeight - card.offsetHeight - gap) : box.top - card.offsetHeight - gap) + 'px';
  };
  const hide = () => {
    clearTimeout(timer);
    if (open === null) return;
    const card = cardOf(open);
    open.setAttribute('aria-expanded', 'false');
    open = null;
    pinned = false;
    if (card.matches(':popover-open')) card.hidePopover();
  };
  const show = (cite, pin) => {
    clearTimeout(timer);
    if (open !== cite) {
      hide();
      open = cite;
      const card = cardOf(cite);
      card.showPopover();
      card.scrollTop = 0;
      cite.setAttribute('aria-expanded', 'true');
      place(cite, card);
    }
    pinned = pinned || pin;
  };
  const later = () => {
    clearTimeout(timer);
    if (!pinned) timer = setTimeout(hide, 220);
  };
  for (const card of document.querySelectorAll('.card')) {
    card.popover = 'manual';
    card.addEventListener('pointerenter', () => clearTimeout(timer));
    card.addEventListener('pointerleave', (event) => { if (event.pointerType === 'mouse') later(); });
  }
  for (const cite of document.querySelectorAll('.cite')) {
    cite.removeAttribute('popovertarget');
    cite.setAttribute('aria-expanded', 'false');
    cite.addEventListener('pointerenter', (event) => {
      if (event.pointerType !== 'mouse' || pinned) return;
      clearTimeout(timer);
      timer = setTimeout(() => show(cite, false), 90);
    });
    cite.addEventListener('pointerleave', (event) => { if (event.pointerType === 'mouse') later(); });
    cite.addEventListener('focus', () => { if (cite.matches(':focus-visible')) show(cite, false); });
    cite.addEventListener('blur', (event) => { if (!pinned && !(event.relatedTarget && cardOf(cite).contains(event.relatedTarget))) later(); });
    cite.addEventListener('click', () => { if (open === cite && pinned) hide(); else show(cite, true); });
  }
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || open === null) return;
    const cite = open;
    hide();
    cite.focus({ preventScroll: true });
    hide();
  });
  document.addEventListener('pointerdown', (event) => {
    if (open !== null && !event.target.closest('.card, .cite')) hide();
  });
  addEventListener('scroll', () => { if (open !== null) place(open, cardOf(open)); }, { passive: true });
  addEventListener('resize', hide);
})();
`;
