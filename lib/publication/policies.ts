import { Token, type Stack } from 'aws-cdk-lib';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { isOther } from './bucket-access';
import {
  foldPrefixes, CREATING, kindOfRight, PUBLISH_ACTIONS, REPLACING, toPolicies, type PolicyStatement, type Right,
} from './role-policies';
import type { StagingBucket } from './staged-artifact';
import { ArtifactError } from '../core/base/error';
import { partitionOf } from '../core/plan/object-key';

/** What is published to a bucket. */
interface Target {
  readonly bucket: s3.IBucket;
  readonly prefixes: Set<string>;
  /** Of the artifacts below each prefix. */
  readonly exact: Rights;
}

/** What is read of a bucket, and not published to it. */
interface Reading {
  readonly bucket: s3.IBucket;
  readonly prefix: string;
  readonly actions: readonly string[];
}

/** A bucket that is read from. */
interface Readable {
  readonly arn: string;
  readonly keyArn: string | undefined;
}

/** Rights on published artifacts, in two forms. */
interface Rights {
  /** Writing is allowed apart, with its condition. */
  readonly apart: Right[];
  /** In half the space: all is allowed at once, and what does not meet the condition is denied. */
  readonly short: Right[];
}

/**
 * What the publishing function of a stack may do, in policies as large as IAM takes them. What is too much for the inline policy goes
 * into managed ones; where these are too few, prefixes of a bucket are folded into a pattern.
 */
export class PublicationPolicies {
  private readonly staging = new Map<string, Readable>();
  private readonly targets = new Map<string, Target>();
  private readonly readings = new Map<string, Reading>();
  private readonly others: Right[] = [];
  private readonly resolved = new Map<string, { readonly text: string; readonly length: number }>();

  constructor(private readonly stack: Stack) {}

  allow({ bucketName, kmsKeyArn }: StagingBucket, bucket: s3.IBucket, prefix: string): void {
    const arn = this.stack.formatArn({ service: 's3', region: '', account: '', resource: bucketName });
    // the same bucket may stand behind different tokens
    this.staging.set(this.resolve(arn).text, { arn, keyArn: kmsKeyArn });
    this.allowPublishing(bucket, prefix);
  }

  /** Of published versions, which others have written. */
  allowReading(bucket: s3.IBucket, prefix: string, actions: readonly string[]): void {
    const reading = { bucket, prefix, actions };
    this.readings.set(JSON.stringify([this.resolve(bucket.bucketArn).text, prefix, actions]), reading);
  }

  allowPublishing(bucket: s3.IBucket, prefix: string): void {
    const name = this.resolve(bucket.bucketArn).text;
    const target = this.targets.get(name) ?? { bucket, prefixes: new Set(), exact: { apart: [], short: [] } };
    this.targets.set(name, target);
    if (target.prefixes.has(prefix)) return;
    target.prefixes.add(prefix);
    const { apart, short } = this.rightsBelow(bucket, [`${prefix}source/*`]);
    target.exact.apart.push(...apart);
    target.exact.short.push(...short);
  }

  /** What the function needs besides: its log group, its network, a key. */
  allowBesides(actions: readonly string[], arn: string): void {
    for (const right of this.rights(kindOfRight(actions), [arn], arn === '*' ? 0 : LONGER_NAME)) {
      const text = this.resolve(arn).text;
      if (!this.others.some(({ kind, arn: other }) => kind === right.kind && this.resolve(other).text === text)) this.others.push(right);
    }
  }

  /**
   * The statements of the inline policy, and those of each managed one.
   *
   * @param sizes how many characters each policy may have
   */
  render(sizes: readonly number[]): PolicyStatement[][] {
    const policies = this.renderAs('apart', sizes) ?? this.renderAs('short', sizes);
    if (!policies) throw tooManyBuckets(this.targets.size);
    return policies;
  }

  private renderAs(form: keyof Rights, sizes: readonly number[]): PolicyStatement[][] | undefined {
    const targets = [...this.targets.values()];
    const everything = this.stack.formatArn({ service: 's3', region: '', account: '', resource: '*', resourceName: 'source/*' });
    const denied = form === 'short' ? this.rights(kindOfRight([WRITE], REPLACING, 'Deny'), [everything]) : [];
    const policies = toPolicies(this.rightsOf([...denied, ...targets.flatMap(({ exact }) => exact[form])]), sizes);
    if (policies) return policies;
    const folding = targets.map(({ bucket, prefixes, exact: { [form]: exact } }) => {
      const folded = this.rightsBelow(bucket, foldPrefixes([...prefixes]))[form];
      return { exact, folded, gain: sizeOf(exact) - sizeOf(folded) };
    }).sort((a, b) => b.gain - a.gain);
    const useful = folding.filter(({ gain }) => gain > 0).length;
    for (let count = 1; count < 2 * useful; count *= 2) {
      const published = folding.flatMap((item, i) => i < Math.min(count, useful) ? item.folded : item.exact);
      const folded = toPolicies(this.rightsOf([...denied, ...published]), sizes);
      if (folded) return folded;
    }
    return undefined;
  }

  /** Some of which are rights on published artifacts. */
  private rightsOf(published: readonly Right[]): Right[] {
    const [staging, buckets] = [[...this.staging.values()], [...this.targets.values()].map(({ bucket }) => bucket)];
    const readings = [...this.readings.values()];
    const read = [...staging, ...readings.map(({ bucket }): Readable => ({ arn: bucket.bucketArn, keyArn: this.keyOf(bucket) }))];
    const keys = buckets.map((bucket) => this.keyOf(bucket));
    const readKeys = read.map(({ keyArn }) => keyArn).filter((arn) => !keys.includes(arn));
    return [
      // all staged objects, as CDK's own grants do: a role that changes with the content would ask for approval at each deploy
      ...this.rights(kindOfRight(['s3:GetObject']), staging.map(({ arn }) => `${arn}/*`)),
      ...published,
      ...readings.flatMap((reading) => this.rightsToRead(reading)),
      // else a missing key is 403 and not 404
      ...this.rights(kindOfRight(['s3:ListBucket']), [...buckets.map(({ bucketArn }) => bucketArn), ...read.map(({ arn }) => arn)]),
      ...this.rights(kindOfRight(['kms:Decrypt', 'kms:GenerateDataKey']), keys, LONGER_KEY),
      ...this.rights(kindOfRight(['kms:Decrypt']), readKeys, LONGER_KEY),
      ...this.others,
    ];
  }

  private rightsBelow(bucket: s3.IBucket, patterns: readonly string[]): Rights {
    const arns = patterns.map((pattern) => bucket.arnForObjects(pattern));
    const others = PUBLISH_ACTIONS.filter((action) => action !== WRITE);
    return {
      apart: [...this.rights(kindOfRight(others), arns), ...this.rights(kindOfRight([WRITE], CREATING), arns)],
      short: this.rights(kindOfRight(PUBLISH_ACTIONS), arns),
    };
  }

  /** None where the stack publishes too, which needs more. */
  private rightsToRead({ bucket, prefix, actions }: Reading): Right[] {
    if (this.targets.get(this.resolve(bucket.bucketArn).text)?.prefixes.has(prefix)) return [];
    return this.rights(kindOfRight(actions), [bucket.arnForObjects(`${prefix}source/*`)]);
  }

  /** A key of another account, which the app makes there, has no name here: its policy and the bucket's decide. */
  private keyOf({ encryptionKey: key }: s3.IBucket): string | undefined {
    if (!key || !Token.isUnresolved(key.keyArn) || !isOther(this.stack.account, key.env.account)) return key?.keyArn;
    const { account, region } = key.env;
    return this.stack.formatArn({ service: 'kms', account, region, resource: 'key', resourceName: '*' });
  }

  private rights(kind: string, arns: ReadonlyArray<string | undefined>, more = 0): Right[] {
    const known = arns.filter((arn) => arn !== undefined);
    const distinct = new Map(known.map((arn) => [this.resolve(arn).text, arn]));
    return [...distinct.values()].map((arn) => ({ kind, arn, size: this.resolve(arn).length + more }));
  }

  private resolve(arn: string): { readonly text: string; readonly length: number } {
    const known = this.resolved.get(arn);
    if (known) return known;
    const value: unknown = this.stack.resolve(arn);
    const resolved = { text: JSON.stringify(value), length: longest(value, this.stack.region) };
    this.resolved.set(arn, resolved);
    return resolved;
  }
}

const WRITE = 's3:PutObject';

function sizeOf(rights: readonly Right[]): number {
  return rights.reduce((sum, { size }) => sum + size, 0);
}

/** How much longer the ARN of a key may be than that of a bucket. */
const LONGER_KEY = 8;

/** How much longer the ARN of a log group may be, whose name has those of its stack and its construct. */
const LONGER_NAME = 190;

/** How long a resolved ARN of a bucket or its objects can be once CloudFormation has put in its values. */
function longest(value: unknown, region: string): number {
  if (typeof value === 'string') return value.length;
  const [name, argument]: [string, unknown] = Object.entries(value as object)[0];
  if (name === 'Fn::Join') return (argument as [string, unknown[]])[1].reduce((sum: number, part) => sum + longest(part, region), 0);
  const partition = Token.isUnresolved(region) ? 'aws-us-gov' : partitionOf(region);
  if (name === 'Ref' && argument === 'AWS::Partition') return partition.length;
  if (name === 'Ref' && argument === 'AWS::Region') return 'ap-southeast-1'.length;
  if (name === 'Ref' && argument === 'AWS::AccountId') return 12;
  return `arn:${partition}:s3:::`.length + 63;
}

function tooManyBuckets(count: number): ArtifactError {
  return new ArtifactError({
    reference: 'role-too-large',
    problem: 'the artifacts of the stack are in more buckets than the policies of one role can name',
    got: count,
    advice: 'publish to fewer buckets, with a prefix for each project, or divide the artifacts among stacks',
  });
}
