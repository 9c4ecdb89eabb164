// After jsii, make an app start with little. Each export of index.js is loaded when it is asked for, as in aws-cdk-lib, so that an app
// without layers does not load the CDK's. jsii's source maps, which hold the sources, are removed: they are more than half of the output.
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

// `var artifact_1 = require("./artifact");` becomes an object that calls require when it is asked. The exports stay as TypeScript writes
// them, `get: function () { return artifact_1.Artifact; }`: Node finds no name in another getter, and import { Artifact } would fail.
function exportLazily(source) {
  const names = new Map([...source.matchAll(/\breturn (\w+)\.(\w+);/g)].map(([, module, name]) => [name, module]));
  const lazy = source.replace(/^var (\w+) = require\("(\.\/[\w/-]+)"\);$/gm, (_, module, file) => {
    const getters = [...names].filter(([, of]) => of === module).map(([name]) => `get ${name}() { return require("${file}").${name}; }`);
    return `var ${module} = { ${getters.join(', ')} };`;
  });
  const count = (pattern) => lazy.match(pattern)?.length ?? 0;
  const exported = count(/^Object\.defineProperty\(exports, (?!"__esModule")/gm);
  const isLazy = count(/\brequire\(/g) === exported && count(/^var \w+ = require/gm) === 0;
  assert(isLazy && names.size > 0, 'jsii writes index.js in another way');
  return lazy;
}
