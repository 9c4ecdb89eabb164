// Bundle the programs that run outside of the user's app, and the pipeline's API. The bundle task runs this, and vitest as global set-up.
import { build } from 'esbuild';
import { access, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');
// CycloneDX's library writes XML with this optional library. Our bill of materials is JSON.
const withoutXml = {
  name: 'without-xml',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^xmlbuilder2$/ }, ({ path: name }) => ({ path: name, namespace: 'without-xml' }));
    onLoad({ filter: /.*/, namespace: 'without-xml' }, () => ({ contents: 'module.exports = {};' }));
  },
};
// import() of ours is written with .js, which may lie there as the last compilation left it: the source is meant
const ofSource = {
  name: 'of-source',
  setup: ({ onResolve }) => onResolve({ filter: /^\.\.?\/.*\.js$/ }, async ({ path: name, resolveDir }) => {
    const file = path.join(resolveDir, name.replace(/\.js$/, '.ts'));
    if (!resolveDir.startsWith(path.join(root, 'lib'))) return undefined;
    return await access(file).then(() => true, () => false) ? { path: file } : undefined;
  }),
};
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  legalComments: 'eof',
  metafile: true,
  logLevel: 'warning',
  external: ['../../../package.json'],
  plugins: [withoutXml, ofSource],
};

// an empty zip is an end of central directory record. It is staged if nothing is built, see isBuilding
const EMPTY_ZIP = Buffer.from(['PK\x05\x06', ...Array(18).fill('\0')].join(''), 'latin1');

/** @param project vitest's: its tests are told what is bundled */
export async function setup(project) {
  await mkdir(path.join(root, 'lib/bundled'), { recursive: true });
  await writeFile(path.join(root, 'lib/bundled/placeholder.zip'), EMPTY_ZIP);
  // the path that the publishing function had before lib/bundled, for those who load it there
  await mkdir(path.join(root, 'lib/publication-handler'), { recursive: true });
  await writeFile(path.join(root, 'lib/publication-handler/index.js'), 'module.exports = require(\'../bundled/handler/index.js\');\n');
  const built = await Promise.all([
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
  const inputs = [...new Set(built.flatMap(({ metafile }) => Object.keys(metafile.inputs)))].sort();
  await writeLicenses(inputs);
  project?.provide('bundledFiles', inputs);
}

/** The licences of what is bundled: they ask to be handed on with it. */
async function writeLicenses(inputs) {
  const folders = new Set(inputs.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []));
  const packages = await Promise.all([...folders].map(async (folder) => {
    const read = (file) => readFile(path.join(root, folder, file), 'utf8');
    const { name, version, license, author, homepage } = JSON.parse(await read('package.json'));
    const files = await readdir(path.join(root, folder));
    const texts = await Promise.all(files.filter((file) => /^(licen[cs]e|copying|notice)/i.test(file)).sort().map(read));
    const readme = files.find((file) => /^readme\.md$/i.test(file));
    if (texts.length === 0 && readme) texts.push(/^#+ licen[cs]e\b.*/ims.exec(await read(readme))?.[0] ?? '');
    const by = [author?.name ?? author, homepage].filter(Boolean).join(', ');
    return { title: `${name} ${version}: ${license}${by && `, ${by}`}`, text: texts.map((text) => text.trim()).join('\n\n') };
  }));
  const byText = new Map();
  for (const item of packages) byText.set(item.text, [...byText.get(item.text) ?? [], item]);
  const sections = [...byText].map(([text, of]) => `${[...new Set(of.map(({ title }) => title))].sort().join('\n')}\n\n${text}`.trim()).sort();
  const head = 'What the files in this folder contain of others, and under which licences';
  await writeFile(path.join(root, 'lib/bundled/THIRD-PARTY-LICENSES'), `${[head, ...sections].join(`\n\n${'-'.repeat(78)}\n\n`)}\n`);
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
  });
  const written = new Set(Object.keys(metafile.outputs).map((file) => path.basename(file)));
  const folder = path.join(root, 'lib/bundled/builder');
  const stale = (await readdir(folder)).filter((name) => name.endsWith('.mjs') && !written.has(name)); // would be packed
  await Promise.all(stale.map((name) => rm(path.join(folder, name), { force: true })));
  return { metafile };
}

if (process.argv[1] === import.meta.filename) await setup();
