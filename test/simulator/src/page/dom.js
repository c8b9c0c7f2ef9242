/** Elements made without markup: text stays text. */

/** @param {string} name @param {Record<string, unknown>} properties @param {...(Node | string | null | undefined)} children */
export function element(name, properties = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (key === 'testid') node.dataset.testid = String(value);
    else if (key.startsWith('on')) node.addEventListener(key.slice(2), /** @type {EventListener} */ (value));
    else if (value === true) node.setAttribute(key, '');
    else node.setAttribute(key, String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** Japanese, with English beside or below it. */
export const both = (ja, en, block = false) => [ja, ' ', element('span', { lang: 'en', class: block ? 'en' : '' }, en)];

export const heading = (ja, en) => element('h2', {}, ...both(ja, en));
