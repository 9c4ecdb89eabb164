import type { BuildOptions } from './build';
import type { ZipBytecode } from './package';
import type { RunOptions } from './run';

type InstallerOption = 'pathBinPip' | 'installer' | 'cache' | 'refresh' | 'pipArgs' | 'environment' | 'bytecode';

/** The options of a layer. The construct has the same. */
export interface LayerOfProjectOptions extends RunOptions, Pick<BuildOptions, InstallerOption> {
  /**
   * The folder of the project whose dependencies the layer holds. Their versions come from the first of these that exists: `uv.lock` (of
   * the project or its workspace), `pylock.toml`, `poetry.lock`, `Pipfile.lock`, `requirements.txt`, `[project].dependencies`.
   *
   * @default - none, and `pathRequirements` is needed
   */
  readonly dirProjectRoot?: string;

  /**
   * The file to take the versions from: one of the above, recognised by its name, or any `*.txt` in the format of a requirements file.
   *
   * @default - found in `dirProjectRoot`
   */
  readonly pathRequirements?: string;

  /** The runtime of the functions that use the layer, such as `python3.13`. */
  readonly runtime: string;

  /**
   * The architecture of the functions that use the layer, `x86_64` or `arm64`.
   *
   * @default "x86_64"
   */
  readonly architecture?: string;

  /**
   * Extras of the project whose dependencies are wanted too.
   *
   * @default - none
   */
  readonly extras?: readonly string[];

  /**
   * Dependency groups of the project whose dependencies are wanted too.
   *
   * @default - none
   */
  readonly groups?: readonly string[];

  /**
   * Dependency groups of the project that alone are wanted: without its own dependencies, which may be in another layer.
   *
   * @default - none: the project's dependencies, and those of `groups`
   */
  readonly onlyGroups?: readonly string[];

  /**
   * Packages that alone are wanted, with what they require: another layer has the rest if it excludes the same names.
   *
   * @default - all that the project requires
   */
  readonly packages?: readonly string[];

  /**
   * Packages that stay out, such as `boto3`, which Lambda's runtime brings, and what nothing else in the layer requires; and files of
   * packages, by patterns as in .gitignore: `numpy/**\/tests/**`.
   *
   * @default - none
   */
  readonly exclude?: readonly string[];

  /**
   * Take wheels alone. Without it, a package that has only a source distribution is built if its wheel runs everywhere (`none-any`): its
   * build runs code of the package on this machine.
   *
   * @default false
   */
  readonly onlyBinary?: boolean;
}

/** How the archive of a layer is made. */
export interface CreateLayerZipOptions extends LayerOfProjectOptions {
  /**
   * The file to write the archive to. An existing archive is replaced.
   *
   * @default "build/lambda/layer/layer.zip" of the project, or of the folder of `pathRequirements`
   */
  readonly pathLayerZip?: string;
}

/** A layer's archive with its digests. */
export interface LayerZip {
  /** The absolute path of the archive. */
  readonly pathLayerZip: string;
  /** The absolute path of the file that the versions come from. */
  readonly pathRequirements: string;
  /** Whether that file names every version. If not, the versions are those of the day it was built. */
  readonly isLocked: boolean;
  readonly runtime: string;
  readonly architecture: string;
  /** The digest of the layer's files, hexadecimal. It depends on no compressor. */
  readonly layerSha256: string;
  /** The SHA-256 of the archive's bytes in base64, as Lambda reports it in `CodeSha256`. */
  readonly codeSha256: string;
  /** The size of the archive in bytes. */
  readonly size: number;
  /** The size of the files in it in bytes. */
  readonly unzippedSize: number;
  /** Not there if none was wanted. */
  readonly bytecode?: ZipBytecode;
  /** The packages in it, as `name==version`. */
  readonly packages: readonly string[];
  /**
   * The packages that their index has withdrawn, with the reason, which may be empty.
   *
   * @see https://peps.python.org/pep-0592/
   */
  readonly yankedPackages: Readonly<Record<string, string>>;
}
