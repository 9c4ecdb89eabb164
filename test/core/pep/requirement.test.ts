import { describe, expect, test } from 'vitest';
import { markerEnvironment, platformOf } from '../../../lib/core/lambda/target';
import { evaluateMarker } from '../../../lib/core/pep/marker';
import { normaliseName, parseRequirement, satisfiesSpecifier, type Requirement } from '../../../lib/core/pep/requirement';

test('names are compared as PEP 503 has it', () => {
  expect(['Foo.Bar__baz', 'ruamel.yaml', 'zope-interface', 'A._-b'].map(normaliseName)).toEqual(['foo-bar-baz', 'ruamel-yaml', 'zope-interface', 'a-b']);
});

describe('requirement', () => {
  const plain = { extras: [], specifier: '' };
  test.each<[string, Requirement]>([
    ['httpx', { ...plain, name: 'httpx' }],
    [' Ruamel.Yaml\n', { ...plain, name: 'ruamel-yaml' }],
    ['async-timeout<5.0,>=4.0; python_version < "3.11"', { ...plain, name: 'async-timeout', specifier: '<5.0,>=4.0', marker: 'python_version < "3.11"' }],
    ['awscrt (==0.38.0) ; extra == \'crt\'', { ...plain, name: 'awscrt', specifier: '==0.38.0', marker: 'extra == \'crt\'' }],
    ['cachecontrol[filecache] (>=0.14.0,<0.15.0)', { name: 'cachecontrol', extras: ['filecache'], specifier: '>=0.14.0,<0.15.0' }],
    ['psycopg [ Binary , pool.x ]~= 3.2', { name: 'psycopg', extras: ['binary', 'pool-x'], specifier: '~=3.2' }],
    ['a[]', { ...plain, name: 'a' }],
    ['a ( )', { ...plain, name: 'a' }],
    ['a(>=1 , <2,)', { ...plain, name: 'a', specifier: '>=1,<2' }],
    ['a >= 1 , != 1.5.* ,== V1!2.0 ; os_name=="nt"', { ...plain, name: 'a', specifier: '>=1,!=1.5.*,==V1!2.0', marker: 'os_name=="nt"' }],
    ['a===what-ever.*', { ...plain, name: 'a', specifier: '===what-ever.*' }],
    ['a==1.0+cu121', { ...plain, name: 'a', specifier: '==1.0+cu121' }],
    ['a @ https://x.org/a-1-py3-none-any.whl', { ...plain, name: 'a', url: 'https://x.org/a-1-py3-none-any.whl' }],
    ['a[x]@ git+https://x.org/a@v1#egg=a ; python_version>"3"', { name: 'a', extras: ['x'], specifier: '', url: 'git+https://x.org/a@v1#egg=a', marker: 'python_version>"3"' }],
    ['a[x] @ file:../a', { name: 'a', extras: ['x'], specifier: '', url: 'file:../a' }],
  ])('%s', (text, requirement) => {
    expect(parseRequirement(text)).toEqual(requirement);
  });

  test.each([
    ['', 'expected a package\'s name at column 1 of ""'],
    ['>=1', 'expected a package\'s name at column 1 of ">=1"'],
    ['-e .', 'expected a package\'s name at column 1 of "-e ."'],
    ['é', 'expected a package\'s name at column 1 of "é"'],
    ['a-', 'expected ";" or the end at column 2 of "a-"'],
    ['a b', 'expected ";" or the end at column 3 of "a b"'],
    ['a # b', 'expected ";" or the end at column 3 of "a # b"'],
    ['a 1.0', 'expected ";" or the end at column 3 of "a 1.0"'],
    ['a=1', 'expected ";" or the end at column 2 of "a=1"'],
    ['a>=1 <2', 'expected ";" or the end at column 6 of "a>=1 <2"'],
    ['a>=1 --hash=sha256:0', 'expected ";" or the end at column 6 of "a>=1 --hash=sha256:0"'],
    ['a>=1)', 'expected ";" or the end at column 5 of "a>=1)"'],
    ['a (>=1', 'expected ")" at column 7 of "a (>=1"'],
    ['a >=', 'expected a version specifier at column 3 of "a >="'],
    ['a => 1', 'expected ";" or the end at column 3 of "a => 1"'],
    ['a >=1,>=b', 'expected a version specifier at column 7 of "a >=1,>=b"'],
    ['a>=1.*', 'expected a version specifier at column 2 of "a>=1.*"'],
    ['a==1.0a1.*', 'expected a version specifier at column 2 of "a==1.0a1.*"'],
    ['a==1.*.2', 'expected a version specifier at column 2 of "a==1.*.2"'],
    ['a~=1', 'expected a version specifier at column 2 of "a~=1"'],
    ['a>=1.0+local', 'expected a version specifier at column 2 of "a>=1.0+local"'],
    ['a===', 'expected a version specifier at column 2 of "a==="'],
    ['a[', 'expected an extra\'s name at column 3 of "a["'],
    ['a[b,]', 'expected an extra\'s name at column 5 of "a[b,]"'],
    ['a[b c]', 'expected "," or "]" at column 5 of "a[b c]"'],
    ['a @', 'expected a URL at column 4 of "a @"'],
    ['a @ https://x; os_name == "nt"', 'expected a blank between the URL and ";" at column 14 of "a @ https://x; os_name == \\"nt\\""'],
    ['a @ https://x >=1', 'expected ";" or the end at column 15 of "a @ https://x >=1"'],
    ['a;', 'expected a variable such as python_version, or a quoted string at column 1 of ""'],
    ['a; python_version', 'expected a comparison such as ">=" or "in" at column 15 of "python_version"'],
  ])('fails: %s', (text, message) => {
    expect(() => parseRequirement(text)).toThrow(new SyntaxError(message));
  });
});

// what pypa/packaging 26.3 says
describe('specifier', () => {
  test.each<[specifier: string, yes: string, no: string]>([
    ['', '1 1.0a1 2!0', ''],
    ['==1.0', '1 1.0 v1.0.0 1.0+abc', '1.0.post1 1.0a1 1.1 1!1.0 garbage'],
    ['==1.0+abc', '1.0+abc 1+ABC', '1.0 1.0+abd'],
    ['!=1.0', '1.1 1.0a1 1.0.post1', '1 1.0+abc garbage'],
    ['==1.0.*', '1 1.0.9 1.0a1 1.0+abc 1.0.post1', '1.1 1!1.0 1.10'],
    ['!=1.0.*', '1.1 1!1.0', '1 1.0.9 1.0a1'],
    ['>=1.0', '1.0 1.1a1 1.0.post1 1.0+abc 1!0.5 1.10', '1.0a1 1.0.dev1 0.9'],
    [' >= 3.9 ', '3.9 3.9.0 3.10 3.10.1 4.0 4.1.2.3 1!0.1 3.9+abc 3.10rc1', '3.8 3.8.99 2.10 0.1 3.9rc1 3 garbage'],
    ['>=3.09', '3.9 3.10', '3.8'],
    ['<=1.0', '1.0 1.0+abc 1.0a1 0.9', '1.0.post1 1!0.5'],
    ['<1.0', '0.9 0.9.post1', '1.0a1 1.0.dev1 1.0 1!0.5'],
    ['<1.0rc2', '1.0rc1 1.0a1 1.0.dev1', '1.0rc2 1.0'],
    ['>1.0', '1.0.1 1.1a1 1!0.5', '1.0 1.0.post1 1.0+abc 1.0.post1+x'],
    ['>1.0rc1', '1.0 1.0rc2 1.0.post1', '1.0rc1 1.0rc1.post1 1.0a1'],
    ['>1.0.post1', '1.0.post2 1.1', '1.0.post1 1.0.post1+x 1.0'],
    ['~=1.2', '1.2 1.10 1.2.post1', '1.1 2.0 1!1.2 2.0a1 1.2a1'],
    ['~=1.2.3', '1.2.3 1.2.10', '1.2 1.3'],
    ['===1.0', '1.0', '1.0.0 1'],
    ['===Garbage', 'garbage', '1.0'],
    ['>=1, <2 ,!=1.5.*,', '1.4 1.6a1', '1.5.1 2.0a1 2'],
  ])('%s', (specifier, yes, no) => {
    const versions = `${yes} ${no}`.split(' ').filter(Boolean);
    expect(versions.filter((version) => satisfiesSpecifier(version, specifier))).toEqual(yes.split(' '));
  });

  test('fails', () => {
    expect(() => satisfiesSpecifier('1', '1.0')).toThrow(new SyntaxError('expected a version specifier at column 1 of "1.0"'));
    expect(() => satisfiesSpecifier('1', '>=1,,<2')).toThrow(new SyntaxError('expected a version specifier at column 5 of ">=1,,<2"'));
  });
});

describe('marker', () => {
  const environments = [['python3.9', 'x86_64'], ['python3.11', 'arm64'], ['python3.13', 'x86_64'], ['python3.14', 'arm64']]
    .map(([runtime, architecture]) => markerEnvironment(platformOf({ runtime, architecture })));

  function evaluate(marker: string, ...extras: string[]): string {
    return environments.map((environment) => Number(evaluateMarker(marker, { environment, extras: new Set(extras) }))).join('');
  }

  // what pypa/packaging 26.3 says of 3.9 on x86, 3.11 on arm, 3.13 on x86, 3.14 on arm
  test.each<[from: string, marker: string, expected: string, ...extras: string[]]>([
    ['SQLAlchemy 2.0.36', 'python_version < "3.13" and (platform_machine == "aarch64" or (platform_machine == "ppc64le" or (platform_machine == "x86_64" or (platform_machine == "amd64" or (platform_machine == "AMD64" or (platform_machine == "win32" or platform_machine == "WIN32"))))))', '1100'],
    ['torch 2.5.1', 'platform_system == "Linux" and platform_machine == "x86_64" and python_version < "3.13"', '1000'],
    ['torch 2.5.1', 'python_version == "3.8"', '0000'],
    ['tensorflow 2.15.0', 'platform_system == "Linux" and (platform_machine == "arm64" or platform_machine == "aarch64")', '0101'],
    ['tensorflow 2.15.0', 'platform_system == "Windows"', '0000'],
    ['ruamel.yaml 0.18.6', 'platform_python_implementation=="CPython" and python_version<"3.13"', '1100'],
    ['coverage 7.6.4', '(python_full_version <= "3.11.0a6") and extra == \'toml\'', '1000', 'toml'],
    ['redis 8.1.0', 'python_full_version < \'3.11.3\'', '1000'],
    ['psycopg 3.2.3', 'implementation_name != "pypy" and extra == "binary"', '1111', 'binary'],
    ['psycopg 3.2.3', 'implementation_name != "pypy" and extra == "binary"', '0000', 'c'],
    ['psycopg 3.2.3', 'implementation_name != "pypy" and extra == "binary"', '0000'],
    ['requests 2.25.1', '(sys_platform == "win32" and python_version == "2.7") and extra == \'socks\'', '0000', 'socks'],
    ['urllib3 1.26.20', '((os_name != "nt" or python_version >= "3") and platform_python_implementation != "CPython") and extra == "brotli"', '0000', 'brotli'],
    ['urllib3 1.26.20', '(python_version >= "3" and platform_python_implementation == "CPython") and extra == "brotli"', '1111', 'brotli'],
    ['pandas 2.2.3', 'python_version < "3.11"', '1000'],
    ['pandas 2.2.3', 'python_version == "3.11"', '0100'],
    ['pandas 2.2.3', 'python_version >= "3.12"', '0011'],
    ['opencv-python 4.10.0.84', 'python_version <= "3.9" and platform_system == "Darwin" and platform_machine == "arm64"', '0000'],
    ['opencv-python 4.10.0.84', 'python_version >= "3.6" and platform_system == "Linux" and platform_machine == "aarch64"', '0101'],
    ['keyring 25.7.0', 'platform_machine != "ppc64le" and platform_machine != "s390x"', '1111'],
    ['aiohttp 3.10.10', '(sys_platform == "linux" or sys_platform == "darwin") and extra == \'speedups\'', '1111', 'speedups'],
    ['uvicorn 0.54.0', '(sys_platform != \'win32\' and (sys_platform != \'cygwin\' and platform_python_implementation != \'PyPy\')) and extra == \'standard\'', '1111', 'standard'],
    ['celery 5.7.0', '(platform_python_implementation != "PyPy" and (platform_system != "Windows" or python_version < "3.10")) and extra == "couchbase"', '1111', 'couchbase'],

    ['order of versions', 'python_version > "3.9"', '0111'],
    ['the string first', '"3.10" <= python_version', '0111'],
    ['the series', 'python_version == "3.*" and python_version != "3.1*"', '1111'],
    ['the series', 'python_full_version == "3.11.*"', '0100'],
    ['compatible', 'python_version ~= "3.9" and python_full_version ~= "3.11.0"', '0100'],
    ['identical', 'python_version === "3.13"', '0010'],
    ['zeros', 'python_version == "3.13.0" or python_full_version == "3.14"', '0011'],
    ['the patch release', 'python_full_version >= "3.9.18" and python_full_version != "3.11.0" and implementation_version >= "3.9.18"', '1111'],
    ['the kernel', '"amzn2" in platform_release and "WSL" not in platform_release and "SMP" in platform_version', '1111'],
    ['a pre-release', 'python_version >= "3.14.0a1" and implementation_version > "3.13"', '0001'],
    ['as text', 'python_version in "3.8 3.9 3.11"', '1100'],
    ['as text', 'python_version not  in \'3.8,3.9,3.11\'', '0011'],
    ['as text', '"3.1" in python_version', '0111'],
    ['two texts', 'sys_platform in "linux2 linux" and "lin" in sys_platform', '1111'],
    ['no order of texts', 'sys_platform > "a" or sys_platform < "z"', '0000'],
    ['no order of texts', 'sys_platform >= "linux" and sys_platform <= "linux"', '1111'],
    ['no version', 'platform_release >= "5.10" or platform_release != "5.10" or platform_version == ""', '0000'],
    ['old names', 'os.name == \'posix\' and sys.platform == \'linux\' and platform.version == "#1 SMP" and platform.machine == "aarch64"', '0101'],
    ['old names', 'platform.python_implementation == "CPython" and python_implementation == "CPython"', '1111'],
    ['"and" first', 'os_name == "posix" or os_name == "nt" and python_version > "3.12"', '1111'],
    ['parentheses', '( (os_name == "posix"or(os_name == "nt")) and python_version > "3.12" )', '0011'],
    ['no extra', 'extra == "" and extra != "x"', '1111'],
    ['extra', 'extra == "Foo_Bar" and "foo.bar" == extra and extra != "x" and extra in "foo-bar, x"', '1111', 'foo-bar'],
    ['extra', 'extra != "Foo_Bar"', '0000', 'foo-bar'],
  ])('%s: %s', (_, marker, expected, ...extras) => {
    expect(evaluate(marker, ...extras)).toBe(expected);
  });

  test('of several extras each is asked for', () => {
    expect(['extra == "a" and extra == "b"', 'extra == "c"', 'extra != "a"', 'extra != "c"'].map((marker) => evaluate(marker, 'a', 'b'))).toEqual(['1111', '0000', '0000', '1111']);
  });

  test('extras and dependency groups of pylock.toml', () => {
    const context = { environment: environments[0], extras: new Set(['a-b']), groups: new Set(['dev']) };
    const markers = ['"A_B" in extras', '"dev" in extras', '"dev" in dependency_groups', '"dev" not in dependency_groups', 'python_version < "3.10" and ("x" in extras or "Dev" in dependency_groups)'];
    expect(markers.map((marker) => evaluateMarker(marker, context))).toEqual([true, false, true, false, true]);
    expect(evaluate('"x" in extras or "x" in dependency_groups')).toBe('0000');
    expect(evaluate('"x" not in extras and "x" not in dependency_groups')).toBe('1111');
  });

  test.each([
    ['', 'expected a variable such as python_version, or a quoted string at column 1 of ""'],
    ['python == "3"', 'expected a variable such as python_version, or a quoted string at column 1 of "python == \\"3\\""'],
    ['python_versions == "3"', 'expected a variable such as python_version, or a quoted string at column 1 of "python_versions == \\"3\\""'],
    ['python_version >= 3', 'expected a variable such as python_version, or a quoted string at column 19 of "python_version >= 3"'],
    ['python_version = "3"', 'expected a comparison such as ">=" or "in" at column 16 of "python_version = \\"3\\""'],
    ['python_version not "3"', 'expected a comparison such as ">=" or "in" at column 16 of "python_version not \\"3\\""'],
    ['os_name == "nt', 'expected a variable such as python_version, or a quoted string at column 12 of "os_name == \\"nt"'],
    ['os_name == "nt" and', 'expected a variable such as python_version, or a quoted string at column 20 of "os_name == \\"nt\\" and"'],
    ['os_name == "nt" os_name == "nt"', 'expected "and", "or" or the end at column 17 of "os_name == \\"nt\\" os_name == \\"nt\\""'],
    ['(os_name == "nt"', 'expected ")" at column 17 of "(os_name == \\"nt\\""'],
    ['os_name == "nt")', 'expected "and", "or" or the end at column 16 of "os_name == \\"nt\\")"'],
    ['os_name == "nt" or "a" == "b"', 'expected a variable beside a quoted string at column 20 of "os_name == \\"nt\\" or \\"a\\" == \\"b\\""'],
    ['os_name == sys_platform', 'expected a variable beside a quoted string at column 1 of "os_name == sys_platform"'],
    ['extras == "a"', 'expected "<name>" in extras at column 1 of "extras == \\"a\\""'],
    ['"a" == dependency_groups', 'expected "<name>" in dependency_groups at column 1 of "\\"a\\" == dependency_groups"'],
    ['os_name ~= "1.0"', '~= compares versions, not "posix" with "1.0"'],
    ['python_version ~= "3"', '~= compares versions, not "3.9" with "3"'],
  ])('fails: %s', (marker, message) => {
    expect(() => evaluate(marker)).toThrow(new SyntaxError(message));
  });
});
