/* The identification element tells where it stands; the page makes room for it and goes where the bank's server says. */
const paper = document.querySelector('details.paper');

for (const element of document.querySelectorAll('jpki-identify')) {
  element.addEventListener('jpki-state', ({ detail }) => {
    // Read before, out of the way while the phone is in hand.
    if (paper instanceof HTMLDetailsElement) paper.open = detail.phase === 'choosing';
    if (detail.phase !== 'choosing' && element.getBoundingClientRect().top > innerHeight / 2) element.scrollIntoView({ block: 'nearest' });
  });
  element.addEventListener('jpki-outcome', ({ detail }) => {
    const to = detail?.result === 'identified' ? detail.next?.to : undefined;
    // Paths of this site only.
    if (typeof to === 'string' && /^\/[a-z]/.test(to)) location.assign(to);
  });
}
