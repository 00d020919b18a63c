/** Every word that a person reads can be translated: found in the source as the compiler reads it. */

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

import ts from 'typescript';

import catalog from '../../../server_ext/locale/de_DE/LC_MESSAGES/jupyterlab_gatehouse.json';

const SOURCE = resolve(__dirname, '..');
/** Context (or not) and texts that each method takes before its values. */
const METHODS: Readonly<Record<string, { context: boolean; texts: number }>> = {
  __: { context: false, texts: 1 },
  _n: { context: false, texts: 2 },
  _p: { context: true, texts: 1 },
  _np: { context: true, texts: 2 }
};
/** Takes its messages from the settings' schemas, where `messages.py` finds them. */
const FROM_SCHEMAS = 'plugins/settings.ts';
/** The product's name, and code. */
const NOT_WORDS = ['Gatehouse', 'Gateway().new_cluster()'];
/** Attributes that are read aloud or shown. */
const SPOKEN = ['alt', 'aria-label', 'hint', 'label', 'placeholder', 'title', 'word', 'words'];

interface IFound {
  messages: string[];
  fixed: string[];
  literal: string[];
}

const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter(name => /\.tsx?$/.test(name) && !name.startsWith('__tests__'))
  .map(name => join(SOURCE, name));
const found = files.map(read);

/** Read one file: its messages as keys of the catalog, its calls whose text is not a literal, its words outside of calls. */
function read(path: string): IFound {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  const place = (node: ts.Node): string =>
    `${relative(SOURCE, path)}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1} ${node.getText()}`;
  const result: IFound = { messages: [], fixed: [], literal: [] };
  const visit = (node: ts.Node): void => {
    const method = ts.isCallExpression(node) && methodOf(node);
    if (method) {
      const texts = node.arguments.slice(0, method.texts + Number(method.context));
      const all = texts.filter(ts.isStringLiteralLike).map(({ text }) => text);
      if (all.length === texts.length) {
        result.messages.push(all.slice(0, 1 + Number(method.context)).join('\u0004'));
      } else if (relative(SOURCE, path) !== FROM_SCHEMAS) {
        result.literal.push(place(node));
      }
    }
    if (isFixed(node)) {
      result.fixed.push(place(node));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return result;
}

function methodOf({ expression }: ts.CallExpression): (typeof METHODS)[string] | undefined {
  return ts.isPropertyAccessExpression(expression) ? METHODS[expression.name.text] : undefined;
}

/** Say whether a node shows words that are always English. */
function isFixed(node: ts.Node): boolean {
  if (ts.isJsxText(node)) {
    return /[A-Za-z]/.test(node.text) && !NOT_WORDS.includes(node.text.trim());
  }
  if (!ts.isJsxAttribute(node) || !SPOKEN.includes(node.name.getText())) {
    return false;
  }
  const value = node.initializer;
  return value !== undefined && ts.isStringLiteral(value) && /[A-Za-z]/.test(value.text);
}

it('finds the source', () => {
  expect(found.flatMap(({ messages }) => messages).length).toBeGreaterThan(400);
});

it('has no message that is put together: a translator could not see it', () => {
  expect(found.flatMap(({ literal }) => literal)).toEqual([]);
});

it('has no words beside its messages', () => {
  expect(found.flatMap(({ fixed }) => fixed)).toEqual([]);
});

it('loses none on the way to the catalogs: `make messages`', () => {
  const known = new Set(Object.keys(catalog));
  expect(found.flatMap(({ messages }) => messages).filter(key => !known.has(key))).toEqual([]);
});
