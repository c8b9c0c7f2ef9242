#!/usr/bin/env node
// Runs the pinned pnpm with the given arguments; nothing has to be installed first.
import './node-version.mjs';
import { pnpm } from './process.mjs';

process.exit(await pnpm(process.argv.slice(2)));
