import { describe, expect, test, vi } from 'vitest';
import { ArtifactError, refusal, type Finding } from '../../../lib/core/base/error';
import type { Words } from '../../../lib/core/base/words';

const FINDING: Finding = { reference: 'entry-missing', problem: 'the folder does not exist', got: '/x', advice: 'set {entry} to another' };
const FAILED: Finding = { reference: 'install-failed', problem: 'pip failed', advice: 'see its output', process: { command: 'pip install .', exitCode: 1, output: 'no' } };
const shout: Words = (option, value) => `<${option.toUpperCase()}${value === undefined ? '' : ` ${value}`}>`;

describe('the message', () => {
  test.each<[what: string, finding: Finding, message: string]>([
    ['of one line ends with the reference', FINDING, 'the folder does not exist, got "/x"; set entry to another [entry-missing]'],
    ['has no value where there is none', { ...FINDING, got: undefined }, 'the folder does not exist; set entry to another [entry-missing]'],
    ['has a list as JSON', { ...FINDING, got: ['a', 1] }, 'the folder does not exist, got ["a",1]; set entry to another [entry-missing]'],
    ['of several lines ends with a paragraph', { ...FINDING, hint: 'try {entry=..}' }, 'the folder does not exist, got "/x"; set entry to another\n\nhint: try entry: ..\n\n[entry-missing]'],
    ['is of several lines where the advice is', { ...FINDING, advice: 'correct it:\n\n1: x' }, 'the folder does not exist, got "/x"; correct it:\n\n1: x\n\n[entry-missing]'],
    ['has command, exit code, output and hint of a process', { ...FAILED, hint: 'it is so' }, 'pip failed; see its output\n\n$ pip install .\n(exit code 1)\nno\n\nhint: it is so\n\n[install-failed]'],
    ['tells a process that was killed, without output', { ...FAILED, process: { command: 'pip', output: '' } }, 'pip failed; see its output\n\n$ pip\n(exit code none: killed)\n\n[install-failed]'],
  ])('%s', (_, finding, message) => {
    expect(new ArtifactError(finding).message).toBe(message);
  });

  test('leaves the value and the place as they are: they are the user\'s', () => {
    const message = '{version}: the folder does not exist, got "{entry}/${python}"; set entry to another [entry-missing]';
    expect(new ArtifactError({ ...FINDING, got: '{entry}/${python}' }, '{version}').message).toBe(message);
    expect(new ArtifactError({ ...FINDING, got: '{entry}/${python}' }).at('{version}').message).toBe(message);
  });
});

describe('the data', () => {
  test('has the kind, which follows from the reference', () => {
    expect(new ArtifactError(FAILED).trouble).toEqual({ ...FAILED, code: 'build' });
    expect(new ArtifactError({ ...FINDING, reference: 'version-published' }).trouble.code).toBe('conflict');
  });

  test('of a refusal: problem, value, advice, hint', () => {
    expect(refusal('entry-missing', 'p', 'g', 'a').trouble).toEqual({ code: 'usage', reference: 'entry-missing', problem: 'p', got: 'g', advice: 'a' });
    expect(refusal('entry-missing', 'p', ['g'], 'a', 'h').trouble).toEqual({ code: 'usage', reference: 'entry-missing', problem: 'p', got: ['g'], advice: 'a', hint: 'h' });
  });

  test('of a refusal has no password', () => {
    expect(refusal('path-missing', 'https://me:s3cret@example.com is not there', 'https://me:s3cret@example.com', 'a').message).not.toContain('s3cret');
  });
});

describe('at', () => {
  test('gives the same error a place and words', () => {
    const cause = new Error('why');
    const error = new ArtifactError({ ...FINDING, hint: 'or {pipArgs=["--x"]}' }, undefined, { cause }).at('Stack/Source', shout);
    expect(error.message).toBe('Stack/Source: the folder does not exist, got "/x"; set <ENTRY> to another\n\nhint: or <PIPARGS ["--x"]>\n\n[entry-missing]');
    expect([error.name, error.where, error.cause, error.trouble.reference, error.trouble.advice]).toEqual(['ArtifactError', 'Stack/Source', cause, 'entry-missing', 'set <ENTRY> to another']);
  });

  test('keeps words that were given before', () => {
    expect(new ArtifactError(FINDING).at('here', shout).at('there').message).toBe('there: the folder does not exist, got "/x"; set <ENTRY> to another [entry-missing]');
  });

  test('leaves the caller out of the stack trace', () => {
    const caller = () => new ArtifactError(FINDING).at('here', shout, caller);
    const { stack } = caller();
    expect(stack).toContain('error.test.ts');
    expect(stack).not.toMatch(/at caller /);
  });

  test('outside of TypeScript, the stack has the first line of the message alone: jsii prints the message below it', () => {
    vi.stubEnv('JSII_AGENT', 'Python/3.13.1');
    try {
      const error = new ArtifactError(FAILED).at('here');
      expect(error.stack).toMatch(/^ArtifactError: here: pip failed; see its output\n {4}at /);
      expect(error.message).toContain('(exit code 1)');
    } finally {
      vi.unstubAllEnvs();
    }
  });
});
