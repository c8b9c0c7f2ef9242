/** Line icons, drawn on a grid of 24. */
import { Html } from './html.ts';

const PATHS = {
  phone: '<rect x="6.500" y="2.500" width="11" height="19" rx="2.500"/><path d="M10.500 18.500h3"/>',
  card: '<rect x="2.500" y="5" width="19" height="14" rx="2.500"/><path d="M6 9.500h4v3.500H6zM14 10h4.500M14 13h4.500M6 16h6"/>',
  pen: '<path d="M4 20c4-1 5.500-1 7.500-3l8-8a2.100 2.100 0 0 0-3-3l-8 8c-2 2-3.500 3-4.500 6ZM14.500 8l2.500 2.500"/>',
  shield:
    '<path d="M12 3c2.500 1.700 5 2.500 7.500 2.700 0 7-2.200 12-7.500 15.300C6.700 17.700 4.500 12.700 4.500 5.700 7 5.500 9.500 4.700 12 3Z"/><path d="m8.500 12 2.500 2.500 4.500-5"/>',
  clock: '<circle cx="12" cy="12" r="8.500"/><path d="M12 7v5.200l3.400 2"/>',
  check: '<path d="m5 12.500 4.500 4.500L19 7"/>',
  cross: '<path d="m6 6 12 12M18 6 6 18"/>',
  dash: '<path d="M7 12h10"/>',
  arrow: '<path d="M5 12h14M13 6l6 6-6 6"/>',
  mail: '<rect x="3" y="5" width="18" height="14" rx="2.500"/><path d="m4 7.500 8 6 8-6"/>',
  link: '<path d="M10 14a4 4 0 0 0 5.700 0l3-3A4 4 0 0 0 13 5.300l-1 1M14 10a4 4 0 0 0-5.700 0l-3 3a4 4 0 0 0 5.700 5.700l1-1"/>',
  file: '<path d="M6 3h8l4.500 4.500V21H6zM14 3v5h4.500M9 13h6M9 16.500h6"/>',
  gear: '<path d="M4 7h9M17 7h3M4 17h3M11 17h9"/><circle cx="15" cy="7" r="2"/><circle cx="9" cy="17" r="2"/>',
  key: '<circle cx="8" cy="15.500" r="4"/><path d="m11 12.500 8.500-8.500M16 7.500l3 3"/>',
  leaf: '<path d="M19.500 4.500C10 4 5 8.500 5 14.500c0 2 .600 3.700 1.500 5C14 20 20.500 15.500 19.500 4.500ZM4.500 21c2-5 5.500-9 10-12"/>',
} as const;

export type IconName = keyof typeof PATHS;

export const icon = (name: IconName): Html => new Html(`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${PATHS[name]}</svg>`);
