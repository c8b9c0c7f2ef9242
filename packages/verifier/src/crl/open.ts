import { type CrlIndex, type OpenCrlIndexOptions, openIndex } from './index-file.ts';

/** As `openCrlIndex`, for whoever must not let anything happen between finding an index and using it. */
export const openCrlIndexSync = (file: string, options: OpenCrlIndexOptions = {}): CrlIndex => openIndex(file, options);
