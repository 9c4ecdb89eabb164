// After jsii, make an app start with little: what it loads becomes one file, because a hundred small ones take longer to find and read than
// to run. In it each export is loaded when it is asked for, as in aws-cdk-lib, so that an app without layers runs nothing of theirs.
import { build } from 'esbuild';
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

const lib = path.join(import.meta.dirname, '..', 'lib');
const BUNDLE = './bundled/constructs/index.js';

// `import * as fs` copies the properties of the module, in each file: the others are written to be taken as they are, and so is Node
const HELPERS = /^var __createBinding = [^]*?^var __importStar = [^]*?^\}\)\(\);\n/m;
const asItWas = {
  name: 'as-it-was',
  setup: ({ onLoad }) => onLoad({ filter: /\.js$/ }, async ({ path: file }) => {
    if (!file.startsWith(lib)) return undefined;
    const source = await readFile(file, 'utf8');
    const folder = path.relative(path.join(lib, path.dirname(BUNDLE)), path.dirname(file)).split(path.sep).join('/');
    const contents = source.replace(HELPERS, '').replace(/__importStar\((require\("[^"]+"\))\)/g, '$1')
      .replace(/(?<![\w.])__dirname(?!\w)/g, `require("node:path").join(__dirname, "${folder}")`);
    assert(!/\b__import(Star|Default)\b/.test(contents), `jsii imports in another way in ${file}`);
    return { contents };
  }),
};

const index = path.join(lib, 'index.js');
const lazy = exportLazily((await readFile(index, 'utf8')).replace(/\n\/\/# sourceMappingURL=data:\S*\s*$/, '\n'));
await build({
  absWorkingDir: path.dirname(lib),
  stdin: { contents: lazy, sourcefile: 'index.js', resolveDir: lib },
  outfile: path.join(lib, BUNDLE),
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'esnext', // as jsii wrote it
  resolveExtensions: ['.js'], // what jsii has made of the sources: it tells its own languages what a class is
  external: ['aws-cdk-lib', 'constructs', '../../../package.json'],
  logLevel: 'warning',
  keepNames: true,
  plugins: [asItWas],
});

await writeFile(index, lazy.replace(/\brequire\("[^"]+"\)/g, `require("${BUNDLE}")`));

// `var artifact_1 = require("./artifact");` becomes an object that calls require when it is asked. The exports stay as TypeScript writes
// them, `get: function () { return artifact_1.Artifact; }`: Node finds no name in another getter, and import { Artifact } would fail.
function exportLazily(text) {
  const names = new Map([...text.matchAll(/\breturn (\w+)\.(\w+);/g)].map(([, module, name]) => [name, module]));
  const lazy = text.replace(/^var (\w+) = require\("(\.\/[\w/-]+)"\);$/gm, (_, module, file) => {
    const getters = [...names].filter(([, of]) => of === module).map(([name]) => `get ${name}() { return require("${file}").${name}; }`);
    return `var ${module} = { ${getters.join(', ')} };`;
  });
  const count = (pattern) => lazy.match(pattern)?.length ?? 0;
  const exported = count(/^Object\.defineProperty\(exports, (?!"__esModule")/gm);
  const isLazy = count(/\brequire\(/g) === exported && count(/^var \w+ = require/gm) === 0;
  assert(isLazy && names.size > 0, 'jsii writes index.js in another way');
  return lazy;
}
