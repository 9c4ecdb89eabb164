// The dependency layer's part of the benchmark: first build beside what pip, uv and SAM make of the same requirements; unchanged ones.
import fs from 'node:fs';
import path from 'node:path';
import { FOLDER, PYTHON, run, runtimeOf, SAM, UV } from './machine.mjs';

const REQUIREMENTS = ['numpy<2.3', 'pandas<2.3', 'pydantic', 'requests'];
const SMALL = [['pydantic', 'requests'], ['markupsafe', 'httpx']];
const RUNTIMES = ['python3.10', 'python3.11', 'python3.12', 'python3.13', 'python3.14'];
const ARCHITECTURES = ['x86_64', 'arm64'];

/** Every version pinned, with hashes, for all targets; kept for the next run. */
function lock(requirements) {
  const file = path.join(FOLDER, 'locks', `${requirements.join('-').replace(/[^\w-]/g, '')}.txt`);
  if (!fs.existsSync(file)) {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    run(UV, ['pip', 'compile', '--quiet', '--universal', '--python-version', '3.10', '--generate-hashes', '--no-header', '-o', file, '-'], { input: requirements.join('\n'), stdio: ['pipe', 'pipe', 'pipe'] });
  }
  return file;
}

/**
 * @param time seconds of a process
 * @param runApp an app of ours
 * @param add takes a sample
 * @param first a small folder, for the function and the layer that every app has
 * @param repeat runs what is short several times
 */
export async function prepareLayers({ work, time, runApp, fresh, add, first, repeat }) {
  const requirements = lock(REQUIREMENTS);
  const [runtime, architecture] = [runtimeOf(PYTHON), process.arch === 'arm64' ? 'arm64' : 'x86_64'];
  const layer = { requirements, runtime, architecture };
  const unchanged = SMALL.flatMap((set) => RUNTIMES.flatMap((name) => ARCHITECTURES.map((machine) => ({ requirements: lock(set), runtime: name, architecture: machine }))));
  const template = writeTemplate(path.join(work, 'sam'), layer);

  const withZip = async (file, args, more) => {
    const [target, archive] = [fresh(), `${fresh()}.zip`];
    const { seconds } = await time(file, [...args(target), '--target', target], more);
    const zipped = await time('zip', [archive, '-r', '-9', '-q', '.'], { cwd: target });
    for (const item of [target, archive]) fs.rmSync(item, { recursive: true, force: true });
    return seconds + zipped.seconds;
  };
  const ours = async (installer, bytecode) => {
    const folder = fresh();
    const { layers } = await runApp(`layer ${installer}`, { kind: 'layers', layers: [{ ...layer, installer, bytecode }] }, { PIP_SOURCE_ARTIFACT_CACHE_DIR: folder });
    fs.rmSync(folder, { recursive: true, force: true });
    return layers;
  };
  const rows = {
    'ours, with pip': async () => ours('pip'),
    'ours, with uv': async () => ours('uv'),
    'ours, with uv, without bytecode': async () => ours('uv', 'none'),
    'pip install --target, zip -9': async () => withZip(PYTHON, () => ['-m', 'pip', 'install', '--quiet', '--only-binary', ':all:', '-r', requirements]),
    'uv pip install --compile-bytecode --target, zip -9': async () => withZip(UV, () => ['pip', 'install', '--compile-bytecode', '--quiet', '--python', PYTHON, '-r', requirements]),
    'uv pip install --target, zip -9': async () => withZip(UV, () => ['pip', 'install', '--quiet', '--python', PYTHON, '-r', requirements]),
    'sam build': async () => {
      const folder = fresh();
      const { seconds } = await time(SAM, ['build', '--template', template, '--build-dir', folder], { env: { ...process.env, SAM_CLI_TELEMETRY: '0', PATH: [path.dirname(PYTHON), process.env.PATH].join(path.delimiter) } });
      const zipped = await time('zip', [`${folder}.zip`, '-r', '-9', '-q', '.'], { cwd: folder });
      for (const item of [folder, `${folder}.zip`]) fs.rmSync(item, { recursive: true, force: true });
      return seconds + zipped.seconds;
    },
  };
  // an app with a function has one layer or another: half of the time of the first one is the CDK's, which loads what it needs
  const runUnchanged = async (layers) => (await runApp('layers', { kind: 'layers', first, layers })).whole;
  for (const row of Object.keys(rows)) await rows[row](); // fills the caches of all of them
  await runUnchanged(unchanged);

  return {
    rows: Object.keys(rows),
    count: unchanged.length,
    /** One round, each time in another order. */
    async round(number) {
      const names = Object.keys(rows);
      for (const row of [...names.slice(number % names.length), ...names.slice(0, number % names.length)]) add(`layer ${row}`, await rows[row]());
      await runUnchanged(unchanged);
      await repeat(async () => add('layers none', await runUnchanged([])), async () => add('layers unchanged', await runUnchanged(unchanged)));
    },
  };
}

/** What `sam build` makes a layer of. */
function writeTemplate(folder, { requirements, runtime, architecture }) {
  fs.mkdirSync(path.join(folder, 'layer'), { recursive: true });
  fs.copyFileSync(requirements, path.join(folder, 'layer', 'requirements.txt'));
  const template = path.join(folder, 'template.yaml');
  fs.writeFileSync(template, JSON.stringify({
    AWSTemplateFormatVersion: '2010-09-09',
    Transform: 'AWS::Serverless-2016-10-31',
    Resources: { Layer: { Type: 'AWS::Serverless::LayerVersion', Properties: { ContentUri: 'layer' }, Metadata: { BuildMethod: runtime, BuildArchitecture: architecture } } },
  }));
  return template;
}
