import { Annotations, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { isBuilding } from '../app-state';
import { refusal } from '../core/base/error';

const CONTEXT = 'pip-source-artifact:development';
const FORCE = 'force';

/**
 * Whether an artifact is developed: run as it is staged, and not published.
 *
 * @param given the prop; the context else
 */
export function isDeveloping(scope: IConstruct, given: boolean | undefined): boolean {
  const context = readContext(scope);
  const isDeveloped = given ?? context !== false;
  if (!isDeveloped || !isBuilding(scope)) return isDeveloped;
  if (isInCi() && context !== FORCE) {
    throw refusal(
      'development-in-ci',
      'development is on where CI is set, and a pipeline publishes versions',
      process.env.CI,
      `leave out {development} and the context ${CONTEXT} there, or say ${CONTEXT}=${FORCE}`,
    );
  }
  tellStack(Stack.of(scope));
  return true;
}

function readContext(scope: IConstruct): boolean | typeof FORCE {
  const value: unknown = scope.node.tryGetContext(CONTEXT);
  switch (String(value ?? false)) { // -c gives text
    case 'true': return true;
    case 'false': return false;
    case FORCE: return FORCE;
    default: throw refusal('development-unknown', `the context ${CONTEXT} is none of true, false and ${FORCE}`, value, 'correct it');
  }
}

/** As CI systems say it, and as most tools read it. */
function isInCi(): boolean {
  return !['', '0', 'false'].includes(process.env.CI?.toLowerCase() ?? '');
}

const TOLD = new WeakSet<Stack>();

function tellStack(stack: Stack): void {
  if (TOLD.has(stack)) return;
  TOLD.add(stack);
  Annotations.of(stack).addInfoV2(
    'cdk-pip-source-artifact:development',
    'development: functions of this stack run source artifacts as they are staged, and no version of these is published',
  );
}

/**
 * The version of what is developed, with its digest as PEP 440's local part.
 *
 * @see https://packaging.python.org/en/latest/specifications/version-specifiers/#local-version-identifiers
 */
export function developedVersion(version: string, sourceSha256: string): string {
  return `${version}${version.includes('+') ? '.' : '+'}dev.${sourceSha256.slice(0, 8)}`;
}
