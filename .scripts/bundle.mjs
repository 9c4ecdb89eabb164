// Bundle the programs that run outside of the user's app, and the pipeline's API. The bundle task runs this, and vitest as global set-up.
import { build } from 'esbuild';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  legalComments: 'eof',
  logLevel: 'warning',
  external: ['../../../package.json', 'xmlbuilder2'], // CycloneDX's library writes XML with the latter, which we do not
};

// an empty zip is an end of central directory record. It is staged if nothing is built, see isBuilding
const EMPTY_ZIP = Buffer.from(['PK\x05\x06', ...Array(18).fill('\0')].join(''), 'latin1');

export async function setup() {
  await mkdir(path.join(root, 'lib/bundled'), { recursive: true });
  await writeFile(path.join(root, 'lib/bundled/placeholder.zip'), EMPTY_ZIP);
  // where the publishing function has been from the start: checks of users call it by this path
  await mkdir(path.join(root, 'lib/publication-handler'), { recursive: true });
  await writeFile(path.join(root, 'lib/publication-handler/index.js'), 'module.exports = require(\'../bundled/handler/index.js\');\n');
  await Promise.all([
    bundlePrograms(),
    // not minified: platform engineers review what runs in their account. The SDK is the Lambda runtime's
    build({
      ...common,
      entryPoints: ['lib/core/publish/handler.ts'],
      outfile: 'lib/bundled/handler/index.js',
      format: 'cjs',
      target: 'node22',
      external: [...common.external, '@aws-sdk/*'],
      supported: { 'dynamic-import': false }, // as require()
    }),
    // CommonJS, and require() for import(): the users' jest loads nothing else. The SDK is the user's, because the client is
    build({
      ...common,
      entryPoints: ['lib/pipeline/api.ts'],
      outfile: 'lib/bundled/pipeline/index.js',
      format: 'cjs',
      target: 'node20',
      minify: true,
      keepNames: true,
      external: [...common.external, '@aws-sdk/*'],
      supported: { 'dynamic-import': false },
    }),
  ]);
}

/** The builder process and the command share most of their chunks. The SDK is in chunks of its own, which are loaded for S3 only. */
async function bundlePrograms() {
  const { metafile } = await build({
    ...common,
    entryPoints: { 'builder/index': 'lib/core/builder/main.ts', 'cli/index': 'lib/cli/main.ts' },
    outdir: 'lib/bundled',
    outExtension: { '.js': '.mjs' },
    chunkNames: 'builder/[name]-[hash]',
    splitting: true,
    format: 'esm',
    target: 'node20',
    minify: true,
    mainFields: ['module', 'main'], // the SDK as ES modules: import() of a CommonJS module has no names
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';"
        + 'const require=__createRequire(import.meta.url),__dirname=import.meta.dirname;',
    },
    metafile: true,
  });
  const written = new Set(Object.keys(metafile.outputs).map((file) => path.basename(file)));
  const folder = path.join(root, 'lib/bundled/builder');
  const stale = (await readdir(folder)).filter((name) => name.endsWith('.mjs') && !written.has(name)); // would be packed
  await Promise.all(stale.map((name) => rm(path.join(folder, name), { force: true })));
}

if (process.argv[1] === import.meta.filename) await setup();
