import * as fs from 'node:fs';
import * as path from 'node:path';
import { satisfies } from '@renovatebot/pep440';
import { sha256, type TreeFile } from '../base/tree';
import { keepEnvironment, type BuildEnvironment } from './kept-environment';
import { distInfoFile, headerOf } from './installed-tree';
import type { Installer } from '../installer/find';
import type { BuildSystem } from '../project/project';
import { readArchive } from '../package/read-archive';
import { CommandFailure, runCommand } from '../process/command';

// The frontend's half of PEP 517, in one process: pip would start one for each hook. What the backend prints is not the answer, so
// the answer is a file. Of setuptools it is known when it needs nothing more, and how to have the wheel not compressed.
const FRONTEND = `
import importlib, importlib.util, json, os, sys

def has(module):
    return importlib.util.find_spec(module.rpartition(".")[0]) and importlib.util.find_spec(module)

def mentions(file, word):
    return os.path.exists(file) and word in open(file, encoding="utf-8", errors="replace").read()

request = json.loads(sys.argv[1])
sys.path[:1] = [os.path.abspath(folder) for folder in request["backendPath"]]
module, _, attributes = request["backend"].partition(":")
backend = importlib.import_module(module)
for name in filter(None, attributes.split(".")):
    backend = getattr(backend, name)

bdist_wheel = module == "setuptools.build_meta" and any(map(has, ["setuptools.command.bdist_wheel", "wheel._bdist_wheel", "wheel.bdist_wheel"]))
settings = {"--build-option": ["--compression=stored"]} if bdist_wheel else None
if bdist_wheel and not os.path.exists("setup.py") and not mentions("setup.cfg", "setup_requires"):
    needed = request["more"]
else:
    needed = getattr(backend, "get_requires_for_build_wheel", lambda settings: [])(None)
more = sorted(requirement for requirement in set(needed) if requirement not in request["requires"])
answer = {"more": more, "python": "%d.%d.%d" % sys.version_info[:3]}
if more == request["more"]:
    answer["wheel"] = backend.build_wheel(request["target"], settings)
with open(os.path.join(request["target"], "answer.json"), "w") as file:
    json.dump(answer, file)
`;

interface Answer {
  /** What the backend requires besides; the wheel is there if the environment has just that. */
  readonly more: readonly string[];
  readonly python: string;
  readonly wheel?: string;
}

/** What only pip itself can do right or explain: it is left to pip. */
export class NotPlain extends Error {
  /** @param environment the one that may be at fault */
  constructor(message: string, readonly environment?: BuildEnvironment, options?: ErrorOptions) {
    super(message, options);
  }
}

export interface WheelOptions {
  /** The project's own folder. */
  readonly entry: string;
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
export async function buildWheel({ entry, project, target, buildSystem, installer, environments, env, signal }: WheelOptions): Promise<TreeFile[]> {
  const memory = path.join(path.dirname(environments), 'requirements', `${sha256(JSON.stringify([entry, buildSystem]))}.json`);
  let more = recall(memory);
  for (let round = 0; round < 3; round++) {
    const environment = await keepEnvironment(environments, installer, [...buildSystem.requires, ...more], env, signal);
    const request = JSON.stringify({ ...buildSystem, more, target });
    const PATH = [environment.bin, path.dirname(environment.python), env.PATH].join(path.delimiter);
    await runCommand({
      file: environment.python, args: ['-c', FRONTEND, request], cwd: project, env: { ...env, PATH, PYTHONPATH: undefined, PYTHONNOUSERSITE: '1' }, signal,
    }).catch((failure) => {
      signal?.throwIfAborted();
      const output = failure instanceof CommandFailure ? failure.process.output : String(failure);
      throw new NotPlain(output.trim().split('\n').pop()!, environment, { cause: failure });
    });
    const { more: needed, python, wheel }: Answer = JSON.parse(fs.readFileSync(path.join(target, 'answer.json'), 'utf8'));
    if (wheel) return placeWheel(fs.readFileSync(path.join(target, wheel)), python);
    more = needed;
    fs.mkdirSync(path.dirname(memory), { recursive: true });
    fs.writeFileSync(memory, JSON.stringify(more)); // the next build does not have to find out again
  }
  throw new NotPlain('the backend does not come to an end with its requirements');
}

function recall(memory: string): readonly string[] {
  try {
    return JSON.parse(fs.readFileSync(memory, 'utf8'));
  } catch {
    return [];
  }
}

/** A wheel's files where `pip install --target` puts them. */
export async function placeWheel(wheel: Buffer, python: string): Promise<TreeFile[]> {
  const { files, hasHeaders } = await readWheel(wheel);
  if (hasHeaders) throw new NotPlain('where headers go depends on the Python');
  const wanted = headerOf(distInfoFile(files, 'METADATA'), 'Requires-Python');
  if (wanted !== '' && !satisfies(python, wanted)) throw new NotPlain(`the project requires Python ${wanted}`);
  return files;
}

/** Without headers, and without scripts: they would start with this machine's interpreter. */
export async function readWheel(wheel: Buffer): Promise<{ readonly files: TreeFile[]; readonly hasHeaders: boolean }> {
  const files: TreeFile[] = [];
  let hasHeaders = false;
  for await (const { path: name, mode, content } of readArchive(wheel)) {
    const [, category, placed = name] = /^[^/]+\.data\/([^/]+)\/(.+)$/.exec(name) ?? [];
    // pip's own rule: regular files that anybody may execute
    const executable = (mode - mode % 0o10000) === 0o100000 && /[1357]/.test((mode % 0o1000).toString(8));
    if (category === 'headers') hasHeaders = true;
    else if (category !== 'scripts') files.push({ path: placed, content, executable });
  }
  return { files, hasHeaders };
}
