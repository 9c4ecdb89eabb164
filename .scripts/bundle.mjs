// What runs outside of the user's app, each as one file. Run by the bundle task and, as global set-up, before vitest.
import { build } from 'esbuild';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');
const common = { absWorkingDir: root, bundle: true, platform: 'node', legalComments: 'eof', logLevel: 'warning' };

// an empty zip: the end of central directory record alone. Staged where nothing is built, see bundlingRequired
const EMPTY_ZIP = Buffer.from(['PK\x05\x06', ...Array(18).fill('\0')].join(''), 'latin1');

export async function setup() {
  await mkdir(path.join(root, 'lib/builder'), { recursive: true });
  await writeFile(path.join(root, 'lib/builder/placeholder.zip'), EMPTY_ZIP);
  await Promise.all([
    build({
      ...common,
      entryPoints: ['lib/core/artifact-process.ts'],
      outfile: 'lib/builder/index.mjs',
      format: 'esm',
      target: 'node20',
      minify: true,
      external: ['../../package.json'],
      banner: { js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url),__dirname=import.meta.dirname;" },
    }),
    // readable: platform engineers review what runs in their account; the SDK is the Lambda runtime's
    build({
      ...common,
      entryPoints: ['lib/core/publish-handler.ts'],
      outfile: 'lib/publication-handler/index.js',
      format: 'cjs',
      target: 'node22',
      external: ['@aws-sdk/*'],
    }),
  ]);
}

if (process.argv[1] === import.meta.filename) await setup();
