import type { OptionName, Words } from '../core/base/words';

/** Under whose name and in whose words errors are told: the function's, or those of the command that calls it. */
export interface Caller {
  readonly name: string;
  readonly words: Words;
}

// the core's names of the options are those of the construct's props
const API_NAMES: Partial<Readonly<Record<OptionName, string>>> = {
  entry: 'dirProjectRoot', python: 'pathBinPip', version: 'sourceVersion', requirements: 'pathRequirements',
};

/** Options as the API has them. */
export const apiWords: Words = (option, value) => {
  const name = API_NAMES[option] ?? option;
  return value === undefined ? name : `${name}: ${value}`;
};
