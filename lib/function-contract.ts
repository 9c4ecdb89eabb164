import { Annotations, CfnMapping, Stack } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { BUNDLING_STACKS } from 'aws-cdk-lib/cx-api';
import type { IConstruct } from 'constructs';
import { appOf, topStackOf } from './app-state';
import { appWords } from './app-words';
import { ArtifactError } from './core/base/error';
import type * as Contracts from './core/contract/contract';
import { binds, type Modules } from './core/lambda/handler';
import { satisfiesPlainly } from './core/pep/specifier';

/** The checks between a source artifact, the function that runs it, and the function's layers. */
export enum ContractCheck {
  /** The layers hold what the project requires, in fitting versions; Lambda's boto3 counts. */
  REQUIREMENTS = 'requirements',
  /** The function runs on Python, and its layers are for its runtime. */
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
  /** The function's handler is in the project, or may be in a layer. */
  HANDLER = 'handler',
}

/** An artifact as those see it who run it. */
export interface RunnableArtifact extends Omit<Contracts.Contract, 'runtime' | 'architecture' | 'layers' | 'handler'> {
  readonly modules?: Modules;
  readonly skipped: readonly ContractCheck[];
  /** Else a placeholder stands for it. */
  readonly isBuilt: boolean;
  readonly construct: IConstruct;
}

/** What does not fit of a function, the artifact that it runs and its layers. Layers may be added until the app is synthesized. */
export function checkFunction(cfn: lambda.CfnFunction, artifact: RunnableArtifact): string[] {
  if (!artifact.isBuilt) return refusePlaceholder(cfn, artifact.construct);
  const properties: unknown = Stack.of(cfn).resolve([cfn.handler, cfn.runtime, cfn.architectures ?? ['x86_64']]);
  const [handler, runtime, architectures] = properties as FunctionProperties;
  const contract = { ...artifact, handler, runtime: String(runtime), architecture: architectures[0], layers: layersOf(cfn) };
  const isKept = contract.layers.length === 0 && isPlainlyKept(contract, artifact.skipped);
  const problems = isKept ? [] : problemsOf(cfn, contract, artifact.skipped);
  informOfOtherRuntime(cfn, contract);
  return problems;
}

function problemsOf(cfn: lambda.CfnFunction, contract: Contracts.Contract, skip: readonly ContractCheck[]): string[] {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { checkContract, describeUnknown } = require('./core/contract/contract') as typeof Contracts;
  const skipped = new Set(skip);
  const unknown = describeUnknown(contract, skipped);
  if (unknown !== undefined) Annotations.of(cfn).addInfoV2('cdk-pip-source-artifact:unknownLayer', unknown);
  return checkContract(contract, skipped).map((finding) => new ArtifactError(finding).at(undefined, appWords).message);
}

/** Python looks at the version in a file's name, and compiles where there is none of its own. */
function informOfOtherRuntime(cfn: lambda.CfnFunction, { bytecode, name, runtime }: Contracts.Contract): void {
  if (bytecode?.runtime === undefined || runtime === bytecode.runtime || !/^python3\.\d+$/.test(runtime)) return;
  Annotations.of(cfn).addInfoV2(
    'cdk-pip-source-artifact:otherBytecode',
    `the function runs on ${runtime}, and the bytecode of ${name} is for ${bytecode.runtime}: it works, and starts slowly. `
    + 'Set the runtime of the PipSourceArtifact to that of the function',
  );
}

type FunctionProperties = [handler: unknown, runtime: unknown, architectures: readonly string[]];

/** Nothing that may be deployed runs what stands for an artifact that was not built. */
export function refusePlaceholder(user: IConstruct, source: IConstruct): string[] {
  if (!Stack.of(user).bundlingRequired) return [];
  return [new ArtifactError({
    reference: 'not-built',
    problem: `the function's code was not built: the CDK bundles the function's stack, and nothing in that of ${source.node.path}`,
    got: Stack.of(source).node.tryGetContext(BUNDLING_STACKS),
    advice: `set the context ${BUNDLING_STACKS} on the app alone`,
  }).message];
}

/** Whether the contract is kept in the usual case without layers. Requirements are not parsed: in a small app, nothing takes longer. */
function isPlainlyKept(contract: Contracts.Contract, skipped: readonly ContractCheck[]): boolean {
  const { requires, requiresPython = '>=3.0', runtime, handler, modules = {} } = contract;
  const python = /^python(3\.\d+)$/.exec(runtime)?.[1];
  const [, module, name] = /^([\w.]+)\.(\w+)$/.exec(String(handler)) ?? [];
  if (python === undefined || !satisfiesPlainly(python, requiresPython)) return false;
  const isThere = module !== undefined && Object.hasOwn(modules, module) && binds(modules[module], name);
  return (isThere || skipped.includes(ContractCheck.HANDLER)) && (requires.length === 0 || skipped.includes(ContractCheck.REQUIREMENTS));
}

/** CloudFormation refuses to change an export that is in use. @see https://github.com/aws/aws-cdk/issues/1972 */
function warnOfExport(cfn: lambda.CfnFunction, layer: lambda.ILayerVersion): void {
  Annotations.of(cfn).addWarningV2(
    `cdk-pip-source-artifact:layerOfOtherStack:${layer.node.path}`,
    `the layer ${layer.node.path} is of another stack, which exports its ARN: CloudFormation refuses the next change of the layer, `
    + 'because the export is in use. '
    + 'Make a PipDependencyLayer in the stack of the function too: it is built once for both; or hand its ARN over in an SSM parameter',
  );
}

/** What is in the layers of a function, and the ARNs of those that were not built here. */
function layersOf(cfn: lambda.CfnFunction): Contracts.Contract['layers'] {
  const stack = Stack.of(cfn);
  const known = new Map<string, Contracts.ContractLayer>();
  const elsewhere = new Map<string, lambda.ILayerVersion>();
  for (const [layer, content] of appOf(cfn).layers) {
    const arn = JSON.stringify(stack.resolve(layer.layerVersionArn));
    // a layer of another stack has another ARN here. The same ARN is that of a twin, in a stack that was made alike
    const isHere = layer.stack === stack || arn !== JSON.stringify(layer.stack.resolve(layer.layerVersionArn));
    if (!isHere) continue;
    known.set(arn, withoutParts(content, [...appOf(cfn).layers.values()]));
    if (topStackOf(layer) !== topStackOf(cfn)) elsewhere.set(arn, layer);
  }
  const arns: unknown[] = stack.resolve(cfn.layers) ?? [];
  return arns.map((arn) => {
    const name = JSON.stringify(arn);
    if (elsewhere.has(name)) warnOfExport(cfn, elsewhere.get(name)!);
    return known.get(name) ?? { arn: readArn(arn, stack) };
  });
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
  const [separator, parts] = arn?.['Fn::Join'] ?? [];
  if (Array.isArray(parts)) return parts.map((part) => typeof part === 'string' ? part : '*').join(separator);
  if (typeof arn?.['Fn::Sub'] === 'string') return arn['Fn::Sub'];
  const [map] = arn?.['Fn::FindInMap'] ?? [];
  const mappings = stack.node.children.filter((child): child is CfnMapping => child instanceof CfnMapping);
  const mapping = mappings.find(({ logicalId }) => stack.resolve(logicalId) === map);
  // of AWS's layers by region: the name is the same in all of them
  return /arn:[^"]*:layer:[^"]*/.exec(JSON.stringify(mapping?._toCloudFormation() ?? ''))?.[0] ?? JSON.stringify(arn);
}
