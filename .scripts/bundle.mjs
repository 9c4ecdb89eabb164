// What runs outside of the user's app, and the pipeline's API. Run by the bundle task and, as global set-up, before vitest.
import { build } from 'esbuild';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');
const common = { absWorkingDir: root, bundle: true, platform: 'node', legalComments: 'eof', logLevel: 'warning', external: ['../../../package.json', 'xmlbuilder2'] }; // the latter of CycloneDX's library, which writes XML with it

// an empty zip: the end of central directory record alone. Staged where nothing is built, see bundlingRequired
const EMPTY_ZIP = Buffer.from(['PK\x05\x06', ...Array(18).fill('\0')].join(''), 'latin1');

export async function setup() {
  await mkdir(path.join(root, 'lib/bundled'), { recursive: true });
  await writeFile(path.join(root, 'lib/bundled/placeholder.zip'), EMPTY_ZIP);
  await Promise.all([
    bundlePrograms(),
    // readable: platform engineers review what runs in their account; the SDK is the Lambda runtime's
    build({
      ...common,
      entryPoints: ['lib/core/publish/handler.ts'],
      outfile: 'lib/bundled/handler/index.js',
      format: 'cjs',
      target: 'node22',
      external: [...common.external, '@aws-sdk/*'],
      supported: { 'dynamic-import': false }, // as require()
    }),
    // CommonJS, and require() for import(): the users' jest loads nothing else. The SDK is the user's, as the client is
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

/** The builder process and the command share most of what they are made of; the SDK is in chunks of its own, which only S3 loads. */
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
    mainFields: ['module', 'main'], // the SDK as ES modules: names of a CommonJS one are lost in import()
    banner: { js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url),__dirname=import.meta.dirname;" },
    metafile: true,
  });
  const written = new Set(Object.keys(metafile.outputs).map((file) => path.basename(file)));
  const folder = path.join(root, 'lib/bundled/builder');
  const stale = (await readdir(folder)).filter((name) => name.endsWith('.mjs') && !written.has(name)); // would be packed
  await Promise.all(stale.map((name) => rm(path.join(folder, name), { force: true })));
}

if (process.argv[1] === import.meta.filename) await setup();
