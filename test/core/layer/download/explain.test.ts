import { describe, expect, test } from 'vitest';
import type { DownloadContext } from '../../../../lib/core/layer/download/command';
import { explainDownload } from '../../../../lib/core/layer/download/explain';
import { refuseLayer } from '../../../../lib/core/layer/fitness';
import { CommandFailure } from '../../../../lib/core/process/command';
import { layerRequest } from '../../../setup/layer-requests';

describe('a download that failed', () => {
  async function explain(kind: 'pip' | 'uv', output: string): Promise<string> {
    const failure = new CommandFailure({ command: `${kind} --platform a --platform b --platform c one`, exitCode: 1, output });
    const { error } = await explainDownload({ installer: { kind } } as DownloadContext, { lines: ['one==1.0'], isLocked: true }, failure);
    expect(error.cause).toBe(failure);
    return error.message.replace(`\n\n$ ${kind} --platform a … one\n(exit code 1)\n${output}`, '');
  }

  test.each<['pip' | 'uv', string, string]>([
    ['pip', 'ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If …\n    one==1.0 from https://x.org/one-1.0.whl (from -r r.txt (line 1)):\n        Expected sha256 0\n             Got        1\n    two==2.0:\n        Expected sha256 0\n             Got        1',
      'a file is not the one that was locked, got ["one==1.0","two==2.0"]; find out who changed it before anything else; if it is right, lock the requirements again\n\n'
      + 'hint: the hash tells a file that was locked from one that was tampered with, or is of another index\n\n[hash-mismatch]'],
    ['uv', 'error: Failed to download `one==1.0`\n  cause: Hash mismatch for `one==1.0`\n\nExpected:\n  sha256:0',
      'a file is not the one that was locked, got ["one==1.0"]; find out who changed it before anything else; if it is right, lock the requirements again\n\n'
      + 'hint: the hash tells a file that was locked from one that was tampered with, or is of another index\n\n[hash-mismatch]'],
    ['pip', 'ERROR: Hashes are required in --require-hashes mode, but they are missing from some requirements here.',
      'some requirements have hashes and others have none; lock them all with hashes, with what they require\n\nhint: uv pip compile --generate-hashes, or pip-compile --generate-hashes\n\n[hashes-incomplete]'],
    ['uv', 'error: invalid value \'x86_64-manylinux_2_34\' for \'--python-platform <PYTHON_PLATFORM>\'',
      'this uv does not know the platforms of Lambda; take a newer uv\n\nhint: uv 0.6 does\n\n[uv-outdated]'],
    ['pip', 'WARNING: 401 Error, Credentials not correct for http://x.org/simple/one/\nERROR: No matching distribution found for one==1.0',
      'pip could not download the packages; give it credentials for the index\n\nhint: renew the token of the index: PIP_INDEX_URL, UV_INDEX_URL, pip.conf or netrc\n\n[index-credentials]'],
    ['uv', 'hint: An index (https://x.org/simple) returned a 403 Forbidden error. Check that the index URL is correct',
      'uv could not download the packages; give it credentials for the index\n\nhint: renew the token of the index: PIP_INDEX_URL, UV_INDEX_URL, pip.conf or netrc\n\n[index-credentials]'],
    ['pip', 'WARNING: Retrying … after connection broken by \'NewConnectionError(…)\': /simple/one/\nERROR: No matching distribution found for one==1.0',
      'pip could not download the packages; make the package index reachable\n\nhint: check the network, and which index is asked: PIP_INDEX_URL, UV_INDEX_URL, pip.conf\n\n[index-unreachable]'],
    ['uv', 'error: Failed to fetch: https://x.org/simple/one/\n  cause: error sending request for url (https://x.org/simple/one/)',
      'uv could not download the packages; make the package index reachable\n\nhint: check the network, and which index is asked: PIP_INDEX_URL, UV_INDEX_URL, pip.conf\n\n[index-unreachable]'],
    ['pip', 'ERROR: one-1.0-cp313-cp313-win_amd64.whl is not a supported wheel on this platform.',
      'a wheel that is required by its URL does not run on the target; name the wheel for the target\n\nhint: the end of its name is the platform that it is for\n\n[wheel-url-platform]'],
    ['uv', 'cause: A path (one-1.0-cp313-cp313-win_amd64.whl) dependency is incompatible with the current platform',
      'a wheel that is required by its URL does not run on the target; name the wheel for the target\n\nhint: the end of its name is the platform that it is for\n\n[wheel-url-platform]'],
    ['pip', 'ERROR: Wheel \'one\' located at /x/one-1.0-py3-none-any.whl is invalid.',
      'a wheel is damaged; renew it where it comes from, or download it anew\n\nhint: pip cache purge and uv cache clean remove what was downloaded before\n\n[wheel-damaged]'],
    ['uv', 'error: Failed to download `one==1.0`\n  cause: Failed to extract archive: one-1.0-py3-none-any.whl\n  cause: Bad CRC (got 60eb87d0, expected 3b41c9e6) for file: one.py',
      'a wheel is damaged; renew it where it comes from, or download it anew\n\nhint: pip cache purge and uv cache clean remove what was downloaded before\n\n[wheel-damaged]'],
    ['pip', 'ERROR: Cannot install one because these package versions have conflicting dependencies.\nERROR: ResolutionImpossible: for help visit https://pip.pypa.io/',
      'no versions fit together that satisfy all requirements on the target; loosen one of the requirements that the output names\n\nhint: versions without a wheel for the target do not count\n\n[versions-conflict]'],
    ['pip', 'no such option: --nonsense', 'pip could not download the packages; correct what its output names\n\nhint: asked for: one==1.0\n\n[download-failed]'],
  ])('%s: %s', async (kind, output, expected) => {
    expect(await explain(kind, output)).toBe(expected);
  });
});

describe('refuses a layer', () => {
  const packages = Array.from({ length: 12 }, (_, i) => ({ name: `p${i}`, version: '1.0', requires: [], size: (i + 1) * 1024 * 1024 }));

  test('of nothing', () => {
    expect(() => refuseLayer([], layerRequest('', {}))).toThrow(/^nothing is left of requirements\.txt for the layer; add requirements, or do without the layer \[layer-empty\]$/);
    expect(() => refuseLayer([], layerRequest('', {}, { exclude: ['boto3'] }))).toThrow(
      /^nothing is left of requirements\.txt for the layer, got \["boto3"\]; take packages out of exclude, or do without the layer \[layer-empty\]$/,
    );
  });

  test('that is too large, with the largest packages', () => {
    expect(() => refuseLayer(packages, layerRequest('', {}))).not.toThrow();
    expect(() => refuseLayer(packages, layerRequest('', {}), 50 * 1024 * 1024)).toThrow(
      'the layer is larger than Lambda\'s 50.0 MiB unzipped, got "78.0 MiB"; exclude packages that the function does not import, or that the runtime brings\n\n'
      + 'hint: the largest packages: p11 1.0 (12.0 MiB), p10 1.0 (11.0 MiB), p9 1.0 (10.0 MiB), p8 1.0 (9.0 MiB), p7 1.0 (8.0 MiB), '
      + 'p6 1.0 (7.0 MiB), p5 1.0 (6.0 MiB), p4 1.0 (5.0 MiB), p3 1.0 (4.0 MiB), p2 1.0 (3.0 MiB)',
    );
  });
});
