import * as fs from 'node:fs';
import * as path from 'node:path';

/** The file of a project, given as the file or as its folder. */
export function projectFile(project: string): string {
  if (!fs.statSync(project, { throwIfNoEntry: false })?.isDirectory()) return project;
  const files = ['pyproject.toml', 'setup.py'].map((name) => path.join(project, name));
  return files.find((file) => fs.existsSync(file)) ?? files[0];
}

/** The folder of a project, given as the folder or as its file. */
export function projectFolder(project: string): string {
  return ['pyproject.toml', 'setup.py'].includes(path.basename(project)) ? path.dirname(project) : project;
}
