import { parseRequirement } from '../pep/requirement';

/** A package that the installer found no wheel of. */
export interface Missing {
  readonly name: string;
  /** `==1.0`; empty for any version. */
  readonly specifier: string;
  /** The version, if it may be no other. */
  readonly version?: string;
  /** What requires it. */
  readonly wantedBy?: string;
  /** Whether the installer says that the version is there. */
  readonly isThere?: boolean;
  /** The Pythons that it requires, if that is what is wrong. */
  readonly requiresPython?: string;
}

/** Of which package pip or uv says that there is no wheel; nothing if it says something else. */
export function findMissing(output: string): Missing | undefined {
  const text = output.replace(/[\s×╰╯├│─▶]+/g, ' '); // uv frames and wraps
  const [, byPip, from = ''] = /satisfies the requirement (.+?)(?: \(from (.+?)\))? \(from versions: /.exec(text) ?? [];
  if (byPip !== undefined) return missing(byPip, from.startsWith('-r ') ? undefined : from.split('->')[0]);
  const byUv = UV.map((pattern) => pattern.exec(text)?.[1]).find((name) => name !== undefined);
  if (byUv === undefined) return undefined;
  const [, wantedBy, requirement = byUv] = new RegExp(`(?:([\\w.-]+)\\S* depends on|you require) (${byUv}(?![\\w.-])[^\\s,]*(?:,[^\\s,]+)*)`).exec(text) ?? [];
  const found = missing(requirement, wantedBy);
  return found && { ...found, isThere: UV[0].test(text), requiresPython: / depends on Python(\S+?),? /.exec(text)?.[1] };
}

// what uv says of a package's name
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
    return undefined; // something else than a requirement
  }
}
