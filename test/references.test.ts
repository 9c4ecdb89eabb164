import * as fs from 'node:fs';
import * as path from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { REFERENCES } from '../lib/core/base/references';
import { inWords } from '../lib/core/base/words';

const ROOT = path.join(__dirname, '..');
const KEYS = Object.keys(REFERENCES);
const SOURCES = fs.readdirSync(path.join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' }).filter((name) => /(?<!\.d)\.ts$/.test(name)).map((name) => {
  const file = path.join(ROOT, 'lib', name);
  return { name, source: ts.createSourceFile(file, fs.readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true) };
});

function nodesOf(node: ts.Node): ts.Node[] {
  return [node, ...node.getChildren().flatMap(nodesOf)];
}

const HELPERS = ['refusal', 'refuse', 'refused', 'refuseFolder'];

/** Where a message gets its name: `reference: …`, `const reference = …`, and the first argument of a helper that makes an error. */
function referenceIn(node: ts.Node): ts.Expression | undefined {
  if ((ts.isPropertyAssignment(node) || ts.isVariableDeclaration(node)) && node.name.getText() === 'reference') return node.initializer;
  if (ts.isCallExpression(node) && HELPERS.includes(node.expression.getText())) return node.arguments[0];
  return undefined;
}

/** The strings that an expression may be. */
function stringsOf(expression: ts.Expression): string[] {
  if (ts.isStringLiteral(expression)) return [expression.text];
  return ts.isConditionalExpression(expression) ? [expression.whenTrue, expression.whenFalse].flatMap(stringsOf) : [];
}

describe('the names of messages', () => {
  test('are sorted, each once, in kebab-case', () => {
    const source = fs.readFileSync(path.join(ROOT, 'lib', 'core', 'base', 'references.ts'), 'utf8');
    const written = [...source.matchAll(/^ {2}'?([^\s':]+)'?: '\w+',$/gm)].map(([, key]) => key);
    expect(written).toEqual([...new Set(KEYS)].sort());
    expect(written.filter((key) => !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(key))).toEqual([]);
  });

  test('are those that messages have, no more and no less', () => {
    const used = SOURCES.flatMap(({ source }) => nodesOf(source)).map(referenceIn).flatMap((expression) => expression ? stringsOf(expression) : []);
    // the command's own, for what is no ArtifactError
    expect([...new Set(used)].filter((name) => name !== 'unexpected').sort()).toEqual(KEYS);
  });

  test('have a section each in docs/errors.md, of its kind and two sentences at least', () => {
    const sections = fs.readFileSync(path.join(ROOT, 'docs', 'errors.md'), 'utf8').split(/^## /m).slice(1).map((section) => [section.slice(0, section.indexOf('\n')).trim(), section.slice(section.indexOf('\n'))]);
    expect(sections.map(([heading]) => heading)).toEqual([...KEYS, 'unexpected'].sort());
    expect(sections.filter(([, text]) => (text.match(/[.:!?](?=\s|$)/gm) ?? []).length < 2).map(([heading]) => heading)).toEqual([]);
    const kinds = sections.map(([heading, text]) => [heading, /^\s*Kind: `(\w+)`\. /.exec(text)?.[1]]).filter(([heading]) => heading !== 'unexpected');
    expect(Object.fromEntries(kinds), 'the code of each').toEqual(REFERENCES);
  });
});

test('each placeholder of a message is an option', () => {
  const isText = (node: ts.Node) => ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node) || ts.isTemplateExpression(node);
  const texts = SOURCES.filter(({ name }) => !name.endsWith('words.ts')).flatMap(({ name, source }) => nodesOf(source).filter(isText).map((node) => [name, node.getText()]));
  const placeholders = texts.flatMap(([name, text]) => [...text.matchAll(/(?<!\$)\{[A-Za-z][A-Za-z0-9]*(=(\$\{[^}]*\}|[^{}])*)?\}/g)].map(([placeholder]) => ({ name, placeholder })));
  expect(placeholders.length).toBeGreaterThan(30);
  expect(placeholders.filter(({ placeholder }) => inWords(placeholder.replace(/\$\{[^}]*\}/g, 'x'), () => '') !== '')).toEqual([]);
});
