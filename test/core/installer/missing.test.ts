import { describe, expect, test } from 'vitest';
import { findMissing } from '../../../lib/core/installer/missing';
import { platformOf } from '../../../lib/core/lambda/target';
import type { DownloadContext } from '../../../lib/core/layer/download/command';
import { explainMissing } from '../../../lib/core/layer/download/explain-missing';
import { ARM, layerRequest, locked } from '../../setup/layer-requests';

describe('says of a missing package what there is of it', () => {
  const context = { request: layerRequest('', { locked: [locked('numpy', { wantedBy: 'pandas' })] }), platform: platformOf(ARM) } as DownloadContext;
  const NOTHING = { tags: [], hasSource: false, fitting: [], isFound: false, log: '' };
  const PIP = (requirement: string, from = '-r /tmp/x/requirements.txt (line 1)') =>
    `ERROR: Could not find a version that satisfies the requirement ${requirement} (from ${from}) (from versions: none)\nERROR: No matching distribution found for ${requirement}`;
  const TAGS = ['cp313-cp313-win32', ...Array.from({ length: 20 }, (_, i) => `cp3${i + 3}-cp3${i + 3}-manylinux_2_17_x86_64`), 'cp312-cp312-manylinux_2_17_aarch64'];
  const UV = 'error: No solution found when resolving dependencies\n  cause: ';

  test.each<[string, string, Parameters<typeof explainMissing>[2], ReturnType<typeof explainMissing>]>([
    ['pip: wheels for others', PIP('numpy==2.0'), { ...NOTHING, tags: TAGS, hasSource: true, fitting: ['1.9', '2.0.1', '2.1'] }, {
      reference: 'package-without-wheel',
      problem: 'numpy 2.0 has no wheel for python3.13 on arm64 (cp313, manylinux up to 2.34, aarch64)',
      got: [
        'cp312-cp312-manylinux_2_17_aarch64', 'cp313-cp313-manylinux_2_17_x86_64',
        ...[3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map((minor) => `cp3${minor}-cp3${minor}-manylinux_2_17_x86_64`), 'and 10 more',
      ],
      advice: 'require numpy 2.0.1, the next version that has one',
      hint: 'numpy is required by pandas',
    }],
    ['pip: a source distribution', PIP('a==1.0', 'b->-r /tmp/x/requirements.txt (line 1)'), { ...NOTHING, hasSource: true, fitting: ['0.9'] }, {
      reference: 'package-only-source', problem: 'a 1.0 has no wheel for python3.13 on arm64, only a source distribution', advice: 'require a 0.9, the last version that has one', hint: 'a is required by b',
    }],
    ['pip: no wheel of any version', PIP('a'), { ...NOTHING, hasSource: true }, {
      reference: 'package-only-source',
      problem: 'a has no wheel for python3.13 on arm64, only a source distribution',
      advice: 'do without it, or build a wheel of it and name that one\'s folder with --find-links in {pipArgs}',
    }],
    ['pip: no such version', PIP('a==3'), { ...NOTHING, fitting: ['1', '2'] }, {
      reference: 'package-version-missing', problem: 'there is no a 3', got: ['1', '2'], advice: 'require a version that there is', hint: 'it was perhaps deleted',
    }],
    ['pip: no version in the range', PIP('a>3,<4'), { ...NOTHING, fitting: ['1', '2'] }, {
      reference: 'package-version-unfit', problem: 'no version of a that has a wheel for python3.13 on arm64 satisfies >3,<4', got: ['1', '2'], advice: 'require another version',
    }],
    ['pip: no such package', PIP('a==3'), NOTHING, {
      reference: 'package-missing', problem: 'no index has a package a', advice: 'correct its name, or name the index that has it: PIP_EXTRA_INDEX_URL, UV_INDEX',
    }],
    ['pip: not for the Python', PIP('a-b==3.1'), {
      ...NOTHING, tags: ['py3-none-any'], fitting: ['3.0'], log: 'Link requires a different Python (3.13.0 not in: \'<3.13\'): https://x.org/1/a_b-3.1-py3-none-any.whl#sha256=1 (from …)',
    }, { reference: 'package-python', problem: 'a-b 3.1 does not run on python3.13', got: '<3.13', advice: 'require a-b 3.0, the last version that has one' }],
    ['pip: nothing that would explain it', PIP('a==3'), { ...NOTHING, tags: ['py3-none-any'] }, undefined],
    ['pip: one that is there, so it is something else', PIP('a>1'), { ...NOTHING, tags: ['py3-none-any'], fitting: ['2'], isFound: true }, undefined],
    ['uv: wheels for others', `${UV}Because a==2.0 has no wheels with a matching Python ABI tag (e.g., \`cp313\`) and b==1 depends on a==2.0, we can conclude that`, {
      ...NOTHING, tags: ['cp312-cp312-win32'],
    }, {
      reference: 'package-without-wheel',
      problem: 'a 2.0 has no wheel for python3.13 on arm64 (cp313, manylinux up to 2.34, aarch64)',
      got: ['cp312-cp312-win32'],
      advice: 'do without it, or build a wheel of it and name that one\'s folder with --find-links in {pipArgs}',
      hint: 'a is required by b',
    }],
    ['uv: framed and wrapped', '  × No solution found when resolving dependencies:\n  ╰─▶ Because all versions of a have no\n      usable wheels and you require a, we can conclude that', NOTHING, {
      reference: 'package-without-wheel',
      problem: 'a has no wheel for python3.13 on arm64 (cp313, manylinux up to 2.34, aarch64)',
      advice: 'do without it, or build a wheel of it and name that one\'s folder with --find-links in {pipArgs}',
    }],
    ['uv: no such version', `${UV}Because there is no version of a==3 and you require a==3, we can conclude that`, { ...NOTHING, fitting: ['2'] }, {
      reference: 'package-version-missing', problem: 'there is no a 3', got: ['2'], advice: 'require a version that there is', hint: 'it was perhaps deleted',
    }],
    ['uv: no version in the range', `${UV}Because only a<=2.5.5 is available and you require a>99, we can conclude that`, { ...NOTHING, fitting: ['2.5.5'] }, {
      reference: 'package-version-unfit', problem: 'no version of a that has a wheel for python3.13 on arm64 satisfies >99', got: ['2.5.5'], advice: 'require another version',
    }],
    ['uv: not for the Python', `${UV}Because the requested Python version (>=3.13) does not satisfy Python<3.13 and a==1 depends on Python<3.13, we can conclude that a==1 cannot be used. And because you require a==1,`, {
      ...NOTHING, fitting: ['2'],
    }, { reference: 'package-python', problem: 'a 1 does not run on python3.13', got: '<3.13', advice: 'require a 2, the next version that has one' }],
    ['uv: no such package', `${UV}Because a was not found in the package registry and you require a, we can conclude that`, NOTHING, {
      reference: 'package-missing', problem: 'no index has a package a', advice: 'correct its name, or name the index that has it: PIP_EXTRA_INDEX_URL, UV_INDEX',
    }],
  ])('%s', (_, output, there, expected) => {
    expect(explainMissing(context, findMissing(output)!, there)).toEqual(expected);
  });

  test.each(['ERROR: ResolutionImpossible', 'error: Failed to download `one==1.0`', PIP('???')])('nothing of what it does not know: %s', (output) => {
    expect(findMissing(output)).toBeUndefined();
  });
});
