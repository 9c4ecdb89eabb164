import { Stack, Token } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { BUNDLING_STACKS } from 'aws-cdk-lib/cx-api';
import type { IConstruct } from 'constructs';
import { ArtifactError } from './core/base/error';
import type { ContractLayer } from './core/contract/contract';
import { ArtifactSession } from './core/synth/session';

/** What an artifact publishes under a key. */
export interface KeyClaim {
  /** The artifact's. */
  readonly path: string;
  readonly sourceSha256: string;
  /** As JSON. */
  readonly metadata: string;
  readonly tags: string;
}

/** What is shared by the artifacts and layers of one app, and ends with it. */
export interface AppState {
  readonly session: ArtifactSession;
  /** Who publishes what under a key. */
  readonly claims: Map<string, KeyClaim>;
  /** What is in the layers that were built here. */
  readonly layers: Map<lambda.ILayerVersion, ContractLayer>;
  /** Functions and layers that are checked already. */
  readonly checked: WeakSet<IConstruct>;
}

const APPS = new WeakMap<IConstruct, AppState>();

export function appOf(scope: IConstruct): AppState {
  const state = APPS.get(scope.node.root) ?? {
    session: new ArtifactSession(),
    claims: new Map(),
    layers: new Map(),
    checked: new WeakSet(),
  };
  APPS.set(scope.node.root, state);
  return state;
}

/**
 * Whether this app builds: not where the CDK bundles nothing (`cdk ls`, `cdk destroy`, unit tests that ask for it). A stack that is not
 * deployed itself is built too: a function of one that is deployed may use what is in it.
 */
export function isBuilding(scope: IConstruct): boolean {
  const bundled: unknown = Stack.of(scope).node.tryGetContext(BUNDLING_STACKS);
  return !(Array.isArray(bundled) && bundled.length === 0);
}

/** The stack that is deployed with it: of a nested one, the one that it is in. */
export function topStackOf(scope: IConstruct): Stack {
  const stack = Stack.of(scope);
  return stack.nestedStackParent ? topStackOf(stack.nestedStackParent) : stack;
}

/** Some options must be values and not tokens: by default, because a build needs them. */
export function refuseTokens(options: object, why = 'the project is built at synth'): void {
  for (const [name, value] of Object.entries(options)) {
    const parts: unknown[] = [value, ...typeof value === 'object' ? Object.values(value) : []];
    if (parts.some((part) => Token.isUnresolved(part))) {
      throw new ArtifactError({
        reference: 'option-token',
        problem: `${name} is a token, whose value is known only at deploy`,
        got: String(value),
        advice: `give a value: ${why}`,
      });
    }
  }
}
