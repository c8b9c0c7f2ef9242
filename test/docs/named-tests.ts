/** Documents name tests as file › title. */
import { filesUnder, read } from '../architecture/source.ts';

/** Cases that several stores run stand in a file of their own, beside the tests that run them. */
const tests = [...filesUnder('', /\.test\.ts$/), ...filesUnder('', /\/test\/.*\/cases\.ts$/)];

/** The files of that name; a test named in a document has exactly one. */
export const filesNamed = (path: string): readonly string[] => tests.filter((file) => file.endsWith(`/${path}`) || file === path);

/** Whether the title stands in the file in quotes, as it is written there. */
export const hasTitle = (file: string, title: string): boolean => {
  const source = read(file);
  return [`'${title}'`, `"${title}"`, `\`${title}\``].some((literal) => source.includes(literal));
};
