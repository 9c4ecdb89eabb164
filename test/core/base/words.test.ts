import { afterEach, describe, expect, test, vi } from 'vitest';
import { appWords } from '../../../lib/app-words';
import { flagWords } from '../../../lib/cli/options';
import { asWritten, inWords, type OptionName } from '../../../lib/core/base/words';
import { apiWords } from '../../../lib/pipeline/words';

afterEach(() => {
  vi.unstubAllEnvs();
});

const TEXT = 'set {entry}, or {pipArgs=["--no-build-isolation"]}';

describe('an option in a text', () => {
  test('is said in the words of whoever reads it', () => {
    expect(inWords(TEXT, asWritten)).toBe('set entry, or pipArgs: ["--no-build-isolation"]');
    expect(inWords(TEXT, apiWords)).toBe('set dirProjectRoot, or pipArgs: ["--no-build-isolation"]');
    expect(inWords(TEXT, flagWords)).toBe('set the project argument, or --pip-arg=--no-build-isolation');
  });

  test.each(['{unknown}', '${entry}', '{ entry }', '{Entry}', '{include-group = "entry"}', '{}', 'entry'])('is not %s', (text) => {
    expect(inWords(text, () => 'said')).toBe(text);
  });
});

describe('the words', () => {
  type Case = [option: OptionName, value: string | undefined, said: string];

  test.each<Case>([
    ['entry', undefined, 'dirProjectRoot'], ['python', undefined, 'pathBinPip'], ['version', '1.0', 'sourceVersion: 1.0'], ['requirements', undefined, 'pathRequirements'],
    ['s3DirLambda', undefined, 's3DirLambda'],
  ])('of the API: %s, %s: %s', (option, value, said) => {
    expect(apiWords(option, value)).toBe(said);
  });

  test.each<Case>([
    ['version', undefined, '--source-version'], ['version', '1.0', '--source-version=1.0'], ['skipPrompt', undefined, '--yes'],
    ['extras', '["a", "b"]', '--extra=a --extra=b'], ['createSourceZip', undefined, 'pip-source-artifact package'],
  ])('of the command: %s, %s: %s', (option, value, said) => {
    expect(flagWords(option, value)).toBe(said);
  });

  // JSII_AGENT as the runtimes of jsii set it
  test.each<[agent: string | undefined, name: string, value: string, list: string, check: string]>([
    [undefined, 'pathSourceZip', 'version: 1', 'pipArgs: ["-v"]', 'skipChecks: [ContractCheck.SIZE]'],
    ['Python/3.13.1', 'path_source_zip', 'version=1', 'pip_args=["-v"]', 'skip_checks=[ContractCheck.SIZE]'],
    ['Java/17.0.9', 'pathSourceZip', 'version(1)', 'pipArgs(List.of("-v"))', 'skipChecks(List.of(ContractCheck.SIZE))'],
    ['DotNet/8.0.1/.NETCoreApp,Version=v6.0/1.0.0.0', 'PathSourceZip', 'Version = 1', 'PipArgs = new [] { "-v" }', 'SkipChecks = new [] { ContractCheck.SIZE }'],
    ['go1.22.1/linux/amd64', 'PathSourceZip', 'Version: 1', 'PipArgs: jsii.Strings("-v")', 'SkipChecks: &[]ContractCheck{ContractCheck_SIZE}'],
  ])('of an app of %s', (agent, name, value, list, check) => {
    vi.stubEnv('JSII_AGENT', agent);
    expect([appWords('pathSourceZip'), appWords('version', '1'), appWords('pipArgs', '["-v"]'), appWords('skipChecks', '[ContractCheck.SIZE]')]).toEqual([name, value, list, check]);
  });
});
