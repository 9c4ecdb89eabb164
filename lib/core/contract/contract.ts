import { known, unknownLayers, type Contract } from './model';
import { findUnmet } from './requirements';
import { mebibytes } from '../base/bytes';
import { attempt } from '../base/collections';
import { ArtifactError, type Finding } from '../base/error';
import { checkHandler } from '../lambda/handler';
import { MAX_LAYERS, MAX_UNZIPPED_SIZE } from '../lambda/limits';
import { normaliseName, satisfiesSpecifier } from '../pep/requirement';
import { isSameVersion } from '../pep/version';

export type { Contract, ContractLayer, OtherLayer } from './model';

export type CheckId =
  | 'requirements'
  | 'runtime'
  | 'architecture'
  | 'requires-python'
  | 'size'
  | 'layer-count'
  | 'layer-overlap'
  | 'handler';

/** A check, and the name that `ContractCheck` has for it. */
interface Check {
  readonly name: string;
  readonly find: (contract: Contract) => Finding[];
}

const CHECKS: Readonly<Record<CheckId, Check>> = {
  'requirements': { name: 'REQUIREMENTS', find: checkRequirements },
  'runtime': { name: 'RUNTIME', find: checkRuntime },
  'architecture': { name: 'ARCHITECTURE', find: checkArchitecture },
  'requires-python': { name: 'REQUIRES_PYTHON', find: checkRequiresPython },
  'size': { name: 'SIZE', find: checkSize },
  'layer-count': { name: 'LAYER_COUNT', find: checkLayerCount },
  'layer-overlap': { name: 'LAYER_OVERLAP', find: checkLayerOverlap },
  'handler': { name: 'HANDLER', find: checkHandlerOf },
};

/** What does not fit together of function, source artifact and layers. What cannot be known is passed over. */
export function checkContract(contract: Contract, skip: ReadonlySet<CheckId> = new Set()): Finding[] {
  const checks = Object.entries(CHECKS).filter(([id]) => !skip.has(id as CheckId)).map(([, check]) => check);
  return checks.flatMap(({ name, find }) => find(contract).map((finding): Finding => {
    const skipping = `{skipChecks=[ContractCheck.${name}]} turns this check off`;
    return { ...finding, hint: finding.hint === undefined ? skipping : `${finding.hint}\n${skipping}` };
  }));
}

function checkRuntime({ name, runtime, layers }: Contract): Finding[] {
  if (OTHER_LANGUAGE.test(runtime)) {
    const problem = `the function does not run on Python, but its code is ${name}`;
    return [{ reference: 'runtime-not-python', problem, got: runtime, advice: 'set {runtime} to a Python' }];
  }
  return known(layers).filter((layer) => isOther(runtime, layer.runtimes, PYTHON)).map((layer) => ({
    reference: 'runtime-mismatch',
    problem: `the function runs on ${runtime}, but the layer ${layer.where} does not`,
    got: layer.runtimes,
    advice: 'set the same {runtime} for both',
  }));
}

const PYTHON = /^python3\.\d+$/;
/** Not `provided`, which may be anything, and no token. @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html */
const OTHER_LANGUAGE = /^(nodejs|java|dotnet|ruby|go)/;

/** The handler may be one of a layer, as of a tool that wraps the project's own. */
function checkHandlerOf({ handler, modules, runtime, layers }: Contract): Finding[] {
  if (!modules || typeof handler !== 'string' || !PYTHON.test(runtime)) return [];
  const top = handler.split(/[./]/)[0];
  const isOurs = Object.keys(modules).some((module) => module.split('.')[0] === top);
  const inLayers = known(layers).flatMap(({ packages }) => packages.map(({ name }) => normaliseName(name)));
  if (!isOurs && (unknownLayers(layers).length > 0 || inLayers.includes(normaliseName(top)))) return [];
  return findingsOf(() => checkHandler(handler, modules));
}

function findingsOf(check: () => void): Finding[] {
  try {
    check();
    return [];
  } catch (error) {
    if (error instanceof ArtifactError) return [error.trouble];
    throw error;
  }
}

function checkArchitecture({ architecture, layers }: Contract): Finding[] {
  return known(layers).filter((layer) => isOther(architecture, layer.architectures, /^(x86_64|arm64)$/)).map((layer) => ({
    reference: 'architecture-mismatch',
    problem: `the function runs on ${architecture}, but the layer ${layer.where} does not`,
    got: layer.architectures,
    advice: 'set the same {architecture} for both',
  }));
}

function isOther(name: string, names: readonly string[], form: RegExp): boolean {
  return form.test(name) && names.length > 0 && !names.includes(name);
}

/** Which patch release a runtime has is not known: it is refused if none would do. */
function checkRequiresPython({ name, version, runtime, requiresPython }: Contract): Finding[] {
  const series = /^python(3\.\d+)$/.exec(runtime)?.[1];
  if (series === undefined || requiresPython === undefined) return [];
  const releases = Array.from({ length: 100 }, (_, patch) => `${series}.${patch}`);
  if (attempt(() => releases.some((release) => satisfiesSpecifier(release, requiresPython))) ?? true) return [];
  return [{
    reference: 'requires-python-mismatch',
    problem: `${name} ${version} does not run on the function's runtime, ${runtime}`,
    got: requiresPython,
    advice: 'set another {runtime}, or change requires-python in pyproject.toml',
  }];
}

function checkSize({ name, version, unzippedSize, bytecode, layers }: Contract): Finding[] {
  const size = known(layers).reduce((sum, layer) => sum + layer.unzippedSize, unzippedSize);
  const whole = known(layers).reduce((sum, { bytecodeSize = 0 }) => sum + bytecodeSize, size + (bytecode?.size ?? 0));
  if (whole <= MAX_UNZIPPED_SIZE) return [];
  if (size <= MAX_UNZIPPED_SIZE) {
    const problem = `the function and its layers are larger than Lambda's ${mebibytes(MAX_UNZIPPED_SIZE)} unzipped, with their bytecode`;
    const advice = `set {bytecode} of a layer to none, or exclude packages from the layers: without bytecode, all has ${mebibytes(size)}`;
    return [{ reference: 'function-too-large', problem, got: mebibytes(whole), advice }];
  }
  const packages = [
    { name, version, size: unzippedSize, where: 'the source artifact' },
    ...known(layers).flatMap(({ where, packages: inLayer }) => inLayer.map((item) => ({ ...item, where }))),
  ];
  const largest = packages.sort((a, b) => b.size - a.size).slice(0, 10);
  return [{
    reference: 'function-too-large',
    problem: `the function and its layers are larger than Lambda's ${mebibytes(MAX_UNZIPPED_SIZE)} unzipped`,
    got: mebibytes(size),
    advice: 'exclude packages from the layers that the function does not need, or make two functions of it',
    hint: [
      'the largest packages:', ...largest.map((item) => `  ${item.name} ${item.version}: ${mebibytes(item.size)} in ${item.where}`),
    ].join('\n'),
  }];
}

function checkLayerCount({ layers }: Contract): Finding[] {
  if (layers.length <= MAX_LAYERS) return [];
  const problem = `a function takes at most ${MAX_LAYERS} layers`;
  return [{ reference: 'layer-count', problem, got: layers.length, advice: 'build one layer of several' }];
}

/** Lambda unpacks them over each other, file by file: modules of both versions are there then. */
function checkLayerOverlap({ layers }: Contract): Finding[] {
  const all = known(layers).flatMap(({ where, packages }) => packages.map(({ name, version }) => ({ name, version, where })));
  const double = all.filter(({ name, version }) => all.some((other) => other.name === name && !isSameVersion(other.version, version)));
  if (double.length === 0) return [];
  return [{
    reference: 'layer-overlap',
    problem: 'layers of the function have different versions of a package, and Lambda merges them file by file',
    got: double.sort((a, b) => a.name < b.name ? -1 : Number(a.name > b.name))
      .map(({ name, version, where }) => `${name} ${version} in ${where}`),
    advice: 'make the layers from one lock file, or {exclude} the package from one of them',
  }];
}

function checkRequirements(contract: Contract): Finding[] {
  const { name, version, layers } = contract;
  // what lacks here may be in a layer from elsewhere; what is wrong here stays wrong
  const unmet = findUnmet(contract).filter(({ isThere }) => isThere || unknownLayers(layers).length === 0);
  if (unmet.length === 0) return [];
  return [{
    reference: 'requirements-unmet',
    problem: `the function's layers lack requirements of ${name} ${version}`,
    got: [...new Set(unmet.map(({ requirement }) => requirement))],
    advice: 'add them to the lock file of the layer, or give the function the layer that has them',
    hint: ['what requires them, and what is there:', ...unmet.map(({ line }) => line)].join('\n  '),
  }];
}

/** What could not be checked, as a text; nothing if all could. */
export function describeUnknown(contract: Contract, skip: ReadonlySet<CheckId> = new Set()): string | undefined {
  const arns = unknownLayers(contract.layers);
  if (skip.has('requirements') || arns.length === 0) return undefined;
  const missing = new Set(findUnmet(contract).filter(({ isThere }) => !isThere).map(({ requirement }) => requirement));
  if (missing.size === 0) return undefined;
  const lacking = [...missing].join(', ');
  return `What is in ${arns.join(', ')} is not known here, so it was not checked that ${lacking} is there, which ${contract.name} requires`;
}
