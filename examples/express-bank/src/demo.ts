/** `npm run demo` */
import { tellStory } from './story.ts';
import { createTeller } from './teller.ts';

const colours = (process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined) || process.env['FORCE_COLOR'] !== undefined;

try {
  await tellStory(createTeller((line) => console.log(line), colours));
} catch (error) {
  console.error(`✗ ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
