import { normaliseName } from './requirement';

/** The tags in a wheel's file name; nothing for what is not a wheel. @see https://packaging.python.org/en/latest/specifications/binary-distribution-format/ */
export function wheelTags(fileName: string): string | undefined {
  return /^[^-]+-[^-]+(?:-\d[^-]*)?-([^-]+-[^-]+-[^-]+)\.whl$/.exec(fileName)?.[1];
}

/** What the name of a wheel tells; nothing for another file. */
export function parseWheelName(place: string): { readonly fileName: string; readonly name: string; readonly version: string } | undefined {
  const fileName = fileNameOf(place);
  const [, name, version] = /^([^-]+)-([^-]+)-.+\.whl$/.exec(fileName) ?? [];
  return name === undefined ? undefined : { fileName, name: normaliseName(name), version };
}

/** Of a URL or a path. */
export function fileNameOf(place: string): string {
  const name = place.slice(Math.max(place.lastIndexOf('/'), place.lastIndexOf('\\')) + 1);
  return /[?#%]/.test(name) ? name.replace(/[?#].*/, '').replaceAll(/%2b/gi, '+') : name; // %2B: in a local version
}

/** Not `C:\` */
export function isUrl(text: string): boolean {
  return /^[a-z][a-z0-9+.-]+:/i.test(text);
}
