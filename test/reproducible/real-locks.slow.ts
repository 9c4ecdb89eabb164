// Lock files of public projects, their package lists alone (test/reproducible/locks): what we read is what the tool that wrote them exports.
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { tableOf } from '../../lib/core/base/toml';
import { markerEnvironment, platformOf } from '../../lib/core/lambda/target';
import { readRequirements } from '../../lib/core/lock/read-lock';
import { normaliseName } from '../../lib/core/pep/requirement';
import { readManifest } from '../../lib/core/project/manifest';
import { copyFixture, temporaryFolder } from '../setup/projects';

const { python: { file: python }, uvFolder } = inject('machine');
const LOCKS = path.join(__dirname, 'locks');
const UV = path.join(uvFolder, 'uv');

const TARGETS = ['python3.12', 'python3.13'].flatMap((runtime) => ['x86_64', 'arm64'].map((architecture) => ({ runtime, architecture })));

// each prints `name==version ; marker` lines, for any environment
const EXPORTS: Readonly<Record<string, (extras: readonly string[]) => readonly string[]>> = {
  'uv.lock': (extras) => ['export', '--frozen', '--quiet', '--no-hashes', '--no-emit-project', '--no-default-groups', '--no-header', '--no-annotate', ...extras.flatMap((extra) => ['--extra', extra])],
  'poetry.lock': (extras) => ['tool', 'run', '--quiet', '--from', 'poetry', '--with', 'poetry-plugin-export', 'poetry', 'export', '--without-hashes', '--without-urls', ...extras.flatMap((extra) => ['--extras', extra])],
  'Pipfile.lock': () => ['tool', 'run', '--quiet', 'pipenv', 'requirements'],
};

// pip's own copy of packaging says which lines hold
const HOLDS = `
import json, sys
from pip._vendor.packaging.requirements import Requirement
environment, lines = json.load(sys.stdin)
found = []
for line in lines:
    requirement = Requirement(line)
    if requirement.marker is None or requirement.marker.evaluate(environment):
        found.append([requirement.name, str(requirement.specifier)])
print(json.dumps(found))
`;

describe.each(fs.readdirSync(LOCKS).map((name) => [name, Object.keys(EXPORTS).find((format) => fs.existsSync(path.join(LOCKS, name, format)))!]))('%s: %s', (name, format) => {
  const entry = copyFixture(path.join('..', 'reproducible', 'locks', name), path.join(temporaryFolder(), name));
  const extrasOfProject = Object.entries(tableOf(tableOf(readManifest(entry)?.toml.project)['optional-dependencies']));
  const all = extrasOfProject.flatMap(([extra, lines]) => Array.isArray(lines) && lines.length > 0 ? [extra] : []); // uv passes empty ones over
  const hasConflicts = fs.readFileSync(path.join(entry, format), 'utf8').includes('conflicts = ');
  const choices = format !== 'uv.lock' || all.length === 0 || hasConflicts ? [[]] : [[], all];

  test.each(choices.map((extras) => [extras.join(', ') || 'none', extras] as const))('extras: %s', (_, extras) => {
    const env = { ...process.env, VIRTUAL_ENV: undefined, PIPENV_IGNORE_VIRTUALENVS: '1' };
    const printed = execFileSync(UV, [...EXPORTS[format](extras)], { cwd: entry, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    const lines = printed.split('\n').map((line) => line.trim()).filter((line) => /^[\w.[\],-]+ ?==/.test(line));
    for (const target of TARGETS) {
      const platform = platformOf(target);
      const given = JSON.stringify([{ ...markerEnvironment(platform), extra: '' }, lines]);
      const expected: [string, string][] = JSON.parse(execFileSync(python, ['-c', HOLDS], { input: given, encoding: 'utf8' }));
      const { locked } = readRequirements({ entry, requirements: path.join(entry, format), extras }, platform);
      expect(locked.map((item) => `${item.name}==${item.version}`).sort(), `${target.runtime} ${target.architecture}`)
        .toEqual(expected.map(([item, specifier]) => normaliseName(item) + specifier).sort());
    }
  });
});
