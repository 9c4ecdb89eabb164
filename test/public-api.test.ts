import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';

interface Documented { readonly name: string; readonly docs?: { readonly summary?: string; readonly default?: string; readonly example?: string } }
interface Property extends Documented { readonly optional?: boolean; readonly immutable?: boolean; readonly type: { readonly fqn?: string; readonly primitive?: string; readonly union?: unknown } }
interface Type extends Documented {
  readonly kind: string;
  readonly base?: string;
  readonly datatype?: boolean;
  readonly initializer?: { readonly parameters: ReadonlyArray<{ readonly name: string; readonly type: { readonly fqn: string } }> };
  readonly properties?: readonly Property[];
  readonly methods?: readonly Documented[];
}

const FILE = path.join(__dirname, '..', '.jsii'); // made by jsii: npm run build runs this test after it

function readTypes(): Type[] {
  let assembly = JSON.parse(fs.readFileSync(FILE, 'utf8'));
  if (assembly.schema === 'jsii/file-redirect') assembly = JSON.parse(gunzipSync(fs.readFileSync(`${FILE}.gz`)).toString());
  return Object.values(assembly.types);
}

/** What no tool checks for a library outside of the CDK. */
describe.skipIf(!fs.existsSync(FILE))('the public API', () => {
  const types = fs.existsSync(FILE) ? readTypes() : [];
  const structs = types.filter((type) => type.datatype);
  const constructs = types.filter((type) => ['constructs.Construct', 'aws-cdk-lib.aws_lambda.LayerVersion', 'aws-cdk-lib.aws_lambda.Function'].includes(type.base ?? ''));

  test('is these names', () => {
    expect(types.map((type) => type.name).sort()).toEqual([
      'Bytecode', 'CodeStorage', 'ContractCheck', 'IPipSourceArtifact', 'Installer', 'PipDependencyLayer', 'PipDependencyLayerProps', 'PipFunction', 'PipFunctionProps', 'PipPublisher', 'PipSourceArtifact', 'PipSourceArtifactProps', 'ProtectionOptions', 'PublishedPlace', 'PublishedVersionProps', 'PublisherOptions',
    ]);
  });

  test('is importable by its names in an ESM app', () => {
    const values = types.filter((type) => type.kind !== 'interface');
    const names = values.map((type) => type.name);
    const program = `import { ${names.join(', ')} } from 'cdk-pip-source-artifact'; console.log([${names.join(', ')}].map((it) => typeof it).join())`;
    const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program], { cwd: path.dirname(FILE), encoding: 'utf8' });
    expect(output.trim().split(',')).toEqual(values.map((type) => type.kind === 'enum' ? 'object' : 'function'));
  });

  test('constructs take (scope, id, props)', () => {
    expect(constructs.map((type) => type.name).sort()).toEqual(['PipDependencyLayer', 'PipFunction', 'PipSourceArtifact']);
    for (const { name, initializer } of constructs) {
      expect(initializer!.parameters.map((parameter) => parameter.name)).toEqual(['scope', 'id', 'props']);
      expect(initializer!.parameters[2].type.fqn).toBe(`cdk-pip-source-artifact.${name}Props`);
    }
  });

  test('props are plain and read-only, and say their defaults', () => {
    for (const property of structs.flatMap((type) => type.properties ?? [])) {
      expect(property.immutable, property.name).toBe(true);
      expect(property.type.union, property.name).toBeUndefined();
      expect(property.type.primitive, property.name).not.toBe('any');
      expect(property.name).not.toMatch(/Arn$/);
      expect(property.type.fqn ?? 'aws-cdk-lib.aws_x.IX', property.name).toMatch(/^aws-cdk-lib\.\w+\.(I[A-Z]|Runtime$|Architecture$|RetentionDays$|SubnetSelection$)|\.(Installer|ContractCheck|Bytecode|CodeStorage|IPipSourceArtifact|PublishedPlace)$/);
      if (property.optional) expect(property.docs?.default ?? 'undefined', property.name).not.toMatch(/^(- )?undefined$/);
    }
  });

  test('each complete example synthesizes: outside of TypeScript an app does nothing without', () => {
    const readme = fs.readFileSync(path.join(path.dirname(FILE), 'README.md'), 'utf8');
    const examples = [...readme.matchAll(/^```ts\b.*\n([^]*?)^```/gm)].map(([, code]) => code);
    for (const { docs } of [...types, ...types.flatMap((type) => type.properties ?? [])]) if (docs?.example !== undefined) examples.push(docs.example);
    const complete = examples.filter((code) => code.includes('new App('));
    expect(complete.length).toBeGreaterThanOrEqual(3);
    for (const code of complete) expect(code.trimEnd().split('\n').at(-1)).toBe('app.synth();');
  });

  test('everything is documented', () => {
    for (const item of [...types, ...types.flatMap((type) => [...type.properties ?? [], ...type.methods ?? []])]) expect(item.docs?.summary, item.name).toBeTruthy();
  });
});
