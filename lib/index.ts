export type { IPipSourceArtifact } from './artifact/i-pip-source-artifact';
export type { PublishedPlace, PublishedVersionProps } from './artifact/published-version-props';
export { ContractCheck } from './function-contract';
export { Installer } from './installer';
export { PipDependencyLayer, type PipDependencyLayerProps } from './pip-dependency-layer';
export { PipSourceArtifact } from './pip-source-artifact';
export { type PipSourceArtifactProps } from './pip-source-artifact-props';
export type { ProtectionOptions } from './publication/protection';
