// After jsii: what index.js exports is loaded when it is asked for, as in aws-cdk-lib. An app without layers does not load the CDK's.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

const file = path.join(import.meta.dirname, '..', 'lib', 'index.js');
const source = await readFile(file, 'utf8');
const modules = new Map([...source.matchAll(/^var (\w+) = require\("(\.\/[\w-]+)"\);\n/gm)].map(([, name, module]) => [name, module]));
const lazy = source
  .replace(/^var (\w+) = require\("\.\/[\w-]+"\);\n/gm, '')
  .replace(/\breturn (\w+)\.(\w+);/g, (_, name, property) => `return require("${modules.get(name)}").${property};`)
  .replace(/\n\/\/# sourceMappingURL=.*$/m, ''); // of other lines
const exported = source.match(/^Object\.defineProperty\(exports, (?!"__esModule")/gm).length;
assert(source.includes('get: function () { return require(') || lazy.match(/get: function \(\) \{ return require\("\.\//g)?.length === exported, 'jsii writes index.js in another way');
await writeFile(file, lazy);
