import { mebibytes } from '../base/bytes';
import type { Finding } from '../base/error';
import type { LayerPackage } from '../cache/records';
import { MAX_UNZIPPED_SIZE } from '../lambda/limits';
import { markerEnvironment, platformOf, type TargetPlatform } from '../lambda/target';
import { evaluateMarker } from '../pep/marker';
import { normaliseName, parseRequirement, satisfiesSpecifier, type Requirement } from '../pep/requirement';

/** A layer whose content is known. */
export interface ContractLayer {
  /** The construct's path. */
  readonly where: string;
  /** None: it does not say. */
  readonly runtimes: readonly string[];
  /** None: it does not say. */
  readonly architectures: readonly string[];
  readonly packages: readonly LayerPackage[];
  /** Packages that were left out, because something else brings them. */
  readonly excluded: readonly string[];
  /** Bytes. */
  readonly unzippedSize: number;
}

/** A source artifact, the function that runs it, and the function's layers. */
export interface Contract {
  readonly name: string;
  readonly version: string;
  /** `Requires-Dist` of the source artifact's metadata. */
  readonly requires: readonly string[];
  readonly requiresPython?: string;
  /** Bytes, without the layers. */
  readonly unzippedSize: number;
  /** Of the source artifact itself. */
  readonly extras?: readonly string[];
  readonly runtime: string;
  readonly architecture: string;
  /** As Lambda merges them: a later one overwrites. Undefined: a foreign one, of which nothing is known. */
  readonly layers: readonly (ContractLayer | undefined)[];
}

export type CheckId = 'requirements' | 'runtime' | 'architecture' | 'requires-python' | 'size' | 'layer-count';

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
};

/** What does not fit together of function, source artifact and layers. What cannot be known is passed over. */
export function checkContract(contract: Contract, skip: ReadonlySet<CheckId> = new Set()): Finding[] {
  const checks = Object.entries(CHECKS).filter(([id]) => !skip.has(id as CheckId)).map(([, check]) => check);
  return checks.flatMap(({ name, find }) => find(contract).map((finding): Finding => {
    const skipping = `{skipChecks=[ContractCheck.${name}]} turns this check off`;
    return { ...finding, hint: finding.hint === undefined ? skipping : `${finding.hint}\n${skipping}` };
  }));
}

function checkRuntime({ runtime, layers }: Contract): Finding[] {
  return known(layers).filter((layer) => isOther(runtime, layer.runtimes, /^python3\.\d+$/)).map((layer) => ({
    reference: 'runtime-mismatch',
    problem: `the function runs on ${runtime}, but the layer ${layer.where} does not`,
    got: layer.runtimes,
    advice: 'set the same {runtime} for both',
  }));
}

function checkArchitecture({ architecture, layers }: Contract): Finding[] {
  return known(layers).filter((layer) => isOther(architecture, layer.architectures, /^(x86_64|arm64)$/)).map((layer) => ({
    reference: 'architecture-mismatch',
    problem: `the function runs on ${architecture}, but the layer ${layer.where} does not`,
    got: layer.architectures,
    advice: 'set the same {architecture} for both',
  }));
}

function known(layers: Contract['layers']): ContractLayer[] {
  return layers.filter((layer) => layer !== undefined);
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

function checkSize({ name, version, unzippedSize, layers }: Contract): Finding[] {
  const size = known(layers).reduce((sum, layer) => sum + layer.unzippedSize, unzippedSize);
  if (size <= MAX_UNZIPPED_SIZE) return [];
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
    hint: ['the largest packages:', ...largest.map((item) => `  ${item.name} ${item.version}: ${mebibytes(item.size)} in ${item.where}`)].join('\n'),
  }];
}

const MAX_LAYERS = 5;

function checkLayerCount({ layers }: Contract): Finding[] {
  if (layers.length <= MAX_LAYERS) return [];
  return [{ reference: 'layer-count', problem: `a function takes at most ${MAX_LAYERS} layers`, got: layers.length, advice: 'build one layer of several' }];
}

function checkRequirements(contract: Contract): Finding[] {
  const { name, version, runtime, architecture, layers } = contract;
  const platform = attempt(() => platformOf({ runtime, architecture }));
  // of a foreign layer not even the order helps: in lib/python3.x/site-packages its packages come before those of later layers
  if (!platform || layers.includes(undefined)) return [];
  const unmet = findUnmet(contract, platform);
  if (unmet.size === 0) return [];
  return [{
    reference: 'requirements-unmet',
    problem: `the function's layers lack requirements of ${name} ${version}`,
    got: [...new Set(unmet.values())],
    advice: 'add them to the lock file of the layer, or give the function the layer that has them',
    hint: ['what requires them, and what is there:', ...unmet.keys()].join('\n  '),
  }];
}

interface Installed {
  readonly name: string;
  readonly version: string;
  readonly requires: readonly string[];
  readonly where: string;
}

interface Visit {
  /** Normalised. */
  readonly name: string;
  /** What it requires for this, instead of in any case. */
  readonly extra?: string;
  /** Whether it is the project that requires it, perhaps through an extra: what is behind that was resolved, perhaps with overrides. */
  readonly isDirect: boolean;
}

/** Requirements that are not met, by lines that tell of them. */
function findUnmet({ extras = [], layers, ...project }: Contract, platform: TargetPlatform): Map<string, string> {
  const inLayers = known(layers).flatMap(({ where, packages }) => packages.map((item) => ({ ...item, where })));
  const installed = [...inLayers, { ...project, where: 'the source artifact' }];
  const packages = new Map(installed.map((item): [string, Installed] => [normaliseName(item.name), item])); // of several, the last one
  const brought = new Set([...broughtByRuntime(platform), ...known(layers).flatMap(({ excluded }) => excluded.map(normaliseName))]);
  const environment = markerEnvironment(platform);
  const unmet = new Map<string, string>();
  const visits: Visit[] = [undefined, ...extras.map(normaliseName)].map((extra) => ({ name: normaliseName(project.name), extra, isDirect: true }));
  const seen = new Set<string>();
  for (const visit of visits) { // and those that are added meanwhile
    const key = JSON.stringify(visit);
    const item = packages.get(visit.name);
    if (!item || seen.has(key)) continue;
    seen.add(key);
    for (const requirement of requirementsOf(item, environment, visit.extra)) {
      const { name, extras: wanted, specifier, url } = requirement;
      const found = packages.get(name);
      if (found ? visit.isDirect && !satisfiesSpecifier(found.version, specifier) : !brought.has(name)) {
        const text = `${name}${inBrackets(wanted)}${url === undefined ? specifier : ` @ ${url}`}`;
        const where = found ? `${found.version} is in ${found.where}` : 'in no layer';
        unmet.set(`${item.name}${inBrackets(visit.extra)} ${item.version} requires ${text}: ${where}`, text);
      }
      visits.push({ name, isDirect: false }, ...wanted.map((extra) => ({ name, extra, isDirect: visit.isDirect })));
    }
  }
  return unmet;
}

function inBrackets(extras: readonly string[] | string = []): string {
  return extras.length > 0 ? `[${extras}]` : '';
}

/** What an installed package requires, in any case or for an extra. */
function requirementsOf({ requires }: Installed, environment: Readonly<Record<string, string>>, extra?: string): Requirement[] {
  return requires.flatMap((text) => attempt(() => { // old packages have metadata that no standard knows
    const requirement = parseRequirement(text);
    const { marker } = requirement;
    const isFor = (extras: string[]) => marker === undefined || evaluateMarker(marker, { environment, extras: new Set(extras) });
    return (extra === undefined ? isFor([]) : isFor([extra]) && !isFor([])) ? [requirement] : [];
  }) ?? []);
}

/** The packages of Lambda's runtimes: boto3, what that requires, and what SnapStart does. @see https://docs.aws.amazon.com/lambda/latest/dg/python-package.html */
function broughtByRuntime({ minor }: TargetPlatform): string[] {
  const packages = ['boto3', 'botocore', 'jmespath', 'python-dateutil', 's3transfer', 'six', 'urllib3'];
  return minor >= 12 ? [...packages, 'snapshot-restore-py'] : packages;
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
