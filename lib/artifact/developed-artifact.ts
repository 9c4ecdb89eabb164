import { Names, Stack, type CfnResource } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct, type IConstruct } from 'constructs';
import { StagedArtifact, type StagedArtifactProps } from '../publication/staged-artifact';

export interface DevelopedArtifactProps extends Omit<StagedArtifactProps, 'provenance' | 'displayName'> {
  readonly version: string;
  /** Told of each construct that gets the artifact as its code. */
  readonly used: (user: Construct) => void;
}

/**
 * An artifact that is run as it is staged, for development: its key is new with each content, and known before the deployment, so that
 * hotswapping brings it.
 */
export class DevelopedArtifact extends Construct {
  readonly code: lambda.Code;
  readonly bucket: s3.IBucket;
  readonly key: string;
  readonly objectKey: string;

  private readonly staged = new Map<Stack, StagedArtifact>();

  constructor(scope: Construct, id: string, private readonly props: DevelopedArtifactProps) {
    super(scope, id);
    const staged = this.stageFor(this);
    this.bucket = staged.importBucket();
    this.key = staged.key;
    this.objectKey = staged.key;
    this.code = new DevelopedCode(props, (user) => this.stageFor(user));
  }

  /** Each stack has it in its own staging bucket, of its account and region, as it may be deployed alone. */
  private stageFor(user: IConstruct): StagedArtifact {
    const stack = Stack.of(user);
    const known = this.staged.get(stack);
    if (known) return known;
    const { archive, sourceSha256, version } = this.props;
    const props = { archive, sourceSha256, displayName: `${this.node.scope!.node.path} ${version}` };
    const staged = stack === Stack.of(this)
      ? new StagedArtifact(this, 'Staged', props)
      : new StagedArtifact(stack, Names.uniqueId(this), props);
    this.staged.set(stack, staged);
    return staged;
  }
}

class DevelopedCode extends lambda.Code {
  readonly isInline = false;

  constructor(private readonly props: DevelopedArtifactProps, private readonly stageFor: (user: IConstruct) => StagedArtifact) {
    super();
  }

  bind(scope: Construct): lambda.CodeConfig {
    this.props.used(scope);
    if (scope instanceof lambda.Function) scope.invalidateVersionBasedOn(this.props.sourceSha256);
    const { bucketName, key } = this.stageFor(scope);
    return { s3Location: { bucketName, objectKey: key } };
  }

  override bindToResource(resource: CfnResource, options: lambda.ResourceBindOptions = {}): void {
    this.stageFor(resource).addResourceMetadata(resource, options.resourceProperty ?? 'Code');
  }
}
