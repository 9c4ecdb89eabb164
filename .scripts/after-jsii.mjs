// After jsii: an app starts with little. What index.js exports is loaded when it is asked for, as in aws-cdk-lib, so that an app without
// layers does not load the CDK's; and jsii's source maps, inlined with the sources, are more than half of what is compiled.
import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

const lib = path.join(import.meta.dirname, '..', 'lib');
for (const name of (await readdir(lib, { recursive: true })).filter((file) => file.endsWith('.js'))) {
  const file = path.join(lib, name);
  const source = await readFile(file, 'utf8');
  const trimmed = source.replace(/\n\/\/# sourceMappingURL=data:\S*\s*$/, '\n');
  const output = name === 'index.js' ? exportLazily(trimmed) : trimmed;
  if (output !== source) await writeFile(file, output);
}

function exportLazily(source) {
  const modules = new Map([...source.matchAll(/^var (\w+) = require\("(\.\/[\w-]+)"\);$/gm)].map(([, name, module]) => [name, module]));
  const lazy = source
    .replace(/^var \w+ = require\("\.\/[\w-]+"\);\n/gm, '')
    .replace(/\breturn (\w+)\.(\w+);/g, (_, name, property) => `return require("${modules.get(name)}").${property};`);
  const count = (pattern) => lazy.match(pattern)?.length ?? 0;
  const isLazy = count(/get: function \(\) \{ return require\("\.\//g) === count(/^Object\.defineProperty\(exports, (?!"__esModule")/gm);
  assert(isLazy && !lazy.includes('undefined'), 'jsii writes index.js in another way');
  return lazy;
}
