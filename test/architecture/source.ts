/** Reads the tree as it stands: files, their imports, their exported names. Parsed by the TypeScript compiler, not by patterns. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const root = fileURLToPath(new URL('../../', import.meta.url));

const SKIPPED = new Set(['node_modules', 'dist', 'coverage', '.git', '.cache', 'output']);

function* walk(folder: string): Generator<string> {
  if (!existsSync(join(root, folder))) return;
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    if (SKIPPED.has(entry.name)) continue;
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* walk(path);
    else if (entry.isFile()) yield path;
  }
}

/** Paths relative to the root, with `/`, sorted. */
export const filesUnder = (folder: string, extension: RegExp = /./): string[] =>
  [...walk(folder)].filter((path) => extension.test(path)).sort();

export const read = (path: string): string => readFileSync(join(root, path), 'utf8');

export interface Import {
  readonly specifier: string;
  /** Nothing of it is left at run time. */
  readonly typeOnly: boolean;
}

const remembered = <T>(make: (path: string) => T): ((path: string) => T) => {
  const known = new Map<string, T>();
  return (path) => {
    const found = known.get(path) ?? make(path);
    known.set(path, found);
    return found;
  };
};

const parse = remembered((path: string): ts.SourceFile => ts.createSourceFile(path, read(path), ts.ScriptTarget.Latest, true));

/** Static imports, re-exports, `import()`, `import('x')` in types, and `require()`. */
export function importsOf(path: string): Import[] {
  const found: Import[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      const clause = node.importClause;
      const named = clause?.namedBindings;
      const onlyTypes =
        clause !== undefined &&
        (clause.phaseModifier === ts.SyntaxKind.TypeKeyword ||
          (clause.name === undefined &&
            named !== undefined &&
            ts.isNamedImports(named) &&
            named.elements.every((item) => item.isTypeOnly)));
      found.push({ specifier: node.moduleSpecifier.text, typeOnly: onlyTypes });
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined && ts.isStringLiteral(node.moduleSpecifier)) {
      const clause = node.exportClause;
      const onlyTypes =
        node.isTypeOnly || (clause !== undefined && ts.isNamedExports(clause) && clause.elements.every((item) => item.isTypeOnly));
      found.push({ specifier: node.moduleSpecifier.text, typeOnly: onlyTypes });
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
      found.push({ specifier: node.argument.literal.text, typeOnly: true });
    } else if (
      ts.isCallExpression(node) &&
      (node.expression.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(node.expression) && node.expression.text === 'require'))
    ) {
      const [argument] = node.arguments;
      // What cannot be read here cannot be judged: a computed specifier counts as an import of anything.
      found.push({ specifier: argument !== undefined && ts.isStringLiteralLike(argument) ? argument.text : '*', typeOnly: false });
    }
    ts.forEachChild(node, visit);
  };
  visit(parse(path));
  return found;
}

/** Where a relative import leads, as a path of the tree; undefined for a package. */
export function resolveRelative(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  return relative(root, join(root, dirname(from), specifier)).replaceAll('\\', '/');
}

/** Exported names of an entry file that is an explicit list; `export *` is reported as `*`. */
export function exportedNames(path: string): { values: string[]; types: string[] } {
  const values: string[] = [];
  const types: string[] = [];
  for (const statement of parse(path).statements) {
    if (ts.isExportDeclaration(statement)) {
      const clause = statement.exportClause;
      if (clause === undefined) values.push('*');
      else if (ts.isNamespaceExport(clause)) values.push(clause.name.text);
      else for (const item of clause.elements) (statement.isTypeOnly || item.isTypeOnly ? types : values).push(item.name.text);
    } else if (ts.isExportAssignment(statement)) {
      values.push('default');
    } else if (ts.canHaveModifiers(statement) && ts.getModifiers(statement)?.some((item) => item.kind === ts.SyntaxKind.ExportKeyword)) {
      if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) types.push(statement.name.text);
      else if (ts.isVariableStatement(statement)) values.push(...statement.declarationList.declarations.map((item) => item.name.getText()));
      else if ((ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) && statement.name)
        values.push(statement.name.text);
    }
  }
  return { values: values.sort(), types: types.sort() };
}

/** The source without its comments: where forbidden words are looked for. */
export const codeOf: (path: string) => string = remembered((path) => ts.createPrinter({ removeComments: true }).printFile(parse(path)));
