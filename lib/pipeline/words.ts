import type { OptionName, Words } from '../core/base/words';

/** The name and the words in which errors are told: the function's, or those of the command that calls it. */
export interface Caller {
  readonly name: string;
  readonly words: Words;
}

// the core names options as the construct's props
const API_NAMES: Partial<Readonly<Record<OptionName, string>>> = {
  entry: 'dirProjectRoot', python: 'pathBinPip', version: 'sourceVersion', requirements: 'pathRequirements',
};

/** Options by their names in the API. */
export const apiWords: Words = (option, value) => {
  const name = API_NAMES[option] ?? option;
  return value === undefined ? name : `${name}: ${value}`;
};
