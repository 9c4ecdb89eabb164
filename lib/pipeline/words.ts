import type { Trouble } from '../core/base/error';
// the core's names of the options are those of the construct's props
const API_WORDS = { entry: 'dirProjectRoot', python: 'pathBinPip', version: 'sourceVersion', requirements: 'pathRequirements' };

/** What the core and the API call an option, in the caller's words. */
export function inWords({ problem, advice, hint, ...rest }: Trouble, words: Caller['words']): Trouble {
  const say = (text: string) => replaceWords(replaceWords(text, API_WORDS), words);
  return { ...rest, problem: say(problem), advice: say(advice), hint: hint === undefined ? undefined : say(hint) };
}

function replaceWords(text: string, words: Caller['words']): string {
  return Object.entries(words).reduce((said, [word, other]) => {
    // "python" is a word of every day too: it is the option only where it is to be set
    const pattern = /[A-Z]/.test(word) ? `\\b${word}\\b` : `(?<=\\b(?:set|with) )${word}\\b(?! in\\b)`;
    return said.replace(new RegExp(pattern, 'g'), other);
  }, text);
}

/** Under whose name and in whose words errors are told: the function's, or those of the command that calls it. */
export interface Caller {
  readonly name: string;
  readonly words: Readonly<Record<string, string>>;
}
