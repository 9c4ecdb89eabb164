import { Stack, Token } from 'aws-cdk-lib';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { appOf, type KeyClaim } from '../app-state';
import { ArtifactError } from '../core/base/error';
import type { Labels } from '../core/plan/object-labels';

/** One key, one object: two artifacts of an app that disagree would fail at deploy, or one would get what the other says. */
export function claimKey(
  scope: Construct,
  bucket: s3.IBucket,
  key: string,
  sourceSha256: string,
  labels: { readonly metadata: Labels; readonly tags: Labels },
): void {
  const { claims } = appOf(scope);
  const { bucketName, node } = bucket;
  const place = `${Token.isUnresolved(bucketName) ? node.path : bucketName}/${key}`;
  const claim: KeyClaim = {
    path: scope.node.path,
    sourceSha256,
    metadata: written(scope, labels.metadata),
    tags: written(scope, labels.tags),
  };
  const former = claims.get(place) ?? claim;
  if (former.sourceSha256 !== sourceSha256) {
    throw new ArtifactError({
      reference: 'key-claimed',
      problem: `${former.path} publishes other content under the same key`,
      got: key,
      advice: 'give each project a prefix of its own, or different content another version',
    });
  }
  for (const name of ['metadata', 'tags'] as const) {
    if (former[name] === claim[name]) continue;
    throw new ArtifactError({
      reference: 'labels-claimed',
      problem: `${former.path} publishes the same object with other ${name}, ${former[name]}`,
      got: labels[name],
      advice: 'give both the same {metadata} and {tags}, or each a {prefix} of its own',
    });
  }
  claims.set(place, claim);
}

/** In one order, and tokens as they come out in the template. */
function written(scope: Construct, labels: Labels): string {
  return JSON.stringify(Object.entries(Stack.of(scope).resolve(labels) as Labels).sort(([a], [b]) => a < b ? -1 : 1));
}
