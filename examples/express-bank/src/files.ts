/** Files of `public/`, which lies beside both the sources and the build. */
import { readFileSync } from 'node:fs';

export const publicFile = (name: string): Buffer => readFileSync(new URL(`../public/${name}`, import.meta.url));
