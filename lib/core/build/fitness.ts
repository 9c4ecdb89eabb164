import { type InstalledTree } from './installed-tree';
import { mebibytes } from '../base/bytes';
import { ArtifactError } from '../base/error';
import { MAX_UNZIPPED_SIZE } from '../lambda/limits';
import { distInfoFile, headersOf } from '../pep/dist-info';

/** Refuse a tree that cannot run in Lambda, before it is published. */
export function refuseUnfit(tree: InstalledTree, maxSize = MAX_UNZIPPED_SIZE): void {
  refuseEmpty(tree);
  refuseNames(tree);
  refusePlatformWheel(tree);
  if (tree.size <= maxSize) return;
  const largest = [...tree.files].sort((a, b) => b.content.length - a.content.length).slice(0, 10);
  throw new ArtifactError({
    reference: 'source-too-large',
    problem: `the installed project is larger than Lambda's ${mebibytes(maxSize)} unzipped`,
    got: mebibytes(tree.size),
    advice: 'leave files out of the package, or load them from S3 or a file system at run time',
    hint: `the largest files: ${largest.map((file) => `${file.path} (${mebibytes(file.content.length)})`).join(', ')}`,
  });
}

function refuseEmpty({ files, name }: InstalledTree): void {
  if (files.some((file) => !/^[^/]+\.dist-info\//.test(file.path))) return;
  throw new ArtifactError({
    reference: 'source-empty',
    problem: 'the project installs no files besides its metadata',
    got: name,
    advice: 'tell the build backend which packages to install',
    hint: 'the package folder is missing, has another name than the project, '
      + 'or is not listed in the build backend\'s table of pyproject.toml',
  });
}

/** A zip from Windows, unpacked on Linux, has such names; Lambda's own unzip, or a RECORD, would make others of them. */
function refuseNames({ files }: InstalledTree): void {
  // eslint-disable-next-line no-control-regex
  const odd = files.filter((file) => /[\u0000-\u001f\u007f\\\ufffd]/.test(file.path)).map((file) => file.path);
  if (odd.length === 0) return;
  throw new ArtifactError({
    reference: 'file-name-unfit',
    problem: 'the project installs a file whose name has a control character or a backslash, or is not UTF-8',
    got: odd.slice(0, 5),
    advice: 'rename it, or leave it out with {exclude}',
  });
}

function refusePlatformWheel({ files }: InstalledTree): void {
  const binaries = files.filter((file) => /\.(so(\.[\d.]+)?|pyd|dylib|dll)$/.test(file.path)).map((file) => file.path);
  const tags = headersOf(distInfoFile(files, 'WHEEL'), 'Tag').filter((tag) => !tag.endsWith('-none-any'));
  if (binaries.length === 0 && tags.length === 0) return;
  throw new ArtifactError({
    reference: 'source-platform',
    problem: 'the project builds for one platform only, that of this machine and not of Lambda',
    got: [...tags, ...binaries.slice(0, 5)],
    advice: 'put native code into a package of its own, with wheels for Lambda, and require that in a layer; '
      + 'what is built from a folder is pure Python',
  });
}
