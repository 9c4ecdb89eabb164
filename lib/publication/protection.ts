import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { ArtifactError } from '../core/base/error';

/** The exceptions of `protect`. */
export interface ProtectionOptions {
  /**
   * The roles that may delete versions, such as that of a pipeline that runs `pip-source-artifact prune`. Nobody may replace one.
   *
   * @default - nobody may
   */
  readonly deletableBy?: iam.IRole[];
}

/** Characters. What is more is not named one by one: a bucket's policy has at most 20 KB, and names each pattern twice. */
const MAX_SIZE = 8_000;
/** Characters of an ARN before the key. */
const ARN_SIZE = 'arn:aws-us-gov:s3:::/'.length + 63;

/** The keys of the artifacts of all prefixes. */
const ALL = '*source/*';

/** The two statements that a bucket's policy has for all of its artifacts. */
class Protection {
  static of(bucket: s3.IBucket): Protection {
    const known = Protection.known.get(bucket) ?? new Protection(bucket);
    Protection.known.set(bucket, known);
    return known;
  }

  private static readonly known = new WeakMap<s3.IBucket, Protection>();

  private readonly patterns = new Set<string>();
  private readonly exceptions = new Set<string>();
  private readonly statements: Readonly<Record<'replacing' | 'deleting', iam.PolicyStatement>>;
  private isAdded = false;

  private constructor(private readonly bucket: s3.IBucket) {
    const everybody = { effect: iam.Effect.DENY, principals: [new iam.StarPrincipal()] };
    this.statements = {
      replacing: new iam.PolicyStatement({
        ...everybody,
        sid: 'PipSourceArtifactsAreNotReplaced',
        actions: ['s3:PutObject'],
        conditions: { Null: { 's3:if-none-match': 'true' } },
      }),
      deleting: new iam.PolicyStatement({
        ...everybody,
        sid: 'PipSourceArtifactsAreNotDeleted',
        actions: ['s3:DeleteObject', 's3:DeleteObjectVersion'],
      }),
    };
  }

  protect(pattern: string, { deletableBy = [] }: ProtectionOptions): void {
    this.addPattern(pattern);
    for (const { roleArn } of deletableBy) this.exceptions.add(roleArn);
    if (this.exceptions.size > 0) {
      this.statements.deleting.addCondition('ArnNotEquals', { 'aws:PrincipalArn': [...this.exceptions] });
    }
    if (this.isAdded) return;
    for (const statement of Object.values(this.statements)) {
      if (!this.bucket.addToResourcePolicy(statement).statementAdded) throw this.notOurs();
    }
    this.isAdded = true;
  }

  private addPattern(pattern: string): void {
    const patterns = this.patterns;
    if (['*', ALL, pattern].some((known) => patterns.has(known))) return;
    const size = [...patterns, pattern].reduce((sum, { length }) => sum + ARN_SIZE + length, 0);
    const added = size > MAX_SIZE ? ALL : pattern;
    patterns.add(added);
    for (const statement of Object.values(this.statements)) statement.addResources(this.bucket.arnForObjects(added));
  }

  private notOurs(): ArtifactError {
    return new ArtifactError({
      reference: 'protect-imported',
      problem: 'the bucket is not made by this app, which therefore cannot change its policy',
      got: this.bucket.node.path,
      advice: 'leave out {protect}, and put the policy of docs/permissions.md on the bucket where it is made',
    });
  }
}

/**
 * Deny everybody to replace or delete objects. Whoever publishes says `if-none-match`, and replaces none.
 *
 * @param pattern of the objects' keys
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
 */
export function protectObjects(bucket: s3.IBucket, pattern: string, options: ProtectionOptions = {}): void {
  if (isEmptied(bucket)) {
    throw new ArtifactError({
      reference: 'protect-auto-delete',
      problem: 'the bucket is to be emptied when its stack is destroyed, and published versions are not to be deleted',
      got: bucket.node.path,
      advice: 'leave out autoDeleteObjects of the bucket, or {protect}',
    });
  }
  Protection.of(bucket).protect(pattern, options);
}

/** Whether the bucket is the app's, and not one that is emptied with its stack. */
export function isProtectable(bucket: s3.IBucket): boolean {
  return bucket.node.defaultChild instanceof s3.CfnBucket && !isEmptied(bucket);
}

function isEmptied(bucket: s3.IBucket): boolean {
  return bucket.node.tryFindChild('AutoDeleteObjectsCustomResource') !== undefined;
}
