import { parseRequirement } from '../pep/requirement';

/** A package for which the installer found no wheel. */
export interface Missing {
  readonly name: string;
  /** `==1.0`; empty for any version. */
  readonly specifier: string;
  /** The version, if the specifier admits only one. */
  readonly version?: string;
  /** The package that requires it. */
  readonly wantedBy?: string;
  /** Whether the installer says that the version exists. */
  readonly isThere?: boolean;
  /** Its `Requires-Python`, if the target's Python does not satisfy it. */
  readonly requiresPython?: string;
}

/** The package for which pip or uv reports that there is no wheel. `undefined` if the output reports another problem. */
export function findMissing(output: string): Missing | undefined {
  const text = output.replace(/[\s×╰╯├│─▶]+/g, ' '); // uv frames and wraps
  const [, byPip, from = ''] = /satisfies the requirement (.+?)(?: \(from (.+?)\))? \(from versions: /.exec(text) ?? [];
  if (byPip !== undefined) return missing(byPip, from.startsWith('-r ') ? undefined : from.split('->')[0]);
  const byUv = UV.map((pattern) => pattern.exec(text)?.[1]).find((name) => name !== undefined);
  if (byUv === undefined) return undefined;
  const ofRequirement = `${byUv}(?![\\w.-])[^\\s,]*(?:,[^\\s,]+)*`;
  const [, wantedBy, requirement = byUv] = new RegExp(`(?:([\\w.-]+)\\S* depends on|you require) (${ofRequirement})`).exec(text) ?? [];
  const found = missing(requirement, wantedBy);
  return found && { ...found, isThere: UV[0].test(text), requiresPython: / depends on Python(\S+?),? /.exec(text)?.[1] };
}

/** The versions that pip lists in its error: all that have a wheel for the target. */
export function listedVersions(output: string): string[] {
  return /\(from versions: (.*?)\)/.exec(output)?.[1].split(', ') ?? [];
}

/** The `Requires-Python` for which pip leaves a file out, as its log says. `undefined` if it is not the reason. */
export function requiredPython(log: string, name: string, version = ''): string | undefined {
  const file = `${name.replaceAll('-', '[-_.]+')}-${version.replaceAll('.', '\\.')}`;
  return new RegExp(`different Python \\(\\S+ not in: ['"](.+?)['"]\\): \\S*/${file}`, 'i').exec(log)?.[1];
}

// uv's sentences that name the package; the first says that the version exists
const UV = [
  /([\w.-]+)\S* (?:has|have) no (?:usable )?wheels/,
  /no versions? of ([\w.-]+)/,
  /([\w.-]+) was not found in the package registry/,
  /only ([\w.-]+)\S* is available/,
  /([\w.-]+)\S* depends on Python/,
];

function missing(text: string, wantedBy: string | undefined): Missing | undefined {
  try {
    const { name, specifier } = parseRequirement(text);
    return { name, specifier, version: /^==([^*,]+)$/.exec(specifier)?.[1], wantedBy: wantedBy || undefined };
  } catch {
    return undefined; // the text is not a requirement
  }
}
