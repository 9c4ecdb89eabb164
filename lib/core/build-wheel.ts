import * as fs from 'node:fs';
import * as path from 'node:path';
import { satisfies } from '@renovatebot/pep440';
import type { TreeFile } from './artifact-digest';
import { keepEnvironment } from './build-environment';
import type { Installer } from './build-installer';
import type { BuildSystem } from './build-project';
import { readArchive } from './package-entries';
import { runCommand } from './run-command';

// The frontend's half of PEP 517, in one process: pip would start one for each hook. What the backend prints is not the answer, so
// the answer is a file. Of today's setuptools it is known what it needs, which is nothing, and how to have the wheel not compressed.
const FRONTEND = `
import importlib, importlib.util, json, os, sys
request = json.loads(sys.argv[1])
sys.path[:1] = [os.path.abspath(folder) for folder in request["backendPath"]]
module, _, attributes = request["backend"].partition(":")
backend = importlib.import_module(module)
for name in filter(None, attributes.split(".")):
    backend = getattr(backend, name)
missing, settings = [], None
if module == "setuptools.build_meta" and importlib.util.find_spec("setuptools.command.bdist_wheel"):
    settings = {"--build-option": ["--compression=stored"]}
if settings is None or os.path.exists("setup.py") or os.path.exists("setup.cfg"):
    needed = getattr(backend, "get_requires_for_build_wheel", lambda settings: [])(None)
    missing = [requirement for requirement in needed if requirement not in request["requires"]]
answer = {"missing": missing, "python": "%d.%d.%d" % sys.version_info[:3]}
if not missing:
    answer["wheel"] = backend.build_wheel(request["target"], settings)
with open(os.path.join(request["target"], "answer.json"), "w") as file:
    json.dump(answer, file)
`;

interface Answer { readonly missing: readonly string[]; readonly python: string; readonly wheel?: string }

/** What only pip itself can do right or explain: it is left to pip. */
export class NotPlain extends Error {}

export interface WheelOptions {
  /** Where the copy of the project is. */
  readonly project: string;
  /** An empty folder. */
  readonly target: string;
  readonly buildSystem: BuildSystem;
  readonly installer: Installer;
  /** Where build environments are kept. */
  readonly environments: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
}

/**
 * What `pip install --target` would install, without pip: the backend builds the wheel in a kept environment, and the wheel's files
 * go to where pip puts them.
 *
 * @see https://peps.python.org/pep-0517/
 * @see https://packaging.python.org/en/latest/specifications/binary-distribution-format/
 */
export async function buildWheel({ project, target, buildSystem, installer, environments, env, signal }: WheelOptions): Promise<TreeFile[]> {
  let requires = buildSystem.requires;
  for (let round = 0; round < 2; round++) {
    const environment = await keepEnvironment(environments, installer, requires, env, signal);
    const request = JSON.stringify({ ...buildSystem, requires, target });
    const PATH = [environment.bin, path.dirname(environment.python), env.PATH].join(path.delimiter);
    await runCommand({
      file: environment.python, args: ['-c', FRONTEND, request], cwd: project, env: { ...env, PATH, PYTHONPATH: undefined, PYTHONNOUSERSITE: '1' }, signal,
    });
    const { missing, python, wheel }: Answer = JSON.parse(fs.readFileSync(path.join(target, 'answer.json'), 'utf8'));
    if (wheel) return placeWheel(fs.readFileSync(path.join(target, wheel)), python);
    requires = [...buildSystem.requires, ...missing];
  }
  throw new NotPlain('the backend does not come to an end with its requirements');
}

/** A wheel's files where `pip install --target` puts them. */
export async function placeWheel(wheel: Buffer, python: string): Promise<TreeFile[]> {
  const files: TreeFile[] = [];
  for await (const { path: name, mode, content } of readArchive(wheel)) {
    const placed = placeOf(name);
    // pip's own rule: regular files that anybody may execute
    if (placed !== undefined) files.push({ path: placed, content, executable: (mode - mode % 0o10000) === 0o100000 && /[1357]/.test((mode % 0o1000).toString(8)) });
  }
  const metadata = files.find((file) => /^[^/]+\.dist-info\/METADATA$/.test(file.path))?.content.toString() ?? '';
  const wanted = /^Requires-Python: *(.+)$/m.exec(metadata.split(/\r?\n\r?\n/, 1)[0])?.[1].trim();
  if (wanted !== undefined && !satisfies(python, wanted)) throw new NotPlain(`the project requires Python ${wanted}`);
  return files;
}

/** Scripts are not placed: they would start with this machine's interpreter. */
function placeOf(name: string): string | undefined {
  const [, category, rest] = /^[^/]+\.data\/([^/]+)\/(.+)$/.exec(name) ?? [];
  if (category === undefined) return name;
  if (category === 'scripts') return undefined;
  if (category === 'headers') throw new NotPlain('where headers go depends on the Python');
  return rest;
}
