import { normaliseName } from './requirement';

/**
 * The tags in a wheel's file name (`cp313-cp313-manylinux_2_28_x86_64`); `undefined` if the file is not a wheel.
 *
 * @see https://packaging.python.org/en/latest/specifications/binary-distribution-format/
 */
export function wheelTags(fileName: string): string | undefined {
  return /^[^-]+-[^-]+(?:-\d[^-]*)?-([^-]+-[^-]+-[^-]+)\.whl$/.exec(fileName)?.[1];
}

/** The parts of a wheel's file name. */
export interface WheelName {
  readonly fileName: string;
  /** Normalised. */
  readonly name: string;
  readonly version: string;
}

/** Read the file name in a URL or a path; `undefined` if the file is not a wheel. */
export function parseWheelName(place: string): WheelName | undefined {
  const fileName = fileNameOf(place);
  const [, name, version] = /^([^-]+)-([^-]+)-.+\.whl$/.exec(fileName) ?? [];
  return name === undefined ? undefined : { fileName, name: normaliseName(name), version };
}

/** The file name in a URL or a path. */
export function fileNameOf(place: string): string {
  const name = place.slice(Math.max(place.lastIndexOf('/'), place.lastIndexOf('\\')) + 1);
  if (!/[?#%]/.test(name)) return name;
  return name.replace(/[?#].*/, '').replaceAll(/%2b/gi, '+'); // the plus of a local version
}

/** Whether a text begins with a scheme. One letter is not a scheme, but a drive: `C:\` */
export function isUrl(text: string): boolean {
  return /^[a-z][a-z0-9+.-]+:/i.test(text);
}
