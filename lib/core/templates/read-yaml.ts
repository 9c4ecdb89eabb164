import { parseDocument } from 'yaml';

/**
 * The content of a file of YAML or JSON, as far as it can be read: tags such as !Ref are passed over, and so are mistakes.
 *
 * @returns `undefined` for one whose aliases have no end
 */
export function readYaml(text: string): unknown {
  const document = parseDocument(text, { logLevel: 'silent', strict: false, uniqueKeys: false });
  try {
    return document.toJS({ maxAliasCount: 1000 });
  } catch (error) {
    if (error instanceof ReferenceError) return undefined; // of yaml: an alias without an anchor, or too many of them
    throw error;
  }
}
