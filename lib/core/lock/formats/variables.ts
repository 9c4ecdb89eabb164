import { refusal } from '../../base/error';

/** A text with the values of its variables. @param pattern of a variable @param where the text is, for the message */
export function expand(text: string, pattern: RegExp, env: NodeJS.ProcessEnv, where: string): string {
  return text.replace(pattern, (reference: string) => {
    const name = reference.replace(/[${}]/g, '');
    const value = env[name];
    if (value !== undefined) return value;
    const advice = 'set it in {environment}, or in the environment of this process';
    throw refusal('variable-unset', `${where} has a variable that is not set`, reference, advice);
  });
}
