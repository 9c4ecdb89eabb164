import * as path from 'node:path';
import type * as Proposals from './propose';
import { ArtifactError } from '../base/error';
import { readProject, type Project } from '../project/project';

/** Read a project. Of a folder that is none yet, the error has the lines that make it one. */
export function openProject(entry: string): Project {
  try {
    return readProject(entry);
  } catch (error) {
    throw error instanceof ArtifactError && isOfPlainFolder(error) ? withLines(error, entry) : error;
  }
}

/** Refuse a folder of modules that is no project yet, with the lines that make it one. Any other is left to others. */
export function refusePlainFolder(entry: string): void {
  try {
    readProject(entry);
  } catch (error) {
    const told = error instanceof ArtifactError && isOfPlainFolder(error) ? withLines(error, entry) : error;
    if (told !== error) throw told;
  }
}

/** Whether an error says that a folder has no project's table or file. */
export function isOfPlainFolder({ trouble: { reference } }: ArtifactError): boolean {
  return reference === 'project-files-missing' || reference === 'project-table-missing';
}

function withLines(error: ArtifactError, entry: string): ArtifactError {
  const text = linesFor(entry);
  if (text === undefined) return error;
  const place = path.relative('', entry) || '.';
  const folder = /^[\w./\\:@-]+$/.test(place) ? place : JSON.stringify(place);
  const isNew = error.trouble.reference === 'project-files-missing';
  const what = isNew ? 'writes a pyproject.toml' : 'adds it';
  const advice = `npx cdk-pip-source-artifact init ${folder} ${what}, with name, version and files`;
  const lines = text.trimEnd().split('\n').map((line) => `  ${line}`.trimEnd()).join('\n');
  const hint = `the lines for this folder are\n\n${lines}`;
  return new ArtifactError({ ...error.trouble, advice, hint });
}

/** `undefined` for a folder without modules, which is perhaps not the one that was meant. */
function linesFor(entry: string): string | undefined {
  try {
    const { propose } = require('./propose') as typeof Proposals; // eslint-disable-line @typescript-eslint/no-require-imports
    const { text, files } = propose(entry);
    return files.length > 0 ? text : undefined;
  } catch {
    return undefined; // init tells what is wrong
  }
}
