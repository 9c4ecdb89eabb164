import { byPath, sha256, type PackedFile, type TreeFile } from '../base/tree';

/** A file's text in the `.dist-info` folder of an installed distribution; empty if the file is missing. */
export function distInfoFile(files: readonly (PackedFile | TreeFile)[], name: string): string {
  const pattern = new RegExp(`^[^/]+\\.dist-info/${name}$`);
  const file = files.find((item) => pattern.test(item.path));
  if (file === undefined) return '';
  return ('content' in file ? file.content : file.read()).toString();
}

/** The first column of a RECORD, a CSV file. */
export function recordedPaths(record: string): string[] {
  return record.split(/\r?\n/).map((line) => {
    const quoted = /^"((?:[^"]|"")*)"/.exec(line)?.[1];
    return quoted?.replaceAll('""', '"') ?? line.split(',')[0];
  });
}

/**
 * The content of RECORD.
 *
 * @param self the path of RECORD, which lists itself without a digest
 * @see https://packaging.python.org/en/latest/specifications/recording-installed-packages/#the-record-file
 */
export function recordOf(files: readonly TreeFile[], self: string): Buffer {
  return Buffer.from(`${[...files].sort(byPath).map(recordLine).join('')}${csvField(self)},,\n`);
}

export function recordLine({ path: name, content }: Pick<TreeFile, 'path' | 'content'>): string {
  const digest = sha256(content, 'base64').replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
  return `${csvField(name)},sha256=${digest},${content.length}\n`;
}

function csvField(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/** The value of a header that occurs once; empty if it is missing. @see https://packaging.python.org/en/latest/specifications/core-metadata/ */
export function headerOf(metadata: string, name: string): string {
  return headersOf(metadata, name)[0] ?? '';
}

/** The values of a header that may occur several times. */
export function headersOf(metadata: string, name: string): string[] {
  const [headers] = metadata.split(/\r?\n\r?\n/, 1);
  return [...headers.matchAll(new RegExp(`^${name}: *(.*)$`, 'gm'))].map(([, value]) => value.trim());
}
