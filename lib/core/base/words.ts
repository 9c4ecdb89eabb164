// the core's name of an option is that of the construct's prop, or of the API's option if no prop exists
const OPTIONS = [
  'architecture', 'bucket', 'bytecode', 'createSourceZip', 'development', 'dirLambdaSourceBuild', 'dirProjectRoot', 'entry',
  'environment', 'exclude', 'extras', 'fromS3DirLambda', 'groups', 'handler', 'installer', 'inUseBy', 'keep', 'layers', 'metadata',
  'olderThan', 'onlyBinary', 'onlyGroups', 'packages', 'pathLayerZip', 'pathSbom', 'pathSetupPyOrPyprojectToml', 'pathSourceZip',
  'pathZip', 'pipArgs', 'prefix', 'protect', 'publishedIn', 'python', 'requirements', 'runtime', 's3Client', 's3DirLambda',
  'serverSideEncryption', 'skipChecks', 'skipPrompt', 'source', 'sourceSha256', 'storage', 'tags', 'toS3DirLambda',
  'verifyReproducible', 'version',
] as const;

/** An option that a message may name: `{name}`, or `{name=value}` to say how it is set. */
export type OptionName = typeof OPTIONS[number];

/** How construct, API or command spell an option, and the setting of one. */
export type Words = (option: OptionName, value?: string) => string;

const PLACEHOLDER = new RegExp(`(?<!\\$)\\{(${OPTIONS.join('|')})(?:=([^{}]*))?\\}`, 'g');

/** The spelling of a TypeScript app. */
export const asWritten: Words = (option, value) => value === undefined ? option : `${option}: ${value}`;

/** A message's text, with its placeholders replaced by the caller's spelling. */
export function inWords(text: string, words: Words): string {
  return text.replace(PLACEHOLDER, (_, option: OptionName, value: string | undefined) => words(option, value));
}
