import { Stack } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { IPipSourceArtifact } from './i-pip-source-artifact';
import type { PublishedVersionProps } from './published-version-props';
import { refuseTokens } from '../app-state';
import { appWords } from '../app-words';
import { checkOtherUsers, checkUser, type PublishedArtifact } from '../artifact-users';
import { ArtifactError, refusal } from '../core/base/error';
import { parseHandler } from '../core/lambda/handler';
import { attributeName, checkPrefix, checkVersion, consoleUrl, partitionOf, s3Url, sourceObjectKey } from '../core/plan/object-key';
import { checkEncryption } from '../core/plan/object-labels';
import { attributeDigest, type PublishedVersionProperties } from '../core/plan/published-version';
import { ArtifactBucket } from '../publication/artifact-bucket';
import { admitAccount, COPYING, isOther, PUBLISHING, VERIFYING, type SharedBucket } from '../publication/bucket-access';
import { encryptionOf } from '../publication/bucket-encryption';
import { PublishedCode } from '../publication/code';
import { CodeStorage } from '../publication/code-storage';
import { orderedKey } from '../publication/order';
import { PublicationProvider } from '../publication/provider';

const RESOURCE_TYPE = 'Custom::PipSourcePublishedVersion';

/** A version that is published already. Nothing is built, and at deploy the publishing function looks for it. */
export class PublishedVersion extends Construct implements IPipSourceArtifact {
  readonly code: lambda.Code;
  readonly layers: lambda.ILayerVersion[];
  readonly bucket: s3.IBucket;
  readonly objectKey: string;
  readonly s3Url: string;
  readonly version: string;
  readonly sourceSha256: string;
  readonly codeSha256: string;
  readonly consoleUrl: string;

  private readonly literalKey: string;
  private readonly givenHandler?: string;

  constructor(scope: Construct, id: string, props: PublishedVersionProps, caller: Function) {
    super(scope, id);
    try {
      const { version, sourceSha256, handler, publishedIn, serverSideEncryption } = props;
      const prefix = checkGiven(props);
      this.bucket = props.bucket ?? ArtifactBucket.of(this);
      this.literalKey = sourceObjectKey(prefix, version);
      const from = publishedIn && { bucket: publishedIn.bucket, prefix: checkPrefix(publishedIn.prefix ?? prefix), construct: this };
      if (from) checkOrigin(from, { bucket: this.bucket, prefix, construct: this });

      const provider = PublicationProvider.of(this);
      const isReferred = props.storage === CodeStorage.REFERENCE;
      const properties: PublishedVersionProperties = {
        Bucket: this.bucket.bucketName,
        Key: this.literalKey,
        Version: version,
        ...sourceSha256 !== undefined && { SourceSha256: sourceSha256 },
        ...handler !== undefined && { Handler: handler },
        ...from && { From: { Bucket: from.bucket.bucketName, Key: sourceObjectKey(from.prefix, version) } },
        ...from && encryptionOf(this.bucket, this, checkEncryption(serverSideEncryption)),
        ...provider.expectation,
        ...isReferred && { Storage: CodeStorage.REFERENCE },
      };
      if (isReferred) provider.allowReferring(this.bucket, prefix, this);
      if (from) provider.allowReading(from.bucket, from.prefix, COPYING.actions);
      const resource = provider.newResource(this, {
        resourceType: RESOURCE_TYPE,
        serviceToken: from ? provider.allowPublishing(this.bucket, prefix) : provider.allowReading(this.bucket, prefix, VERIFYING.actions),
        properties,
        buckets: from ? [from.bucket, this.bucket] : [this.bucket],
      });

      const digest = attributeDigest(properties);
      this.version = version;
      this.sourceSha256 = sourceSha256 ?? resource.getAttString(attributeName('SourceSha256', digest));
      this.codeSha256 = resource.getAttString(attributeName('CodeSha256', digest));
      this.objectKey = orderedKey(this, resource.getAttString(attributeName('Key', digest)), this.literalKey);
      this.s3Url = s3Url(this.bucket.bucketName, this.literalKey);
      this.consoleUrl = consoleUrl(this.bucket.bucketName, this.literalKey, this.bucket.env.region);
      this.layers = [...props.layers ?? []];
      this.givenHandler = handler;
      this.code = new PublishedCode({
        bucket: this.bucket,
        key: this.literalKey,
        sourceSha256: digest,
        publication: resource,
        referredVersion: isReferred ? resource.getAttString(attributeName('VersionId', digest)) : undefined,
        used: (user) => checkUser(user, published),
      });
      const published: PublishedArtifact = {
        name: 'a Python project',
        version,
        requires: [],
        unzippedSize: 0,
        isBuilt: true,
        skipped: props.skipChecks ?? [],
        construct: this,
        bucket: this.bucket,
        prefix,
        key: this.literalKey,
        objectKey: this.objectKey,
        publication: resource,
      };
      if (from) admitAccount(from, this, COPYING);
      admitAccount(published, this, from ? PUBLISHING : VERIFYING);
      checkOtherUsers(published);
    } catch (error) {
      throw error instanceof ArtifactError ? error.at(this.node.path, appWords, caller) : error;
    }
  }

  get handler(): string {
    if (this.givenHandler !== undefined) return this.givenHandler;
    const problem = 'the handler of a published version is not known at synth';
    throw refusal('handler-unknown', problem, this.version, 'set {handler} to <module>.<function>').at(this.node.path, appWords);
  }

  grantRead(grantee: iam.IGrantable): iam.Grant {
    return this.bucket.grantRead(grantee, this.literalKey);
  }
}

/** @returns the prefix */
function checkGiven(props: PublishedVersionProps): string {
  const { version, prefix = 'lambda/', sourceSha256, handler, publishedIn, serverSideEncryption } = props;
  const why = 'the key, and what depends on it, is made at synth';
  refuseTokens({ version, prefix, sourceSha256, handler, serverSideEncryption, 'publishedIn.prefix': publishedIn?.prefix }, why);
  checkVersion(version);
  if (handler !== undefined) parseHandler(handler);
  if (sourceSha256 !== undefined && !/^[0-9a-f]{64}$/.test(sourceSha256)) {
    const advice = 'give the one that the version was published with';
    throw refusal('sha256-invalid', '{sourceSha256} is not a SHA-256 digest', sourceSha256, advice);
  }
  return checkPrefix(prefix);
}

function checkOrigin(from: SharedBucket, to: SharedBucket): void {
  const name = ({ construct, bucket: { bucketName } }: SharedBucket) => JSON.stringify(Stack.of(construct).resolve(bucketName));
  if (from.prefix === to.prefix && name(from) === name(to)) {
    const advice = 'leave out {publishedIn}, or name another place';
    throw refusal('promote-itself', 'the version is to be copied onto itself', from.prefix, advice);
  }
  const there = from.bucket.env.region;
  const here = to.bucket.env.region;
  if (!isOther(there, here) || partitionOf(there) === partitionOf(here)) return;
  const problem = `{publishedIn} is in ${there}, and the bucket that is to have the version in another partition of AWS`;
  throw refusal('promote-partition', problem, here, 'publish it in each partition: the content is the same, whoever builds it');
}
