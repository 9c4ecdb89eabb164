// what the core calls an option: the construct's prop, or the API's option where there is no prop
const OPTIONS = [
  'architecture', 'bucket', 'createSourceZip', 'dirLambdaSourceBuild', 'dirProjectRoot', 'entry', 'environment',
  'exclude', 'extras', 'groups', 'handler', 'installer', 'layers', 'metadata', 'onlyGroups', 'packages', 'pathLayerZip',
  'pathSbom', 'pathSetupPyOrPyprojectToml', 'pathSourceZip', 'pathZip', 'pipArgs', 'prefix', 'python', 'requirements',
  'runtime', 's3Client', 's3DirLambda', 'serverSideEncryption', 'skipChecks', 'skipPrompt', 'sourceSha256', 'tags',
  'verifyReproducible', 'version',
] as const;

/** An option that a message may speak of, as `{name}`, or as `{name=value}` where it says what to set it to. */
export type OptionName = typeof OPTIONS[number];

/** How somebody writes an option, and sets it. */
export type Words = (option: OptionName, value?: string) => string;

const PLACEHOLDER = new RegExp(`(?<!\\$)\\{(${OPTIONS.join('|')})(?:=([^{}]*))?\\}`, 'g');

/** As a TypeScript app writes it. */
export const asWritten: Words = (option, value) => value === undefined ? option : `${option}: ${value}`;

/** A text of a message with its options in somebody's words. */
export function inWords(text: string, words: Words): string {
  return text.replace(PLACEHOLDER, (_, option: OptionName, value: string | undefined) => words(option, value));
}
