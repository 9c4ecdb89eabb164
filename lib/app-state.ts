import { Stack, Token } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { BUNDLING_STACKS } from 'aws-cdk-lib/cx-api';
import type { IConstruct } from 'constructs';
import { ArtifactError } from './core/base/error';
import type { ContractLayer } from './core/contract/contract';
import { ArtifactSession } from './core/synth/session';

/** The state that the artifacts and layers of one app share. It ends with the app. */
export interface AppState {
  readonly session: ArtifactSession;
  /** The construct and the content that claim a key. */
  readonly claims: Map<string, { readonly path: string; readonly sourceSha256: string }>;
  /** The content of the layers that were built here. */
  readonly layers: Map<lambda.ILayerVersion, ContractLayer>;
}

const APPS = new WeakMap<IConstruct, AppState>();

export function appOf(scope: IConstruct): AppState {
  const state = APPS.get(scope.node.root) ?? { session: new ArtifactSession(), claims: new Map(), layers: new Map() };
  APPS.set(scope.node.root, state);
  return state;
}

/**
 * Whether this app builds. It does not if the CDK bundles nothing (`cdk ls`, `cdk destroy`, unit tests that ask for it). A stack that is
 * not deployed is built too: it may hold the artifact of a function whose stack is deployed.
 */
export function isBuilding(scope: IConstruct): boolean {
  const bundled: unknown = Stack.of(scope).node.tryGetContext(BUNDLING_STACKS);
  return !(Array.isArray(bundled) && bundled.length === 0);
}

/** Refuse options that are tokens: a build needs their values. */
export function refuseTokens(options: object): void {
  for (const [name, value] of Object.entries(options)) {
    const parts: unknown[] = [value, ...typeof value === 'object' ? Object.values(value) : []];
    if (parts.some((part) => Token.isUnresolved(part))) {
      throw new ArtifactError({
        reference: 'option-token',
        problem: `${name} is a token, whose value is known only at deploy`,
        got: String(value),
        advice: 'give a value: the project is built at synth',
      });
    }
  }
}
