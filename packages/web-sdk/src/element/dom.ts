/** Builds elements by DOM calls only: no markup is ever parsed, so the page runs under Trusted Types without a policy. */

export type Child = Node | string | null | false;
export interface Attributes {
  readonly [name: string]: string | number | boolean | null | ((event: Event) => void);
}

const SVG = 'http://www.w3.org/2000/svg';

function fill(element: Element, attributes: Attributes, children: readonly Child[]): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== null) element.setAttribute(name, String(value));
  }
  for (const child of children) if (child !== null && child !== false) element.append(child);
}

/** `part` names are stable: they serve `::part()` and, as `data-testid`, tests. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  fill(element, attributes, children);
  const part = attributes['part'];
  if (typeof part === 'string') element.setAttribute('data-testid', part.split(' ')[0] ?? part);
  return element;
}

export function svg(tag: string, attributes: Attributes = {}, ...children: readonly Child[]): SVGElement {
  const element = document.createElementNS(SVG, tag);
  fill(element, attributes, children);
  return element;
}

/** A label in which `<b>…</b>` marks emphasis; everything else is text. */
export function rich(label: string): readonly Node[] {
  return label
    .split(/<b>(.*?)<\/b>/)
    .map((piece, index) => (index % 2 === 1 ? h('b', {}, piece) : document.createTextNode(piece)))
    .filter((node) => node.textContent !== '');
}
