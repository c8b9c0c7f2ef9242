/* The identification element tells what came of it; this takes the person to the page that the bank's server named. */
for (const element of document.querySelectorAll('jpki-identify')) {
  element.addEventListener('jpki-outcome', ({ detail }) => {
    const to = detail?.result === 'identified' ? detail.next?.to : undefined;
    // Paths of this site only.
    if (typeof to === 'string' && /^\/[a-z]/.test(to)) location.assign(to);
  });
}
