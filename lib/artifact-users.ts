import { Annotations, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { appOf } from './app-state';
import { appWords } from './app-words';
import { ArtifactError, type Finding } from './core/base/error';
import { checkFunction, refusePlaceholder, type RunnableArtifact } from './function-contract';
import { admitAccount, isOther, READING, type SharedBucket } from './publication/bucket-access';

/** An artifact, and where those who run it find it. */
export interface PublishedArtifact extends RunnableArtifact, SharedBucket {
  readonly key: string;
  readonly objectKey: string;
  /** The custom resource. */
  readonly publication: IConstruct;
  /** Whether it is staged in the stack of whoever runs it, and published nowhere. */
  readonly isDeveloped?: boolean;
}

/** Check a construct that gets the artifact as its code: where it is, now; and when the app is synthesized, what it runs. */
export function checkUser(user: IConstruct, artifact: PublishedArtifact): void {
  if (!artifact.isDeveloped) checkPlace(user, artifact);
  if (!(user instanceof lambda.Function || user instanceof lambda.LayerVersion)) return; // one of those that are looked for
  if (user instanceof lambda.LayerVersion) warnOfLayer(user);
  appOf(user).checked.add(user);
  user.node.addValidation({ validate: () => problemsOf(user.node.defaultChild!, artifact) });
}

function checkPlace(user: IConstruct, artifact: PublishedArtifact): void {
  const problem = findOtherRegion(user, artifact);
  if (problem) throw new ArtifactError(problem).at(user.node.path, appWords);
  admitAccount(artifact, user, READING);
}

/** Look for those who run it without `source.code`, by `Code.fromBucket` or as a `CfnFunction`. */
export function checkOtherUsers(artifact: PublishedArtifact): void {
  const { root } = artifact.construct.node;
  const known = ARTIFACTS.get(root);
  if (known) return void known.push(artifact);
  const artifacts = [artifact];
  ARTIFACTS.set(root, artifacts);
  root.node.addValidation({ validate: () => problemsOfOthers(root, artifacts) });
}

const ARTIFACTS = new WeakMap<IConstruct, PublishedArtifact[]>();

function problemsOfOthers(root: IConstruct, artifacts: readonly PublishedArtifact[]): string[] {
  const { checked } = appOf(root);
  return root.node.findAll().filter(({ node }) => !node.scope || !checked.has(node.scope)).flatMap((user) => {
    const artifact = artifactOf(user, artifacts);
    if (!artifact) return [];
    const region = findOtherRegion(user, artifact);
    const problems = region ? [new ArtifactError(region).at(undefined, appWords).message] : problemsOf(user, artifact);
    return problems.map((problem) => `${user.node.path.replace(/\/Resource$/, '')}: ${problem}`);
  });
}

/** The artifact that is a function's or a layer's code. */
function artifactOf(user: IConstruct, artifacts: readonly PublishedArtifact[]): PublishedArtifact | undefined {
  const code = user instanceof lambda.CfnFunction ? user.code : user instanceof lambda.CfnLayerVersion ? user.content : undefined;
  if (!code) return undefined;
  const resolve = (value: unknown) => JSON.stringify(Stack.of(user).resolve(value));
  const { s3Key, s3Bucket } = Stack.of(user).resolve(code) as lambda.CfnFunction.CodeProperty;
  if (s3Key === undefined) return undefined;
  const [isLiteral, name] = [typeof s3Key === 'string', JSON.stringify(s3Key)];
  const isKey = ({ key, objectKey }: PublishedArtifact) => isLiteral ? s3Key === key : resolve(objectKey) === name;
  return artifacts.find((artifact) => isKey(artifact) && resolve(artifact.bucket.bucketName) === JSON.stringify(s3Bucket));
}

function problemsOf(user: IConstruct, artifact: PublishedArtifact): string[] {
  if (user instanceof lambda.CfnFunction) return checkFunction(user, artifact);
  return artifact.isBuilt ? [] : refusePlaceholder(user, artifact.construct);
}

function warnOfLayer(layer: lambda.LayerVersion): void {
  Annotations.of(layer).addWarningV2(
    'cdk-pip-source-artifact:sourceAsLayer',
    'Python does not look for modules in /opt, where Lambda unpacks this layer: it looks in /opt/python. Set PYTHONPATH=/opt on its '
    + 'functions, or give them the artifact as their code',
  );
}

/** Lambda takes code from a bucket of its own region. What is not known at synth is not compared. */
function findOtherRegion(user: IConstruct, { bucket, publication }: PublishedArtifact): Finding | undefined {
  const [stack, publisher] = [Stack.of(user), Stack.of(publication)];
  const advice = `make the PipSourceArtifact in a stack of ${stack.region}, with a bucket of that region`;
  if (isOther(stack.region, bucket.env.region)) {
    return {
      reference: 'function-region',
      problem: `Lambda in ${stack.region} takes code from buckets of its own region alone, and the artifact's is in another`,
      got: bucket.env.region,
      advice,
    };
  }
  // as that of EdgeFunction, which the user's own stack depends on
  if (isOther(stack.region, publisher.region) && publisher.dependencies.includes(stack)) {
    return {
      reference: 'function-region',
      problem: `the function is in a stack of ${stack.region} that is deployed before the artifact's, which is in another region`,
      got: publisher.region,
      advice,
    };
  }
  return undefined;
}
