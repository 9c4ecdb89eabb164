import { readFileSync } from 'node:fs';

/** A change of the library may change what it builds. */
export const { version: OUR_VERSION }: { readonly version: string } = JSON.parse(readFileSync(require.resolve('../../../package.json'), 'utf8'));
