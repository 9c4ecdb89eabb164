/**
 * `cdk-pip-source-artifact/pipeline`: the "Build Lambda Source Guide" without the CDK. The same stages as the construct's, with the same
 * rules and the same bytes, one by one or all in one.
 */
export { ArtifactError, type FailedProcess, type Trouble } from '../core/base/error';
export type { Reference, TroubleCode } from '../core/base/references';
export { buildSourceArtifactsUsingPip } from './functions/build';
export { verifyReproducibleBuild } from './functions/verify-build';
export { createLayerZip } from './functions/layer';
export { createSbom } from './functions/sbom';
export { createSourceZip, readSourceZip } from './functions/package';
export { SourceS3Layout } from './functions/layout';
export { uploadSourceArtifacts } from './functions/upload';
export { buildPackageUploadSourceArtifacts } from './functions/release';
export { describeSourceVersion, listSourceVersions } from './functions/catalog';
export { downloadSourceArtifact } from './functions/download';
export { verifySourceArtifact } from './functions/verify-published';
export type { RunOptions } from './model/run';
export { type BuildOptions, type BuildSourceOptions, type BuiltSource } from './model/build';
export { type CreateSourceZipOptions, type ReadSourceZipOptions, type SourceZip } from './model/package';
export { type CreateLayerZipOptions, type LayerOfProjectOptions, type LayerZip } from './model/layer';
export { type CreateSbomOptions, type Sbom } from './model/sbom';
export type { S3ClientLike } from './model/publish';
export { type S3Place, type SourceS3LayoutOptions, type PublishedSource, type PublishOptions, type UploadSourceOptions, type BuildPackageUploadOptions, type BuildSourceArtifactsResult } from './model/publish';
export { type CatalogOptions, type DescribedSourceVersion, type SourceVersion, type SourceVersionOptions, type DownloadedSource, type DownloadSourceOptions } from './model/catalog';
export { type SourceFileDifference, type VerifiedBuild, type VerifyBuildOptions, type VerifiedSource, type VerifySourceOptions } from './model/verify';
