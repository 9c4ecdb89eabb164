import * as path from 'node:path';
import type { Construct } from 'constructs';
import { appOf, isBuilding, refuseTokens } from '../app-state';
import type { StoredArtifact } from '../core/cache/records';
import { openProject } from '../core/init/open-project';
import { checkBytecode } from '../core/plan/inputs/bytecode';
import type { PipSourceArtifactProps } from '../pip-source-artifact-props';

// stands for what is not known where nothing is built: cdk ls, cdk destroy, unit tests that ask for it
const NOT_BUILT: Omit<StoredArtifact, 'version'> = {
  name: 'not-built',
  sourceSha256: '0'.repeat(64),
  codeSha256: '',
  size: 0,
  unzippedSize: 0,
  modules: {},
  requires: [],
  file: path.join(__dirname, '..', 'bundled', 'placeholder.zip'),
  provenance: { source_name: 'not-built', built_with: 'nothing' },
};

/** What can be known at synth. */
export type Options = Omit<
  PipSourceArtifactProps, 'bucket' | 'development' | 'protect' | 'layers' | 'metadata' | 'tags' | 'skipChecks' | 'storage'
>;

/** The options that the build needs, which must be values and not tokens. */
export function knownAtSynth(props: PipSourceArtifactProps): Options {
  const { bucket: _bucket, protect: _protect, layers: _layers, metadata: _metadata, tags: _tags, ...others } = props;
  const { development: _development, skipChecks: _checks, storage: _storage, ...options } = others;
  refuseTokens(options);
  return { ...options, entry: path.resolve(options.entry) };
}

/** Build a project, or find its build in the cache. */
export function obtainArtifact(scope: Construct, options: Options): StoredArtifact {
  const { prefix: _prefix, handler: _handler, serverSideEncryption: _sse, runtime, ...rest } = options;
  const request = { ...rest, ...runtime && { runtime: runtime.name } };
  checkBytecode(request);
  if (isBuilding(scope)) return appOf(scope).session.obtain({ request, where: scope.node.path });
  const { version = '0.0.0', settings: { handler } } = openProject(request.entry);
  return { ...NOT_BUILT, version: request.version ?? version, handler };
}

/** Whether an artifact is a project's, and not the placeholder. */
export function isBuilt(artifact: StoredArtifact): boolean {
  return artifact.name !== NOT_BUILT.name;
}
