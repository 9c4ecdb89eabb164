import { Annotations, CfnMapping, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { BUNDLING_STACKS } from 'aws-cdk-lib/cx-api';
import type { IConstruct } from 'constructs';
import { appOf } from './app-state';
import { appWords } from './app-words';
import { ArtifactError } from './core/base/error';
import type * as Contracts from './core/contract/contract';

/** The checks between a source artifact, the function that runs it, and the function's layers. */
export enum ContractCheck {
  /** The layers hold what the project requires, in fitting versions; Lambda's boto3 counts. */
  REQUIREMENTS = 'requirements',
  /** The layers are for the function's runtime. */
  RUNTIME = 'runtime',
  /** The layers are for the function's architecture. */
  ARCHITECTURE = 'architecture',
  /** The project's `Requires-Python` admits the function's runtime. */
  REQUIRES_PYTHON = 'requires-python',
  /** Code and layers together are at most 250 MiB unzipped. */
  SIZE = 'size',
  /** There are at most five layers. */
  LAYER_COUNT = 'layer-count',
  /** No two layers have different versions of one package. */
  LAYER_OVERLAP = 'layer-overlap',
}

type Source = Pick<Contracts.Contract, 'name' | 'version' | 'requires' | 'requiresPython' | 'unzippedSize'>;

/** Have the contract checked when the app is synthesized: layers may be added to a function until then. */
export function addContract(scope: lambda.Function, source: Source, skipped: readonly ContractCheck[]): void {
  scope.node.addValidation({
    validate: () => {
      const layers = layersOf(scope);
      if (layers.length === 0 && isPlainlyKept(source, scope.runtime.name, skipped)) return [];
      // eslint-disable-next-line @typescript-eslint/no-require-imports
      const { checkContract, describeUnknown } = require('./core/contract/contract') as typeof Contracts;
      const contract = { ...source, runtime: scope.runtime.name, architecture: scope.architecture.name, layers };
      const unknown = describeUnknown(contract, new Set(skipped));
      if (unknown !== undefined) Annotations.of(scope).addInfoV2('cdk-pip-source-artifact:unknownLayer', unknown);
      return checkContract(contract, new Set(skipped)).map((finding) => new ArtifactError(finding).at(undefined, appWords).message);
    },
  });
}

/** Refuse to deploy a function whose code was not built but is a placeholder. */
export function refusePlaceholder(scope: lambda.Function, source: IConstruct): void {
  scope.node.addValidation({
    validate: () => {
      if (!Stack.of(scope).bundlingRequired) return [];
      const error = new ArtifactError({
        reference: 'not-built',
        problem: `the function's code was not built: the CDK bundles the function's stack, and nothing in that of ${source.node.path}`,
        got: Stack.of(source).node.tryGetContext(BUNDLING_STACKS),
        advice: `set the context ${BUNDLING_STACKS} on the app alone`,
      });
      return [error.message];
    },
  });
}

/** Whether the contract is kept in the usual case without layers. Requirements are not parsed: in a small app, nothing takes longer. */
function isPlainlyKept({ requires, requiresPython = '>=3.0' }: Source, runtime: string, skipped: readonly ContractCheck[]): boolean {
  const oldest = /^>= ?3\.(\d+)$/.exec(requiresPython)?.[1];
  const minor = /^python3\.(\d+)$/.exec(runtime)?.[1];
  if (oldest === undefined || minor === undefined) return false;
  return Number(minor) >= Number(oldest) && (requires.length === 0 || skipped.includes(ContractCheck.REQUIREMENTS));
}

/** What is in the layers of a function, and the ARNs of those that were not built here. */
function layersOf(scope: lambda.Function): Contracts.Contract['layers'] {
  const stack = Stack.of(scope);
  const known = new Map<string, Contracts.ContractLayer>();
  for (const [layer, content] of appOf(scope).layers) {
    const arn = JSON.stringify(stack.resolve(layer.layerVersionArn));
    // a layer of another stack has another ARN here. The same ARN is that of a twin, in a stack that was made alike
    const isHere = layer.stack === stack || arn !== JSON.stringify(layer.stack.resolve(layer.layerVersionArn));
    if (isHere) known.set(arn, withoutParts(content, [...appOf(scope).layers.values()]));
  }
  const arns: unknown[] = stack.resolve((scope.node.defaultChild as lambda.CfnFunction).layers) ?? [];
  return arns.map((arn) => known.get(JSON.stringify(arn)) ?? { arn: readArn(arn, stack) });
}

/** What a layer excludes because another one of the same lock file was made of it, that one has to bring. */
function withoutParts(content: Contracts.ContractLayer, all: readonly Contracts.ContractLayer[]): Contracts.ContractLayer {
  const parts = all.filter(({ isPart, lock }) => isPart && lock === content.lock);
  const names = new Set(parts.flatMap(({ packages }) => packages.map(({ name }) => name)));
  return { ...content, excluded: content.excluded.filter((name) => !names.has(name)) };
}

/** An ARN as far as it can be read now: the region that a stack is deployed to is often not known. */
function readArn(arn: any, stack: Stack): string {
  if (typeof (arn?.Ref ?? arn) === 'string') return arn.Ref ?? arn;
  if (Array.isArray(arn?.['Fn::Join']?.[1])) return arn['Fn::Join'][1].map((part: unknown) => typeof part === 'string' ? part : '*').join(arn['Fn::Join'][0]);
  if (typeof arn?.['Fn::Sub'] === 'string') return arn['Fn::Sub'];
  const [map] = arn?.['Fn::FindInMap'] ?? [];
  const mapping = stack.node.children.find((child): child is CfnMapping => child instanceof CfnMapping && stack.resolve(child.logicalId) === map);
  // of AWS's layers by region: the name is the same in all of them
  return /arn:[^"]*:layer:[^"]*/.exec(JSON.stringify(mapping?._toCloudFormation() ?? ''))?.[0] ?? JSON.stringify(arn);
}
