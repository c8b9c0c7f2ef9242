import { svg } from './dom.ts';

const PATHS = {
  smartphone: [
    'M8 2.75h8A1.25 1.25 0 0 1 17.25 4v16A1.25 1.25 0 0 1 16 21.25H8A1.25 1.25 0 0 1 6.75 20V4A1.25 1.25 0 0 1 8 2.75z',
    'M10.5 18.5h3',
  ],
  card: [
    'M3.5 5.75h17A1.25 1.25 0 0 1 21.75 7v10a1.25 1.25 0 0 1-1.25 1.25h-17A1.25 1.25 0 0 1 2.25 17V7A1.25 1.25 0 0 1 3.5 5.75z',
    'M5.5 9h4v4.5h-4z',
    'M12.5 9.5h6',
    'M12.5 12.5h6',
    'M5.5 15.75h13',
  ],
  key: ['M14.5 9.5a4.25 4.25 0 1 0-3.1 4.1l1.35 1.4h2v2h2v2h3.5v-3.2l-5.9-5.3c.1-.33.15-.66.15-1z', 'M8.5 8.25v.01'],
  shield: ['M12 2.75l7.5 2.75v6c0 4.5-3 8-7.5 9.75-4.5-1.75-7.5-5.25-7.5-9.75v-6z', 'M8.75 12l2.25 2.25 4.25-4.5'],
  page: [
    'M4 4.75h16A1.25 1.25 0 0 1 21.25 6v12A1.25 1.25 0 0 1 20 19.25H4A1.25 1.25 0 0 1 2.75 18V6A1.25 1.25 0 0 1 4 4.75z',
    'M2.75 8.75h18.5',
  ],
  eye: [
    'M3 3l18 18',
    'M10.6 6.2A9.6 9.6 0 0 1 12 6c5 0 8.5 4.5 9.25 6-.4.8-1.5 2.4-3.2 3.75',
    'M6.6 7.6C4.5 9 3.2 11 2.75 12c.75 1.5 4.25 6 9.25 6 1.5 0 2.9-.4 4.1-1',
  ],
  check: ['M5 12.5l4.5 4.5L19 7.5'],
  cross: ['M6.5 6.5l11 11', 'M17.5 6.5l-11 11'],
  retry: ['M19.25 12a7.25 7.25 0 1 1-2.1-5.1L19.5 9', 'M19.5 4.5V9H15'],
  alert: ['M12 3.5l9.25 16.25H2.75z', 'M12 10v4.25', 'M12 17v.01'],
  arrow: ['M9 5.5l6.5 6.5L9 18.5'],
} as const;

export type IconName = keyof typeof PATHS;

/** Decoration: hidden from assistive technology, the words beside it say the same. */
export function icon(name: IconName): SVGElement {
  return svg('svg', { viewBox: '0 0 24 24', class: 'icon', 'aria-hidden': 'true' }, ...PATHS[name].map((d) => svg('path', { d })));
}
