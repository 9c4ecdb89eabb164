// npm run bench -- [--rounds 5] [--only requests,flask] [--no-layers] [--check] | --only-cold-start [--rounds 5] [--plot]
// How long this library takes, beside the tools that one would use otherwise: on this machine, in turn, medians of several rounds.
// Needs a compiled library (npm run compile) and, the first time, PyPI.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { COLD_START_BARS, describeColdStart, measureColdStart, writePlots } from './cold-start.mjs';
import { prepareLayers } from './layers.mjs';
import { measureMemory } from './memory.mjs';
import {
  FOLDER, NAMES, NEWEST_CDK, PIP, prepareBackend, prepareCdk, prepareProject, prepareTools, PYTHON, run, runtimeOf, UV, writeThreeFiles,
} from './machine.mjs';

const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, only: { type: 'string', default: NAMES.join() }, layers: { type: 'boolean', default: true }, check: { type: 'boolean', default: false }, 'only-cold-start': { type: 'boolean', default: false }, plot: { type: 'boolean', default: false } },
  allowNegative: true,
});
const rounds = Number(options.rounds);
const names = options.only.split(',').map((name) => name.trim());
const unknown = names.filter((name) => !NAMES.includes(name));
if (unknown.length > 0 || !(rounds > 0)) fail(`--only takes ${NAMES.join(', ')}; --rounds a number`);

const LIB = path.join(import.meta.dirname, '..', '..', 'lib');
if (!['index.js', 'bundled/constructs/index.js', 'bundled/builder/index.mjs'].every((name) => fs.existsSync(path.join(LIB, name)))) fail('the library is not compiled: npm run compile');
const newer = fs.readdirSync(LIB, { recursive: true, encoding: 'utf8' }).filter((name) => {
  const [source, output] = [name, name.replace(/\.ts$/, '.js')].map((file) => fs.statSync(path.join(LIB, file), { throwIfNoEntry: false })?.mtimeMs);
  return /(?<!\.d)\.ts$/.test(name) && output !== undefined && source > output;
});
if (newer.length > 0) console.error(`older than its sources, npm run compile: ${newer.join(', ')}`);

fs.mkdirSync(FOLDER, { recursive: true });
if (options['only-cold-start']) {
  const folder = fs.mkdtempSync(path.join(FOLDER, 'work-'));
  try {
    const measured = measureColdStart({ work: folder, lib: LIB, rounds, log: console.error });
    console.log(describeColdStart(measured));
    for (const [title, value, bar] of coldStartBars(measured)) console.log(`${value <= bar ? 'holds' : 'FAILS'}  ${title}: ${value.toFixed(3)}×, at most ${bar}×`);
    if (options.plot) writePlots(measured, path.join(LIB, '..', 'docs', 'images'));
  } finally {
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
  process.exit();
}
const machine = prepareTools();
const APP = prepareCdk(path.join(LIB, '..'));
const work = fs.mkdtempSync(path.join(FOLDER, 'work-'));
process.on('exit', () => fs.rmSync(work, { recursive: true, force: true, maxRetries: 3 }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
const cache = path.join(work, 'cache');
const env = { ...process.env, VIRTUAL_ENV: undefined, PIP_DISABLE_PIP_VERSION_CHECK: '1', PIP_SOURCE_ARTIFACT_CACHE_DIR: cache, JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '20', CDK_VALIDATION: 'false', RUNTIME: runtimeOf(PYTHON) };

let temporary = 0;
const fresh = () => path.join(work, `t${temporary++}`);

/** Seconds of a whole process, and what it printed. */
async function time(file, args, more = {}) {
  const started = performance.now();
  const output = await new Promise((resolve, reject) => {
    execFile(file, args, { env, maxBuffer: 64 * 1024 * 1024, ...more }, (error, stdout) => error ? reject(error) : resolve(stdout));
  });
  return { seconds: (performance.now() - started) / 1000, output };
}

/**
 * An app with the newest CDK. Each scenario has a folder of its own to run in, which the library remembers, and in it cdk.out, which stays
 * from one synth to the next as it does for users: the CDK copies and hashes less then.
 */
async function runApp(scenario, question, more = {}) {
  const cwd = path.join(work, 'apps', scenario);
  fs.mkdirSync(cwd, { recursive: true });
  const { seconds, output } = await time(
    process.execPath, [path.join(import.meta.dirname, 'app.mjs'), JSON.stringify({ ...question, python: PYTHON })],
    { cwd, env: { ...env, APP, CDK_OUTDIR: path.join(cwd, 'cdk.out'), ...more } },
  );
  return { whole: seconds, ...JSON.parse(output) };
}

/** As its user synthesizes it: by the CDK CLI, which starts the app. */
async function synthesize(scenario, question) {
  const cwd = path.join(work, 'apps', scenario);
  const app = `node '${path.join(import.meta.dirname, 'app.mjs')}' '${JSON.stringify({ ...question, python: PYTHON })}'`;
  const args = ['synth', '--quiet', '--no-notices', '--output', path.join(cwd, 'cdk.out'), '--app', app];
  const { seconds } = await time(CDK, args, { cwd, env: { ...env, APP, ...WITHOUT_ACCOUNT } });
  return seconds;
}
const CDK = path.join(LIB, '..', 'node_modules', '.bin', 'cdk');
// else the CLI looks for credentials for seconds
const WITHOUT_ACCOUNT = { CDK_DISABLE_CLI_TELEMETRY: 'true', AWS_ACCESS_KEY_ID: 'none', AWS_SECRET_ACCESS_KEY: 'none', AWS_REGION: 'us-east-1', AWS_EC2_METADATA_DISABLED: 'true' };

let edits = 0;
const change = (module) => fs.appendFileSync(module, `# ${edits++}\n`);

// in a Python that runs already: its start and imports are not counted
const GUIDE_TOOL = `
import sys, time, pathlib
from aws_lambda_artifact_builder.source import build_source_artifacts_using_pip, create_source_zip
pip, manifest, folder, archive = map(pathlib.Path, sys.argv[1:])
started = time.perf_counter()
build_source_artifacts_using_pip(path_bin_pip=pip, path_setup_py_or_pyproject_toml=manifest, dir_lambda_source_build=folder, skip_prompt=True, verbose=False)
create_source_zip(dir_lambda_source_build=folder, path_source_zip=archive, verbose=False)
print(time.perf_counter() - started)
`;

// what no fingerprint of content can do without: the files found, read and hashed, in a Node that has just started
const READ_AND_HASH = `
const [fs, path, { hash }] = ['fs', 'path', 'crypto'].map(require);
const started = performance.now();
for (const item of fs.readdirSync(process.argv[1], { recursive: true, withFileTypes: true })) {
  if (item.isFile()) hash('sha256', fs.readFileSync(path.join(item.parentPath, item.name)));
}
console.log((performance.now() - started) / 1000);
`;

// the backend's own time: its hook, in an environment that has all of it
const BACKEND = `
import importlib, sys, tomllib
system = tomllib.load(open("pyproject.toml", "rb")).get("build-system", {})
module, _, attribute = system.get("build-backend", "setuptools.build_meta:__legacy__").partition(":")
backend = importlib.import_module(module)
(getattr(backend, attribute) if attribute else backend).build_wheel(sys.argv[1])
`;

const manifestOf = (project) => ['pyproject.toml', 'setup.py'].map((name) => path.join(project, name)).find((file) => fs.existsSync(file));

/** Before each build of the others, not timed: nothing that an earlier one left behind must make it faster. */
function clean(project) {
  for (const name of fs.readdirSync(project)) if (name === 'build' || /\.egg-info$/.test(name) && !fs.existsSync(path.join(project, 'PKG-INFO'))) fs.rmSync(path.join(project, name), { recursive: true });
  fs.utimesSync(manifestOf(project), new Date(), new Date()); // uv else takes the wheel of its last build
}

async function installAndZip(file, args, project) {
  clean(project);
  const [target, archive] = [fresh(), `${fresh()}.zip`];
  const { seconds } = await time(file, [...args, project, '--no-deps', '--target', target], { cwd: project });
  const zipped = await time('zip', [archive, '-r', '-9', '-q', '.'], { cwd: target });
  for (const item of [target, archive]) fs.rmSync(item, { recursive: true, force: true });
  return seconds + zipped.seconds;
}

// each row: what it is, and how long it takes for a project; every app has one small artifact more, before it,
// but that of the first time, whose build environment it would make
const first = writeThreeFiles(path.join(work, 'first', 'first'), 'first');
const ROWS = {
  unchanged: ({ name, copies }) => runApp(name, { kind: 'ours', first, entries: [copies.ours] }),
  changed: ({ name, copies, module }) => {
    change(module);
    return runApp(name, { kind: 'ours', first, entries: [copies.ours] });
  },
  first: async ({ name, copies }) => {
    const folder = fresh();
    const times = await runApp(`${name} first`, { kind: 'ours', entries: [copies.ours] }, { PIP_SOURCE_ARTIFACT_CACHE_DIR: folder });
    fs.rmSync(folder, { recursive: true, force: true });
    return times;
  },
  asset: ({ name, built }) => runApp(`${name} asset`, { kind: 'asset', first, entries: [built] }),
  synth: ({ name, copies }) => synthesize(name, { kind: 'ours', first, entries: [copies.ours] }),
  'asset synth': ({ name, built }) => synthesize(`${name} asset`, { kind: 'asset', first, entries: [built] }),
  floor: async ({ copies }) => Number((await time(process.execPath, ['-e', READ_AND_HASH, copies.ours])).output),
  backend: async ({ name, copies, built }) => {
    clean(copies.backend);
    const [folder, archive] = [fresh(), `${fresh()}.zip`];
    fs.mkdirSync(folder);
    const hook = await time(prepareBackend(copies.backend, name), ['-c', BACKEND, folder], { cwd: copies.backend });
    const zipped = await time('zip', [archive, '-r', '-9', '-q', '.'], { cwd: built });
    for (const item of [folder, archive]) fs.rmSync(item, { recursive: true, force: true });
    return hook.seconds + zipped.seconds;
  },
  pip: ({ copies }) => installAndZip(PYTHON, ['-m', 'pip', 'install', '--quiet'], copies.pip),
  uv: ({ copies }) => installAndZip(UV, ['pip', 'install', '--quiet', '--python', PYTHON], copies.uv),
  guide: async ({ copies }) => {
    clean(copies.guide);
    const folder = fresh();
    const { output } = await time(PYTHON, ['-c', GUIDE_TOOL, PIP, manifestOf(copies.guide), path.join(folder, 'build'), path.join(folder, 'source.zip')]);
    fs.rmSync(folder, { recursive: true, force: true });
    return Number(output.trim().split('\n').at(-1));
  },
};

/** What is short, several times in a round and close together: a machine that others use is at times slower. */
async function repeat(...runs) {
  for (let i = 0; i < 3; i++) for (const run of runs) await run();
}

const SHORT = ['unchanged', 'asset', 'synth', 'asset synth', 'floor'];

const samples = new Map();
const add = (key, seconds) => samples.set(key, [...samples.get(key) ?? [], seconds]);
function median(key) {
  const sorted = [...samples.get(key)].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
}

const projects = names.map((name) => prepareProject(name, work));
for (const project of projects) {
  project.built = path.join(work, 'built', project.name.replace(' ', '-'));
  run(PYTHON, ['-m', 'pip', 'install', '--quiet', '--no-deps', '--no-compile', '--target', project.built, project.copies.pip], { env });
  await ROWS.unchanged(project); // fills the cache, and cdk.out
  await ROWS.asset(project);
  await ROWS.backend(project);
}
// the apps of many artifacts: of up to ten projects
const many = [...projects.filter(({ name }) => name !== 'django').map(({ copies }) => copies.ours)];
for (let i = 0; many.length < 10; i++) many.push(writeThreeFiles(path.join(work, 'more', `more${i}`), `more${i}`));
const COUNTS = [0, 1, 10, 100];
const runMany = (count) => runApp('many', { kind: count === 0 ? 'none' : 'ours', entries: many, count });
await runMany(10);
// what is changed at the same time: django's build alone takes longer than all others one after the other
const several = projects.filter(({ name }) => name !== 'django');
const runSeveral = () => runApp('several', { kind: 'ours', first, entries: several.map(({ copies }) => copies.ours) });
await runSeveral();

const layers = options.layers ? await prepareLayers({ work, time, runApp, fresh, add, first, repeat }) : undefined;

for (let round = 0; round < rounds; round++) {
  console.error(`round ${round + 1} of ${rounds}`);
  for (const project of projects) {
    const measure = async (row) => {
      const times = await ROWS[row](project);
      for (const [part, seconds] of Object.entries(typeof times === 'number' ? { whole: times } : times)) add(`${project.name} ${row} ${part}`, seconds);
    };
    const rows = Object.keys(ROWS).filter((row) => !SHORT.includes(row));
    for (const row of [...rows.slice(round % rows.length), ...rows.slice(0, round % rows.length)]) await measure(row);
    await ROWS.unchanged(project); // settles the disk, and what `changed` has left
    await repeat(...SHORT.map((row) => () => measure(row)));
  }
  await layers?.round(round);
  await runMany(10); // the changed ones among them are built before
  await repeat(...COUNTS.map((count) => async () => add(`many ${count}`, (await runMany(count)).whole)));
  for (const { module } of several) change(module);
  if (several.length > 1) add('several', (await runSeveral()).constructor);
}

const coldStart = options.layers ? measureColdStart({ work, lib: LIB, rounds }) : undefined;
if (coldStart && options.plot) writePlots(coldStart, path.join(LIB, '..', 'docs', 'images'));
const memory = options.layers ? await measureMemory(work, LIB, env) : [];

// --- the report
const table = (head, rows) => [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
const seconds = (key) => median(key) < 0.1 ? `${(median(key) * 1000).toFixed(0)} ms` : `${median(key).toFixed(2)} s`;
const row = (title, key) => [title, ...names.map((name) => seconds(`${name} ${key}`))];
const ratio = (title, key, other) => [title, ...names.map((name) => `${(median(`${name} ${key}`) / median(`${name} ${other}`)).toFixed(2)}×`)];
console.log(`${machine}, ${NEWEST_CDK} with cdk.out kept between synths; medians of ${rounds} rounds, in turn\n`);
console.log(table(['', ...names], [
  row('unchanged: the constructor', 'unchanged constructor'),
  row('changed: the constructor', 'changed constructor'),
  row('first time, nothing in the cache: the constructor', 'first constructor'),
  row('its source tree found, read and hashed by Node alone', 'floor whole'),
  row('`Code.fromAsset` of the built folder: constructor of the function', 'asset constructor'),
  row('- the small one before it, with which the CDK loads what it needs', 'unchanged first'),
  row('- the same with `Code.fromAsset`', 'asset first'),
  row('unchanged: the whole app', 'unchanged whole'),
  row('changed: the whole app', 'changed whole'),
  row('`Code.fromAsset` of the built folder: the whole app', 'asset whole'),
  row('unchanged: `cdk synth`', 'synth whole'),
  row('`Code.fromAsset` of the built folder: `cdk synth`', 'asset synth whole'),
  row('`pip install --no-deps --target`, `zip -9`', 'pip whole'),
  row('`uv pip install --no-deps --target`, warm, `zip -9`', 'uv whole'),
  row('the guide\'s own tool', 'guide whole'),
  row('the backend alone, in a ready environment, and `zip -9`', 'backend whole'),
  ratio('changed : the guide\'s own tool', 'changed constructor', 'guide whole'),
  ratio('changed : the backend alone', 'changed constructor', 'backend whole'),
  ratio('changed : pip', 'changed constructor', 'pip whole'),
  ratio('changed : uv', 'changed constructor', 'uv whole'),
  ratio('unchanged : `Code.fromAsset`, the whole app', 'unchanged whole', 'asset whole'),
  ratio('unchanged : `Code.fromAsset`, `cdk synth`', 'synth whole', 'asset synth whole'),
]));
console.log(`\n${table(['unchanged artifacts in one app, of up to ten projects', ...COUNTS], [['the whole app', ...COUNTS.map((count) => seconds(`many ${count}`))]])}\n`);

if (layers) {
  console.log(`${table(['a layer of numpy, pandas, pydantic and requests, first time', 'seconds', ...['pip', 'uv'].map((tool) => `ours with ${tool} : it`)], layers.rows.map((name) => [
    name, seconds(`layer ${name}`), ...['ours, with pip', 'ours, with uv'].map((ours) => `${(median(`layer ${ours}`) / median(`layer ${name}`)).toFixed(2)}×`),
  ]))}\n`);
  console.log(`${table(['an app of a function and an asset layer', 'the whole app', 'it : that without'], [
    ['without more', seconds('layers none'), ''], [`with ${layers.count} unchanged layers`, seconds('layers unchanged'), `${(median('layers unchanged') / median('layers none')).toFixed(2)}×`],
  ])}\n`);
}

if (coldStart) console.log(describeColdStart(coldStart));
if (memory.length > 0) {
  console.log(`${table(['a layer of 1 GiB of wheels', 'outcome', 'memory at its peak'], memory.map(({ name, outcome, peak }) => [name, outcome, `${peak.toFixed(0)} MiB`]))}\n`);
}

const bars = [
  ...layers ? [
    // pip compiles too, and uv does if it is told to
    ...[
      ['pip', 'pip install --target, zip -9'],
      ['uv', 'uv pip install --compile-bytecode --target, zip -9'],
      ['uv, without bytecode', 'uv pip install --target, zip -9'],
    ].map(([tool, other]) => [
      `first layer with ${tool}: of ${other}`, median(`layer ours, with ${tool}`) / median(`layer ${other}`), 1.1, '×',
    ]),
    [`${layers.count} unchanged layers: more than none`, median('layers unchanged') - median('layers none'), 0.2, ' s'],
  ] : [],
  ...coldStart ? coldStartBars(coldStart) : [],
  ...memory.map(({ name, peak }) => [`a layer of 1 GiB of wheels, ${name}: memory at its peak`, peak, 1000, ' MiB']),
  ...names.filter((name) => name !== 'three files').map((name) => [`changed ${name}: of the guide's own tool`, median(`${name} changed constructor`) / median(`${name} guide whole`), 0.5, '×']),
  ...Object.entries({ django: 0.2, httpx: 0.025 }).filter(([name]) => names.includes(name)).map(([name, bar]) => [`unchanged ${name}: in the constructor`, median(`${name} unchanged constructor`), bar, ' s']),
  // the bar in words that hold for a slower machine too: where 45 MB are read and hashed in 0.12 s
  ...names.filter((name) => name === 'django').map((name) => [`unchanged ${name}: in the constructor, of reading and hashing alone`, median(`${name} unchanged constructor`) / median(`${name} floor whole`), 0.2 / 0.12, '×']),
  ...names.map((name) => [`unchanged ${name}: of cdk synth with Code.fromAsset`, median(`${name} synth whole`) / median(`${name} asset synth whole`), 1.1, '×']),
  ...names.map((name) => [`unchanged ${name}: of the app alone with Code.fromAsset`, median(`${name} unchanged whole`) / median(`${name} asset whole`), 1.05, '×']),
  ...names.map((name) => [
    `changed ${name}: of the backend alone and zip -9`, median(`${name} changed constructor`) / median(`${name} backend whole`), 1.15, '×',
  ]),
  ['100 unchanged artifacts: more than none', median('many 100') - median('many 0'), 1, ' s'],
];
if (several.length > 1) {
  const alone = several.reduce((sum, { name }) => sum + median(`${name} changed constructor`), 0);
  bars.push([`${several.length} changed projects in one app: of the sum of each alone`, median('several') / alone, 0.7, '×']);
}
for (const [title, measured, bar, unit] of bars) console.log(`${measured <= bar ? 'holds' : 'FAILS'}  ${title}: ${measured.toFixed(3)}${unit}, at most ${Number(bar.toFixed(3))}${unit}`);
if (options.check && bars.some(([, measured, bar]) => measured > bar)) process.exitCode = 1;

function coldStartBars({ rows }) {
  return rows.filter(({ name }) => name in COLD_START_BARS).map(({ name, toNone }) => [`imports of ${name}: of those without bytecode`, toNone, COLD_START_BARS[name], '×']);
}

function fail(message) {
  console.error(message);
  process.exit(2);
}
