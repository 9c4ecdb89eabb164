import * as fs from 'node:fs';
import * as path from 'node:path';
import { packageTree } from '../../lib/core/package/write-archive';

export interface WheelOptions {
  readonly name: string;
  readonly version: string;
  /** `Requires-Dist`. */
  readonly requires?: readonly string[];
  readonly requiresPython?: string;
  /** More lines of its metadata. */
  readonly headers?: readonly string[];
  /** @default "py3-none-any" */
  readonly tag?: string;
  /** More files, by path. */
  readonly files?: Readonly<Record<string, string | Buffer>>;
}

/** A wheel as an index has it, of one module of its name. */
export async function writeWheel(folder: string, { name, version, requires = [], requiresPython, headers: more = [], tag = 'py3-none-any', files = {} }: WheelOptions): Promise<string> {
  const module = name.toLowerCase().replace(/[-.]+/g, '_');
  const distInfo = `${module}-${version}.dist-info`;
  const headers = ['Metadata-Version: 2.1', `Name: ${name}`, `Version: ${version}`, ...requiresPython ? [`Requires-Python: ${requiresPython}`] : [], ...requires.map((item) => `Requires-Dist: ${item}`), ...more];
  const all: Record<string, string | Buffer> = {
    [`${module}/__init__.py`]: `VERSION = ${JSON.stringify(version)}\n`,
    ...files,
    [`${distInfo}/METADATA`]: `${headers.join('\n')}\n\n${name}\n`,
    [`${distInfo}/WHEEL`]: `Wheel-Version: 1.0\nGenerator: test 1\nRoot-Is-Purelib: true\n${tag.split('.').map((item) => `Tag: ${item}\n`).join('')}`,
    [`${distInfo}/RECORD`]: '',
  };
  const record = [...Object.keys(all).map((file) => `${file},,\n`)].join('');
  const tree = Object.entries({ ...all, [`${distInfo}/RECORD`]: record }).map(([file, content]) => ({ path: file, executable: false, content: Buffer.from(content) }));
  fs.mkdirSync(folder, { recursive: true });
  const wheel = path.join(folder, `${module}-${version}-${tag}.whl`);
  fs.writeFileSync(wheel, await packageTree(tree));
  return wheel;
}

/** A page of an index with the wheels of a folder, one of them withdrawn. @see https://peps.python.org/pep-0592/ */
export function writeYankedPage(folder: string, wheel: string, reason: string): string {
  const page = path.join(folder, 'index.html');
  const links = fs.readdirSync(folder).filter((name) => name.endsWith('.whl')).map((name) => `<a href="${name}"${name === wheel ? ` data-yanked="${reason}"` : ''}>${name}</a>`);
  fs.writeFileSync(page, `<!DOCTYPE html><html><body>${links.join('\n')}</body></html>`);
  return page;
}
