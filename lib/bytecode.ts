import { Annotations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { BytecodeRecord } from './core/cache/records';

/**
 * Whether an archive has compiled modules, with which functions start faster: Lambda's file systems cannot be written to, so that modules
 * without bytecode are compiled at each cold start.
 *
 * @see https://peps.python.org/pep-0552/
 */
export enum Bytecode {
  /** Where this machine has a Python of the runtime's minor version, and as far as it fits in Lambda. Otherwise an info says so. */
  AUTO = 'auto',
  /** All of it, or the synth fails. */
  REQUIRED = 'required',
  /** None. */
  NONE = 'none',
}

/** Say what of the bytecode that was wanted is not there. It is no warning: all works, and starts slowly. */
export function informOfBytecode(scope: IConstruct, what: string, record: BytecodeRecord | undefined): void {
  const { lacking, leftOut } = record ?? {};
  if (lacking !== undefined) {
    Annotations.of(scope).addInfoV2(
      'cdk-pip-source-artifact:noBytecode',
      `${what} has no bytecode, so that Lambda compiles its modules at each cold start: ${lacking}. Install one `
      + '(uv python install, pyenv install), or set bytecode: Bytecode.NONE to do without',
    );
  }
  if (leftOut !== undefined) {
    Annotations.of(scope).addInfoV2(
      'cdk-pip-source-artifact:bytecodeLeftOut',
      `${what} has no bytecode of ${leftOut.join(', ')}: with it, it would be larger than Lambda allows`,
    );
  }
}
