import { expect, test } from 'vitest';
import { parseToml } from '../../../lib/core/base/toml';
import { readSettings } from '../../../lib/core/project/settings';

const read = (text: string) => readSettings(parseToml(text, 'pyproject.toml'));

test('all options', () => {
  expect(read(`[tool.pip-source-artifact]
handler = "app.main"
exclude = ["*.md"]
installer = "uv"
pip-args = ["--no-build-isolation"]
environment = { STAGE = "test" }

[tool.pip-source-artifact.layer]
extras = ["aws"]
groups = ["lambda"]
exclude = ["boto3"]
only-binary = true
`)).toEqual({
    handler: 'app.main',
    exclude: ['*.md'],
    installer: 'uv',
    pipArgs: ['--no-build-isolation'],
    environment: { STAGE: 'test' },
    layer: { extras: ['aws'], groups: ['lambda'], exclude: ['boto3'], onlyBinary: true },
  });
});

test('none, and tables of others', () => {
  for (const text of ['', '[tool.black]\nline-length = 79\n', '[tool.pip]\n', '[tool.source]\n', '[tool.pip-source-artifact]\n']) expect(read(text)).toEqual({ layer: {} });
});

test.each([
  ['handlr = "a.b"', '[tool.pip-source-artifact] of pyproject.toml has an option that there is not, got "handlr"; take one of handler, exclude, installer, pip-args, environment, layer\n\nhint: did you mean handler\n\n[project-option-unknown]'],
  ['pip_args = []', 'hint: did you mean pip-args'],
  ['pipArgs = []', 'hint: did you mean pip-args'],
  ['Handler = "a.b"', 'hint: did you mean handler'],
  ['something = 1', 'got "something"; take one of handler, exclude, installer, pip-args, environment, layer [project-option-unknown]'],
  ['layer = { extra = ["a"] }', '[tool.pip-source-artifact.layer] of pyproject.toml has an option that there is not, got "extra"; take one of extras, groups, exclude, only-binary\n\nhint: did you mean extras'],
  ['handler = ["a.b"]', 'handler in [tool.pip-source-artifact] of pyproject.toml has another form, got ["a.b"]; write "…" [project-option-invalid]'],
  ['handler = ""', 'has another form, got ""; write "…"'],
  ['exclude = "*.md"', 'exclude in [tool.pip-source-artifact] of pyproject.toml has another form, got "*.md"; write ["…"]'],
  ['exclude = [1]', 'got [1]; write ["…"]'],
  ['installer = "poetry"', 'got "poetry"; write "pip" or "uv"'],
  ['environment = { A = 1 }', 'got {"A":1}; write { NAME = "…" }'],
  ['layer = []', 'layer in [tool.pip-source-artifact] of pyproject.toml has another form, got []; write a table, [tool.pip-source-artifact.layer]'],
  ['layer = { only-binary = "yes" }', 'only-binary in [tool.pip-source-artifact.layer] of pyproject.toml has another form, got "yes"; write true or false'],
])('fails: %s', (line, message) => {
  expect(() => read(`[tool.pip-source-artifact]\n${line}\n`)).toThrow(message);
});

test.each(['pip_source_artifact', 'cdk-pip-source-artifact', 'pip-source-artefact', 'Pip-Source-Artifact', 'pip-source-artifacts'])('fails: the table is called tool.%s', (name) => {
  expect(() => read(`[tool.${name}]\nhandler = "a.b"\n`)).toThrow(`a table of pyproject.toml has nearly our name, got "tool.${name}"; call it [tool.pip-source-artifact] [project-option-unknown]`);
});

test('fails: it is no table', () => {
  expect(() => read('[tool]\npip-source-artifact = "a.b"\n')).toThrow('[tool.pip-source-artifact] of pyproject.toml has another form, got "a.b"; write a table');
});
