import { ArtifactError } from '../base/error';

/** The place of an object. */
export interface Place {
  readonly bucket: string;
  readonly key: string;
}

// the characters of PEP 440 and SemVer, and none that has a meaning in a key or a URL
const VERSION = /^[0-9A-Za-z]([0-9A-Za-z.+_!-]*[0-9A-Za-z])?$/;
const MAX_VERSION_LENGTH = 128;
const MAX_PREFIX_SIZE = 512; // bytes, of the 1,024 that a key may have

/**
 * Refuse a version that cannot stand in a key.
 *
 * @see https://peps.python.org/pep-0440/
 * @see https://semver.org
 */
export function checkVersion(version: string): string {
  if (VERSION.test(version) && !version.includes('..') && version.length <= MAX_VERSION_LENGTH) return version;
  throw new ArtifactError({
    reference: 'version-invalid',
    problem: 'the version cannot stand in an S3 key',
    got: version,
    advice: `use a PEP 440 or SemVer version such as 1.2.3, of letters, digits and .+-_!, at most ${MAX_VERSION_LENGTH} characters`,
  });
}

/**
 * The prefix of an S3 key: empty, or with a slash at its end and none at its start. It may not have `*`, `?` or `${`, which are patterns
 * and variables in the policies that name it.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export function checkPrefix(prefix: string): string {
  const complete = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
  if (/[*?]|\$\{/.test(prefix)) {
    throw new ArtifactError({
      reference: 'prefix-pattern',
      problem: 'the prefix has *, ? or ${, which are patterns in IAM policies',
      got: prefix,
      advice: 'write it without them',
    });
  }
  const isOfFolders = /^$|^([^/\x00-\x1f\x7f]+\/)+$/.test(complete);
  const hasDots = /(^|\/)\.{1,2}\//.test(complete);
  if (isOfFolders && !hasDots && Buffer.byteLength(complete) <= MAX_PREFIX_SIZE) return complete;
  throw new ArtifactError({
    reference: 'prefix-invalid',
    problem: 'the prefix cannot stand in an S3 key',
    got: prefix,
    advice: 'write it like "lambda/" or "team/app/", or "" for none',
  });
}

/** `<prefix>source/<version>/source.zip`: one version, one object, for ever. */
export function sourceObjectKey(prefix: string, version: string): string {
  return `${prefix}source/${version}/source.zip`;
}

/** The version in a key; `undefined` if the key is not that of a source artifact. */
export function parseSourceObjectKey(prefix: string, key: string): string | undefined {
  const version = key.slice(`${prefix}source/`.length, -'/source.zip'.length);
  return VERSION.test(version) && sourceObjectKey(prefix, version) === key ? version : undefined;
}

export function s3Url(bucket: string, key: string): string {
  return `s3://${bucket}/${key}`;
}

/** The partitions of AWS and their consoles, by the start of their regions. */
const PARTITIONS: ReadonlyArray<readonly [start: string, name: string, console: string]> = [
  ['cn-', 'aws-cn', 'console.amazonaws.cn'],
  ['us-gov-', 'aws-us-gov', 'console.amazonaws-us-gov.com'],
  ['eusc-', 'aws-eusc', 'console.amazonaws-eusc.eu'],
  ['us-iso-', 'aws-iso', 'console.c2shome.ic.gov'],
  ['us-isob-', 'aws-iso-b', 'console.sc2shome.sgov.gov'],
  ['us-isof-', 'aws-iso-f', 'console.csphome.hci.ic.gov'],
  ['eu-isoe-', 'aws-iso-e', 'console.csphome.adc-e.uk'],
  ['ap-isog-', 'aws-iso-g', 'console.csphome.adc-g.au'],
  ['', 'aws', 'console.aws.amazon.com'],
];

/** The partition of a region. Each has accounts of its own, and no credentials in common with another. */
export function partitionOf(region: string): string {
  return PARTITIONS.find(([start]) => region.startsWith(start))![1];
}

/** The object's page in the AWS console. */
export function consoleUrl(bucket: string, key: string, region: string): string {
  const [, , domain] = PARTITIONS.find(([start]) => region.startsWith(start))!;
  return `https://${domain}/s3/object/${bucket}?region=${region}&prefix=${encodeURIComponent(key)}`;
}

/** The custom resource's attribute names carry the content's digest: a template that uses one changes when the content does. */
export function attributeName(name: 'Key' | 'VersionId' | 'SourceSha256' | 'CodeSha256', sourceSha256: string): string {
  return `${name}${sourceSha256.slice(0, 12)}`;
}
