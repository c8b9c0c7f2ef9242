/** What the documentation shows is compiled: each block marked `ts` is a module of its own, under the strict options of this project. */
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { filesUnder, read, root } from '../architecture/source.ts';

const DOCUMENTS = [
  ...filesUnder('', /^(README(\.\w+)?|SECURITY)\.md$/),
  ...filesUnder('docs', /\.md$/),
  ...filesUnder('packages', /^packages\/[\w-]+\/README(\.\w+)?\.md$/),
];

interface Block {
  readonly document: string;
  readonly line: number;
  readonly code: string;
}

const blocks: Block[] = DOCUMENTS.flatMap((document) => {
  const text = read(document);
  return [...text.matchAll(/^```(?:ts|typescript)\b[^\n]*\n([\s\S]*?)^```/gm)].map((match) => ({
    document,
    line: text.slice(0, match.index).split('\n').length,
    code: match[1] ?? '',
  }));
});

function compile(list: readonly Block[]): string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  // A page of documentation may name what it does not use.
  const settings = { ...options, noUnusedLocals: false, noUnusedParameters: false, noEmit: true };
  const host = ts.createCompilerHost(settings);
  const files = new Map(list.map((block, index) => [join(root, 'test/docs', `block-${index}.ts`), block]));
  const { fileExists, readFile, getSourceFile } = host;
  const moduleOf = (block: Block): string => `${block.code}\nexport {};\n`;
  host.fileExists = (path) => files.has(path) || fileExists(path);
  host.readFile = (path) => (files.has(path) ? moduleOf(files.get(path) as Block) : readFile(path));
  host.getSourceFile = (path, ...rest) => {
    const block = files.get(path);
    return block === undefined ? getSourceFile(path, ...rest) : ts.createSourceFile(path, moduleOf(block), ts.ScriptTarget.ES2023, true);
  };
  const program = ts.createProgram([...files.keys()], settings, host);
  return [...files].flatMap(([path, block]) => {
    const source = program.getSourceFile(path);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map((diagnostic) => {
      const line = source === undefined ? 0 : source.getLineAndCharacterOfPosition(diagnostic.start ?? 0).line;
      return `${block.document}:${block.line + 1 + line}: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')}`;
    });
  });
}

test('both READMEs show code', () => {
  expect(blocks.filter(({ document }) => document === 'README.md').length).toBeGreaterThanOrEqual(2);
  expect(blocks.filter(({ document }) => document === 'README.en.md').length).toBeGreaterThanOrEqual(2);
});

test('both READMEs show the same code', () => {
  const codeOf = (name: string): string[] =>
    blocks
      .filter(({ document }) => document === name)
      .map(({ code }) =>
        code
          .replace(/\/\/.*$/gm, '')
          .replace(/[^\x20-\x7e\n]+/g, '')
          .trim(),
      );
  expect(codeOf('README.en.md')).toEqual(codeOf('README.md'));
});

test('every block compiles', () => {
  expect(compile(blocks)).toEqual([]);
});

test('a block that is wrong is found', () => {
  const wrong = { document: 'made-up.md', line: 1, code: "import { nothingOfTheKind } from '@jpki-rp/verifier';" };
  expect(compile([wrong]).join()).toMatch(/made-up\.md:2: .*nothingOfTheKind/);
});

test('every link of the documents leads to a file of the tree', () => {
  const present = new Set(filesUnder(''));
  const broken = DOCUMENTS.flatMap((document) =>
    [...read(document).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)|<img[^>]+src="(?!https?:)([^"]+)"/g)]
      .map(([, link, image]) => link ?? image ?? '')
      .filter((link) => {
        const target = join(document, '..', link).replaceAll('\\', '/').replace(/\/$/, '');
        return !present.has(target) && ![...present].some((file) => file.startsWith(`${target}/`));
      })
      .map((link) => `${document} → ${link}`),
  );
  expect(broken).toEqual([]);
});
