/**
 * The loader in one file in which every branch counts: `globalThis.holdfastBranches` is a Uint8Array with one cell for each
 * function body, branch and loop, set to 1 when it has run.
 */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { build } from 'esbuild';
import ts from 'typescript';

const COUNTED = ['conf', 'base'].map((room) => sep + join('dist', 'src', room) + sep);

/** Builds from what tsc has made; gives the path of the file. */
export async function buildInstrumented(): Promise<string> {
  const outfile = join('dist', 'fuzz', `target-${process.pid}.mjs`);
  mkdirSync(join('dist', 'fuzz'), { recursive: true });
  let cells = 0;
  const built = await build({
    entryPoints: [join('dist', 'test', 'fuzz', 'target.js')],
    bundle: true,
    write: false,
    outfile,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    banner: { js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);" },
    plugins: [
      {
        name: 'count branches',
        setup(hooks) {
          hooks.onLoad({ filter: /\.js$/ }, ({ path }) => {
            if (!COUNTED.some((folder) => path.includes(folder))) return undefined;
            const counted = countBranches(readFileSync(path, 'utf8'), cells);
            ({ cells } = counted);
            return { contents: counted.text, loader: 'js' };
          });
        },
      },
    ],
  });
  const [file] = built.outputFiles;
  writeFileSync(outfile, `globalThis.holdfastBranches = new Uint8Array(${cells});\n${file?.text ?? ''}`);
  return outfile;
}

/** A piece of text to put in; `closes`: it ends what an earlier one at another place began. */
interface Insert {
  readonly at: number;
  readonly what: string;
  readonly closes: boolean;
}

/** The text with a counter in front of every branch, numbered from `first`. */
function countBranches(text: string, first: number): { readonly text: string; readonly cells: number } {
  const source = ts.createSourceFile('module.js', text, ts.ScriptTarget.ES2022, true);
  let cells = first;
  const inserts: Insert[] = [];
  function mark(): string {
    cells += 1;
    return `holdfastBranches[${cells - 1}]=1`;
  }
  function around(node: ts.Node, open: string, close: string): void {
    inserts.push({ at: node.getStart(source), what: open, closes: false }, { at: node.getEnd(), what: close, closes: true });
  }
  function visit(node: ts.Node): void {
    if (ts.isBlock(node)) {
      inserts.push({ at: node.getStart(source) + 1, what: `${mark()};`, closes: false });
    } else if (ts.isCaseOrDefaultClause(node)) {
      const [statement] = node.statements;
      if (statement !== undefined) inserts.push({ at: statement.getStart(source), what: `${mark()};`, closes: false });
    } else if (ts.isConditionalExpression(node)) {
      for (const branch of [node.whenTrue, node.whenFalse]) around(branch, `(${mark()},`, ')');
    } else if (ts.isIfStatement(node)) {
      for (const branch of [node.thenStatement, node.elseStatement]) {
        if (branch !== undefined && !ts.isBlock(branch)) around(branch, `{${mark()};`, '}');
      }
    } else if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) {
      around(node.body, `(${mark()},`, ')');
    } else if (ts.isBinaryExpression(node) && LOGICAL.has(node.operatorToken.kind)) {
      around(node.right, `(${mark()},`, ')');
    }
    ts.forEachChild(node, visit);
  }
  visit(source);
  return { text: insertAll(text, inserts), cells };
}

/** `inserts` from the outermost to the innermost node: at one place inner ones end before outer ones, which begin before them. */
function insertAll(text: string, inserts: readonly Insert[]): string {
  const ranked = inserts.map((insert, rank) => ({ ...insert, rank }));
  ranked.sort((a, b) => {
    if (a.at !== b.at) return a.at - b.at;
    if (a.closes !== b.closes) return a.closes ? -1 : 1;
    return a.closes ? b.rank - a.rank : a.rank - b.rank;
  });
  let result = '';
  let from = 0;
  for (const { at, what } of ranked) {
    result += text.slice(from, at) + what;
    from = at;
  }
  return result + text.slice(from);
}

const LOGICAL: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.AmpersandAmpersandToken,
  ts.SyntaxKind.BarBarToken,
  ts.SyntaxKind.QuestionQuestionToken,
]);
