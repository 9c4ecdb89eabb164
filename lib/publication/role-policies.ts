/** What publishes needs of the artifacts of a prefix. */
export const PUBLISH_ACTIONS = ['s3:GetObject', 's3:GetObjectTagging', 's3:PutObject', 's3:PutObjectTagging'];

/**
 * The writes that are allowed: they may create objects, and replace none.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
 */
export const CREATING = { Null: { 's3:if-none-match': 'false' } };
/** The others. */
export const REPLACING = { Null: { 's3:if-none-match': 'true' } };

/** What may be done with a resource. */
export interface Right {
  /** Rights of one kind share a statement: its JSON, without resources. */
  readonly kind: string;
  readonly arn: string;
  /** Characters, at most, where the ARN is a token. */
  readonly size: number;
}

/** A statement of a policy, as CloudFormation writes it. */
export interface PolicyStatement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: readonly string[];
  readonly Resource: string[];
  readonly Condition?: object;
}

/** The kind of rights that allow these actions, or deny them. */
export function kindOfRight(actions: readonly string[], condition?: object, effect: PolicyStatement['Effect'] = 'Allow'): string {
  return JSON.stringify({ Effect: effect, Action: actions, Resource: [], Condition: condition } satisfies PolicyStatement);
}

/**
 * Characters without white space: of a role's inline policies together, and of each managed policy; a role takes ten of these, one of
 * which is for its logs.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export const POLICY_SIZES: readonly number[] = [10_240, ...Array.from({ length: 9 }, () => 6_144)];

/**
 * The statements of a role's policies. The first are those of the inline policy, which has one of each kind at least. Nothing if they
 * take more than a role may have.
 *
 * @param sizes how many characters each policy may have
 */
export function toPolicies(rights: readonly Right[], sizes: readonly number[]): PolicyStatement[][] | undefined {
  const isTooMuch = rights.reduce((sum, { size }) => sum + size, 0) > sizes.reduce((sum, size) => sum + size, 0);
  if (isTooMuch) return undefined; // seen at once, as it is asked again and again
  const firstOfKind = new Set(new Map([...rights].reverse().map((right) => [right.kind, right])).values());
  const inOrder = rights.toSorted((a, b) => Number(firstOfKind.has(b)) - Number(firstOfKind.has(a)));
  const policies: Policy[] = [];
  for (const right of inOrder) {
    if (policies.at(-1)?.add(right)) continue;
    const policy = new Policy(sizes[policies.length] ?? 0);
    if (!policy.add(right)) return undefined;
    policies.push(policy);
  }
  return policies.map((policy) => policy.statements);
}

const EMPTY_POLICY = JSON.stringify({ Version: '2012-10-17', Statement: [] }).length;

class Policy {
  private readonly arns = new Map<string, string[]>();
  private size = EMPTY_POLICY;

  constructor(private readonly maxSize: number) {}

  /** @returns whether there was room for it */
  add({ kind, arn, size }: Right): boolean {
    const others = this.arns.get(kind);
    const larger = this.size + size + '"",'.length + (others ? 0 : kind.length + ','.length);
    if (larger > this.maxSize) return false;
    this.size = larger;
    if (others) others.push(arn);
    else this.arns.set(kind, [arn]);
    return true;
  }

  get statements(): PolicyStatement[] {
    return [...this.arns].map(([kind, arns]) => ({ ...JSON.parse(kind) as PolicyStatement, Resource: arns }));
  }
}

/** Longer than this, what prefixes have in common is no help. */
const MAX_COMMON_LENGTH = 64;

/**
 * Patterns of a bucket's prefixes that cover many of them in few characters: their `source/*`, and those of no other bucket.
 *
 * @param prefixes each empty, or with a slash at its end
 */
export function foldPrefixes(prefixes: readonly string[]): string[] {
  const below = prefixes.filter((prefix) => prefix !== '');
  const folders = below.map((prefix) => prefix.split('/').slice(0, -2));
  const [first = [], ...others] = folders;
  const end = first.findIndex((name, i) => others.some((other) => other[i] !== name));
  const common = first.slice(0, end === -1 ? first.length : end).map((name) => `${name}/`).join('');
  const pattern = `${common.length > MAX_COMMON_LENGTH ? '' : common}*/source/*`;
  return [...below.length > 0 ? [pattern] : [], ...prefixes.includes('') ? ['source/*'] : []];
}
