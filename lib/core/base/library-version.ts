import { readFileSync } from 'node:fs';

const manifest: { readonly version: string } = JSON.parse(readFileSync(require.resolve('../../../package.json'), 'utf8'));

/** This library's version. It is part of every key, because a change of the library may change what it builds. */
export const OUR_VERSION = manifest.version;
