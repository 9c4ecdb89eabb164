import type { LayerOfProjectOptions } from './layer';

/** Of what a bill of materials is made: of an archive, or of the layer of a project. */
export interface CreateSbomOptions extends Omit<LayerOfProjectOptions, 'runtime'> {
  /**
   * The archive of a layer or of a source artifact.
   *
   * @default - none: the layer of `dirProjectRoot` or `pathRequirements`
   */
  readonly pathZip?: string;

  /**
   * The runtime of the functions that use the layer, such as `python3.13`.
   *
   * @default - none: needed without `pathZip`
   */
  readonly runtime?: string;

  /**
   * The file of the bill of materials.
   *
   * @default - beside `pathZip`, its name with `.cdx.json`; else "build/lambda/layer/layer.cdx.json" of the project
   */
  readonly pathSbom?: string;
}

/** A bill of materials. */
export interface Sbom {
  /** The file, absolute. */
  readonly pathSbom: string;
  /** Of CycloneDX. @see https://cyclonedx.org/docs/1.6/json/ */
  readonly specVersion: string;
  /** Of the archive's files, hexadecimal: `layerSha256` or `sourceSha256`. */
  readonly contentSha256: string;
  /** What is in it, as `name==version`. */
  readonly packages: readonly string[];
}
