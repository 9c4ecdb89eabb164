import { isUtf8 } from 'node:buffer';
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import { digestFile, type TreeFile } from '../../core/base/tree';
import { compareTrees } from '../../core/base/tree-difference';
import type { SourceFileDiff } from '../model/diff';

/** Lines that are added and removed, at most: the time grows with their square. */
const MAX_EDITS = 5_000;

/** The differences of two trees, with those of their texts. */
export function diffTrees(before: readonly TreeFile[], after: readonly TreeFile[]): SourceFileDiff[] {
  const old = new Map(before.map((file) => [file.path, file]));
  const now = new Map(after.map((file) => [file.path, file]));
  return compareTrees(before.map(digestFile), after.map(digestFile)).map((difference) => {
    const patch = diffText(difference.path, old.get(difference.path)?.content, now.get(difference.path)?.content);
    return patch === undefined ? difference : { ...difference, patch };
  });
}

/** As `diff -u` has it. `undefined` if there is nothing to be shown. */
function diffText(path: string, before?: Buffer, after?: Buffer): string | undefined {
  const isText = (content: Buffer) => isUtf8(content) && !content.includes(0);
  const contents = [before, after].filter((content) => content !== undefined);
  if (!contents.every(isText) || (contents.length === 2 && contents[0].equals(contents[1]))) return undefined;
  const nameOf = (side: string, content?: Buffer) => content ? `${side}/${path}` : '/dev/null';
  const [from, to] = [nameOf('a', before), nameOf('b', after)];
  const [old, now] = [before?.toString() ?? '', after?.toString() ?? ''];
  const options = { context: 3, headerOptions: FILE_HEADERS_ONLY, maxEditLength: MAX_EDITS };
  return createTwoFilesPatch(from, to, old, now, undefined, undefined, options);
}
