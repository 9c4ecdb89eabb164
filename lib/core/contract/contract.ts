import { attempt, known, packagesOf, unknownLayers, type Contract } from './model';
import { findUnmet } from './unmet';
import { mebibytes } from '../base/bytes';
import { ArtifactError, type Finding } from '../base/error';
import { checkHandler } from '../lambda/handler';
import { MAX_LAYERS, MAX_UNZIPPED_SIZE } from '../lambda/limits';
import { fitsPython, minorOf } from '../lambda/target';
import { normaliseName } from '../pep/name';
import { isSameVersion } from '../pep/version';

export type { Contract, ContractLayer, OtherLayer } from './model';

export type CheckId =
  'requirements' | 'runtime' | 'architecture' | 'requires-python' | 'size' | 'layer-count' | 'layer-overlap' | 'handler';

/** A check of the contract. */
interface Check {
  /** The name of the member of `ContractCheck`. */
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

/** The reasons why function, source artifact and layers do not fit together. A value that is not known, such as a token, is accepted. */
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
  if (minorOf(runtime) === undefined) return [];
  return known(layers).filter((layer) => excludes(layer.runtimes, runtime)).map((layer) => ({
    reference: 'runtime-mismatch',
    problem: `the function runs on ${runtime}, but the layer ${layer.where} does not`,
    got: layer.runtimes,
    advice: 'set the same {runtime} for both',
  }));
}

/** Runtimes of other languages. `provided` may run anything, and a token may stand for anything. @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html */
const OTHER_LANGUAGE = /^(nodejs|java|dotnet|ruby|go)/;

/** The handler may also be in a layer: tools that wrap the project's own handler are there. */
function checkHandlerOf({ handler, modules, runtime, layers }: Contract): Finding[] {
  if (!modules || typeof handler !== 'string' || minorOf(runtime) === undefined) return [];
  const top = handler.split(/[./]/)[0];
  const isOurs = Object.keys(modules).some((module) => module.split('.')[0] === top);
  const isInLayer = packagesOf(layers).some(({ name }) => normaliseName(name) === normaliseName(top));
  if (!isOurs && (isInLayer || unknownLayers(layers).length > 0)) return [];
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
  if (!['x86_64', 'arm64'].includes(architecture)) return [];
  return known(layers).filter((layer) => excludes(layer.architectures, architecture)).map((layer) => ({
    reference: 'architecture-mismatch',
    problem: `the function runs on ${architecture}, but the layer ${layer.where} does not`,
    got: layer.architectures,
    advice: 'set the same {architecture} for both',
  }));
}

/** Whether a layer declares other runtimes or architectures than the function's. An empty list declares nothing. */
function excludes(declared: readonly string[], wanted: string): boolean {
  return declared.length > 0 && !declared.includes(wanted);
}

function checkRequiresPython({ name, version, runtime, requiresPython }: Contract): Finding[] {
  const minor = minorOf(runtime);
  if (minor === undefined || requiresPython === undefined) return [];
  const fits = attempt(() => fitsPython({ minor }, [requiresPython]));
  if (fits !== false) return []; // undefined: the specifier is one that no standard knows
  return [{
    reference: 'requires-python-mismatch',
    problem: `${name} ${version} does not run on the function's runtime, ${runtime}`,
    got: requiresPython,
    advice: 'set another {runtime}, or change requires-python in pyproject.toml',
  }];
}

function checkSize({ name, version, unzippedSize, layers }: Contract): Finding[] {
  const size = known(layers).reduce((sum, layer) => sum + layer.unzippedSize, unzippedSize);
  if (size <= MAX_UNZIPPED_SIZE) return [];
  const packages = [{ name, version, size: unzippedSize, where: 'the source artifact' }, ...packagesOf(layers)];
  const largest = packages.sort((a, b) => b.size - a.size).slice(0, 10)
    .map((item) => `  ${item.name} ${item.version}: ${mebibytes(item.size)} in ${item.where}`);
  return [{
    reference: 'function-too-large',
    problem: `the function and its layers are larger than Lambda's ${mebibytes(MAX_UNZIPPED_SIZE)} unzipped`,
    got: mebibytes(size),
    advice: 'exclude packages from the layers that the function does not need, or make two functions of it',
    hint: ['the largest packages:', ...largest].join('\n'),
  }];
}

function checkLayerCount({ layers }: Contract): Finding[] {
  if (layers.length <= MAX_LAYERS) return [];
  return [{
    reference: 'layer-count',
    problem: `a function takes at most ${MAX_LAYERS} layers`,
    got: layers.length,
    advice: 'build one layer of several',
  }];
}

/** Lambda unpacks the layers over each other, file by file: modules of both versions are there then. */
function checkLayerOverlap({ layers }: Contract): Finding[] {
  const all = packagesOf(layers);
  const double = all.filter(({ name, version }) => all.some((other) => other.name === name && !isSameVersion(other.version, version)));
  if (double.length === 0) return [];
  const sorted = double.sort((a, b) => a.name < b.name ? -1 : Number(a.name > b.name));
  return [{
    reference: 'layer-overlap',
    problem: 'layers of the function have different versions of a package, and Lambda merges them file by file',
    got: sorted.map(({ name, version, where }) => `${name} ${version} in ${where}`),
    advice: 'make the layers from one lock file, or {exclude} the package from one of them',
  }];
}

function checkRequirements(contract: Contract): Finding[] {
  const { name, version, layers } = contract;
  // a layer from elsewhere may hold a missing package, but it does not mend a version that does not fit
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

/** The requirements that could not be checked, as a text; `undefined` if all were. */
export function describeUnknown(contract: Contract, skip: ReadonlySet<CheckId> = new Set()): string | undefined {
  const arns = unknownLayers(contract.layers);
  if (skip.has('requirements') || arns.length === 0) return undefined;
  const missing = new Set(findUnmet(contract).filter(({ isThere }) => !isThere).map(({ requirement }) => requirement));
  if (missing.size === 0) return undefined;
  const unchecked = `it was not checked that ${[...missing].join(', ')} is there, which ${contract.name} requires`;
  return `What is in ${arns.join(', ')} is not known here, so ${unchecked}`;
}
