// API.md without what is inherited from the CDK, which is most of it and explained there: a sentence leads to it instead.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');
const { name: library, types } = JSON.parse(await readFile(path.join(root, '.jsii'), 'utf8'));
const page = path.join(root, 'API.md');

const basesOf = ({ base, interfaces = [] }) => [base, ...interfaces].filter(Boolean);

/** The names of the members that a type has of this library, its bases in it included. */
function ownMembers(type) {
  const own = [...type.properties ?? [], ...type.methods ?? [], ...type.members ?? []].map(({ name }) => name);
  return new Set([...own, ...basesOf(type).flatMap((base) => types[base] ? [...ownMembers(types[base])] : [])]);
}

/** The types of other libraries that it extends. */
function foreignBases(type) {
  return [...new Set(basesOf(type).flatMap((base) => types[base] ? foreignBases(types[base]) : [base]))];
}

/** Whether an anchor is that of a member that comes from elsewhere, or of something in such a member. */
function isInherited(anchor) {
  const [, fqn, member] = new RegExp(`^(${library}\\.\\w+)\\.(?:property\\.)?(\\w+)`).exec(anchor) ?? [];
  return types[fqn] !== undefined && member !== 'Initializer' && !ownMembers(types[fqn]).has(member);
}

function whereToRead(fqn) {
  const bases = foreignBases(types[fqn]).map((base) => `[${base.replace(/^.*\./, '')}](https://docs.aws.amazon.com/cdk/api/v2/docs/${base}.html)`);
  return bases.length === 0 ? '' : `*What it has of ${bases.join(' and ')} is not repeated here.*\n\n`;
}

// a heading with its text, up to the next one
const sections = (await readFile(page, 'utf8')).split(/^(?=#{2,6} )/m);
assert(sections.some((section) => isInherited(/ id="([^"]*)"/.exec(section)?.[1] ?? '')), 'jsii-docgen has other anchors now');
const kept = sections
  .filter((section) => !isInherited(/^#.* id="([^"]*)"/.exec(section)?.[1] ?? ''))
  .map((section) => section.split('\n').filter((line) => !isInherited(/^\| <code><a href="#([^"]*)"/.exec(line)?.[1] ?? '')).join('\n'))
  .filter((section) => !/^#### .*\n\n\| \*\*Name.*\n\| --- .*\n\n(---\n\n)?$/.test(section)) // nothing is left of its table
  .map((section) => section.replace(/^(### \w+ <a name="\w+" id="([^"]*)"><\/a>\n\n)/, (heading, _, fqn) => types[fqn] ? heading + whereToRead(fqn) : heading));
await writeFile(page, kept.join(''));
